#!/usr/bin/env bash
# Runs the tests: tests/run.sh BUILD-FOLDER [ctest option...], against a throw-away PostgreSQL
# cluster of their own. Its socket lets roles in without a password, its TCP port (loopback) asks
# for one. The tests get:
#   DEPOT_BUILD                  the build folder
#   TEST_DATABASE_URL            through the socket; the role may create databases and roles
#   TEST_DATABASE_TCP_PORT       of the same cluster
#   TEST_DATABASE_PASSWORD       of the same role, `depot`, over TCP
#   TEST_EXCHANGES               a file for what their HTTP client sends and receives
#   TMPDIR                       for their files; removed at the end
# Tests with a browser run only with TEST_BROWSER=1.
# A report of a sanitizer, by a test or by a program that it started, fails the run.
# Durability is on, as in earnest: tests kill the server in the middle of writes.
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/common.sh"
. "$ROOT/deploy/cluster.sh"

DEPOT_BUILD=$(cd "$1" && pwd)
export DEPOT_BUILD
shift
WORK=$(mktemp -d /tmp/depot-test.XXXXXX) # short: sockets of tests lie in it

clean_up() {
    cluster_stop
    rm -rf "$WORK"
}

# Another process may take the port between the look and the start: then the next one is tried.
start_cluster() {
    local tries
    for ((tries = 0; tries < 5; tries++)); do
        CLUSTER_PORT=$(free_port)
        ! cluster_start "$WORK/postgresql.log" -c listen_addresses=127.0.0.1 \
            -c shared_buffers=64MB -c max_connections=200 || return 0
    done
    return 1
}

# Criterion passes a test that leaks, and nobody reads the standard error of a service.
sanitizer_reports() {
    local report
    for report in "$WORK"/sanitizer.*; do
        [ -f "$report" ] || continue
        cat "$report" >&2
        complain "the sanitizers have found something (above)"
        return 1
    done
}

main() {
    local code=0
    # Servers of the tests' own run as another user, who must get to their sockets.
    chmod 711 "$WORK"
    mkdir -m 711 "$WORK/tmp"
    export TMPDIR=$WORK/tmp
    export ASAN_OPTIONS="abort_on_error=1:detect_leaks=1:log_path=$WORK/sanitizer"
    export UBSAN_OPTIONS="print_stacktrace=1:log_path=$WORK/sanitizer"
    # ctest runs programs side by side; Criterion itself leaks now and then when it runs two tests.
    export CRITERION_JOBS=1
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    cluster_open "$WORK/data"
    start_cluster
    TEST_DATABASE_URL=$CLUSTER_URL
    TEST_DATABASE_TCP_PORT=$CLUSTER_PORT
    TEST_DATABASE_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    export TEST_DATABASE_URL TEST_DATABASE_TCP_PORT TEST_DATABASE_PASSWORD
    export TEST_EXCHANGES=$WORK/exchanges
    "$CLUSTER_BIN/psql" -qX "$TEST_DATABASE_URL" \
        -c "ALTER ROLE depot PASSWORD '$TEST_DATABASE_PASSWORD'"
    [ -n "${TEST_BROWSER:-}" ] || {
        say "tests with a browser are left to \`make test-browser\`"
        set -- -LE browser "$@"
    }
    "$ROOT/deploy/docs-ui.sh"
    ctest --test-dir "$DEPOT_BUILD" --output-on-failure --no-tests=error -j 2 "$@" 8<&- || code=$?
    sanitizer_reports || code=1
    exit "$code"
}

main "$@"
