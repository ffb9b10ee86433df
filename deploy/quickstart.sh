#!/usr/bin/env bash
# From a checkout to a running agent: sudo deploy/quickstart.sh [--build-only] [AGENT OPTION…]
#
# Installs the Debian packages that are missing, builds into build/quickstart and runs the agent on
# this host in the foreground with the shipped rules: alerts as JSON lines on stdout, messages on stderr.
# Ctrl-C stops it. It writes nothing outside build/quickstart. Other options go to `cgsentry run`.
# Tested by tests/kernel/deployed/clean_root.sh.
set -euo pipefail

tree=$(cd "$(dirname "$0")/.." && pwd)
build=$tree/build/quickstart
say() { echo "quickstart: $*" >&2; }

build_only=''
case ${1-} in
  -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 0 ;;
  --build-only) build_only=yes; shift ;;
esac
[ "$(uname -s)" = Linux ] || { say "cgsentry needs Linux"; exit 1; }
if [ -z "$build_only" ] && [ "$(id -u)" -ne 0 ]; then
  say "loading BPF programs needs root; run: sudo $0"
  exit 1
fi

say "looking for missing packages"
"$tree/deploy/packages/install.sh" build

say "building into $build (some minutes the first time)"
log=$build/build.log
mkdir -p "$build"
{
  cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=OFF \
    -DCMAKE_INSTALL_PREFIX="$build/installed" &&
    cmake --build "$build" && cmake --install "$build"
} >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  say "the build failed; all of its output is in $log"
  exit 1
}
agent=$build/installed/bin/cgsentry
[ -z "$build_only" ] || { say "built $agent"; exit 0; }

say "what this host allows:"
"$agent" doctor >&2 || say "some of it is missing; the agent says below what it goes without"
say "running $agent; Ctrl-C stops it"
exec "$agent" run "$@"
