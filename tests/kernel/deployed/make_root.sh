#!/usr/bin/env bash
# Makes Debian 12 root file systems for the deployed tests: make_root.sh clean | builder | engines
#
#   clean     what a fresh installation has and nothing more      -> root-clean.tar
#   builder   clean with the packages of building                  -> root-builder-HASH.tar
#   engines   clean with podman, as a disk for run_vm.sh --root    -> root-engines-HASH.img
#
# Prints the file, which stays in ${CGSENTRY_CACHE:-/var/cache/cgsentry-tests} until its package list
# changes (HASH). The packages come from the machine's own Debian sources, which are read from apt and
# written nowhere but into these roots. Needs root. Tested by the deployed tests.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../../.." && pwd)
cache=${CGSENTRY_CACHE:-/var/cache/cgsentry-tests}
name=${1:?usage: make_root.sh clean|builder|engines}

case $name in
  clean) packages=ca-certificates ;;
  builder) packages=ca-certificates,$(sed '/^#/d' "$tree/deploy/packages/build" | paste -sd,) ;;
  engines) packages=ca-certificates,podman,crun,conmon,catatonit,iptables,iproute2,procps ;;
  *) echo "make_root.sh: unknown root $name" >&2; exit 64 ;;
esac
file=$cache/root-$name-$(echo "$packages" | sha256sum | cut -c 1-12)
case $name in engines) file=$file.img ;; *) file=$file.tar ;; esac
if [ -e "$file" ]; then
  echo "$file"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$cache"
# shellcheck disable=SC2016  # these are apt's variables
apt-get indextargets 'Identifier: Packages' \
  --format '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI) $(RELEASE)' |
  awk '$1 == "Debian" && $2 == "main" && $3 ~ /^bookworm/ {
         print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $4, $5, $2 }' |
  sort -u >"$work/sources.list"
[ -s "$work/sources.list" ] || { echo "make_root.sh: this machine has no Debian 12 sources; run apt-get update" >&2; exit 1; }

mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  bookworm "$work/root.tar" "$work/sources.list" >&2
if [ "$name" = engines ]; then
  mkdir "$work/root"
  tar -C "$work/root" -xf "$work/root.tar"
  truncate -s 3G "$work/root.img"
  mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/root" "$work/root.img"
  mv "$work/root.img" "$file"
else
  mv "$work/root.tar" "$file"
fi
echo "$file"
