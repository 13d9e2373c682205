#!/usr/bin/env bash
# Operators' commands on who is who: operate.sh create-admin | revoke-all | rotate-keys | audit. They
# work on the database of deploy/db.sh, whether anything runs or not; what runs follows within a
# second. Arguments come from the environment: see `make help`.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

SECRETS=$DEPOT_HOME/secrets

# call METHOD: an operator's method of accounts, by its own program; the request is on standard input,
# so that no password is an argument of a process.
call() {
    local key=$SECRETS/accounts_secret_key
    if [ -z "${SECRET_KEY:-}${SECRET_KEY_FILE:-}" ]; then
        [ -r "$key" ] || fail "there is no $key yet: start Depot once, or give the SECRET_KEY_FILE of accounts"
        export SECRET_KEY_FILE=$key
    fi
    export MIGRATIONS_DIR=${MIGRATIONS_DIR:-$ROOT/migrations}
    "$ROOT/deploy/db.sh" with depot_accounts "$BUILD/accounts/accounts" call "$1" -
}

# text NAME: the variable, which must be one line of text.
text() {
    [[ ! ${!1:-} =~ [[:cntrl:]] ]] || fail "$1 has control characters"
    printf '%s' "${!1:-}"
}

# Twice, without showing it; sets PASSWORD.
ask_password() {
    local again
    [ -t 0 ] || fail "there is no terminal to ask for the password: give PASSWORD_FILE="
    read -rsp "Password of $1 (10 to 128 characters): " PASSWORD && echo
    read -rsp "Again: " again && echo
    [ "$PASSWORD" = "$again" ] || fail "these were two different ones; nothing was changed"
}

read_password() {
    PASSWORD=
    if [ -n "${PASSWORD_FILE:-}" ]; then
        [ -r "$PASSWORD_FILE" ] || fail "cannot read PASSWORD_FILE, $PASSWORD_FILE"
        PASSWORD=$(<"$PASSWORD_FILE")
    else
        ask_password "$1"
    fi
    [[ ! $PASSWORD =~ [[:cntrl:]] ]] || fail "the password has control characters"
}

create_admin() {
    local name email request
    name=$(text NAME) email=$(text EMAIL)
    [ -n "$name" ] || fail "whom? make create-admin NAME=ada EMAIL=ada@example.org"
    read_password "$name"
    request="{\"username\":$(json_quote "$name"),\"password\":$(json_quote "$PASSWORD")"
    [ -z "$email" ] || request+=",\"email\":$(json_quote "$email")"
    call EnsureAdmin <<<"$request}" >/dev/null
    say "$name is an administrator with this password; who was logged in as $name is no longer"
    [ "$name" != admin ] || [ ! -e "$SECRETS/admin_password" ] ||
        complain "the next \`make run\` gives admin the password of $SECRETS/admin_password again: write it there, too"
}

revoke_all() {
    local all=false keys="API keys stay good without API_KEYS=1"
    case ${API_KEYS:-} in
    '' | 0 | no) ;;
    1 | yes) all=true keys="nor is any API key" ;;
    *) fail "API_KEYS is \"$API_KEYS\"; it must be 1, or not be given" ;;
    esac
    call RevokeAll <<<"{\"apiKeys\":$all}"
    say "no session goes on and no access token is good any more; $keys" >&2
}

# In whatever schemas there are.
audit() {
    local n=${N:-50}
    [[ $n =~ ^[1-9][0-9]{0,5}$ ]] || fail "N is \"$n\"; it must be a number from 1 to 999999"
    "$ROOT/deploy/db.sh" psql -X -q -v ON_ERROR_STOP=1 -v n="$n" -f "$ROOT/deploy/audit.sql"
}

case ${1:-} in
create-admin) create_admin ;;
revoke-all) revoke_all ;;
rotate-keys) call RotateKeys <<<'{}' >/dev/null && say "a new key signs as soon as everybody knows it" ;;
audit) audit ;;
*) fail "say what to do: create-admin, revoke-all, rotate-keys, audit" ;;
esac
