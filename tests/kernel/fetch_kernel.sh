#!/usr/bin/env bash
# Brings one of Debian's cloud kernels into the cache, ready for run_vm.sh: VERSION in, folder out.
#
#   fetch_kernel.sh 6.1 | 6.12        prints CACHE/kernel-VERSION, which holds
#     vmlinuz      the kernel
#     modules/     lib/modules/RELEASE with plain .ko files (busybox cannot read .ko.xz) and modules.dep
#     release      uname -r of that kernel
#
# The package comes with `apt-get download` from the machine's own sources and is unpacked, never
# installed. A kernel that is in the cache is used as it is; delete the folder to get a newer one.
# Tested by every kernel test.
set -euo pipefail

version=${1:?usage: fetch_kernel.sh VERSION}
cache=${CGSENTRY_CACHE:-/var/cache/cgsentry-tests}
target=$cache/kernel-$version
architecture=$(dpkg --print-architecture)

if [ -e "$target/ready" ]; then
  echo "$target"
  exit 0
fi

case $version in
  6.1) meta=linux-image-cloud-$architecture ;;
  *) meta=linux-image-$version-cloud-$architecture ;;
esac
package=$(apt-cache depends --no-recommends "$meta" 2>/dev/null |
  awk '/Depends: linux-image/ { print $2; exit }')
if [ -z "$package" ]; then
  echo "fetch_kernel.sh: apt knows no package $meta; run apt-get update, or add Debian's security suite" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$package") >&2
dpkg -x "$work"/*.deb "$work/root"

# From 6.16 on the modules are below usr/lib and the kernel may lie beside them.
modules=$(find "$work/root" -type d -path '*/lib/modules/*' -prune)
release=$(basename "$modules")
kernel=$(find "$work/root" -name 'vmlinuz*' -type f -print -quit)

rm -rf "$target"
mkdir -p "$target/modules/lib/modules"
cp "$kernel" "$target/vmlinuz"
cp -r "$modules" "$target/modules/lib/modules/$release"
find "$target/modules" -name '*.ko.xz' -print0 | xargs -0 -r -n 200 xz -d
# The package leaves modules.dep to its postinst script.
depmod -b "$target/modules" "$release"
echo "$release" >"$target/release"
touch "$target/ready"
echo "$target"
