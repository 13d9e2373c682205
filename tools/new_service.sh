#!/usr/bin/env bash
# Scaffolds a service: new_service.sh parking. What stands there afterwards builds, is started by
# `make run`, `make up` and the tests, answers its health check, and has one method with a test. The
# folder of its migrations makes it a service to everything else; only docker-compose.yml, which is
# for reading, and deploy/roles.sql name it.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    echo "new-service: $*" >&2
    exit 1
}

# Names that the build, the containers or PostgreSQL have for something else.
RESERVED='all|analyze|check|clean|client|contract|coverage|cron|db|default|depot|docs|exchanges|help'
RESERVED+='|information|install|main|migrate|package|platform|postgres|programs|protogen|public|root|test'

check_name() {
    [[ $NAME =~ ^[a-z][a-z0-9]{2,23}$ ]] ||
        fail "give a name of 3 to 24 small letters and digits: make new-service NAME=parking"
    [[ ! $NAME =~ ^($RESERVED)$ ]] || fail "$NAME is the name of something else"
    local place
    for place in "$NAME" "proto/depot/$NAME" "migrations/$NAME" "tests/$NAME" "tests/unit/$NAME" "lib/$NAME"; do
        [ ! -e "$ROOT/$place" ] || fail "$place is there already"
    done
}

# put FILE: its content is on standard input.
put() {
    mkdir -p "$ROOT/${1%/*}"
    cat >"$ROOT/$1"
}

write_contract() {
    put "proto/depot/$NAME/v1/$NAME.proto" <<END
// Say here what $NAME is about.
syntax = "proto3";

package depot.$NAME.v1;

import "depot/rpc/v1/options.proto";
import "google/api/annotations.proto";
import "google/protobuf/timestamp.proto";

// Say here what it keeps, for those who call it.
service ${NOUN}Service {
  // Gets one thing that $NAME keeps.
  rpc Get$NOUN(Get${NOUN}Request) returns ($NOUN) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = { get: "/v1/$NAME/{id}" };
    option (depot.rpc.v1.method) = { access: MEMBER class: POINT reasons: ["RESOURCE_NOT_FOUND"] };
  }
}

// What $NAME keeps.
message $NOUN {
  // Made by the service, never used again; a UUIDv7.
  string id = 1
      [(depot.rpc.v1.field) = { output_only: true example: "0195a3c0-7c00-7000-8000-000000000009" }];
  // How people call it.
  string name = 2 [(depot.rpc.v1.field) = { required: true max_length: 100 example: "The first" }];
  // When it was made.
  google.protobuf.Timestamp create_time = 3 [(depot.rpc.v1.field) = { output_only: true }];
  // Changes with every change of it.
  string etag = 4 [(depot.rpc.v1.field) = { output_only: true etag: true example: "1" }];
}

// Asks for one.
message Get${NOUN}Request {
  // Which one.
  string id = 1 [(depot.rpc.v1.field) = { format: UUID reason: "RESOURCE_NOT_FOUND" }];
}
END
}

write_program() {
    put "$NAME/CMakeLists.txt" <<END
# Say here what $NAME is about. Handlers and queries are found by their names.
depot_service($NAME PROTO depot/$NAME/v1/$NAME.proto)
END
    put "$NAME/$NAME.h" <<END
/* What the handlers of $NAME share: the contract's messages and the usual failures. */
#ifndef DEPOT_${NAME^^}_${NAME^^}_H
#define DEPOT_${NAME^^}_${NAME^^}_H

#include "base/call.h"
#include "db/query.h"
#include "depot/$NAME/v1/$NAME.handlers.h"
#include "depot/$NAME/v1/$NAME.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/handler.h"

#endif
END
    put "$NAME/main.c" <<END
/* The $NAME service. All that is its own lies in handlers/ and queries/. */
#include "service/main.h"
#include "depot/$NAME/v1/$NAME.handlers.h"

int
main(int argc, char **argv)
{
    static const struct service_program program = {.service = &${NAME}_service};

    return service_main(&program, argc, argv);
}
END
}

write_method() {
    put "$NAME/handlers/get_$NAME.c" <<END
#include "$NAME/$NAME.h"

static enum status
answer(struct call *call, const Depot__${NOUN}__V1__Get${NOUN}Request *request,
       const struct db_rows *rows, Depot__${NOUN}__V1__$NOUN *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return call_fail(call, &reason_resource_not_found, "There is no $NAME %s.", request->id);
    }
    return db_read(call, rows, 0, 0, &depot__${NAME}__v1__${NAME}__schema, &reply->base);
}

const struct ${NAME}_get_${NAME}_handler ${NAME}_get_$NAME = {
    .answer = answer,
};
END
    put "$NAME/queries/get_$NAME.sql" <<'END'
SELECT id, name, create_time, version::text AS etag
FROM item
WHERE id = :'id'::uuid;
END
}

write_migration() {
    put "migrations/$NAME/0001_item.up.sql" <<END
-- What $NAME keeps.
CREATE TABLE item (
    id          uuid PRIMARY KEY,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    create_time timestamptz NOT NULL DEFAULT now(),
    version     bigint NOT NULL DEFAULT 1
);
END
    put "migrations/$NAME/0001_item.down.sql" <<'END'
DROP TABLE item;
END
    put "migrations/$NAME/grants.sql" <<END
-- What $NAME does with its tables.
GRANT SELECT, INSERT, UPDATE, DELETE ON item TO :"role";
END
}

write_test() {
    put "tests/$NAME/get_${NAME}_test.c" <<END
#include <criterion/criterion.h>

#include "depot/$NAME/v1/$NAME.handlers.h"
#include "support/rpc_case.h"

#define ID   "01900000-0000-7000-8000-000000000009"
#define NONE "01900000-0000-7000-8000-0000000000ff"
#define SEED "INSERT INTO item (id, name) VALUES ('" ID "', 'The first')"

#define JSON_NOT_FOUND "{\"code\":\"NOT_FOUND\",\"reason\":\"RESOURCE_NOT_FOUND\"}"

static const struct rpc_case cases[] = {
    {"found", SEED, "GET", "/v1/$NAME/" ID, NULL, 200,
     "{\"id\":\"" ID "\",\"name\":\"The first\",\"createTime\":\"<time>\"}", NULL, NULL},
    {"not there", SEED, "GET", "/v1/$NAME/" NONE, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"no id", SEED, "GET", "/v1/$NAME/1", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
};

Test(get_$NAME, cases)
{
    rpc_cases_run(&${NAME}_service, cases, sizeof(cases) / sizeof(cases[0]));
}
END
}

# In front of the gateway, which waits for it and is told where it is.
name_in_compose() {
    local file=$ROOT/docker-compose.yml
    NAME=$NAME awk '
        BEGIN { name = ENVIRON["NAME"] }
        $0 == "  gateway:" {
            print "  " name ":\n    <<: *service\n    image: depot-" name
            print "    build: { context: ., dockerfile: deploy/Dockerfile, target: service, args: { SERVICE: " name " } }"
            print "    environment: { <<: *database, POSTGRES_USER: depot_" name " }"
            print "    volumes: [\"./deploy/secrets/for/" name ":/run/secrets:ro\"]\n"
            gateway = 1
        }
        gateway && $0 == "    environment:" {
            print "      " name ": { condition: service_healthy }"; done++
        }
        gateway && /^      PUBLIC_URL:/ {
            print "      " toupper(name) "_ADDRESSES: tcp://" name ":7001"; done++
        }
        { print }
        END { exit done != 2 }' "$file" >"$file.new" || {
        rm -f "$file.new"
        fail "docker-compose.yml is not as expected: name $NAME there by hand"
    }
    mv "$file.new" "$file"
}

name_in_roles() {
    sed -i "s/^\( *\\\\set services '{[a-z0-9,]*\)}'/\1,$NAME}'/" "$ROOT/deploy/roles.sql"
}

main() {
    NAME=${1:-}
    check_name
    NOUN=${NAME^}
    write_contract
    write_program
    write_method
    write_migration
    write_test
    name_in_compose
    name_in_roles
    # How lines break depends on the length of the name.
    ! command -v clang-format >/dev/null ||
        clang-format -i "$ROOT/$NAME"/*.[ch] "$ROOT/$NAME"/handlers/*.c "$ROOT/tests/$NAME"/*.c
    cat <<END
$NAME is there; \`make run\` starts it and GET /v1/$NAME/{id} asks it. Now say what it is to do:
  proto/depot/$NAME/v1/$NAME.proto    what it offers
  migrations/$NAME/                   what it keeps
  make new-rpc SERVICE=$NAME NAME=...  the next method
Then: make test TESTS=$NAME
END
}

main "$@"
