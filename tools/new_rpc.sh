#!/usr/bin/env bash
# Scaffolds a method of the inventory service: new_rpc.sh GetThing. Four files change: the contract
# gets the rpc and its request, and handler, query and test are made. What stands there afterwards
# builds and answers a vehicle; the test fails until it says what is expected.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PROTO=$ROOT/proto/depot/inventory/v1/inventory.proto

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
  rpc $NAME(${NAME}Request) returns (Resource) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = { get: "/v1/{type}/{id}/$(split "$NAME" -)" };
    option (depot.rpc.v1.method) = {
      access: MEMBER
      class: POINT
      reasons: ["RESOURCE_TYPE_UNKNOWN", "RESOURCE_NOT_FOUND"]
    };
  }
END
}

message_text() {
    cat <<END
// Asks for $NAME.
message ${NAME}Request {
  // \`cars\`, \`lorries\` or \`trucks\`.
  string type = 1 [(depot.rpc.v1.field) = { in: ["cars", "lorries", "trucks"] reason: "RESOURCE_TYPE_UNKNOWN" }];
  // Which one.
  string id = 2 [(depot.rpc.v1.field) = { format: UUID reason: "RESOURCE_NOT_FOUND" }];
}

END
}

# The rpc goes to the end of the service, the request before the comment of the reasons.
write_contract() {
    local new=$PROTO.new
    RPC=$(rpc_text && echo .) MESSAGE=$(message_text && echo .) awk '
        function put(text) { sub(/\.$/, "", text); printf "%s", text }
        function flush() { printf "%s", held; held = "" }
        /^service InventoryService / { in_service = 1 }
        in_service && /^}/ { put(ENVIRON["RPC"]); in_service = 0; done++ }
        /^\/\// { held = held $0 "\n"; next }
        /^enum Reason / { put(ENVIRON["MESSAGE"]); done++ }
        { flush(); print }
        END { flush(); exit done != 2 }' "$PROTO" >"$new" || {
        rm -f "$new"
        fail "$PROTO has no service InventoryService or no enum Reason"
    }
    mv "$new" "$PROTO"
}

write_handler() {
    cat >"$1" <<END
#include "inventory/inventory.h"

static enum status
answer(struct call *call, const Depot__Inventory__V1__${NAME}Request *request,
       const struct db_rows *rows, Depot__Inventory__V1__Resource *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return inventory_no_resource(call, request->type, request->id);
    }
    return db_read(call, rows, 0, 0, &depot__inventory__v1__resource__schema, &reply->base);
}

const struct inventory_${SNAKE}_handler inventory_$SNAKE = {
    .answer = answer,
};
END
}

write_query() {
    cat >"$1" <<'END'
SELECT id, type, name, description, attributes, create_time, update_time, version::text AS etag
FROM resource
WHERE id = :'id'::uuid AND type = :'type'::text;
END
}

write_test() {
    local path
    path=/$(split "$NAME" -)
    cat >"$1" <<END
#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {
    {"found", SEED_CAR, "GET", "/v1/cars/" CAR "$path", NULL, 200,
     "{\"say\":\"here what is expected\"}", NULL, NULL},
    {"not there", SEED_CAR, "GET", "/v1/cars/" NONE "$path", NULL, 404, JSON_NOT_FOUND,
     NULL, NULL},
};

Test($SNAKE, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
END
}

main() {
    local handler query test file
    [[ ${1:-} =~ ^[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+$ ]] ||
        fail "give a name of two words or more, a verb first: make new-rpc NAME=GetThing"
    NAME=$1
    SNAKE=$(split "$NAME" _)
    handler=inventory/handlers/$SNAKE.c
    query=inventory/queries/$SNAKE.sql
    test=tests/inventory/${SNAKE}_test.c
    ! grep -qE "^  rpc $NAME\(|^message ${NAME}Request " "$PROTO" ||
        fail "the contract has $NAME or ${NAME}Request already"
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
  proto/depot/inventory/v1/inventory.proto   the rpc and its request, at their ends
  $test
  $query
  $handler
Then: make test TESTS=inventory_$SNAKE
END
}

main "$@"
