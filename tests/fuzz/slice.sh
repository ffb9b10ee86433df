#!/usr/bin/env bash
# Runs one fuzz target: slice.sh TARGET
#
# As it is, a regression run: the seeds in tests/fuzz/seeds/NAME and CGSENTRY_FUZZ_RUNS (50000) mutations of them, drawn
# from a fixed seed at fixed addresses, since libFuzzer's guesses depend on both: one build gives one answer. It stops
# after CGSENTRY_FUZZ_MOST_SECONDS (60); what a slow machine has run by then is the beginning of the same sequence.
#
# With CGSENTRY_FUZZ_SECONDS set, a campaign: so many seconds, a random seed, the words of words/NAME.dict, and
# beside the seeds what earlier campaigns have found new, in corpus/NAME beside the target.
#
# The seeds must exist. A finding fails with its input's file name; the log is corpus/NAME.log. Run by CTest.
set -euo pipefail
target=$1
name=${target##*/fuzz_}
seeds=$(cd "$(dirname "$0")/seeds/$name" && pwd)
corpus=$(dirname "$target")/corpus/$name
mkdir -p "$corpus"
log=$corpus.log
limits=(-max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$corpus-")
if [[ -n ${CGSENTRY_FUZZ_SECONDS:-} ]]; then
  run=(-max_total_time="$CGSENTRY_FUZZ_SECONDS" "$corpus" "$seeds")
  words=$(dirname "$0")/words/$name.dict
  [[ ! -f $words ]] || run+=(-dict="$words")
else
  # A list, because the order in which a folder is read differs between machines.
  find "$seeds" -type f | LC_ALL=C sort | paste -sd , | tr -d '\n' >"$corpus.seeds"
  run=(-seed=1 -runs="${CGSENTRY_FUZZ_RUNS:-50000}" -max_total_time="${CGSENTRY_FUZZ_MOST_SECONDS:-60}" -shuffle=0
       -seed_inputs="@$corpus.seeds")
fi
fixed=(setarch -R)
"${fixed[@]}" true 2>/dev/null || fixed=()
status=0
"${fixed[@]}" "$target" "${limits[@]}" "${run[@]}" >"$log" 2>&1 || status=$?
grep -aE 'ERROR|SUMMARY|Test unit|runtime error|number_of_executed|peak_rss' "$log" || tail -n 5 "$log"
exit $status
