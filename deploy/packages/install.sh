#!/usr/bin/env bash
# Installs what is missing of the package lists beside this file: install.sh LIST…
#
# Asks apt only for packages that are not there, so a second run needs neither root nor a network.
# Works on Debian 12; on another system it says which packages it would need.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
missing=()
for list in "$@"; do
  while read -r package; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
  done < <(sed '/^#/d' "$here/$list")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "install.sh: no apt-get here; install what these Debian packages hold: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "install.sh: run as root (sudo), or install: apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get -q -y update >&2
apt-get -q -y install --no-install-recommends "${missing[@]}" >&2
