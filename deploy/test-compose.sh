#!/usr/bin/env bash
# `make test-compose`: tries the containers with a real engine, in a project and on a port of its
# own: up, log in, book, kill the database, serve again, down, up, the booking is still there, take
# everything back, and nothing is left behind. Says each step; ends with 1 at the first surprise.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$ROOT/deploy/login.sh"

export COMPOSE_PROJECT_NAME=depot-test ADMIN_PASSWORD_FILE=$ROOT/deploy/secrets/admin_password
unset DEPOT_TOKEN DEPOT_API_KEY
COMPOSE=$ROOT/deploy/compose.sh
GATEWAY_PORT=18080
while taken 127.0.0.1 "$GATEWAY_PORT"; do GATEWAY_PORT=$((GATEWAY_PORT + 1)); done
export GATEWAY_PORT
URL=http://127.0.0.1:$GATEWAY_PORT
BASE=$URL/v1/cars
SECRETS=$ROOT/deploy/secrets
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

containers() {
    "$COMPOSE" ps -q
}

check_hardening() {
    local name user
    for name in db gateway $(services); do
        user=$(docker exec "$(container "$name")" id -u)
        [ "$user" -ne 0 ] || fail "$name runs as root"
        ! docker exec "$(container "$name")" touch /usr/oops 2>/dev/null ||
            fail "$name may write its own image"
    done
}

# check_hidden WHAT TEXT: it stands nowhere in what was seen of the containers.
check_hidden() {
    ! grep -qF -- "$2" "$WORK/seen" || fail "$1 stands in the settings or the log of a container"
}

check_secrets() {
    local id file
    for id in $(containers); do
        docker inspect "$id" && docker logs "$id"
    done >"$WORK/seen" 2>&1
    grep -qF '"event":"started"' "$WORK/seen" || fail "the containers say nothing"
    for file in "$SECRETS"/*_password "$SECRETS"/*_key; do
        check_hidden "$file" "$(<"$file")"
    done
    for file in "$SECRETS"/certs/*.pem; do
        check_hidden "$file" "$(tail -n 2 "$file" | head -n 1)"
    done
    check_hidden "an access token" "$(cut -d ' ' -f 3 </proc/self/fd/7)"
}

# greeted COMMAND: whether a service answers the command, which a container beside it runs with a
# peer's first words as its input.
greeted() {
    docker exec "$(container db)" bash -c \
        "printf '\\0SP\\0\\0\\060\\0\\0' | timeout 5 $1 2>/dev/null" | grep -qaF SP
}

check_tls() {
    local name tls="openssl s_client -quiet -no_ign_eof -tls1_2 -verify_quiet"
    docker exec -i "$(container db)" bash -c 'umask 077 && cat >/tmp/client.pem' <"$SECRETS/certs/client.pem"
    for name in $(services); do
        greeted "$tls -cert /tmp/client.pem -connect $name:7001" || fail "$name does not serve its own"
        ! greeted "$tls -connect $name:7001" || fail "$name serves who has no certificate"
        ! greeted "$tls -cert /run/secrets/db.pem -connect $name:7001" || fail "$name serves a server"
        ! greeted "bash -c 'exec 3<>/dev/tcp/$name/7001 && cat >&3 && cat <&3'" ||
            fail "$name serves without TLS"
    done
}

# query HOST SSLMODE: whether the database answers who has the password of its superuser.
query() {
    docker exec "$(container db)" bash -c 'PGPASSWORD=$(</run/secrets/database_password) \
        psql -Atc "SELECT 1" "host=$1 sslmode=$2 user=depot dbname=depot"' - "$1" "$2"
}

check_database_tls() {
    local host
    for host in db 127.0.0.1; do
        [ "$(query "$host" require)" = 1 ] || fail "the database does not answer at $host"
        ! query "$host" disable >"$WORK/body" 2>&1 || fail "the database serves $host without TLS"
        has 'no encryption' body
    done
    [ "$("$COMPOSE" exec -T db psql -U depot -Atc 'SELECT 1')" = 1 ] ||
        fail "operators do not get into the database"
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
    step "nobody is root, nothing can be written"
    check_hardening
    step "who has no certificate gets nothing"
    check_tls
    check_database_tls
    step "nobody books without being known; admin logs in"
    expect 401 "$BASE" --json '{"name":"Blue Polo"}'
    has '^www-authenticate: *bearer' head
    has TOKEN_MISSING body
    log_in "$URL"
    step "booking a car"
    expect 201 "${AS[@]}" "$BASE" --json '{"name":"Blue Polo"}'
    car=$BASE/$(id)
    expect 201 "${AS[@]}" "$car/allocations" --json "$period"
    allocation=$car/allocations/$(id)
    step "killing the database"
    docker kill "$(container db)" >/dev/null
    eventually 503 "${AS[@]}" "$allocation"
    has '^retry-after:' head
    has DB_UNAVAILABLE body
    eventually 503 "$URL/readyz"
    step "503 with Retry-After; starting it again"
    compose start db
    eventually 200 "${AS[@]}" "$allocation"
    expect 409 "${AS[@]}" "$car/allocations" --json "$period"
    has ALLOCATION_OVERLAP body
    step "it serves again, and the booking is there; down, up"
    compose down
    compose up
    expect 200 "${AS[@]}" "$allocation"
    expect 409 "${AS[@]}" "$car/allocations" --json "$period"
    step "the booking is still there, and who had logged in is; then everything is taken back"
    check_secrets
    compose exec -T accounts accounts call RevokeAll '{"apiKeys":true}'
    eventually 401 "${AS[@]}" "$allocation"
    log_in "$URL"
    expect 200 "${AS[@]}" "$allocation"
    step "down with the data"
    compose down --volumes
    [ -z "$(docker volume ls -q --filter "name=^${COMPOSE_PROJECT_NAME}_")" ] ||
        fail "the volume is still there"
    [ -z "$(docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ] ||
        fail "a container is still there"
}

"$COMPOSE" version >/dev/null
main
