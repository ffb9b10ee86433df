#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for some seconds: tests/fuzz/run.sh [SECONDS] [TARGET…]
#
# A campaign: random seeds, as many runs as fit, and what is found new stays in build/asan for the next; see slice.sh. A
# crash ends with the input's file name.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGSENTRY_FUZZ_SECONDS=${1:-10}
shift || true
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -- --quiet
targets=$(IFS='|'; echo "$*")
exec ctest --test-dir build/asan --output-on-failure --no-tests=error -V -R "^fuzz: (${targets:-.*})\$"
