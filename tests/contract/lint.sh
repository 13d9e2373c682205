#!/usr/bin/env bash
# What programs of other people say about the contract: tests/contract/lint.sh BUILD-FOLDER CHECK...
#   lint      buf's rules for .proto files (proto/buf.yaml)
#   breaking  nothing that the last release promised is gone (proto/released.txtpb)
#   openapi   redocly's and spectral's rules for both OpenAPI documents
# or, at a release,
#   release   writes proto/released.txtpb anew: from now on this contract is what was promised
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/common.sh"
cd "$ROOT"

BIN=$ROOT/tests/npm/node_modules/.bin
CONFIG=$ROOT/proto/buf.yaml
RELEASED=$ROOT/proto/released.txtpb
GEN=$(cd "$1/gen" && pwd)
# protoc's set, not buf's: what is imported from Debian's packages is in it.
SET=$GEN/contract.pb#format=binpb
shift

[ -x "$BIN/buf" ] || fail "the npm packages of tests/npm are not installed: use \`make deps\`"
# No program here calls home.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

check_lint() {
    "$BIN/buf" lint "$SET" --config "$CONFIG"
}

# The whole contract as text, without places and comments.
image() {
    "$BIN/buf" build "$SET" --config "$CONFIG" --exclude-source-info -o -#format=txtpb
}

# Those files of an image whose name has (1) or has not (0) the prefix "depot/".
files_of_ours() {
    awk -v ours="$1" '
        /^file: \{/ { text = ""; named = 0 }
        { text = text $0 "\n" }
        /^  name: / && !named { named = 1; keep = (index($0, "\"depot/") != 0) == ours }
        /^\}/ && keep { printf "%s", text }'
}

# What others have declared is not kept: it comes from what is installed.
check_breaking() {
    local against ended=0
    against=$(mktemp --suffix=.txtpb)
    { image | files_of_ours 0 && cat "$RELEASED"; } >"$against"
    "$BIN/buf" breaking "$SET" --config "$CONFIG" --against "$against" || ended=1
    rm -f "$against"
    return "$ended"
}

check_release() {
    image | files_of_ours 1 >"$RELEASED"
}

check_openapi() {
    local document log ended=0
    log=$(mktemp)
    for document in "$GEN/openapi.json" "$GEN/openapi-3.0.json"; do
        # Its warnings do not end it with a code of their own.
        { "$BIN/redocly" lint "$document" --config tests/contract/redocly.yaml --format=stylish \
            --max-problems=20 >"$log" 2>&1 && ! grep -qE '^ +[0-9]+:[0-9]+ ' "$log"; } ||
            { cat "$log" >&2 && ended=1; }
        "$BIN/spectral" lint "$document" -r tests/contract/spectral.yaml --fail-severity=hint \
            --quiet >&2 || ended=1
    done
    rm -f "$log"
    return "$ended"
}

for check in "$@"; do
    "check_$check" || fail "contract: $check FAILED"
done
