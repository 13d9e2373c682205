# shellcheck shell=bash
# What every script here starts with: where things are, and how to speak to a person.
# Sourced, never run. Sets ROOT, DEPOT_HOME (absolute) and BUILD.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# absolute PATH: PATH as seen from / (it need not exist).
absolute() {
    case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$ROOT" "$1" ;;
    esac
}

DEPOT_HOME=$(absolute "${DEPOT_HOME:-.depot}")
# shellcheck disable=SC2034 # for those who source this
BUILD=$(absolute "${DEPOT_BUILD:-build/release}")

say() {
    printf 'depot: %s\n' "$*"
}

# A signal that ends the sleep must not end the script, which has traps for it.
nap() {
    sleep "$1" || true
}

# One line on standard error.
complain() {
    printf 'depot: %s\n' "$*" >&2
}

fail() {
    complain "$*"
    exit 1
}

am_root() {
    [ "$(id -u)" -eq 0 ]
}

# database_given: whether the environment names a database of the user's own.
database_given() {
    env | grep -qE '^(DATABASE_URL|POSTGRES_(HOST|PORT|USER|PASSWORD|DB))(_FILE)?=.'
}

# take_home: makes DEPOT_HOME and keeps it for this process (descriptor 9, which no child should
# inherit). False when another process has it; home_owner prints that one's id.
take_home() {
    [ -d "$DEPOT_HOME" ] || (umask 077 && mkdir -p "$DEPOT_HOME") || exit 1
    [ -w "$DEPOT_HOME" ] || fail "user $(id -un) may not write in DEPOT_HOME, $DEPOT_HOME"
    exec 9>>"$DEPOT_HOME/lock"
    flock -n 9 || return 1
    echo $$ >"$DEPOT_HOME/lock"
}

home_owner() {
    cat "$DEPOT_HOME/lock"
}

# taken HOST PORT: whether something accepts connections there.
taken() {
    local host=$1
    [ "$host" != 0.0.0.0 ] || host=127.0.0.1
    [ "$host" != :: ] || host=::1
    (exec 3<>"/dev/tcp/$host/$2") 2>/dev/null
}

# build PRESET [TARGET...]: configures once, then builds; quiet unless something is to be done.
build() {
    local preset=$1 output
    shift
    if [ ! -f "$ROOT/build/$preset/build.ninja" ]; then
        say "building in build/$preset; the first time takes a minute or two"
        output=$(cd "$ROOT" && cmake --preset "$preset" 2>&1) || {
            printf '%s\n' "$output" >&2
            fail "cmake could not configure build/$preset"
        }
    fi
    cmake --build "$ROOT/build/$preset" ${1:+--target "$@"} -- --quiet | sed '/^ninja: no work to do/d'
}
