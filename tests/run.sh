#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test: sudo tests/run.sh [--quick] [STAGE…]
#
#   --quick   packages, the g++ build, and the unit, property, golden and layering tests
#   STAGE     only these, of: packages gcc asan tsan fuzz release kernel host deployed
#   --list    prints the stages and ends
#
# Each stage prints its time; the last line is the number of tests that passed and failed. A test that
# is listed twice (in the g++ and the sanitizer build, say) counts once. The number may not fall below the
# one in tests/floor. With CI=true a skipped test is a failure, because there a test that cannot run
# means a broken runner. Needs root for the packages, the host kernel and the deployed stage only.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/.." && pwd)
cd "$tree"
all_stages=(packages gcc asan tsan fuzz release kernel host deployed)
quick_stages=(packages gcc)
stages=() kind=full
while [ $# -gt 0 ]; do
  case $1 in
    --quick) stages=("${quick_stages[@]}") kind=quick ;;
    --list) printf '%s\n' "${all_stages[@]}"; exit 0 ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 0 ;;
    -*) echo "run.sh: unknown option $1" >&2; exit 64 ;;
    *) printf '%s\n' "${all_stages[@]}" | grep -qx -- "$1" || { echo "run.sh: unknown stage $1" >&2; exit 64; }
       stages+=("$1") kind=some ;;
  esac
  shift
done
[ ${#stages[@]} -gt 0 ] || stages=("${all_stages[@]}")

jobs=$(nproc)
results=$tree/build/test-results
rm -rf "$results"
mkdir -p "$results"

build() { # PRESET [CMAKE_OPTION…]: with the address space in order, which the thread sanitizer of g++ 12 needs
  local preset=$1
  shift
  cmake --preset "$preset" "$@" >"$results/$preset-configure.log" || { cat "$results/$preset-configure.log"; return 1; }
  setarch -R cmake --build --preset "$preset" -j "$jobs" -- --quiet 2>&1 | tee "$results/$preset-build.log"
}

run_tests() { # STAGE PRESET CTEST_OPTION…
  local stage=$1 preset=$2
  shift 2
  setarch -R ctest --test-dir "build/$preset" --output-on-failure --no-tests=error \
    --output-junit "$results/$stage.xml" "$@" | grep -vE '^ +Start |\.\.\. +Passed '
}

stage_packages() { deploy/packages/install.sh build run test; }
# What needs root, a virtual machine or a quiet minute runs once, as it is installed.
system='kernel|host|deployed|bench'
stage_gcc() { build dev && run_tests gcc dev -j "$jobs" -LE "$system"; }
# The second compiler and both of its sanitizers in one build.
stage_asan() { build asan && run_tests asan asan -j "$jobs" -LE fuzz; }
stage_tsan() { build tsan && run_tests tsan tsan -j "$jobs"; }
stage_fuzz() { build fuzz && run_tests fuzz asan -j "$jobs" -L fuzz; }
# With the flags of an installed agent, so that what it compiles serves quickstart.sh and the image too.
stage_release() { build release && ! grep -n 'warning:' "$results/release-build.log"; }
stage_kernel() { run_tests kernel release -L kernel; }
stage_host() { run_tests host release -L 'host|bench'; } # the kernel of this machine is the third
stage_deployed() { run_tests deployed release -L deployed; }

started=$SECONDS failed=() times=()
for stage in "${stages[@]}"; do
  echo "==== $stage"
  stage_started=$SECONDS
  "stage_$stage" || failed+=("$stage")
  times+=("$(printf '%-10s %5d s' "$stage" $((SECONDS - stage_started)))")
  # Without its packages or its first build nothing that follows says anything.
  [[ ${failed[*]-} =~ ^(packages|gcc)$ && ! -e $results/gcc.xml ]] && break
done

echo "==== times"
printf '%s\n' "${times[@]}" "$(printf '%-10s %5d s' all $((SECONDS - started)))"
[ ${#failed[@]} -eq 0 ] || echo "stages that failed: ${failed[*]}"
/usr/bin/python3 "$here/tally.py" "$results" "$here/floor" "$kind" || failed+=(tally)
[ ${#failed[@]} -eq 0 ]
