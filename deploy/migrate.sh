#!/bin/bash
# What the container `migrate` does: roles and their passwords as the superuser (POSTGRES_USER), then
# the schema as depot_migrator. The passwords are files in the folder of POSTGRES_PASSWORD_FILE.
set -euo pipefail

SECRETS=${POSTGRES_PASSWORD_FILE%/*}

services() {
    local folder
    for folder in "$MIGRATIONS_DIR"/*/; do
        basename "$folder"
    done | grep -vx platform | paste -sd ,
}

PGPASSWORD=$(<"$POSTGRES_PASSWORD_FILE") PGSSLMODE=$POSTGRES_SSLMODE \
    PGSSLROOTCERT=$POSTGRES_SSLROOTCERT \
    psql -qX -h "$POSTGRES_HOST" -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
    -v secrets="$SECRETS" -v services="{$(services)}" -f /usr/local/share/depot/roles.sql
POSTGRES_USER=depot_migrator POSTGRES_PASSWORD_FILE=$SECRETS/depot_migrator_password \
    exec depot-migrate up
