#!/usr/bin/env bash
# The ratios of the system to the database below it, in one interleaved run: A B B A ...
#
#   R1r   GET one vehicle through gateway and inventory / pgbench with the same prepared SELECT
#   R1w   durable bookings through both / pgbench with the same INSERTs, one booking a transaction
#   auth  CPU of the gateway for a GET with AUTH_MODE=on / off, the same token sent to both
#
# Same machine, same minutes, same cluster (unix socket, synchronous_commit on), same SQL, same
# number of database connections. Whoever asks has logged in. A run with an unexpected status or a
# socket error is void, and after every write run the database is asked whether anything overlaps
# and whether all that was acknowledged is there.
#
#   bench/run.sh            ROUNDS=5 SECONDS_EACH=5 CONNECTIONS=64 WORKERS=4 ROWS=100000
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/common.sh"
# shellcheck source=deploy/cluster.sh
. "$ROOT/deploy/cluster.sh"
# shellcheck source=bench/system.sh
. "$ROOT/bench/system.sh"

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
                -e "s/:'request_id'::text/gen_random_uuid()::text/" \
                -e "s/:'resource_id'::uuid/('00000000-0000-7000-8000-' || lpad(to_hex(:client_id::int + $VEHICLES + 1), 12, '0'))::uuid/" \
                -e "s/:'start_time'::timestamptz/timestamptz '2030-01-01' + :k::int * interval '1 hour'/" \
                -e "s/:'end_time'::timestamptz/timestamptz '2030-01-01' + (:k::int + 1) * interval '1 hour'/" \
                -e "s/:'\([a-z_]*\)'/:\1/g"
    } >"$WORK/book.sql"
    PGBENCH_BOOK=(-f "$WORK/book.sql" -D k=0 -D type=cars -D kind=BOOKING -D description=pgbench
        -D 'attributes={}' -D caller_id="$(sql -c "SELECT id FROM account")" -D caller_name=admin
        -D client_address=127.0.0.1)
}

pgbench_run() {
    "$CLUSTER_BIN/pgbench" -n -M prepared -c "$WORKERS" -j 1 -T "$SECONDS_EACH" "$@" \
        "$CLUSTER_URL" >"$WORK/pgbench.log" 2>&1 || fail "$(cat "$WORK/pgbench.log")"
    ! grep -q 'aborted\|ERROR' "$WORK/pgbench.log" || fail "$(cat "$WORK/pgbench.log")"
    awk '/^tps/ { print $3 }' "$WORK/pgbench.log"
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
    RATES[pg-book]+=" $(pgbench_run "${PGBENCH_BOOK[@]}")"
    sql -c "TRUNCATE allocation" -c CHECKPOINT
}

write_pair() {
    if [ $(($1 % 2)) -eq 0 ]; then
        write_theirs && write_ours "$1"
    else
        write_ours "$1" && write_theirs
    fi
}

auth_run() {
    system_use "$1"
    measured "auth-$1" wrk_run get 0
}

auth_pair() {
    if [ $(($1 % 2)) -eq 0 ]; then
        auth_run on && auth_run off
    else
        auth_run off && auth_run on
    fi
}

# column N CPU-VALUES: of each run one of the three, in microseconds.
column() {
    tr ' ' '\n' <<<"$2" | sed '/^$/d' | cut -d, -f"$1" | awk '{ print $1 / 100 }'
}

cpu_line() {
    local i
    for i in 1 2 3; do
        column "$i" "${CPU[$1]}" | sort -g |
            awk '{ v[NR] = $1 } END { printf "%6.1f", v[int((NR + 1) / 2)] }'
    done
}

report_auth() {
    local on off
    on=$(column 1 "${CPU[auth-on]}" | paste -sd ' ') off=$(column 1 "${CPU[auth-off]}" | paste -sd ' ')
    # shellcheck disable=SC2086 # lists of numbers
    printf 'auth  gateway CPU us per GET on/off %s / %s   ratio %s\n' "$(statistics %.2f $on)" \
        "$(statistics %.2f $off)" "$(ratio "$on" "$off")"
}

report() {
    # shellcheck disable=SC2086 # lists of numbers
    {
        printf 'GET   system   %s /s   %s\n' "$(statistics %.0f ${RATES[get]})" "${LATENCY[get]}"
        printf 'GET   pgbench  %s /s\n' "$(statistics %.0f ${RATES[pg-get]})"
        printf 'book  system   %s /s   %s\n' "$(statistics %.0f ${RATES[book]})" "${LATENCY[book]}"
        printf 'book  pgbench  %s /s\n' "$(statistics %.0f ${RATES[pg-book]})"
    }
    printf 'R1r %s\nR1w %s\n' "$(ratio "${RATES[get]}" "${RATES[pg-get]}")" \
        "$(ratio "${RATES[book]}" "${RATES[pg-book]}")"
    printf 'CPU us per request (gateway, inventory, PostgreSQL): GET %s   book %s\n' \
        "$(cpu_line get)" "$(cpu_line book)"
    report_auth
    printf 'idle RSS in KiB: gateway %s, inventory %s, accounts %s\n' "${RSS[@]}"
    printf 'raw GET   %s | %s\nraw book  %s | %s\n' "${RATES[get]}" "${RATES[pg-get]}" \
        "${RATES[book]}" "${RATES[pg-book]}"
}

rss_kib() {
    awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

main() {
    local round
    system_open
    RSS=("$(rss_kib "$GATEWAY")" "$(rss_kib "$INVENTORY")" "$(rss_kib "$ACCOUNTS")")
    PGBENCH_GET=()
    pgbench_get_script
    pgbench_book_script
    log_in
    wrk_run get 0 >/dev/null # warm-up
    pgbench_run "${PGBENCH_GET[@]}" >/dev/null
    for ((round = 0; round < ROUNDS; round++)); do
        read_pair "$round"
    done
    log_in
    for ((round = 0; round < ROUNDS; round++)); do
        write_pair "$round"
    done
    system_start off
    log_in
    for ((round = 0; round < ROUNDS; round++)); do
        auth_pair "$round"
    done
    report
}

main "$@"
