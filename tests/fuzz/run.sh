#!/usr/bin/env bash
# Runs the fuzz targets one after another: run.sh BUILD-FOLDER SECONDS [noun...]
# What is found is kept beside the seeds once it is mended; until then it lies in
# BUILD-FOLDER/found/<noun>. The growing corpora are in BUILD-FOLDER/corpus, the logs in
# BUILD-FOLDER/fuzz-<noun>.log. The last lines say for each target: commit, executions, coverage.
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/common.sh"

INPUTS=$ROOT/tests/fuzz/inputs
export ASAN_OPTIONS="abort_on_error=1:detect_leaks=1"
export UBSAN_OPTIONS="print_stacktrace=1"

# fuzz BUILD SECONDS NOUN
fuzz() {
    local build=$1 seconds=$2 noun=$3 corpus=$1/corpus/$3 found=$1/found/$3 log=$1/fuzz-$3.log
    mkdir -p "$corpus" "$found"
    "$build/tests/fuzz/fuzz_$noun" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=4096 -print_final_stats=1 -artifact_prefix="$found/" \
        "$corpus" "$INPUTS/$noun" >"$log" 2>&1
}

# summary BUILD NOUN: one line about the last run.
summary() {
    awk -v noun="$2" -v commit="$(git -C "$ROOT" rev-parse --short HEAD)" '
        /^#[0-9]+.* cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") coverage = $(i + 1) }
        /^stat::number_of_executed_units/ { runs = $2 }
        /^(SUMMARY|.*assertion failed)/ { found = found " " $0 }
        END { printf "%-10s commit %s: %s executions, %s edges%s\n", noun, commit, runs, coverage,
              found == "" ? ", nothing found" : ", FOUND:" found }' "$1/fuzz-$2.log"
}

main() {
    local build=$1 seconds=$2 nouns=("${@:3}") noun code=0
    [ "${#nouns[@]}" -gt 0 ] || mapfile -t nouns < <(ls "$INPUTS")
    for noun in "${nouns[@]}"; do
        fuzz "$build" "$seconds" "$noun" || code=1
        summary "$build" "$noun"
    done
    [ "$code" -eq 0 ] || complain "found inputs are in $build/found, what happened in $build/fuzz-*.log"
    return "$code"
}

main "$@"
