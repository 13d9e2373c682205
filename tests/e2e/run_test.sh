#!/usr/bin/env bash
# `make run` and the operators' scripts, as a person uses them. Nothing is installed or built: the
# programs are those of DEPOT_BUILD. Ends with 1 at the first surprise.
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/common.sh"
. "$ROOT/deploy/login.sh"

export DEPOT_BUILD=${DEPOT_BUILD:?} DOCS_DIR=$ROOT/build/docs-ui
unset -v "${!DATABASE_@}" "${!POSTGRES_@}" "${!GATEWAY_@}" "${!RPC_@}" "${!DRAIN_@}" "${!ADMIN_@}" \
    "${!SECRET_KEY@}" "${!ACCOUNTS_@}" "${!INVENTORY_@}" AUTH_MODE APP_ENV PUBLIC_READ DEPOT_TOKEN DEPOT_API_KEY
mapfile -t SERVICES < <(services)

WORK=$(mktemp -d)
RUN=  # the process of the run that `launch` has started last
OUT=  # and what it says
PIDS=() # of all that were started
BODY=$WORK/body
PERIOD='{"startTime":"2030-05-01T09:00:00Z","endTime":"2030-05-02T09:00:00Z"}'

clean_up() {
    local code=$? pid
    for pid in "${PIDS[@]}"; do
        kill -TERM "$pid" 2>/dev/null || continue
        wait "$pid" || true
    done
    [ "$code" -eq 0 ] || tail -n 10 "$WORK"/*.out "$WORK"/*/log/*.log >&2 || true
    rm -rf "$WORK"
}

step() {
    printf '%s  %s\n' "$(date +%T)" "$*"
}

# eventually COMMAND...: within two minutes.
eventually() {
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        ! "$@" || return 0
        nap 0.1
    done
    fail "waited two minutes for: $*"
}

# --- runs ---------------------------------------------------------------------------------------

# launch HOME PORT [NAME=VALUE...]: sets RUN and OUT.
launch() {
    local home=$1 port=$2
    shift 2
    OUT=$WORK/${#PIDS[@]}.out
    env DEPOT_HOME="$home" GATEWAY_PORT="$port" "$@" "$ROOT/deploy/run.sh" >"$OUT" 2>&1 &
    RUN=$!
    PIDS+=("$RUN")
}

# gone PID: whether the process has ended, even if nobody has asked for its exit code yet.
gone() {
    [ "$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null || echo Z)" = Z ]
}

# says TEXT: whether the run has said so; a run that has ended will not say more.
says() {
    grep -qF -- "$1" "$OUT" || { gone "$RUN" && fail "ended instead of saying \"$1\": $(cat "$OUT")"; }
}

# refused CODE TEXT: the run ends with the code, and what it says is one line with the text.
refused() {
    local code=0
    wait "$RUN" || code=$?
    [ "$code" -eq "$1" ] || fail "ended with $code instead of $1: $(cat "$OUT")"
    [ "$(wc -l <"$OUT")" -eq 1 ] || fail "this is not one line: $(cat "$OUT")"
    grep -qF -- "$2" "$OUT" || fail "does not say \"$2\": $(cat "$OUT")"
}

# child PID NAME: its child process of that name, if there is one now.
child() {
    local pid pids=()
    read -ra pids <"/proc/$1/task/$1/children" || true
    for pid in "${pids[@]}"; do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$2" ] || echo "$pid"
    done
}

descendants() {
    local pid pids=()
    [ ! -e "/proc/$1/task/$1/children" ] || read -ra pids <"/proc/$1/task/$1/children" || true
    for pid in "${pids[@]}"; do
        echo "$pid"
        descendants "$pid"
    done
}

# replaced PID NAME OLD: whether the child of that name is another process now.
replaced() {
    local now
    now=$(child "$1" "$2")
    [ -n "$now" ] && [ "$now" != "$3" ]
}

# in_order FILE...: whether each was written to after the one before it.
in_order() {
    [ "$(stat -c '%.9Y %n' "$@" | sort -n | cut -d ' ' -f 2-)" = "$(printf '%s\n' "$@")" ]
}

# stop_run HOME: all ends in order and leaves nothing but the data.
stop_run() {
    local home=$1 code=0 left pid folder
    left=$(descendants "$RUN")
    [ "$(wc -w <<<"$left")" -ge 3 ] || fail "these are too few processes: $left"
    folder=$(sed -n 's/.*host=\([^&]*\)&.*/\1/p' "$home/database.url")
    [ -d "$folder" ] || fail "there is no runtime folder \"$folder\""
    kill -TERM "$RUN"
    wait "$RUN" || code=$?
    [ "$code" -eq 0 ] || fail "stopped with $code: $(cat "$OUT")"
    for pid in $left; do
        gone "$pid" || fail "process $pid ($(cat "/proc/$pid/comm")) is still there"
    done
    [ ! -e "$folder" ] || fail "$folder is still there"
    [ ! -e "$home/database.url" ] || fail "the database's URL is still there"
    in_order "$home"/log/{gateway,inventory,accounts,postgresql}.log || fail "stopped out of order"
    ! grep -q 'was killed' "$OUT" || fail "$(cat "$OUT")"
}

# --- requests -----------------------------------------------------------------------------------

# ask STATUS CURL-OPTION...: whether that is the answer's.
ask() {
    local wanted=$1
    shift
    [ "$(curl -s -o "$BODY" -w '%{http_code}' --max-time 20 "${AS[@]}" "$@")" = "$wanted" ]
}

expect() {
    ask "$@" || fail "expected $1 of ${*:2}, got: $(cat "$BODY")"
}

# be_admin HOME BASE: from now on all is asked as the admin of that run.
be_admin() {
    ADMIN_PASSWORD_FILE=$1/secrets/admin_password log_in "$2"
}

# book BASE: prints the URL of a new booking.
book() {
    local car
    expect 201 "$1/v1/cars" --json "{\"name\":\"Blue Polo $RANDOM$RANDOM\"}"
    car=$1/v1/cars/$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$BODY")
    expect 201 "$car/allocations" --json "$PERIOD"
    echo "$car/allocations/$(sed 's/^{"id":"\([^"]*\)".*/\1/' "$BODY")"
}

# --- what is tried ------------------------------------------------------------------------------

# Whoever is killed starts again, and what was acknowledged is there.
try_kills() {
    local booking=$1 name old
    for name in gateway "${SERVICES[@]}" postgres; do
        step "$name is killed"
        old=$(child "$RUN" "$name")
        kill -KILL "$old"
        eventually replaced "$RUN" "$name" "$old"
        eventually ask 200 "$booking"
        expect 409 "${booking%/*}" --json "$PERIOD"
    done
}

# Several ends at one moment: none is overlooked.
try_killing_all() {
    local booking=$1 name victims=()
    step "all are killed at once"
    for name in gateway "${SERVICES[@]}" postgres; do victims+=("$(child "$RUN" "$name")"); done
    kill -KILL "${victims[@]}"
    eventually ask 200 "$booking"
    expect 409 "${booking%/*}" --json "$PERIOD"
}

# While the service is away, somebody listens on its port: the run chooses another one.
try_taken_rpc_port() {
    local name=$1 booking=$2 old port thief service elsewhere=()
    step "the port of $name is taken while it is away"
    for service in "${SERVICES[@]}"; do elsewhere+=("${service^^}_ADDRESSES=tcp://127.0.0.1:1"); done
    old=$(child "$RUN" "$name")
    port=$(tr '\0' '\n' <"/proc/$old/environ" | sed -n 's/^RPC_LISTEN=.*://p')
    kill -STOP "$RUN"
    kill -KILL "$old"
    eventually gone "$old"
    env "${elsewhere[@]}" GATEWAY_PORT="$port" "$DEPOT_BUILD/gateway/gateway" >"$WORK/thief.out" 2>&1 &
    thief=$!
    PIDS+=("$thief")
    eventually taken 127.0.0.1 "$port"
    kill -CONT "$RUN"
    eventually says "$name: cannot listen on"
    says "another port is tried"
    eventually ask 200 "$booking"
    kill -TERM "$thief"
    wait "$thief" || fail "the thief ended with $?: $(cat "$WORK/thief.out")"
}

# The lines that a person is to paste do what they say.
try_greeting() {
    local said
    step "what a run says to paste"
    said=$(sed -n '/^  \(TOKEN\|CAR\)=/,/^$/p' "$OUT" | bash 2>&1) || fail "pasted, it fails: $said"
    [[ $said = *'"allocations":[{"id":'* ]] || fail "pasted, it says: $said"
}

# The password is said at the first run and never again.
try_password() {
    local home=$1 first=$2 file=$1/secrets/admin_password
    [ "$(stat -c %a "$home/secrets" "$home"/secrets/* | sort -u | tr '\n' ' ')" = "600 700 " ] ||
        fail "others may read: $(ls -l "$home/secrets")"
    says "$file"
    if [ "$first" = first ]; then
        says "$(<"$file")"
    else
        ! grep -qF "$(<"$file")" "$OUT" || fail "the password is said again"
    fi
    ! grep -rqF "$(<"$file")" "$home/log" || fail "the password is in a log"
}

# A secret is only in the environment of whose it is, and there only its file's name.
try_environments() {
    local name environment
    for name in gateway "${SERVICES[@]}"; do
        environment=$(tr '\0' '\n' <"/proc/$(child "$RUN" "$name")/environ")
        case $name in
        gateway) ! grep -E '^(DATABASE_URL|SECRET_KEY|ADMIN_PASSWORD)' <<<"$environment" ;;
        accounts) grep -q '^ADMIN_PASSWORD_FILE=' <<<"$environment" ;;
        *) ! grep '^ADMIN_PASSWORD' <<<"$environment" ;;
        esac || fail "$name should not have that in its environment"
        [ "$name" = gateway ] || grep -q "^DATABASE_URL=.*user=depot_$name$" <<<"$environment" ||
            fail "$name is somebody else in the database: $environment"
    done
}

try_seed() {
    local said
    step "seed, twice"
    said=$(DEPOT_HOME=$3 GATEWAY_HOST=$1 GATEWAY_PORT=$2 "$ROOT/deploy/seed.sh")
    [[ $said =~ "added "[1-9][0-9]*" vehicles and "[1-9][0-9]*" bookings" ]] || fail "seed says: $said"
    said=$(DEPOT_HOME=$3 GATEWAY_HOST=$1 GATEWAY_PORT=$2 "$ROOT/deploy/seed.sh")
    [[ $said = *"added 0 vehicles and 0 bookings"* ]] || fail "seed says: $said"
    said=$(DEPOT_HOME=$WORK/nobody GATEWAY_HOST=$1 GATEWAY_PORT=$2 "$ROOT/deploy/seed.sh" 2>&1) &&
        fail "seed worked without being known"
    [[ $said = *"wants to know who is asking: give DEPOT_TOKEN"* ]] || fail "seed says: $said"
    said=$(DEPOT_TOKEN=none DEPOT_HOME=$3 GATEWAY_HOST=$1 GATEWAY_PORT=$2 "$ROOT/deploy/seed.sh" 2>&1) &&
        fail "seed worked with a token that is none"
    [[ $said = *"does not let in whom DEPOT_TOKEN names"* ]] || fail "seed says: $said"
}

# try_tls HOST... : a run whose processes speak TLS, and nobody asks who is asking.
try_tls() {
    local port address
    port=$(free_port)
    step "a run with certificates and without logins"
    "$ROOT/deploy/certs.sh" "$WORK/certs" >/dev/null
    launch "$WORK/tls" "$port" RPC_TLS_DIR="$WORK/certs" AUTH_MODE=off
    eventually says "depot: ready"
    says "WHOEVER REACHES THE GATEWAY MAY DO EVERYTHING"
    says "nobody needs to log in"
    AS=()
    book "http://127.0.0.1:$port" >/dev/null
    try_greeting
    for name in "${SERVICES[@]}"; do
        address=$(tr '\0' '\n' <"/proc/$(child "$RUN" "$name")/environ" | sed -n 's/^RPC_LISTEN=tcp:..//p')
        RPC_TLS_DIR=$WORK/certs "$DEPOT_BUILD/tools/depotctl/depotctl" health "$address" "$name" >/dev/null ||
            fail "$name does not answer depotctl"
        ! timeout 5 "$DEPOT_BUILD/tools/depotctl/depotctl" health "$address" >/dev/null 2>&1 ||
            fail "$name answers without TLS"
    done
    stop_run "$WORK/tls"
}

try_refusals() {
    local home=$1 port=$2 other=$3
    step "what a run refuses"
    launch "$home" "$other"
    refused 1 "already running in $home"
    launch "$WORK/refused" "$port"
    refused 1 "port $port of 127.0.0.1 is taken"
    launch "$WORK/refused" 0
    refused 1 "must be a number from 1 to 65535"
    launch "$WORK/refused" "$other" DATABASE_URL=postgresql://depot@127.0.0.1:1/depot DB_MAX_RETRY=1
    refused 69 " gave up: "
    launch "$WORK/refused" "$other" DATABASE_URL=postgresql://depot@127.0.0.1:1/depot DRAIN_GRACE=soon
    refused 78 "DRAIN_GRACE must be"
    launch "$WORK/refused" "$other" RPC_LISTEN=tcp://127.0.0.1:0
    refused 1 "RPC_LISTEN is one service's"
    launch "$WORK/refused" "$other" RPC_TLS_DIR="$WORK/nothing"
    refused 1 "there is no $WORK/nothing/ca.pem"
    launch "$WORK/refused" "$other" AUTH_MODE=off APP_ENV=production
    refused 78 "AUTH_MODE"
}

# operate CODE TEXT COMMAND...: the operator's command ends with that code and says that, among others.
operate() {
    local wanted=$1 text=$2 said code=0
    shift 2
    said=$(DEPOT_HOME=$FIRST "$@" 2>&1 </dev/null) || code=$?
    [ "$code" -eq "$wanted" ] || fail "$* ended with $code instead of $wanted: $said"
    grep -q -- "$text" <<<"$said" || fail "$* does not say \"$text\": $said"
}

# try_operators WHEN NEW: on the database of a run, or on that of DEPOT_HOME while nothing runs; so
# many of the codes are new there.
try_operators() {
    local db=$ROOT/deploy/db.sh import=$ROOT/deploy/import_pxcodes.sh
    step "operators, $1"
    operate 0 'inventory  0001 .* applied 20' "$db" status
    operate 0 "$2 of 100 codes" "$import" "$ROOT/deploy/pxcodes.csv"
    operate 0 '0 of 100 codes' "$import" "$ROOT/deploy/pxcodes.csv"
    N=1 operate 0 ' OK .* ImportPxcodes .* operator .* pxcodes.csv: 0 of 100 ' "$ROOT/deploy/operate.sh" audit
    printf 'pxcode,procedure\n998,Fine\n12,Short\n' >"$WORK/bad.csv"
    operate 1 'nothing was imported: line 3: "12"' "$import" "$WORK/bad.csv"
    printf 'pxcode,procedure\n' >"$WORK/"$'a \'\\\xff'".csv"
    operate 0 '0 of 0 codes' "$import" "$WORK/"$'a \'\\\xff'".csv"
    operate 0 "^a '\\\\.csv: 0 of 0\$" "$db" psql -Atc \
        'SELECT object FROM inventory.depot_audit ORDER BY id DESC LIMIT 1'
    operate 0 '^100$' "$db" psql -Atc 'SELECT count(*) FROM pxcode'
    operate 78 'nothing was deleted: the database is "depot"' "$db" reset --confirm=depots
    operate 0 '^100$' "$db" psql -Atc 'SELECT count(*) FROM pxcode'
}

# try_people WHEN: the same of who may log in.
try_people() {
    local operator=$ROOT/deploy/operate.sh
    step "operators and people, $1"
    printf 'nine and nine\n' >"$WORK/password"
    NAME=ada EMAIL=ada@example.org PASSWORD_FILE=$WORK/password operate 0 'ada is an administrator' \
        "$operator" create-admin
    operate 1 'whom?' "$operator" create-admin
    NAME=ada PASSWORD_FILE=$WORK/none operate 1 'cannot read PASSWORD_FILE' "$operator" create-admin
    NAME=ada operate 1 'there is no terminal' "$operator" create-admin
    # shellcheck disable=SC2016 # as a person may type it
    NAME='a"; $(exit 9) '\' EMAIL=@ PASSWORD_FILE=$WORK/password operate 1 'username' "$operator" create-admin
    operate 0 'new key' "$operator" rotate-keys
    N=3 operate 0 'accounts *|.*EnsureAdmin' "$operator" audit
    N=many operate 1 'N is "many"' "$operator" audit
    API_KEYS=some operate 1 'API_KEYS is "some"' "$operator" revoke-all
}

try_revoke_all() {
    local booking=$1
    step "everything is taken back"
    expect 200 "$booking"
    API_KEYS=1 operate 0 '"sessions":[1-9]' "$ROOT/deploy/operate.sh" revoke-all
    eventually ask 401 "$booking"
    be_admin "$FIRST" "${booking%/v1/*}"
    eventually ask 200 "$booking" # the key of the new token has to get around
}

try_migrations() {
    local db=$ROOT/deploy/db.sh
    step "migrations down and up, reset"
    operate 0 '' "$db" --service=inventory down 1
    operate 0 'inventory  0005 .* pending' "$db" status
    operate 0 'inventory  0004 .* applied' "$db" status
    operate 0 '' "$db" up
    operate 0 'inventory  0005 .* applied' "$db" status
    operate 0 '' "$db" reset --confirm=depot
    operate 0 '^0$' "$db" psql -Atc 'SELECT count(*) FROM resource'
}

main() {
    local port other first booking url host=127.0.0.1
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    chmod 711 "$WORK"
    FIRST=$WORK/$(printf '%*s' $((198 - ${#WORK} - 1)) '' | tr ' ' x)
    port=$(free_port)
    step "a run in a folder whose path has ${#FIRST} characters"
    launch "$FIRST" "$port"
    first=$RUN
    eventually says "depot: ready"
    try_password "$FIRST" first
    try_environments
    try_greeting
    expect 401 "http://127.0.0.1:$port/v1/cars"
    be_admin "$FIRST" "http://127.0.0.1:$port"
    booking=$(book "http://127.0.0.1:$port")
    try_kills "$booking"
    try_killing_all "$booking"
    try_taken_rpc_port inventory "$booking"
    try_taken_rpc_port accounts "$booking"
    try_operators "while it runs" 100
    try_people "while it runs"
    try_revoke_all "$booking"
    stop_run "$FIRST"
    try_operators "while nothing runs" 0
    try_people "while nothing runs"

    step "two side by side; the first has its data"
    launch "$FIRST" "$port"
    first=$RUN
    eventually says "depot: ready"
    try_password "$FIRST" again
    expect 200 "$booking"
    [ ! -s /proc/net/if_inet6 ] || host=::
    other=$(free_port)
    launch "$WORK/second" "$other" GATEWAY_HOST=$host
    eventually says "depot: ready"
    url=$(http_url $host "$other")
    says "listens on  $url "
    expect 401 "$url${booking#"http://127.0.0.1:$port"}"
    be_admin "$WORK/second" "$url"
    expect 404 "$url${booking#"http://127.0.0.1:$port"}"
    book "$url" >/dev/null
    try_seed $host "$other" "$WORK/second"
    stop_run "$WORK/second"
    kill -0 "$first"
    be_admin "$FIRST" "http://127.0.0.1:$port"
    expect 200 "$booking"
    try_refusals "$FIRST" "$port" "$(free_port)"
    RUN=$first
    stop_run "$FIRST"
    try_migrations
    try_tls
}

main
