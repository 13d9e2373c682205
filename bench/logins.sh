#!/usr/bin/env bash
# What logging in costs, and what it costs others, in one interleaved run: A B B A ...
#
#   logins  each second, by PEOPLE who do nothing else / hashes of argon2id by as many threads, alone
#   book    99th percentile of a booking's time, with those logins going on all the time / without
#   time    of a login as nobody there is, and of one with a wrong password, in turns
#
#   bench/logins.sh         ROUNDS=5 SECONDS_EACH=5 PEOPLE=50 BOOKERS=16 TRIES=20 THREADS=cores/2
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/common.sh"
# shellcheck source=deploy/cluster.sh
. "$ROOT/deploy/cluster.sh"
CONNECTIONS=${BOOKERS:-16}
ROWS=${ROWS:-1000}
# shellcheck source=bench/system.sh
. "$ROOT/bench/system.sh"

PEOPLE=${PEOPLE:-50}
TRIES=${TRIES:-20} # batches of logins that fail
THREADS=${THREADS:-$(($(nproc) > 1 ? $(nproc) / 2 : 1))}
export PASSWORD_THREADS=$THREADS PASSWORD="somebody who measures"
declare -A FOUND

# found NAME NUMBER
found() {
    FOUND[$1]+=" $2"
}

# curl_logins: its input has lines "LABEL USERNAME PASSWORD"; prints "LABEL STATUS SECONDS" of each,
# all over one connection.
curl_logins() {
    local label name password
    printf 'url = "%s/livez"\noutput = /dev/null\nsilent\n' "$BASE"
    while read -r label name password; do
        cat <<CONFIG
next
url = "$BASE/v1/auth/login"
header = "Content-Type: application/json"
data = "{\"username\": \"$name\", \"password\": \"$password\"}"
output = /dev/null
silent
write-out = "$label %{http_code} %{time_total}\n"
CONFIG
    done
}

make_people() {
    local i
    for ((i = 1; i <= PEOPLE; i++)); do
        curl -fsS -o /dev/null "$BASE/v1/users" -H @<(echo "Authorization: Bearer $TOKEN") --json @- <<JSON
{"username": "person-$i", "email": "person-$i@example.org", "password": "$PASSWORD"}
JSON
    done
}

# flood SECONDS: the people log in; the numbers go to login.log. Then a while for those who were still
# queued when the clock stopped.
flood() {
    wrk -t1 -c"$PEOPLE" -d"${1}s" --timeout 30s -s "$ROOT/bench/login.lua" "$BASE" -- "$PEOPLE" \
        >"$WORK/login.log"
    grep -q '^unexpected 0$' "$WORK/login.log" || fail "void: $(cat "$WORK/login.log")"
    sleep 2
}

number_of() {
    awk -v name="$1" '$1 == name { print $2 }' "$2"
}

logins_alone() {
    flood "$SECONDS_EACH"
    found logins "$(number_of logins "$WORK/login.log")"
    found refused "$(number_of refused "$WORK/login.log")"
}

hashes_alone() {
    found hashes "$("$BUILD/bench/bench_argon2" "$THREADS" "$SECONDS_EACH")"
}

# book NAME: bookings, whose percentile is found under that name.
book() {
    wrk_run book 0 >/dev/null
    found "$1" "$(number_of p99 "$WORK/wrk.log")"
    found "$1-rate" "$(number_of rate "$WORK/wrk.log")"
    verify_bookings "$(number_of "done" "$WORK/wrk.log")"
}

book_in_flood() {
    local flood
    flood $((SECONDS_EACH + 2)) &
    flood=$!
    sleep 1
    book flooded
    wait "$flood"
}

# in_turns ROUND A B: A B, then B A.
in_turns() {
    if [ $(($1 % 2)) -eq 0 ]; then "$2" && "$3"; else "$3" && "$2"; fi
}

book_in_peace() {
    book peace
}

# A batch is small enough that nobody has to wait; what failed is forgotten before the next.
fail_to_log_in() {
    local i label status seconds
    while read -r label status seconds; do
        [ "$status" = 401 ] || fail "void: $label was answered $status"
        found "$label" "$(awk -v s="$seconds" 'BEGIN { print s * 1000 }')"
    done < <(for ((i = 1; i <= 12; i++)); do
        printf '%s\n' "unknown nobody-$1-$i wrong password" "wrong person-$i wrong password" |
            if [ $((i % 2)) -eq 0 ]; then cat; else tac; fi
    done | curl_logins | curl -K -)
    sql -c "TRUNCATE login_failure"
}

# middle NUMBER...: median, and where nine of ten are.
middle() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END {
        printf "%6.2f ms  (%.2f to %.2f)", v[int((NR + 1) / 2)], v[int(NR * .05) + 1], v[int(NR * .95)] }'
}

report() {
    # shellcheck disable=SC2086 # lists of numbers
    {
        printf 'logins  by %s people  %s /s, and turned away %s /s\n' "$PEOPLE" \
            "$(statistics %.1f ${FOUND[logins]})" "$(statistics %.0f ${FOUND[refused]})"
        printf 'hashes  by %s threads %s /s   logins/hashes %s\n' "$THREADS" \
            "$(statistics %.1f ${FOUND[hashes]})" "$(ratio "${FOUND[logins]}" "${FOUND[hashes]}")"
        printf 'book    in peace     p99 %s ms   %s /s\n' "$(statistics %.2f ${FOUND[peace]})" \
            "$(statistics %.0f ${FOUND[peace-rate]})"
        printf 'book    in the flood p99 %s ms   %s /s   ratio of p99 %s\n' \
            "$(statistics %.2f ${FOUND[flooded]})" "$(statistics %.0f ${FOUND[flooded-rate]})" \
            "$(ratio "${FOUND[flooded]}" "${FOUND[peace]}")"
        printf 'time    nobody there   %s\ntime    wrong password %s   of %s each\n' \
            "$(middle ${FOUND[unknown]})" "$(middle ${FOUND[wrong]})" $((TRIES * 12))
    }
}

main() {
    local round
    system_open
    log_in
    make_people
    flood 1 # warm-up
    for ((round = 0; round < ROUNDS; round++)); do
        in_turns "$round" logins_alone hashes_alone
    done
    for ((round = 0; round < ROUNDS; round++)); do
        in_turns "$round" book_in_peace book_in_flood
    done
    for ((round = 0; round < TRIES; round++)); do
        fail_to_log_in "$round"
    done
    report
}

main "$@"
