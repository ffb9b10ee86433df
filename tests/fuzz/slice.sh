#!/usr/bin/env bash
# Gives one fuzz target a slice of time: slice.sh TARGET
#
# For CGSENTRY_FUZZ_SECONDS (5). Starts from the seeds in tests/fuzz/seeds/NAME, which must exist, and from what
# earlier runs have found new, in corpus/NAME beside the target. A finding fails with its input's file name.
# Run by CTest.
set -euo pipefail
target=$1
name=${target##*/fuzz_}
seeds=$(dirname "$0")/seeds/$name
corpus=$(dirname "$target")/corpus/$name
mkdir -p "$corpus"
log=$corpus.log
status=0
"$target" -max_total_time="${CGSENTRY_FUZZ_SECONDS:-5}" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
  -print_final_stats=1 -artifact_prefix="$corpus-" "$corpus" "$seeds" >"$log" 2>&1 || status=$?
grep -aE 'ERROR|SUMMARY|Test unit|runtime error|number_of_executed|peak_rss' "$log" || tail -n 5 "$log"
exit $status
