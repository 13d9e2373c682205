# shellcheck shell=bash
# Who a script is when it calls the API. Sourced after common.sh.
#
#     log_in BASE          AS becomes the options that curl needs for it: those of DEPOT_TOKEN (an
#                          access token) or DEPOT_API_KEY if one of them is set, else of `admin`,
#                          whose password is in ADMIN_PASSWORD_FILE or in DEPOT_HOME. Nobody, if
#                          there is none of them: with AUTH_MODE=off that will do.
#     explain_401 BASE     fails with what is missing
#
# Nothing secret is ever an argument of a process: those are for all to see.

AS=()
AS_WHOM= # in words; empty: nobody

# as TOKEN WHOM: the header stands in a file that has no name any more, and can be read again.
as() {
    local file
    file=$(mktemp)
    printf 'Authorization: Bearer %s\n' "$1" >"$file"
    exec 7<"$file"
    rm -f "$file"
    # shellcheck disable=SC2034 # for those who source this
    AS=(-H @/proc/self/fd/7)
    AS_WHOM=$2
}

admin_password_file() {
    local file=${ADMIN_PASSWORD_FILE:-$DEPOT_HOME/secrets/admin_password}
    [ ! -r "$file" ] || echo "$file"
}

log_in_as_admin() {
    local base=$1 file=$2 answer token
    answer=$(curl -sS --max-time 20 --json @- "$base/v1/auth/login" <<<"{
        \"username\": \"admin\", \"password\": $(json_quote "$(<"$file")")}") ||
        fail "nothing answers at $base; is \`make run\` running?"
    token=$(sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p' <<<"$answer")
    [ -n "$token" ] || fail "cannot log in at $base as admin with the password of $file" \
        "(DEPOT_TOKEN or DEPOT_API_KEY would do, too): $answer"
    as "$token" "admin, with the password of $file"
}

log_in() {
    local file
    file=$(admin_password_file)
    if [ -n "${DEPOT_TOKEN:-}" ]; then
        as "$DEPOT_TOKEN" "whom DEPOT_TOKEN names"
    elif [ -n "${DEPOT_API_KEY:-}" ]; then
        as "$DEPOT_API_KEY" "whom DEPOT_API_KEY names"
    elif [ -n "$file" ]; then
        log_in_as_admin "$1" "$file"
    fi
}

explain_401() {
    [ -z "$AS_WHOM" ] || fail "$1 does not let in $AS_WHOM"
    fail "$1 wants to know who is asking: give DEPOT_TOKEN (an access token), DEPOT_API_KEY, or" \
        "ADMIN_PASSWORD_FILE (the password of its user \`admin\`); DEPOT_HOME, $DEPOT_HOME, has none"
}
