#!/usr/bin/env bash
# `make seed`: a believable fleet with bookings around today, through the public API of what runs
# on GATEWAY_PORT, as its admin or as DEPOT_TOKEN or DEPOT_API_KEY says (deploy/login.sh). Run again,
# it adds only what is missing: a vehicle's name is unique in its type, and a booking that is there
# already is in its own way.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$ROOT/deploy/login.sh"

BASE=${GATEWAY_URL:-$(http_url "${GATEWAY_HOST:-127.0.0.1}" "${GATEWAY_PORT:-8080}")}
ANSWER=$(mktemp)
trap 'rm -f "$ANSWER"' EXIT
VEHICLES=0
BOOKINGS=0
STATUS=

# type | name | description | attribute pairs
fleet() {
    cat <<'TABLE'
cars|Blue Polo|Small, for the town|"seats":"5","fuel":"petrol","plate":"DP-C 101"
cars|Red Polo|Small, for the town|"seats":"5","fuel":"petrol","plate":"DP-C 102"
cars|Green Zoe|Charge it over night, bay 4|"seats":"5","fuel":"electric","plate":"DP-E 201"
cars|White Zoe|Charge it over night, bay 5|"seats":"5","fuel":"electric","plate":"DP-E 202"
cars|Family Touran|Two child seats in the boot|"seats":"7","fuel":"diesel","plate":"DP-C 110"
cars|Grey Octavia|For long distances|"seats":"5","fuel":"diesel","plate":"DP-C 120"
cars|Black Octavia|For long distances|"seats":"5","fuel":"diesel","plate":"DP-C 121"
cars|Old Beetle|Only for weddings; be gentle|"seats":"4","fuel":"petrol","plate":"DP-C 66"
cars|Yellow Kangoo|With a roof rack|"seats":"5","fuel":"petrol","plate":"DP-C 130"
cars|Pool Leaf|For everybody|"seats":"5","fuel":"electric","plate":"DP-E 210"
lorries|Northern Star|Refrigerated, down to -20 degrees|"payload":"12 t","fuel":"diesel","plate":"DP-L 301"
lorries|Southern Cross|Refrigerated, down to -20 degrees|"payload":"12 t","fuel":"diesel","plate":"DP-L 302"
lorries|Big Dipper|Tail lift|"payload":"18 t","fuel":"diesel","plate":"DP-L 310"
lorries|Orion|Curtain sides|"payload":"18 t","fuel":"diesel","plate":"DP-L 311"
lorries|Cassiopeia|Curtain sides|"payload":"18 t","fuel":"gas","plate":"DP-L 312"
lorries|Little Bear|For narrow streets|"payload":"7.5 t","fuel":"electric","plate":"DP-E 320"
trucks|Workshop One|Tools and a vice on board|"bed":"2.1 m","fuel":"diesel","plate":"DP-T 401"
trucks|Workshop Two|Tools and a generator on board|"bed":"2.1 m","fuel":"diesel","plate":"DP-T 402"
trucks|Garden|Smells of grass|"bed":"2.5 m","fuel":"diesel","plate":"DP-T 410"
trucks|Snow Plough|Plough from November to March|"bed":"1.8 m","fuel":"diesel","plate":"DP-T 420"
trucks|Site Runner|High clearance|"bed":"1.6 m","fuel":"diesel","plate":"DP-T 430"
trucks|Silent Hauler|Charge it at the depot|"bed":"1.6 m","fuel":"electric","plate":"DP-E 440"
TABLE
}

# days from this week's Monday | hour | length in hours | kind | description | attribute pairs
# Each vehicle gets every third line, beginning with another one.
calendar() {
    cat <<'TABLE'
0|6|4|BOOKING|Early delivery|"driver":"A. Lindqvist"
0|11|5|BOOKING|Customer visit|"driver":"M. Okafor","destination":"Harbour"
0|17|2|BOOKING|Airport|"driver":"J. Ferreira","destination":"Terminal 2"
1|8|9|BOOKING|Trade fair|"driver":"S. Novak","destination":"Exhibition halls"
1|18|3|BOOKING|Evening round|"driver":"A. Lindqvist"
2|7|10|MAINTENANCE|Inspection|"workshop":"Hall 3"
2|18|2|BOOKING|Parts from the station|"driver":"P. Dubois"
3|5|30|BOOKING|Two days on the road|"driver":"I. Yilmaz","destination":"Coast"
4|13|4|BOOKING|Removal|"driver":"M. Okafor"
4|18|60|BOOKING|Weekend trip|"driver":"S. Novak","destination":"Mountains"
7|8|8|BOOKING|Next week's tour|"driver":"J. Ferreira"
8|7|5|MAINTENANCE|New tyres|"workshop":"Hall 1"
9|9|6|BOOKING|Building site|"driver":"P. Dubois","destination":"East quarter"
TABLE
}

# post PATH JSON: sets STATUS; the body goes to the file ANSWER.
post() {
    STATUS=$(curl -sS -o "$ANSWER" -w '%{http_code}' --max-time 20 "${AS[@]}" --json "$2" "$BASE$1") ||
        fail "nothing answers at $BASE; is \`make run\` running?"
    [ "$STATUS" != 401 ] || explain_401 "$BASE"
}

# member NAME: the first string member of that name in the answer.
member() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$ANSWER" | head -n 1
}

# Another answer than these two is a surprise that the person should see.
must_be() {
    case $STATUS:$(member reason) in
    201:* | 409:"$1") ;;
    *) fail "unexpected answer $STATUS: $(cat "$ANSWER")" ;;
    esac
}

# The id of a vehicle that is there: its page of the list is the only place that has it.
find_vehicle() {
    local type=$1 name=$2 token=
    while :; do
        curl -fsS --max-time 20 "${AS[@]}" -o "$ANSWER" -G "$BASE/v1/$type" -d pageSize=500 \
            --data-urlencode "pageToken=$token" || fail "the list of $type cannot be had"
        grep -o '"id":"[^"]*","type":"[^"]*","name":"[^"]*"' "$ANSWER" |
            sed -n "s/\"id\":\"\([^\"]*\)\".*\"name\":\"$name\"/\1/p" | grep . && return
        token=$(member nextPageToken)
        [ -n "$token" ] || fail "$type named $name is neither there nor can it be added"
    done
}

# Sets ID.
add_vehicle() {
    local type=$1 name=$2 description=$3 attributes=$4
    post "/v1/$type" \
        "{\"name\":\"$name\",\"description\":\"$description\",\"attributes\":{$attributes}}"
    must_be NAME_TAKEN
    if [ "$STATUS" = 201 ]; then
        VEHICLES=$((VEHICLES + 1))
        ID=$(member id)
    else
        ID=$(find_vehicle "$type" "$name")
    fi
}

# at DAY HOUR: that hour (of UTC) on a day counted from this week's Monday.
at() {
    date -u -d "@$((MONDAY + $1 * 86400 + $2 * 3600))" +%Y-%m-%dT%H:%M:%SZ
}

book() {
    local path=$1 day=$2 hour=$3 hours=$4 kind=$5 description=$6 attributes=$7
    post "$path" "{\"startTime\":\"$(at "$day" "$hour")\",\"endTime\":\"$(at "$day" $((hour + hours)))\",
        \"kind\":\"$kind\",\"description\":\"$description\",\"attributes\":{$attributes}}"
    must_be ALLOCATION_OVERLAP
    [ "$STATUS" != 201 ] || BOOKINGS=$((BOOKINGS + 1))
}

add_bookings() {
    local path=$1 turn=$2 line=0 day hour hours kind description attributes
    while IFS='|' read -r day hour hours kind description attributes <&4; do
        line=$((line + 1))
        [ $(((line + turn) % 3)) -ne 0 ] ||
            book "$path" "$day" "$hour" "$hours" "$kind" "$description" "$attributes"
    done 4< <(calendar)
}

MONDAY=$(date -u -d "$(date -u +%F) -$(($(date -u +%u) - 1)) days" +%s)
turn=0
log_in "$BASE"
while IFS='|' read -r type name description attributes <&3; do
    add_vehicle "$type" "$name" "$description" "$attributes"
    add_bookings "/v1/$type/$ID/allocations" "$turn"
    turn=$((turn + 1))
done 3< <(fleet)
say "added $VEHICLES vehicles and $BOOKINGS bookings; what was there already was left alone"
