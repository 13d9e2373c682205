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

# The services, one to a line: whoever has migrations of its own is one. Scripts, the Makefile and
# CMakeLists.txt name none.
services() {
    local folder
    for folder in "$ROOT"/migrations/*/; do
        folder=${folder%/}
        [ "${folder##*/}" = platform ] || echo "${folder##*/}"
    done
}

# The same as deploy/roles.sql takes it.
services_array() {
    echo "{$(services | paste -sd ,)}"
}

# setting_of SERVICE SUFFIX: the name of an environment variable, such as ACCOUNTS_ADDRESSES.
setting_of() {
    echo "${1^^}_$2"
}

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

# As the kernel's tables write an IPv4 address; empty for names and IPv6.
kernel_address() {
    local a b c d
    [[ $1 =~ ^[0-9]+(\.[0-9]+){3}$ ]] || return 0
    IFS=. read -r a b c d <<<"$1"
    printf '%02X%02X%02X%02X\n' "$d" "$c" "$b" "$a"
}

# taken HOST PORT: whether something listens on the port there or on every address. Of a name or an
# IPv6 address: whether something listens on the port at all.
taken() {
    awk -v want="$(kernel_address "$1")" -v port="$(printf '%04X' "$2")" '
        { split($2, at, ":") }
        $4 == "0A" && at[2] == port &&
            (want == "" || want == at[1] || want ~ /^0+$/ || at[1] ~ /^0+$/) { found = 1 }
        END { exit !found }' < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

# A TCP port of 127.0.0.1 that nothing listens on, below those that the kernel gives to connections.
# Another process may take it before it is used: whoever listens must be ready to be refused.
free_port() {
    local low port
    read -r low _ </proc/sys/net/ipv4/ip_local_port_range
    ((low > 12000)) || low=32768
    while :; do
        port=$((low / 2 + (RANDOM * 32768 + RANDOM) % (low - low / 2)))
        taken 127.0.0.1 "$port" || break
    done
    echo "$port"
}

# http_url HOST PORT: where a client on this machine reaches what listens there.
http_url() {
    local host=$1
    case $host in
    0.0.0.0) host=127.0.0.1 ;;
    ::) host='[::1]' ;;
    \[*) ;;
    *:*) host="[$host]" ;;
    esac
    echo "http://$host:$2"
}

# json_quote TEXT: as a JSON string. The text has no control characters.
json_quote() {
    local text=${1//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
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
