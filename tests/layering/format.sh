#!/usr/bin/env bash
# Is every C and C++ file laid out as .clang-format says? format.sh [--fix]
#
# Prints the files that are not and exits 1; with --fix lays them out instead. Version 14 of
# clang-format, Debian 12's, because each version lays some lines out differently.
set -euo pipefail
cd "$(dirname "$0")/../.."

sources() {
  find agent bpf tests -type f \( -name '*.h' -o -name '*.c' -o -name '*.cpp' \) -print0
}
if [ "${1-}" = --fix ]; then
  sources | xargs -0 -r clang-format-14 -i
  exit
fi
# Not -Werror alone: it shows every line that is wrong, and hides a clang-format that is missing.
clang-format-14 --version >/dev/null
wrong=$(sources | xargs -0 -r clang-format-14 --dry-run 2>&1 | sed -nE 's/^([^ :]+):[0-9]+:[0-9]+: .*/\1/p' | sort -u)
[ -z "$wrong" ] || { echo "not laid out as .clang-format says (tests/layering/format.sh --fix):"; echo "$wrong"; exit 1; }
