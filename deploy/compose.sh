#!/usr/bin/env bash
# The containers: compose.sh build | up | stop | down [--volumes] | clean-images | COMMAND...
# Whatever else is asked goes to compose as it stands.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export GATEWAY_PORT=${GATEWAY_PORT:-8080}
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-depot}
SECRETS=$ROOT/deploy/secrets

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose --project-directory "$ROOT" -f "$ROOT/docker-compose.yml" "$@"
    else
        docker-compose --project-directory "$ROOT" -f "$ROOT/docker-compose.yml" "$@"
    fi
}

check_engine() {
    command -v docker >/dev/null || fail "docker is not installed (Debian: docker.io docker-compose)"
    docker info >/dev/null 2>&1 ||
        fail "no docker engine answers; is it running, and may $(id -un) speak to it?"
    docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null ||
        fail "there is neither compose v2 nor docker-compose (Debian: docker-compose)"
}

# Processes in containers have other user ids, so the file is readable; its folder is not.
make_secrets() {
    [ ! -s "$SECRETS/database_password" ] || return 0
    mkdir -p "$SECRETS"
    chmod 700 "$SECRETS"
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$SECRETS/database_password"
    chmod 644 "$SECRETS/database_password"
}

wait_ready() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        ! curl -fso /dev/null --max-time 2 "http://127.0.0.1:$GATEWAY_PORT/readyz" || return 0
        nap 0.2
    done
    compose ps
    fail "the gateway did not become ready; look at \`deploy/compose.sh logs\`"
}

up() {
    compose up -d
    wait_ready
    say "listens on http://127.0.0.1:$GATEWAY_PORT"
}

check_engine
make_secrets
case ${1:-} in
up) up ;;
down) shift && compose down --remove-orphans "$@" ;;
clean-images)
    docker image rm -f depot-inventory depot-gateway
    docker image prune -f --filter label=depot=image
    ;;
'') fail "say what to do: build, up, stop, down, clean-images, or a command of compose" ;;
*) compose "$@" ;;
esac
