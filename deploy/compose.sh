#!/usr/bin/env bash
# The containers: compose.sh build | up | stop | down [--volumes] | clean-images | COMMAND...
# Whatever else is asked goes to compose as it stands.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$ROOT/deploy/secrets.sh"

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

# All that is secret, made once; deploy/secrets is for nobody else. Then every container's share of it.
make_secrets() {
    local service
    keep_secret "$SECRETS/database_password" random_key || true
    keep_secret "$SECRETS/admin_password" random_password || true
    keep_secret "$SECRETS/depot_migrator_password" random_key || true
    for service in $(services); do
        keep_secret "$SECRETS/depot_${service}_password" random_key || true
        keep_secret "$SECRETS/${service}_secret_key" random_key || true
    done
    chmod 700 "$SECRETS"
    # shellcheck disable=SC2046 # one word for each
    "$ROOT/deploy/certs.sh" "$SECRETS/certs" gateway $(services) client db >&2
    give_secrets
}

# give CONTAINER FILE[=NAME]...: processes in containers have other user ids, so what they get is for
# all to read; the folder above it is not.
give() {
    local folder=$SECRETS/for/$1 file
    mkdir -p "$folder"
    for file in "${@:2}"; do
        cmp -s "$SECRETS/${file%=*}" "$folder/$(basename "${file#*=}")" ||
            install -m 644 "$SECRETS/${file%=*}" "$folder/$(basename "${file#*=}")"
    done
    chmod 755 "$folder"
}

give_secrets() {
    local service
    give db database_password certs/db.pem
    install -m 644 "$ROOT/deploy/pg_hba.conf" "$SECRETS/for/db/pg_hba.conf"
    give gateway certs/ca.pem certs/gateway.pem
    give migrate database_password depot_migrator_password certs/ca.pem
    for service in $(services); do
        give migrate "depot_${service}_password"
        give "$service" "depot_${service}_password=database_password" \
            "${service}_secret_key=secret_key" certs/ca.pem "certs/$service.pem"
    done
    give accounts admin_password
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
    compose up -d || {
        compose logs --tail 5 migrate
        fail "the containers did not start"
    }
    wait_ready
    say "listens on http://127.0.0.1:$GATEWAY_PORT; the password of \`admin\` is in $SECRETS/admin_password"
}

clean_images() {
    local names=(depot-gateway depot-migrate) service
    for service in $(services); do names+=("depot-$service"); done
    docker image rm -f "${names[@]}"
    docker image prune -f --filter label=depot=image
}

check_engine
make_secrets
case ${1:-} in
up) up ;;
down) shift && compose down --remove-orphans "$@" ;;
clean-images) clean_images ;;
'') fail "say what to do: build, up, stop, down, clean-images, or a command of compose" ;;
*) compose "$@" ;;
esac
