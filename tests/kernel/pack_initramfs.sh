#!/usr/bin/env bash
# Packs the guest's whole file system: pack_initramfs.sh KERNEL_DIR BUILD_DIR OUTPUT
#
# In: a folder of fetch_kernel.sh and a build tree. Out: an uncompressed cpio (unpacking under
# emulation costs more than reading) with busybox, the modules that virtio disks and engines need, runc, the agent
# with its shared libraries and the shipped rules, the tests of host/, the load programs and the scenarios. What the build
# tree does not have yet is left out; the scenario that needs it fails there and says so.
# Tested by every kernel test.
set -euo pipefail

kernel_dir=$1 build=$2 output=$3
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

add_program() { # FILE TARGET: with the libraries that the loader would look for, at the same paths
  local library
  install -D -m 755 "$1" "$root$2"
  strip --strip-debug "$root$2" 2>/dev/null || true
  # A static program makes ldd fail; it needs nothing.
  { ldd "$1" 2>/dev/null || true; } | grep -oE '/[^ ]+' | while read -r library; do
    [ -e "$root$library" ] || install -D -m 755 "$library" "$root$library"
  done
}

mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,etc,var/lib,root,result,modules,test}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$root/bin/busybox" "$root/test/busybox"
cp "$here/guest/init" "$root/init"
chmod 755 "$root/init"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"

# Modules in the order in which they can be inserted. A kernel that has one built in lists none.
release=$(cat "$kernel_dir/release")
module_dir=$kernel_dir/modules/lib/modules/$release
for module in virtio_pci virtio_blk overlay; do
  sed -n "s#:##; \#/$module\.ko#p" "$module_dir/modules.dep" | tr ' ' '\n' | tac
done | awk 'NF && !seen[$0]++' | while read -r file; do
  cp "$module_dir/$file" "$root/modules/"
  basename "$file" >>"$root/modules/order"
done

cp -r "$here/guest" "$here/scenarios" "$here/rules" "$root/test/"
/usr/bin/python3 "$here/deployed/pod_of_daemonset.py" "$tree/deploy/kubernetes/daemonset.yaml" >"$root/test/pod.yaml"
mkdir -p "$root/test/load" "$root/usr/share/cgsentry"
[ ! -d "$build/tests/kernel/load" ] || find "$build/tests/kernel/load" -maxdepth 1 -type f -perm -100 \
  -exec cp {} "$root/test/load/" \;
[ ! -d "$tree/rules" ] || cp -r "$tree/rules" "$root/usr/share/cgsentry/"
# The shipped rules are looked for below the prefix that the agent was built for.
mkdir -p "$root/usr/local/share"
ln -s /usr/share/cgsentry "$root/usr/local/share/cgsentry"
agent=$(find "$build/agent" -maxdepth 2 -type f -name cgsentry -perm -100 -print -quit 2>/dev/null || true)
[ -z "$agent" ] || add_program "$agent" /usr/bin/cgsentry
[ ! -x "$build/tests/kernel/host/kernel_host" ] || add_program "$build/tests/kernel/host/kernel_host" /usr/bin/kernel_host
[ ! -x "$build/tests/kernel/host/series_recorder" ] ||
  add_program "$build/tests/kernel/host/series_recorder" /usr/bin/series_recorder
[ ! -x "$build/tests/bench/tick_bench" ] || add_program "$build/tests/bench/tick_bench" /usr/bin/tick_bench
runc=$(command -v runc || true)
[ -z "$runc" ] || add_program "$runc" /usr/sbin/runc

(cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet) >"$output"
