#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for some seconds: tests/fuzz/run.sh [SECONDS] [TARGET...]
#
# Each starts from its seeds in tests/fuzz/seeds/TARGET. What it finds is kept in build/fuzz/corpus;
# a crash ends the run with the input's file name.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-10}
shift || true
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -- --quiet
for target in build/fuzz/tests/fuzz/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=${target##*/fuzz_}
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus" "tests/fuzz/seeds/$name"
  echo "== $name"
  log=$corpus.log
  if ! "$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$corpus-" "$corpus" "tests/fuzz/seeds/$name" >"$log" 2>&1; then
    grep -E 'ERROR|SUMMARY|Test unit|runtime error' "$log" >&2
    exit 1
  fi
  grep -E 'number_of_executed|peak_rss' "$log"
done
