#!/usr/bin/env bash
# Operators' commands on the database: db.sh COMMAND [ARGUMENT...], as depot-migrate takes them.
# The database is the one that the environment names, else that of the `make run` in DEPOT_HOME;
# when nothing runs there, its private cluster is started for as long as the command takes. Only `up`
# and `reset` make one: a mistyped DEPOT_HOME is no place to ask how things stand.
# `db.sh with ROLE COMMAND...` runs any other command instead, with the database's DATABASE_URL: on a
# private cluster for that role.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$ROOT/deploy/cluster.sh"

export MIGRATIONS_DIR=${MIGRATIONS_DIR:-$ROOT/migrations}

migrate() {
    if [ "${1:-}" = with ]; then
        with "${@:2}"
        return
    fi
    "$BUILD/tools/migrate/depot-migrate" "$@" 8<&- 9>&-
}

# with ROLE COMMAND...
with() {
    local role=$1
    shift
    [ -n "$GIVEN" ] || export DATABASE_URL="${DATABASE_URL%user=*}user=$role"
    "$@" 8<&- 9>&-
}

# A run that is just starting or stopping has no URL for a moment.
with_running() {
    [ -f "$DEPOT_HOME/database.url" ] ||
        fail "the run in $DEPOT_HOME (pid $(home_owner)) has no private database to offer:" \
            "give its DATABASE_URL, or try again in a moment"
    DATABASE_URL=$(<"$DEPOT_HOME/database.url") migrate "$@"
}

with_private() {
    check_there "$DEPOT_HOME/data" "$@"
    mkdir -p "$DEPOT_HOME/log"
    trap cluster_stop EXIT
    trap : INT TERM HUP # they end the command, then the cluster goes
    cluster_open "$DEPOT_HOME/data"
    cluster_start "$DEPOT_HOME/log/postgresql.log" || exit 1
    DATABASE_URL=$CLUSTER_URL migrate "$@"
}

# makes_one ARGUMENT...: whether the command may make a database where there is none.
makes_one() {
    local argument
    for argument; do
        case $argument in
        up | reset) return 0 ;;
        -*) ;;
        *) return 1 ;;
        esac
    done
    return 1
}

# check_there FILE ARGUMENT...
check_there() {
    local file=$1
    shift
    [ -e "$file" ] || makes_one "$@" ||
        fail "there is no database in DEPOT_HOME, $DEPOT_HOME: \`make run\` makes one, or \`make migrate\`"
}

GIVEN= # whether the database is the user's own
if database_given; then
    GIVEN=yes
    migrate "$@"
    exit
fi
check_there "$DEPOT_HOME" "$@"
if take_home; then
    with_private "$@"
else
    with_running "$@"
fi
