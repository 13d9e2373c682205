# shellcheck shell=bash disable=SC2153 # a part of run.sh, which has the variables
# What `make run` says to the person in front. Sourced by run.sh.
#
#     warn_of_open_doors  with AUTH_MODE=off
#     greet               waits until the gateway is ready, then says what there is

nobody_is_asked() {
    [[ ${AUTH_MODE:-on} =~ ^(off|0|false)$ ]]
}

warn_of_open_doors() {
    nobody_is_asked || return 0
    complain "AUTH_MODE=off: WHOEVER REACHES THE GATEWAY MAY DO EVERYTHING, as nobody in particular"
}

# The last word of each service that has one.
last_words_of_services() {
    local service words
    for service in "${SERVICES[@]}"; do
        words=$(last_words "$service")
        [ -z "$words" ] || printf '; %s: %s' "$service" "$words"
    done
}

await_ready() {
    local tries=0
    until curl -fso /dev/null --max-time 2 "$1/readyz"; do
        tries=$((tries + 1))
        [ "$tries" -ne 50 ] || say "not ready yet$(last_words_of_services)"
        nap 0.1
    done
}

# The password itself is said once: later only where it is.
describe_admin() {
    if nobody_is_asked; then
        echo "nobody needs to log in: AUTH_MODE=off"
    elif [ -n "$FIRST_RUN" ]; then
        echo "as admin, whose password is $(<"$ADMIN_PASSWORD_FILE") (from now on only in $ADMIN_PASSWORD_FILE)"
    elif [ -n "${ADMIN_PASSWORD_FILE:-}" ]; then
        echo "as admin, whose password is in $ADMIN_PASSWORD_FILE"
    else
        echo "as admin, with the password of ADMIN_PASSWORD"
    fi
}

describe() {
    local base=$1 data=$DEPOT_HOME/data
    [ -n "$CLUSTER_PID" ] || data="your own database"
    cat <<TEXT
depot: ready
  listens on  $base   (to read and to try out: $base/docs)
  log in      $(describe_admin)
  data        $data
  logs        $LOGS/
  stop        Ctrl-C

TEXT
}

# A password of the person's own may have quotes and backslashes, which JSON wants marked.
print_login() {
    local password="\$ADMIN_PASSWORD" file
    if [ -n "${ADMIN_PASSWORD_FILE:-}" ]; then
        printf -v file %q "$ADMIN_PASSWORD_FILE"
        password="\$(sed 's/[\"\\\\]/\\\\&/g' $file)"
        [ "$ADMIN_PASSWORD_FILE" != "$SECRETS/admin_password" ] || password="\$(cat $file)"
    fi
    cat <<TEXT
  TOKEN=\$(curl -sS $1/v1/auth/login --json @- <<<"{\"username\":\"admin\",\"password\":\"$password\"}" |
    sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
TEXT
}

# print_tour BASE WHO: WHO is what each of the lines has for curl.
print_tour() {
    cat <<TEXT
  CAR=$1/v1/cars/\$(curl -sS $1/v1/cars$2 --json "{\"name\":\"Beetle \$(date +%s)\"}" |
    sed 's/.*"id":"\([^"]*\)".*/\1/')
  curl -sS \$CAR/allocations$2 --json '{"startTime":"2030-05-01T09:00:00Z","endTime":"2030-05-02T09:00:00Z"}' -w '\n'
  curl -sS \$CAR/allocations$2 -w '\n'

TEXT
}

greet() {
    local base health
    base=$(http_url "$GATEWAY_HOST" "$GATEWAY_PORT")
    health=$base
    [ "$ADMIN_PORT" = 0 ] || health=$(http_url "$GATEWAY_HOST" "$ADMIN_PORT")
    await_ready "$health"
    warn_of_open_doors
    describe "$base"
    if nobody_is_asked; then
        printf 'Add a car, book it and look at its calendar; paste this into another terminal:\n\n'
        print_tour "$base" ''
    else
        printf 'Log in, add a car, book it and look at its calendar; paste this into another terminal:\n\n'
        print_login "$base"
        print_tour "$base" " -H \"Authorization: Bearer \$TOKEN\""
    fi
}
