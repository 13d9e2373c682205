#!/bin/bash
# Makes the cluster when its folder is empty, then becomes the server.
set -euo pipefail

initialise() {
    local password
    password=$(<"${POSTGRES_PASSWORD_FILE:?}")
    # shellcheck disable=SC2086 # several words, as in the official image
    initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile=<(echo "$password") --auth-local=trust \
        ${POSTGRES_INITDB_ARGS:-}
    [ "$POSTGRES_DB" = postgres ] ||
        postgres --single -D "$PGDATA" postgres <<<"CREATE DATABASE \"$POSTGRES_DB\""
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
}

POSTGRES_USER=${POSTGRES_USER:-postgres}
POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
chmod 700 "$PGDATA"
[ -s "$PGDATA/PG_VERSION" ] || initialise
[ "${1:-}" != postgres ] || shift
exec postgres -D "$PGDATA" -c listen_addresses='*' "$@"
