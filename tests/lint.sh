#!/usr/bin/env bash
# What can be checked by reading: `make lint`, after build/dev is built. Every check runs, also
# after one has failed; all complaints name a file.
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/common.sh"
cd "$ROOT"
[ -f build/dev/compile_commands.json ] || fail "build/dev is not built: use \`make lint\`"

FAILED=0
mapfile -t SERVICES < <(services)

# The files of ours that match a pattern, also those not committed yet.
files() {
    git ls-files -co --exclude-standard -- "$@" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done
}

check_format() {
    files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror
}

check_scripts() {
    { files '*.sh' && echo .ci/run; } | xargs -r shellcheck -x
}

# refuse LINES COMPLAINT: fails, with both printed, if there are any lines.
refuse() {
    [ -n "$1" ] || return 0
    printf '%s\n' "$1" >&2
    complain "$2"
    return 1
}

# direction FOLDER PREFIX...: what is in the folder includes only its neighbours in the same folder
# and headers whose path begins with one of the prefixes.
direction() {
    local folder=$1 allowed lines
    shift
    allowed=$(printf '|%s' "$@")
    lines=$(grep -rnE '^#include "[^"]+/' --include='*.[ch]' "$folder" |
        grep -vE "#include \"(${allowed#|})") || true
    refuse "$lines" "files of $folder may include only their own folder's headers and $*"
}

# only HEADER FOLDER...: the library's header is included nowhere else.
only() {
    local header=$1 allowed lines
    shift
    allowed=$(printf '|^%s/' "$@")
    lines=$(grep -rnE "^#include <$header" --include='*.[ch]' lib gateway "${SERVICES[@]}" tools examples |
        grep -vE "${allowed#|}") || true
    refuse "$lines" "<$header> may be included only in $*"
}

# Dependencies run one way: base <- pb <- http <- gateway; base, pb <- rpc <- auth <- gateway,
# services; base, pb <- db <- services. The platform knows the platform's contracts, and no service's.
# A service knows its own; accounts is the authority that lib/auth asks, and makes the tokens.
check_directions() {
    local service own ended=0 platform='depot/rpc/ google/ grpc/'
    direction lib/base base/ || ended=1
    # shellcheck disable=SC2086 # several prefixes
    {
        direction lib/pb base/ pb/ $platform || ended=1
        direction lib/http base/ pb/ http/ $platform || ended=1
        direction lib/rpc base/ pb/ rpc/ $platform || ended=1
        direction lib/db base/ pb/ db/ $platform || ended=1
        direction lib/auth base/ pb/ rpc/ auth/ depot/auth/ $platform || ended=1
        direction lib/service base/ pb/ rpc/ db/ auth/ service/ depot/auth/ $platform || ended=1
        direction gateway base/ pb/ http/ rpc/ auth/ gateway/ depot/ google/ grpc/ || ended=1
        for service in "${SERVICES[@]}"; do
            own="depot/$service/"
            [ "$service" != accounts ] || own+=" auth/ depot/auth/"
            direction "$service" base/ pb/ rpc/ db/ service/ "$service/" $own $platform || ended=1
            direction "$service/handlers" base/ pb/ db/query.h db/params.h service/ "$service/" $own \
                $platform || ended=1
        done
    }
    only 'nng/' lib/rpc || ended=1
    only 'libpq-fe.h' lib/db || ended=1
    only 'llhttp.h' lib/http gateway || ended=1
    return "$ended"
}

# The name is the join key: rpc, handler, query and test of one method.
check_methods() {
    local handler name file ended=0
    for handler in */handlers/*.c; do
        name=$(basename "$handler" .c)
        for file in "${handler%%/*}/queries/$name.sql" "tests/${handler%%/*}/${name}_test.c"; do
            [ -f "$file" ] || { complain "$handler has no $file" && ended=1; }
        done
    done
    return "$ended"
}

# Tables whose rows belong to somebody: those with a column owner_id or account_id.
owned_tables() {
    awk '/^CREATE TABLE / { table = $3 } /^ALTER TABLE / { table = $3 }
        /(^| )(owner_id|account_id) +uuid/ { print table }' migrations/*/*.up.sql | sort -u
}

# A query that touches them holds the caller against their owner, or says in a comment why that does
# not matter.
check_owners() {
    local tables lines
    tables=$(owned_tables | paste -sd '|')
    lines=$(grep -lE "\b(FROM|JOIN|UPDATE|INTO) ($tables)\b" ./*/queries/*.sql |
        xargs grep -LE "'caller_sees_all'|(owner_id|account_id) = :'caller_id'|^-- Whoever asks: ") || true
    refuse "$lines" "these queries touch somebody's rows, and do not hold the caller against the owner"
}

check_contract() {
    tests/contract/lint.sh build/dev lint breaking openapi
}

check_clang_tidy() {
    files 'lib/*.c' 'gateway/*.c' 'tools/*.c' "${SERVICES[@]/%//*.c}" |
        xargs -r -n 4 -P "$(nproc)" clang-tidy -p build/dev --quiet --warnings-as-errors='*' \
            2> >(grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header' >&2)
}

for check in format scripts directions methods owners contract clang_tidy; do
    if "check_$check"; then
        say "lint: ${check/_/-} is fine"
    else
        complain "lint: ${check/_/-} FAILED"
        FAILED=1
    fi
done
exit "$FAILED"
