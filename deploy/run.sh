#!/usr/bin/env bash
# `make run`: installs, builds, and runs Depot in the foreground with a database of its own, until
# Ctrl-C or SIGTERM. Processes that die are started again. With DEPOT_BUILD, nothing is installed
# or built: that folder's programs run as they are. See docs/runbook.md.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$ROOT/deploy/cluster.sh"
. "$ROOT/deploy/secrets.sh"
. "$ROOT/deploy/greet.sh"

export GATEWAY_HOST=${GATEWAY_HOST:-127.0.0.1} GATEWAY_PORT=${GATEWAY_PORT:-8080}
export ADMIN_PORT=${ADMIN_PORT:-0}
LOGS=$DEPOT_HOME/log
SECRETS=$DEPOT_HOME/secrets
mapfile -t SERVICES < <(services)
BACKOFF_MAX_S=30 # the longest wait before a process is started again
STEADY_S=60      # who ran for so long has a clean record
RPC_TRIES=5      # how often a port of its own is chosen for a service

declare -A PID=()     # of each process, by name
declare -A STARTED=() # when, by name
declare -A BACKOFF=() # the next wait in seconds, by name
declare -A MEANING=() # of a child's end, by pid: "ended NAME", "start NAME", "docs"
declare -A LISTEN=()  # where each service listens, by name
declare -A TRIED=()   # how often a port was chosen for it; 0: it was given
FIRST_RUN=            # whether admin's password was made now
STOPPING=             # how often somebody asked us to stop

# --- before anything starts ---------------------------------------------------------------------

check_port() {
    local name=$1 host=$2 port=$3
    if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
        fail "$name is \"$port\"; it must be a number from 1 to 65535"
    fi
    ! taken "$host" "$port" ||
        fail "port $port of $host is taken; choose another with $name=..."
}

# What is one service's cannot be said of all of them.
check_services() {
    local name service
    for name in RPC_LISTEN RPC_ADDRESS_FILE; do
        [ -z "${!name:-}" ] || fail "$name is one service's; here it is ${SERVICES[0]^^}_LISTEN and so on"
    done
    [ -z "${RPC_TLS_DIR:-}" ] || {
        RPC_TLS_DIR=$(absolute "$RPC_TLS_DIR") && export RPC_TLS_DIR
        for name in ca gateway "${SERVICES[@]}"; do
            [ -r "$RPC_TLS_DIR/$name.pem" ] || fail "there is no $RPC_TLS_DIR/$name.pem: \`make certs" \
                "DIR=$RPC_TLS_DIR\` makes it"
        done
    }
}

prepare() {
    check_services
    take_home || fail "already running in $DEPOT_HOME, pid $(home_owner)"
    check_port GATEWAY_PORT "$GATEWAY_HOST" "$GATEWAY_PORT"
    [ "$ADMIN_PORT" = 0 ] || check_port ADMIN_PORT "$GATEWAY_HOST" "$ADMIN_PORT"
    [ -n "${DEPOT_BUILD:-}" ] || {
        "$ROOT/deploy/deps.sh" run
        build release programs
    }
    mkdir -p "$LOGS"
    make_secrets
}

# What the environment gives is used as it is.
make_secrets() {
    local service
    for service in "${SERVICES[@]}"; do
        keep_secret "$SECRETS/${service}_secret_key" random_key || true
    done
    [ -z "${ADMIN_PASSWORD:-}${ADMIN_PASSWORD_FILE:-}" ] || return 0
    ! keep_secret "$SECRETS/admin_password" random_password || FIRST_RUN=yes
    export ADMIN_PASSWORD_FILE=$SECRETS/admin_password
}

# The logs of this run and of the one before are kept.
rotate_logs() {
    local name
    for name in gateway "${SERVICES[@]}" postgresql; do
        [ ! -f "$LOGS/$name.log" ] || mv -f "$LOGS/$name.log" "$LOGS/$name.log.1"
        : >"$LOGS/$name.log"
    done
}

# The URL is for the operators' commands, and names the runtime folder should this run be killed.
open_database() {
    forget_runtime_folder
    ! database_given || return 0
    cluster_open "$DEPOT_HOME/data"
    cluster_start "$LOGS/postgresql.log" || exit 1
    (umask 077 && echo "$CLUSTER_URL" >"$DEPOT_HOME/database.url")
    register postgresql "$CLUSTER_PID"
    make_roles
    export DATABASE_URL=$CLUSTER_URL
}

# Services have roles of their own, who may not change the schema: it is changed here.
make_roles() {
    local said code=0
    said=$("$CLUSTER_BIN/psql" -qX -v services="$(services_array)" -f "$ROOT/deploy/roles.sql" \
        "$CLUSTER_URL" 2>&1 8<&- 9>&-) || fail "the database's roles could not be made: $said"
    DATABASE_URL=$(cluster_url depot_migrator) "$BUILD/tools/migrate/depot-migrate" up \
        >"$LOGS/migrate.log" 2>&1 8<&- 9>&- || code=$?
    [ "$code" -eq 0 ] || {
        complain "the migrations failed: $(tail -n 1 "$LOGS/migrate.log")"
        exit "$code"
    }
}

forget_runtime_folder() {
    local folder
    [ -f "$DEPOT_HOME/database.url" ] || return 0
    folder=$(sed -n 's|.*host=\(/.*/depot\.[A-Za-z0-9]\{6\}\)&.*|\1|p' "$DEPOT_HOME/database.url")
    [ -z "$folder" ] || rm -rf "$folder"
    rm -f "$DEPOT_HOME/database.url"
}

# --- the processes ------------------------------------------------------------------------------

# choose_port SERVICE: until it listens there, another process may take the port.
choose_port() {
    TRIED[$1]=$((${TRIED[$1]:-0} + 1))
    LISTEN[$1]=tcp://127.0.0.1:$(free_port)
    export "$(setting_of "$1" ADDRESSES)=${LISTEN[$1]}"
}

# What is given stays as it is: INVENTORY_LISTEN, INVENTORY_ADDRESSES, and so on.
choose_addresses() {
    local service listen addresses
    for service in "${SERVICES[@]}"; do
        listen=$(setting_of "$service" LISTEN) addresses=$(setting_of "$service" ADDRESSES)
        if [ -z "${!listen:-}${!addresses:-}" ]; then
            choose_port "$service"
            continue
        fi
        TRIED[$service]=0
        LISTEN[$service]=${!listen:-tcp://127.0.0.1:$(free_port)}
        export "$addresses=${!addresses:-${LISTEN[$service]}}"
    done
}

is_service() {
    [ -n "${LISTEN[$1]:-}" ]
}

register() {
    PID[$1]=$2
    STARTED[$1]=$SECONDS
    MEANING[$2]="ended $1"
}

start() {
    if [ "$1" = postgresql ]; then
        cluster_launch "$LOGS/postgresql.log"
        register postgresql "$CLUSTER_PID"
    else
        become "$1" >>"$LOGS/$1.log" 2>&1 </dev/null 8<&- 9>&- &
        register "$1" $!
    fi
}

# In a session of its own, so that Ctrl-C reaches only this script; TERM when this script dies.
# Everybody gets only the secrets that are its own.
become() {
    if is_service "$1"; then
        become_service "$1"
    else
        unset -v "${!DATABASE_@}" "${!POSTGRES_@}" "${!SECRET_KEY@}" "${!ADMIN_PASSWORD@}"
    fi
    exec setsid setpriv --pdeathsig TERM "$BUILD/$1/$1"
}

become_service() {
    export RPC_LISTEN=${LISTEN[$1]}
    [ -n "${SECRET_KEY:-}${SECRET_KEY_FILE:-}" ] || export SECRET_KEY_FILE=$SECRETS/$1_secret_key
    [ "$1" = accounts ] || unset -v "${!ADMIN_PASSWORD@}"
    [ -z "$CLUSTER_URL" ] || DATABASE_URL=$(cluster_url "depot_$1")
}

# Swagger UI may have to be fetched: nothing waits for it, the gateway finds it when it is there.
make_docs() {
    exec setsid "$ROOT/deploy/docs-ui.sh" "$DOCS_DIR" >"$LOGS/docs-ui.log" 2>&1 </dev/null
}

# Calls `start` later, through the end of a child that only sleeps.
start_later() {
    sleep "$2" 9>&- &
    MEANING[$!]="start $1"
}

# The last thing that a service had to say, without its JSON.
last_words() {
    sed -n 's/.*"message":"\(\([^"\\]\|\\.\)*\)".*/\1/p' "$LOGS/$1.log" | tail -n 1 | sed 's/\\"/"/g'
}

# When it was a service's port that was taken, and we had chosen it. Who calls it must know the new
# one: the gateway calls all, everybody calls accounts.
try_another_port() {
    local name=$1 words=$2 caller
    is_service "$name" && [[ $words = "cannot listen on "*"${LISTEN[$name]#tcp:}:"* ]] || return 1
    ((TRIED[$name] > 0 && TRIED[$name] < RPC_TRIES)) || return 1
    complain "$name: $words; another port is tried"
    choose_port "$name"
    start "$name"
    start_again gateway
    [ "$name" = accounts ] || return 0
    for caller in "${SERVICES[@]}"; do
        [ "$caller" = accounts ] || start_again "$caller"
    done
}

# Ends it, and starts it as soon as it has ended. One that is not running starts by itself.
start_again() {
    [ -n "${PID[$1]:-}" ] || return 0
    MEANING[${PID[$1]}]="start $1"
    kill -TERM "${PID[$1]}" 2>/dev/null || true
}

# after_end NAME CODE: starts it again after a wait, or says why not and returns false.
after_end() {
    local name=$1 code=$2 wait_s=${BACKOFF[$1]:-1} words
    words=$(last_words "$name")
    unset "PID[$name]"
    [ "$name" != postgresql ] || cluster_ended
    case $code in
    69)
        ! try_another_port "$name" "$words" || return 0
        complain "$name gave up: $words" && return 1
        ;;
    78) complain "$name refuses its configuration: $words" && return 1 ;;
    esac
    ((SECONDS - STARTED[$name] < STEADY_S)) || wait_s=1
    ((code <= 128)) || code="$code (signal $((code - 128)))"
    complain "$name ended with code $code; it starts again in $wait_s s (log: $LOGS/$name.log)"
    BACKOFF[$name]=$((wait_s * 2 < BACKOFF_MAX_S ? wait_s * 2 : BACKOFF_MAX_S))
    start_later "$name" "$wait_s"
}

# ended PID CODE: what its end means.
ended() {
    local meaning=${MEANING[$1]:-}
    unset "MEANING[$1]"
    case $meaning in
    "ended "*) after_end "${meaning#ended }" "$2" || return "$2" ;;
    "start "*) start "${meaning#start }" ;;
    docs) [ "$2" -eq 0 ] || complain "there is no page /docs: $(tail -n 1 "$LOGS/docs-ui.log")" ;;
    esac
}

# Who ended while bash was busy with another one's end is forgotten by `wait -n`, but not by `wait`.
reap() {
    local pid code
    for pid in "${!MEANING[@]}"; do
        ! kill -0 "$pid" 2>/dev/null || continue
        code=0
        wait "$pid" 2>/dev/null || code=$?
        ended "$pid" "$code" || return
    done
}

# Until somebody asks us to stop, or a process must not be started again: returns its code.
watch() {
    local pid code
    until [ -n "$STOPPING" ]; do
        reap || return
        pid='' code=0
        wait -n -p pid 2>/dev/null || code=$? # bash would add a line of its own
        [ -z "${pid:-}" ] || ended "$pid" "$code" || return
    done
}

# --- the end ------------------------------------------------------------------------------------

# setting NAME DEFAULT: a number of the environment as the services read it; the default for what
# they refuse.
setting() {
    local file=$1_FILE value
    value=${!1:-}
    [ -z "${!file:-}" ] || value=$(cat "${!file}" 2>/dev/null) || true
    [[ $value =~ ^[0-9]{1,3}$ ]] || value=$2
    echo $((10#$value))
}

# The longest that a service may take to stop: what it was told, and some time for the rest.
stop_s() {
    echo $(($(setting DRAIN_DELAY 0) + $(setting DRAIN_GRACE 10) + 10))
}

# Calls under way are finished; who is asked a second time does not wait for them.
stop() {
    local pid=${PID[$1]:-} tries limit_s
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    limit_s=$(stop_s)
    for ((tries = 0; tries < limit_s * 20; tries++)); do
        kill -0 "$pid" 2>/dev/null || return 0
        [ "$STOPPING" != again ] || break
        nap 0.05
    done
    complain "$1 was killed: it had not stopped"
    kill -KILL "$pid" 2>/dev/null || true
}

# First who calls others, last who is called by all.
stop_all() {
    local pid name
    for pid in "${!MEANING[@]}"; do
        case ${MEANING[$pid]} in "start "* | greeted | docs) kill "$pid" 2>/dev/null || true ;; esac
    done
    stop gateway
    for name in "${SERVICES[@]}"; do [ "$name" = accounts ] || stop "$name"; done
    stop accounts
    cluster_stop
    forget_runtime_folder
}

on_signal() {
    if [ -z "$STOPPING" ]; then
        STOPPING=once
        say "stopping"
    else
        STOPPING=again
    fi
}

main() {
    local code=0 name
    prepare
    rotate_logs
    trap on_signal INT TERM HUP
    trap stop_all EXIT
    export MIGRATIONS_DIR=${MIGRATIONS_DIR:-$ROOT/migrations}
    open_database
    choose_addresses
    for name in "${SERVICES[@]}"; do start "$name"; done
    if [ -z "${DOCS_DIR:-}" ]; then
        export DOCS_DIR=$ROOT/build/docs-ui
        make_docs 8<&- 9>&- &
        MEANING[$!]=docs
    fi
    start gateway
    greet 8<&- 9>&- &
    MEANING[$!]=greeted
    watch || code=$?
    exit "$code"
}

main
