#!/usr/bin/env bash
# `make new-service`: what it scaffolds into a copy of the source tree builds, is started by
# `make run`, answers its health check and, through the gateway, its method; `make new-rpc` adds
# another one. Ends with 1 at the first surprise.
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/common.sh"

WORK=$(mktemp -d)
COPY=$WORK/copy
OUT=$WORK/out
RUN=

clean_up() {
    local code=$?
    [ -z "$RUN" ] || { kill -TERM "$RUN" && wait "$RUN"; } || true
    [ "$code" -eq 0 ] || tail -n 30 "$OUT" "$COPY"/home/log/*.log >&2 || true
    rm -rf "$WORK"
}

step() {
    printf '%s  %s\n' "$(date +%T)" "$*"
}

# The source tree as it is, without what was built.
copy_sources() {
    mkdir "$COPY"
    (cd "$ROOT" && git ls-files -co --exclude-standard -z | grep -zvE '^tests/(npm|browser)/' |
        while IFS= read -rd '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
        tar --null -T - -c) | tar -C "$COPY" -x
}

scaffold() {
    (cd "$COPY" && "tools/$1.sh" "${@:2}") >>"$OUT" 2>&1
}

try_names() {
    local name before
    step "names that are none"
    before=$(cd "$COPY" && find . -type f | sort)
    for name in '' Parking 2nd two_words ../up inventory gateway platform lib docs 'a b' xx; do
        ! scaffold new_service "$name" || fail "took the name \"$name\""
    done
    ! scaffold new_rpc GetThing nobody || fail "made a method of nobody's"
    [ "$before" = "$(cd "$COPY" && find . -type f | sort)" ] || fail "a name that is none changed something"
}

# Without optimisation: half the time.
build_copy() {
    cmake -S "$COPY" -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDEPOT_TESTS=OFF \
        -DDEPOT_WERROR=ON >>"$OUT" 2>&1 && cmake --build "$WORK/build" --target programs >>"$OUT" 2>&1
}

ask() {
    curl -s --max-time 20 -o /dev/null -w '%{http_code}' "$@"
}

await_ready() {
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        ! grep -q 'depot: ready' "$OUT" || return 0
        kill -0 "$RUN" 2>/dev/null || fail "the run has ended"
        nap 0.1
    done
    fail "the run is not ready after two minutes"
}

run_copy() {
    local port
    port=$(free_port)
    BASE=http://127.0.0.1:$port
    env -u RPC_TLS_DIR DEPOT_BUILD="$WORK/build" DEPOT_HOME="$COPY/home" DOCS_DIR="$WORK" AUTH_MODE=off \
        GATEWAY_PORT="$port" "$COPY/deploy/run.sh" >>"$OUT" 2>&1 &
    RUN=$!
    await_ready
}

main() {
    local address
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    chmod 711 "$WORK"
    copy_sources
    try_names
    step "scaffolding, building"
    scaffold new_service parking || fail "new_service.sh failed"
    scaffold new_rpc GetTicketPrice parking || fail "new_rpc.sh failed"
    ! scaffold new_service parking || fail "scaffolded it twice"
    build_copy || fail "it does not build"
    step "running"
    run_copy
    address=$(sed -n 's/.*"event":"started".*"listen":"\([^"]*\)".*/\1/p' "$COPY/home/log/parking.log")
    [ "$("$WORK/build/tools/depotctl/depotctl" health "$address" parking)" = SERVING ] ||
        fail "parking is not serving at $address"
    [ "$(ask "$BASE/v1/parking/01900000-0000-7000-8000-00000000000a")" = 404 ] || fail "GetParking is not there"
    [ "$(ask "$BASE/v1/get-ticket-price/01900000-0000-7000-8000-00000000000a")" = 200 ] ||
        fail "GetTicketPrice is not there"
}

main
