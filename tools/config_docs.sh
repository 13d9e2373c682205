#!/usr/bin/env bash
# Makes docs/config.md from the programs' own tables: config_docs.sh BUILD-FOLDER FILE
set -euo pipefail
BUILD=$1 FILE=$2

# table N PROGRAM: the N-th of the tables that the program prints, which empty lines part.
table() {
    "$BUILD/$2" --config-markdown | awk -v n="$1" 'BEGIN { RS = "" } NR == n'
}

# What a service and depot-migrate say of the database is one table, shown once.
database_table() {
    local of_service of_tool
    of_service=$(table 2 inventory/inventory)
    of_tool=$(table 1 tools/migrate/depot-migrate)
    [ "$of_service" = "$of_tool" ] || {
        echo "config_docs.sh: inventory and depot-migrate have different settings of the database" >&2
        return 1
    }
    printf '%s\n' "$of_service"
}

document() {
    cat <<'TEXT'
# Settings

<!-- Made by tools/config_docs.sh from the programs' own tables. The build target `docs` writes it. -->

Settings are environment variables and nothing else; `--help` of a program lists its own. Instead of
`NAME` a file can be named by `NAME_FILE`, whose content without its last line's end is the value: that is
the way for passwords. Both at once are refused; an empty variable counts as unset. A value that is not
allowed ends the program before it does anything, with code 78 and one line that names the variable and
what it may be. What is in force stands in the log's line `started`, secrets as `***`.

## gateway

TEXT
    table 1 gateway/gateway
    printf '\n## inventory, and every service\n\n'
    table 1 inventory/inventory
    printf '\n## The database, for services and depot-migrate\n\n'
    database_table
    printf '\n## depot-migrate\n\n'
    table 2 tools/migrate/depot-migrate
    cat <<'TEXT'

## make run

`make run` hands its environment to the programs, so what stands above can be set for it, but
`GATEWAY_PORT` must be a port: 0 is refused. What it needs and does not find there it chooses: `DATABASE_URL` is a cluster of its own, `RPC_LISTEN` a free port of the
loopback, `INVENTORY_ADDRESSES` the same, `MIGRATIONS_DIR` that of the source tree. Beside them:

| variable | value | default | meaning |
| --- | --- | --- | --- |
| `DEPOT_HOME` | text | .depot | The folder of the data and the logs, seen from the source tree; one run at a time. |
| `DEPOT_BUILD` | text | unset | A build folder whose programs are run as they are, without installing anything; unset: build/release, built first. |
TEXT
}

document >"$FILE.new"
mv "$FILE.new" "$FILE"
