#!/usr/bin/env bash
# `make test-compose`: tries the containers with a real engine, in a project and on a port of its
# own: up, book, kill the database, serve again, down, up, the booking is still there, and nothing
# is left behind. Says each step; ends with 1 at the first surprise.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export COMPOSE_PROJECT_NAME=depot-test
COMPOSE=$ROOT/deploy/compose.sh
GATEWAY_PORT=18080
while taken 127.0.0.1 "$GATEWAY_PORT"; do GATEWAY_PORT=$((GATEWAY_PORT + 1)); done
export GATEWAY_PORT
BASE=http://127.0.0.1:$GATEWAY_PORT/v1/cars
WORK=$(mktemp -d)

clean_up() {
    local code=$?
    [ "$code" -eq 0 ] || { cat "$WORK/log" && "$COMPOSE" logs --tail 20 2>&1; } || true
    "$COMPOSE" down --volumes >/dev/null 2>&1 || true
    rm -rf "$WORK"
    [ "$code" -ne 0 ] || say "test-compose: passed"
}

step() {
    printf '%s  %s\n' "$(date +%T)" "$*"
}

# What compose has to say is of interest only after a failure.
compose() {
    "$COMPOSE" "$@" >>"$WORK/log" 2>&1
}

# ask CURL-OPTION...: prints the status; body and headers go to files.
ask() {
    curl -s -o "$WORK/body" -D "$WORK/head" -w '%{http_code}' --max-time 20 "$@" || true
}

expect() {
    local wanted=$1 got
    shift
    got=$(ask "$@")
    [ "$got" = "$wanted" ] || fail "expected $wanted, got $got: $(cat "$WORK/body")"
}

# eventually STATUS CURL-OPTION...: within a minute.
eventually() {
    local wanted=$1 tries got
    shift
    for ((tries = 0; tries < 120; tries++)); do
        got=$(ask "$@")
        [ "$got" != "$wanted" ] || return 0
        nap 0.5
    done
    fail "waited a minute for $wanted, the last answer was $got: $(cat "$WORK/body")"
}

has() {
    grep -qi -- "$1" "$WORK/$2" || fail "no $1 in the ${2}: $(cat "$WORK/$2")"
}

id() {
    sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$WORK/body"
}

container() {
    "$COMPOSE" ps -q "$1"
}

check_hardening() {
    local name user
    for name in db inventory gateway; do
        user=$(docker exec "$(container "$name")" id -u)
        [ "$user" -ne 0 ] || fail "$name runs as root"
        ! docker exec "$(container "$name")" touch /usr/oops 2>/dev/null ||
            fail "$name may write its own image"
    done
    ! docker inspect "$(container db)" "$(container inventory)" "$(container gateway)" |
        grep -qF -- "$(cat "$ROOT/deploy/secrets/database_password")" ||
        fail "the password stands in a container's settings"
}

# Every compose that is installed must take the file, also those that the rest does not use.
check_file() {
    local file=("--project-directory" "$ROOT" "-f" "$ROOT/docker-compose.yml")
    ! docker compose version >/dev/null 2>&1 || docker compose "${file[@]}" config -q ||
        fail "docker compose does not take docker-compose.yml"
    ! command -v docker-compose >/dev/null || docker-compose "${file[@]}" config -q ||
        fail "docker-compose does not take docker-compose.yml"
}

main() {
    local car allocation period='{"startTime":"2030-05-01T09:00:00Z","endTime":"2030-05-02T09:00:00Z"}'
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    step "what compose says of docker-compose.yml"
    check_file
    step "building the images"
    compose build
    step "up"
    compose up
    step "nobody is root, nothing can be written, no secret in sight"
    check_hardening
    step "booking a car"
    expect 201 "$BASE" --json '{"name":"Blue Polo"}'
    car=$BASE/$(id)
    expect 201 "$car/allocations" --json "$period"
    allocation=$car/allocations/$(id)
    step "killing the database"
    docker kill "$(container db)" >/dev/null
    eventually 503 "$allocation"
    has '^retry-after:' head
    has DB_UNAVAILABLE body
    eventually 503 "http://127.0.0.1:$GATEWAY_PORT/readyz"
    step "503 with Retry-After; starting it again"
    compose start db
    eventually 200 "$allocation"
    expect 409 "$car/allocations" --json "$period"
    has ALLOCATION_OVERLAP body
    step "it serves again, and the booking is there; down, up"
    compose down
    compose up
    expect 200 "$allocation"
    expect 409 "$car/allocations" --json "$period"
    step "the booking is still there; down with the data"
    compose down --volumes
    [ -z "$(docker volume ls -q --filter "name=^${COMPOSE_PROJECT_NAME}_")" ] ||
        fail "the volume is still there"
    [ -z "$(docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ] ||
        fail "a container is still there"
}

"$COMPOSE" version >/dev/null
main
