#!/usr/bin/env bash
# Takes procedure codes from a CSV file into the database: all of them or none. The file has the
# header `pxcode,procedure`. Codes that are there get the file's title; what is not in the file stays.
# The run is on record as the operator's, with the file's name and how many codes it changed.
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

FILE=${1:-}
[ -n "$FILE" ] || fail "which file? make import-pxcodes FILE=deploy/pxcodes.csv"
[ -r "$FILE" ] || fail "cannot read $FILE"
FILE=$(realpath "$FILE")
SHOWN=$(basename "$FILE" | iconv -cf UTF-8 -t UTF-8) || true # without what a database would not take

# COPY takes a line with just these two characters for the end, and a NUL for the end of the text.
line=$(LC_ALL=C grep -anxF '\.' "$FILE" | head -n 1 | cut -d: -f1) || true
[ -z "$line" ] || fail "nothing was imported: line $line: it holds nothing but a backslash and a dot"
line=$(LC_ALL=C tr '\0\n' '\n\0' <"$FILE" | head -n 1 | tr -dc '\0' | wc -c)
[ "$(LC_ALL=C tr -dc '\0' <"$FILE" | wc -c)" -eq 0 ] ||
    fail "nothing was imported: line $((line + 1)): it holds a NUL character"

# Lines are counted as records behind the header: the same unless a title spans several lines.
script() {
    cat <<SQL
\\set ON_ERROR_STOP on
\\set QUIET on
BEGIN;
SET LOCAL depot.file = '${SHOWN//\'/\'\'}';
CREATE TEMP TABLE imported (
    line bigint GENERATED ALWAYS AS IDENTITY (START WITH 2),
    pxcode text,
    procedure text
) ON COMMIT DROP;
\\copy imported (pxcode, procedure) FROM '${FILE//\'/\'\'}' WITH (FORMAT csv, HEADER match)
SQL
    cat <<'SQL'
DO $$
DECLARE
    bad record;
BEGIN
    SELECT line,
           CASE
               WHEN pxcode IS NULL OR pxcode !~ '^[0-9]{3}$'
               THEN format('"%s" is not a code of three digits', coalesce(pxcode, ''))
               WHEN coalesce(char_length(procedure), 0) NOT BETWEEN 1 AND 300
               THEN 'the procedure must have 1 to 300 characters'
               ELSE format('the code %s stands in line %s, too', pxcode, first_line)
           END AS what
    INTO bad
    FROM (SELECT *, min(line) OVER (PARTITION BY pxcode) AS first_line FROM imported) AS checked
    WHERE pxcode IS NULL OR pxcode !~ '^[0-9]{3}$'
       OR coalesce(char_length(procedure), 0) NOT BETWEEN 1 AND 300
       OR line <> first_line
    ORDER BY line
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line %: %', bad.line, bad.what;
    END IF;
END $$;
WITH written AS (
    INSERT INTO pxcode (pxcode, procedure)
    SELECT pxcode, procedure FROM imported
    ON CONFLICT (pxcode) DO UPDATE
    SET procedure = excluded.procedure, version = pxcode.version + 1
    WHERE pxcode.procedure <> excluded.procedure
    RETURNING 1
), counted AS (
    SELECT (SELECT count(*) FROM written) AS n, (SELECT count(*) FROM imported) AS of
), recorded AS (
    INSERT INTO inventory.depot_audit (actor, action, object, client_address, request_id, outcome)
    SELECT 'operator', 'ImportPxcodes', format('%s: %s of %s', current_setting('depot.file'), n, of), '',
           gen_random_uuid()::text, 'OK'
    FROM counted
)
SELECT format('depot: %s of %s codes are new or have a new title', n, of)
FROM counted
\g (format=unaligned tuples_only=on)
COMMIT;
SQL
}

# What psql says about the file, without where in the script above it was; all it says of the rest.
exec 3>&1
if ! complaint=$(script | "$ROOT/deploy/db.sh" psql 2>&1 >&3); then
    line=$(sed -nE 's/^(psql:[^ ]* )?ERROR: +//p; s/^CONTEXT:  COPY imported, (line [0-9]+).*/(\1)/p' \
        <<<"$complaint" | paste -sd ' ')
    fail "nothing was imported: ${line:-$complaint}"
fi
