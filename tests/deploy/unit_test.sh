#!/bin/sh
# systemd accepts deploy/systemd/cgsentry.service without a complaint: unit_test.sh AGENT
#
# A copy is verified in which the installed agent is the built one, because systemd also wants the
# program to exist. systemd-analyze prints complaints and still exits with 0 for some, so any output fails.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed "s#^ExecStart=/usr/bin/cgsentry#ExecStart=$1#" "$(dirname "$0")/../../deploy/systemd/cgsentry.service" \
  >"$folder/cgsentry.service"
grep -q "^ExecStart=$1 run" "$folder/cgsentry.service"
complaints=$(systemd-analyze verify "$folder/cgsentry.service" 2>&1) || true
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
