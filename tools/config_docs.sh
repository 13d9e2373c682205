#!/usr/bin/env bash
# Makes docs/config.md from the programs' own tables: config_docs.sh BUILD-FOLDER FILE
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/deploy/common.sh"
BUILD=$1 FILE=$2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# Rows that several programs have are shown once: both A B prints those of A that B has too, only A B...
# those that none of the others has.
both() {
    grep -xF -f "$WORK/$2" "$WORK/$1" || true
}

only() {
    local others=("${@:2}")
    cat "${others[@]/#/$WORK/}" | grep -vxF -f - "$WORK/$1" || true
}

# section TITLE: a table of the rows on standard input, if there are any.
section() {
    local rows
    rows=$(cat)
    [ -z "$rows" ] ||
        printf '\n## %s\n\n| variable | value | default | meaning |\n| --- | --- | --- | --- |\n%s\n' "$1" "$rows"
}

# rows PROGRAM: those of all its tables.
rows() {
    "$BUILD/$1" --config-markdown | grep '^| `'
}

document() {
    local service
    cat <<'TEXT'
# Settings

<!-- Made by tools/config_docs.sh from the programs' own tables. The build target `docs` writes it. -->

Settings are environment variables and nothing else; `--help` of a program lists its own. Instead of
`NAME` a file can be named by `NAME_FILE`, whose content without its last line's end is the value: that is
the way for passwords. Both at once are refused; an empty variable counts as unset. A value that is not
allowed ends the program before it does anything, with code 78 and one line that names the variable and
what it may be. What is in force stands in the log's line `started`, secrets as `***`.
TEXT
    section gateway < <(only gateway service)
    section 'The gateway, and every service' < <(both gateway service)
    section 'Every service' < <(only service gateway migrate)
    for service in $(services); do
        section "$service, beside that" < <(only "$service" service)
    done
    section 'The database, for services and depot-migrate' < <(both service migrate)
    section depot-migrate < <(only migrate service)
    cat <<'TEXT'

## make run

`make run` hands its environment to the programs, so what stands above can be set for it, but
`GATEWAY_PORT` must be a port: 0 is refused. What it needs and does not find there it chooses: `DATABASE_URL` is a
cluster of its own with a role for each service, `SECRET_KEY_FILE` and `ADMIN_PASSWORD_FILE` are files in
`DEPOT_HOME/secrets`, `MIGRATIONS_DIR` is that of the source tree, and each service listens on a free port of the
loopback, which `ACCOUNTS_ADDRESSES` and so on name. Beside them:

| variable | value | default | meaning |
| --- | --- | --- | --- |
| `DEPOT_HOME` | text | .depot | The folder of the data and the logs, seen from the source tree; one run at a time. |
| `DEPOT_BUILD` | text | unset | A build folder whose programs are run as they are, without installing anything; unset: build/release, built first. |
| `ACCOUNTS_LISTEN`, `INVENTORY_LISTEN`, ... | text | unset | What `RPC_LISTEN` is for that service; unset: a free port. |
TEXT
}

for program in gateway $(services); do
    rows "$program/$program" >"$WORK/$program"
done
rows tools/migrate/depot-migrate >"$WORK/migrate"
# What all services have.
read -r first others < <(services | paste -sd ' ')
cp "$WORK/$first" "$WORK/service"
for service in $others; do
    both service "$service" >"$WORK/both"
    mv "$WORK/both" "$WORK/service"
done
document >"$FILE.new"
mv "$FILE.new" "$FILE"
