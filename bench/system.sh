# shellcheck shell=bash disable=SC2034 # for those who source this
# What is measured: a cluster, accounts, inventory and gateway, as release programs, in a folder
# that is gone afterwards. Sourced after common.sh and cluster.sh.
#
#     system_open                 a cluster with VEHICLES seeded; `system_close` is called at exit
#     system_start MODE           starts inventory and gateway with AUTH_MODE=MODE (accounts, too)
#     system_use MODE             what is measured from now on: BASE, GATEWAY, INVENTORY
#     log_in                      TOKEN: an access token of `admin`, which wrk_run sends
#     wrk_run SCRIPT ARGUMENT     prints requests per second; void with any other answer than expected

CONNECTIONS=${CONNECTIONS:-64}
SECONDS_EACH=${SECONDS_EACH:-5}
ROUNDS=${ROUNDS:-5}
WORKERS=${WORKERS:-4}
ROWS=${ROWS:-100000}
VEHICLES=100 # how many of them the measured requests touch

WORK=$(mktemp -d /tmp/depot-bench.XXXXXX)
PIDS=()
declare -A GATEWAYS INVENTORIES BASES
ADMIN_PASSWORD="an administrator who measures"
SECRET_KEY=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')

# shellcheck disable=SC2317 # a trap calls it
system_close() {
    [ ${#PIDS[@]} -eq 0 ] || kill "${PIDS[@]}" 2>/dev/null || true
    wait "${PIDS[@]}" 2>/dev/null || true
    cluster_stop
    rm -rf "$WORK"
}

system_open() {
    trap system_close EXIT
    trap 'exit 130' INT TERM HUP
    cluster_open "$WORK/data"
    cluster_start "$WORK/postgresql.log" -c shared_buffers=256MB -c max_wal_size=4GB
    export PGOPTIONS="-c search_path=inventory,accounts,public"
    ACCOUNTS_ADDRESSES=tcp://127.0.0.1:$(free_port)
    system_start on
    system_use on
    seed
    printf 'commit %s, %s rounds of %s s, %s connections, %s workers, %s rows\n' \
        "$(git -C "$ROOT" rev-parse --short HEAD)" "$ROUNDS" "$SECONDS_EACH" "$CONNECTIONS" \
        "$WORKERS" "$ROWS"
}

sql() {
    "$CLUSTER_BIN/psql" -qXAt -v ON_ERROR_STOP=1 "$CLUSTER_URL" "$@"
}

# launch NAME SETTING...: a program without the log of requests.
launch() {
    local name=$1
    shift
    env -u PGOPTIONS LOG_REQUESTS=off ACCOUNTS_ADDRESSES="$ACCOUNTS_ADDRESSES" "$@" \
        "$BUILD/$name/$name" 2>>"$WORK/$name.log" 8<&- &
    PIDS+=($!)
}

# Secrets go by the environment, which is nobody else's, not by the arguments of `env`.
start_accounts() {
    export ADMIN_PASSWORD SECRET_KEY
    launch accounts DATABASE_URL="$CLUSTER_URL" RPC_LISTEN="$ACCOUNTS_ADDRESSES"
    export -n ADMIN_PASSWORD SECRET_KEY
    ACCOUNTS=${PIDS[-1]}
}

system_start() {
    local mode=$1 port rpc
    port=$(free_port) rpc=tcp://127.0.0.1:$(free_port)
    [ "$mode" = off ] || start_accounts
    launch inventory AUTH_MODE="$mode" DATABASE_URL="$CLUSTER_URL" RPC_LISTEN="$rpc" \
        RPC_WORKERS="$WORKERS"
    INVENTORIES[$mode]=${PIDS[-1]}
    launch gateway AUTH_MODE="$mode" GATEWAY_PORT="$port" INVENTORY_ADDRESSES="$rpc" RATE_LIMIT=off
    GATEWAYS[$mode]=${PIDS[-1]}
    BASES[$mode]=http://127.0.0.1:$port
    until curl -fs "${BASES[$mode]}/readyz" >/dev/null; do
        kill -0 "${PIDS[@]}" || fail "$(cat "$WORK"/*.log)"
        sleep 0.1
    done
}

system_use() {
    BASE=${BASES[$1]} GATEWAY=${GATEWAYS[$1]} INVENTORY=${INVENTORIES[$1]}
}

# It is good for ten minutes: every part of a run logs in anew.
log_in() {
    TOKEN=$(curl -fsS "${BASES[on]}/v1/auth/login" --json @- \
        <<<"{\"username\": \"admin\", \"password\": \"$ADMIN_PASSWORD\"}" |
        sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
    export TOKEN
}

# Vehicles with ids that a script can count up to.
seed() {
    sql <<SQL
INSERT INTO resource (id, type, name, description, attributes)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'cars', 'car ' || n, '', '{}'
FROM generate_series(1, $ROWS) n;
VACUUM ANALYZE;
CHECKPOINT;
SQL
}

# wrk_run SCRIPT ARGUMENT: the details go to wrk.log.
wrk_run() {
    wrk -t1 -c"$CONNECTIONS" -d"${SECONDS_EACH}s" --latency -s "$ROOT/bench/$1.lua" "$BASE" -- \
        "$VEHICLES" "$2" >"$WORK/wrk.log"
    if ! grep -q '^unexpected 0$' "$WORK/wrk.log" || grep -q 'Socket errors' "$WORK/wrk.log"; then
        fail "void: $(cat "$WORK/wrk.log")"
    fi
    awk '/^rate/ { print $2 }' "$WORK/wrk.log"
}

# What is acknowledged is stored, and nothing overlaps; then the table is emptied. What was under
# way when the clock stopped may have been stored without an answer.
verify_bookings() {
    local acknowledged=$1 stored overlaps
    stored=$(sql -c "SELECT count(*) FROM allocation WHERE description = 'wrk'")
    overlaps=$(sql -c "SELECT count(*) FROM allocation a JOIN allocation b
        ON a.resource_id = b.resource_id AND a.during && b.during AND a.id < b.id")
    if [ "$overlaps" -ne 0 ] || [ "$stored" -lt "$acknowledged" ] ||
        [ "$stored" -gt $((acknowledged + CONNECTIONS)) ]; then
        fail "void: $acknowledged acknowledged, $stored stored, $overlaps overlap"
    fi
    sql -c "TRUNCATE allocation" -c CHECKPOINT
}

# statistics FORMAT NUMBER...: median (min to max), each by the format ("%.0f").
statistics() {
    local format=$1
    shift
    printf '%s\n' "$@" | sort -g | awk -v f="$format" '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        printf "%9s  (%s to %s)", sprintf(f, m), sprintf(f, v[1]), sprintf(f, v[NR]) }'
}

# ratio A B: the median of the pairs' ratios.
ratio() {
    paste <(tr ' ' '\n' <<<"$1" | sed '/^$/d') <(tr ' ' '\n' <<<"$2" | sed '/^$/d') |
        awk '{ print $1 / $2 }' | sort -g |
        awk '{ v[NR] = $1 } END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
            printf "%.2f  (%.2f to %.2f)", m, v[1], v[NR] }'
}
