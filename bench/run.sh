#!/usr/bin/env bash
# The ratios of the system to the database below it, in one interleaved run: A B B A ...
#
#   R1r  GET one vehicle through gateway and inventory / pgbench with the same prepared SELECT
#   R1w  durable bookings through both / pgbench with one INSERT (the same) per transaction
#
# Same machine, same minutes, same cluster (unix socket, synchronous_commit on), same SQL, same
# number of database connections. A run with an unexpected status or a socket error is void, and
# after every write run the database is asked whether anything overlaps and whether all that was
# acknowledged is there.
#
#   bench/run.sh            ROUNDS=5 SECONDS_EACH=5 CONNECTIONS=64 WORKERS=4 ROWS=100000
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/common.sh"
# shellcheck source=deploy/cluster.sh
. "$ROOT/deploy/cluster.sh"

ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-5}
CONNECTIONS=${CONNECTIONS:-64}
WORKERS=${WORKERS:-4}
ROWS=${ROWS:-100000}
VEHICLES=100 # how many of them the measured requests touch

WORK=$(mktemp -d /tmp/depot-bench.XXXXXX)
PIDS=()

export PGOPTIONS='-c search_path=inventory,public' # for psql and pgbench

# shellcheck disable=SC2317 # a trap calls it
clean_up() {
    [ ${#PIDS[@]} -eq 0 ] || kill "${PIDS[@]}" 2>/dev/null || true
    wait "${PIDS[@]}" 2>/dev/null || true
    cluster_stop
    rm -rf "$WORK"
}

sql() {
    "$CLUSTER_BIN/psql" -qXAt -v ON_ERROR_STOP=1 "$CLUSTER_URL" "$@"
}

start_system() {
    GATEWAY_PORT=$(free_port)
    RPC_PORT=$(free_port)
    DATABASE_URL=$CLUSTER_URL RPC_LISTEN=tcp://127.0.0.1:$RPC_PORT RPC_WORKERS=$WORKERS \
        LOG_REQUESTS=off "$BUILD/inventory/inventory" 2>"$WORK/inventory.log" 8<&- &
    INVENTORY=$!
    GATEWAY_PORT=$GATEWAY_PORT INVENTORY_ADDRESSES=tcp://127.0.0.1:$RPC_PORT LOG_REQUESTS=off \
        RATE_LIMIT=off \
        "$BUILD/gateway/gateway" 2>"$WORK/gateway.log" 8<&- &
    GATEWAY=$!
    PIDS=("$GATEWAY" "$INVENTORY")
    BASE=http://127.0.0.1:$GATEWAY_PORT
    until curl -fs "$BASE/readyz" >/dev/null; do
        kill -0 "$INVENTORY" "$GATEWAY" || fail "$(cat "$WORK"/*.log)"
        sleep 0.1
    done
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

# The service's own query, with parameters as pgbench writes them.
pgbench_get_script() {
    local n id
    sed "s/:'\([a-z_]*\)'/:\1/g" "$ROOT/inventory/queries/get_resource.sql" >"$WORK/get.sql"
    for ((n = 1; n <= VEHICLES; n++)); do
        printf -v id '00000000-0000-7000-8000-%012x' "$n"
        sed "s/:id/:id$n/" "$WORK/get.sql" >"$WORK/get.$n.sql"
        PGBENCH_GET+=(-f "$WORK/get.$n.sql" -D "id$n=$id")
    done
    PGBENCH_GET+=(-D type=cars)
}

# The first statement of the service's query; the values are made by the server, as pgbench cannot.
pgbench_book_script() {
    {
        echo '\set k :k + 1'
        sed -e '/;$/q' "$ROOT/inventory/queries/create_allocation.sql" |
            sed -e "s/:'id'::uuid/gen_random_uuid()/" \
                -e "s/:'resource_id'::uuid/('00000000-0000-7000-8000-' || lpad(to_hex(:client_id::int + $VEHICLES + 1), 12, '0'))::uuid/" \
                -e "s/:'start_time'::timestamptz/timestamptz '2030-01-01' + :k::int * interval '1 hour'/" \
                -e "s/:'end_time'::timestamptz/timestamptz '2030-01-01' + (:k::int + 1) * interval '1 hour'/" \
                -e "s/:'\([a-z_]*\)'/:\1/g"
    } >"$WORK/book.sql"
}

pgbench_run() {
    "$CLUSTER_BIN/pgbench" -n -M prepared -c "$WORKERS" -j 1 -T "$SECONDS_EACH" "$@" \
        "$CLUSTER_URL" >"$WORK/pgbench.log" 2>&1 || fail "$(cat "$WORK/pgbench.log")"
    ! grep -q 'aborted\|ERROR' "$WORK/pgbench.log" || fail "$(cat "$WORK/pgbench.log")"
    awk '/^tps/ { print $3 }' "$WORK/pgbench.log"
}

# wrk_run SCRIPT ARGUMENT: requests per second; the details go to wrk.log.
wrk_run() {
    wrk -t1 -c"$CONNECTIONS" -d"${SECONDS_EACH}s" --latency -s "$ROOT/bench/$1.lua" "$BASE" -- \
        "$VEHICLES" "$2" >"$WORK/wrk.log"
    if ! grep -q '^unexpected 0$' "$WORK/wrk.log" || grep -q 'Socket errors' "$WORK/wrk.log"; then
        fail "void: $(cat "$WORK/wrk.log")"
    fi
    awk '/^rate/ { print $2 }' "$WORK/wrk.log"
}

# CPU time that processes have used so far, in microseconds.
cpu_us() {
    local pid total=0 fields
    for pid in "$@"; do
        read -r -a fields <<<"$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null || echo)"
        total=$((total + ${fields[11]:-0} + ${fields[12]:-0}))
    done
    echo $((total * 1000000 / $(getconf CLK_TCK)))
}

backends() {
    pgrep -P "$CLUSTER_PID" || true
}

cpu_of_each() {
    # shellcheck disable=SC2046 # one word a process
    echo "$(cpu_us "$GATEWAY") $(cpu_us "$INVENTORY") $(cpu_us $(backends))"
}

# measured NAME COMMAND...: adds the rate to RATES[NAME], the CPU per request to CPU[NAME-...].
declare -A RATES CPU
measured() {
    local name=$1 before after n
    shift
    read -r -a before <<<"$(cpu_of_each)"
    RATES[$name]+=" $("$@")"
    read -r -a after <<<"$(cpu_of_each)"
    n=$(awk '/^done/ { print $2 }' "$WORK/wrk.log")
    CPU[$name]+=" $(((after[0] - before[0]) * 100 / n)),$(((after[1] - before[1]) * 100 / n)),$(((after[2] - before[2]) * 100 / n))"
    LATENCY[$name]=$(awk '/^ +(50|99)%/ { printf "%s %s  ", $1, $2 }' "$WORK/wrk.log")
}
declare -A LATENCY

verify_bookings() {
    local acknowledged=$1 stored overlaps
    stored=$(sql -c "SELECT count(*) FROM allocation WHERE description = 'wrk'")
    overlaps=$(sql -c "SELECT count(*) FROM allocation a JOIN allocation b
        ON a.resource_id = b.resource_id AND a.during && b.during AND a.id < b.id")
    # What was under way when the clock stopped may have been stored without an answer.
    if [ "$overlaps" -ne 0 ] || [ "$stored" -lt "$acknowledged" ] ||
        [ "$stored" -gt $((acknowledged + CONNECTIONS)) ]; then
        fail "void: $acknowledged acknowledged, $stored stored, $overlaps overlap"
    fi
    sql -c "TRUNCATE allocation" -c CHECKPOINT
}

read_pair() {
    if [ $(($1 % 2)) -eq 0 ]; then
        RATES[pg-get]+=" $(pgbench_run "${PGBENCH_GET[@]}")"
        measured get wrk_run get 0
    else
        measured get wrk_run get 0
        RATES[pg-get]+=" $(pgbench_run "${PGBENCH_GET[@]}")"
    fi
}

write_ours() {
    measured book wrk_run book "$1"
    verify_bookings "$(awk '/^done/ { print $2 }' "$WORK/wrk.log")"
}

write_theirs() {
    RATES[pg-book]+=" $(pgbench_run -f "$WORK/book.sql" -D k=0 -D type=cars \
        -D kind=BOOKING -D description=pgbench -D 'attributes={}')"
    sql -c "TRUNCATE allocation" -c CHECKPOINT
}

write_pair() {
    if [ $(($1 % 2)) -eq 0 ]; then
        write_theirs && write_ours "$1"
    else
        write_ours "$1" && write_theirs
    fi
}

# statistics NUMBER...: median (min to max)
statistics() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        printf "%9.0f  (%.0f to %.0f)", m, v[1], v[NR] }'
}

# ratio A B: the median of the pairs' ratios.
ratio() {
    paste <(tr ' ' '\n' <<<"$1" | sed '/^$/d') <(tr ' ' '\n' <<<"$2" | sed '/^$/d') |
        awk '{ print $1 / $2 }' | sort -g |
        awk '{ v[NR] = $1 } END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
            printf "%.2f  (%.2f to %.2f)", m, v[1], v[NR] }'
}

cpu_line() {
    local column values
    for column in 1 2 3; do
        values=$(tr ' ' '\n' <<<"${CPU[$1]}" | sed '/^$/d' | cut -d, -f"$column" | sort -g)
        awk '{ v[NR] = $1 } END { printf "%6.1f", v[int((NR + 1) / 2)] / 100 }' <<<"$values"
    done
}

report() {
    # shellcheck disable=SC2086 # lists of numbers
    {
        printf 'GET   system   %s /s   %s\n' "$(statistics ${RATES[get]})" "${LATENCY[get]}"
        printf 'GET   pgbench  %s /s\n' "$(statistics ${RATES[pg-get]})"
        printf 'book  system   %s /s   %s\n' "$(statistics ${RATES[book]})" "${LATENCY[book]}"
        printf 'book  pgbench  %s /s\n' "$(statistics ${RATES[pg-book]})"
    }
    printf 'R1r %s\nR1w %s\n' "$(ratio "${RATES[get]}" "${RATES[pg-get]}")" \
        "$(ratio "${RATES[book]}" "${RATES[pg-book]}")"
    printf 'CPU us per request (gateway, inventory, PostgreSQL): GET %s   book %s\n' \
        "$(cpu_line get)" "$(cpu_line book)"
    printf 'idle RSS in KiB: gateway %s, inventory %s\n' "$RSS_GATEWAY" "$RSS_INVENTORY"
    printf 'raw GET   %s | %s\nraw book  %s | %s\n' "${RATES[get]}" "${RATES[pg-get]}" \
        "${RATES[book]}" "${RATES[pg-book]}"
}

rss_kib() {
    awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

main() {
    local round
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    cluster_open "$WORK/data"
    cluster_start "$WORK/postgresql.log" -c shared_buffers=256MB -c max_wal_size=4GB
    start_system
    RSS_GATEWAY=$(rss_kib "$GATEWAY") RSS_INVENTORY=$(rss_kib "$INVENTORY")
    seed
    PGBENCH_GET=()
    pgbench_get_script
    pgbench_book_script
    printf 'commit %s, %s rounds of %s s, %s connections, %s workers, %s rows\n' \
        "$(git -C "$ROOT" rev-parse --short HEAD)" "$ROUNDS" "$SECONDS_EACH" "$CONNECTIONS" \
        "$WORKERS" "$ROWS"
    wrk_run get 0 >/dev/null # warm-up
    pgbench_run "${PGBENCH_GET[@]}" >/dev/null
    for ((round = 0; round < ROUNDS; round++)); do
        read_pair "$round"
    done
    for ((round = 0; round < ROUNDS; round++)); do
        write_pair "$((round))"
    done
    report
}

main "$@"
