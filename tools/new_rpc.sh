#!/usr/bin/env bash
# Scaffolds a method of a service: new_rpc.sh GetThing [SERVICE], inventory's unless said otherwise.
# Four files change: the contract gets the rpc, its request and its answer, and handler, query and test
# are made. What stands there afterwards builds and answers the id that it was asked for; the test
# fails until it says what is expected.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    echo "new-rpc: $*" >&2
    exit 1
}

# GetThing with another mark between its words: get_thing, get-thing.
split() {
    sed -E "s/([a-z0-9])([A-Z])/\1$2\2/g" <<<"$1" | tr '[:upper:]' '[:lower:]'
}

rpc_text() {
    cat <<END

  // $NAME: say here what it does, for those who call it.
  rpc $NAME(${NAME}Request) returns (${NAME}Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = { get: "/v1/$(split "$NAME" -)/{id}" };
    option (depot.rpc.v1.method) = { access: MEMBER class: POINT reasons: ["RESOURCE_NOT_FOUND"] };
  }
END
}

message_text() {
    cat <<END
// Asks for $NAME.
message ${NAME}Request {
  // Which one.
  string id = 1 [(depot.rpc.v1.field) = { format: UUID reason: "RESOURCE_NOT_FOUND" }];
}

// What $NAME answers.
message ${NAME}Response {
  // Which one.
  string id = 1;
}
END
}

# The rpc goes to the end of the service; the messages before the comment of the reasons, if the service
# has any of its own, else to the end.
write_contract() {
    local new=$PROTO.new
    RPC=$(rpc_text && echo .) MESSAGE=$(message_text && echo .) awk -v service="$NOUN" '
        function put(text) { sub(/\.$/, "", text); printf "%s", text }
        function flush() { printf "%s", held; held = "" }
        $0 == "service " service "Service {" { in_service = 1 }
        in_service && /^}/ { put(ENVIRON["RPC"]); in_service = 0; done++ }
        /^\/\// { held = held $0 "\n"; next }
        /^enum Reason / { put(ENVIRON["MESSAGE"]); print ""; written = 1 }
        { flush(); print }
        END { flush(); if (!written) { print ""; put(ENVIRON["MESSAGE"]) } exit done != 1 }' "$PROTO" >"$new" || {
        rm -f "$new"
        fail "$PROTO has no service ${NOUN}Service"
    }
    mv "$new" "$PROTO"
}

write_handler() {
    local message=depot__${SERVICE}__v1__${SNAKE}_response__schema
    cat >"$1" <<END
#include "$SERVICE/$SERVICE.h"

static enum status
answer(struct call *call, const Depot__${NOUN}__V1__${NAME}Request *request,
       const struct db_rows *rows, Depot__${NOUN}__V1__${NAME}Response *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return call_fail(call, &reason_resource_not_found, "There is no %s.", request->id);
    }
    return db_read(call, rows, 0, 0, &$message, &reply->base);
}

const struct ${SERVICE}_${SNAKE}_handler ${SERVICE}_$SNAKE = {
    .answer = answer,
};
END
}

write_query() {
    cat >"$1" <<'END'
SELECT asked.id
FROM (SELECT :'id'::uuid AS id) AS asked;
END
}

write_test() {
    local path
    path=/v1/$(split "$NAME" -)
    cat >"$1" <<END
#include <criterion/criterion.h>

#include "depot/$SERVICE/v1/$SERVICE.handlers.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {
    {"found", NULL, "GET", "$path/01900000-0000-7000-8000-00000000000a", NULL, 200,
     "{\"say\":\"here what is expected\"}", NULL, NULL},
    {"no id", NULL, "GET", "$path/a", NULL, 404,
     "{\"code\":\"NOT_FOUND\",\"reason\":\"RESOURCE_NOT_FOUND\"}", NULL, NULL},
};

Test($SNAKE, cases)
{
    rpc_cases_run(&${SERVICE}_service, cases, sizeof(cases) / sizeof(cases[0]));
}
END
}

main() {
    local handler query test file
    [[ ${1:-} =~ ^[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+$ ]] ||
        fail "give a name of two words or more, a verb first: make new-rpc NAME=GetThing"
    NAME=$1
    SERVICE=${2:-inventory}
    PROTO=$ROOT/proto/depot/$SERVICE/v1/$SERVICE.proto
    [[ $SERVICE =~ ^[a-z][a-z0-9]*$ && -f $PROTO ]] || fail "there is no service \"$SERVICE\""
    NOUN=${SERVICE^}
    SNAKE=$(split "$NAME" _)
    handler=$SERVICE/handlers/$SNAKE.c
    query=$SERVICE/queries/$SNAKE.sql
    test=tests/$SERVICE/${SNAKE}_test.c
    ! grep -qE "^  rpc $NAME\(|^message ${NAME}(Request|Response) " "$PROTO" ||
        fail "the contract has $NAME, ${NAME}Request or ${NAME}Response already"
    for file in "$handler" "$query" "$test"; do
        [ ! -e "$ROOT/$file" ] || fail "$file is there already"
    done
    write_contract
    write_handler "$ROOT/$handler"
    write_query "$ROOT/$query"
    write_test "$ROOT/$test"
    # How lines break depends on the length of the name.
    ! command -v clang-format >/dev/null || clang-format -i "$ROOT/$handler" "$ROOT/$test"
    cat <<END
$NAME is there, and its test fails. Now say what it is to do, in this order:
  proto/depot/$SERVICE/v1/$SERVICE.proto   the rpc, its request and its answer
  $test
  $query
  $handler
Then: make test TESTS=${SERVICE}_$SNAKE
END
}

main "$@"
