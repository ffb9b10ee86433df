#!/usr/bin/env bash
# Boots a virtual machine, runs one scenario in it and judges what came out. See tests/README.md.
#
#   run_vm.sh [--kernel 6.1] [--build DIR] [--out DIR] [--limit SECONDS] [--keep] SCENARIO
#
#   SCENARIO   scenarios/SCENARIO.sh runs in the guest; scenarios/SCENARIO.py, where there is one,
#              judges on this side what the guest recorded
#   --build    build tree with the agent and the load programs (build/release)
#   --out      keeps the console and the guest's records here (a folder in --build)
#   --limit    seconds for one try, instead of the scenario's own
#   --keep     keeps the initramfs too
#
# The head of a scenario can ask for more than the default machine:
#   # limit: 200      seconds for one try (120)
#   # memory: 3072    megabytes (1536)
#   # kernels: 6.12   CTest runs it on that kernel only
#   # root: engines   boots into the disk of deployed/make_root.sh instead of staying in the initramfs
#   # scratch: 256    two more disks of so many megabytes with an empty ext4: "fast", and "slow", which does
#                     25 reads and writes a second
#   # image: yes      hands over the image of deployed/make_image.sh, which CTest has built before
#
# Out: one line per check ("ok NAME" / "not ok NAME"), exit 0 when all held, 1 when one did not, 2 when
# the machine gave no result in two tries. A guest that hangs or dies is started once more, and the
# output says so: emulated kernels lock up now and then, and a hidden retry would hide ours as well.
# QEMU's software emulation is the default, because KVM is absent or broken on most CI machines;
# CGSENTRY_ACCEL=kvm uses it. Needs no root. Tested by every kernel test.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
kernel=6.1 build=$tree/build/release out='' limit='' keep='' scenario=''
while [ $# -gt 0 ]; do
  case $1 in
    --kernel) kernel=$2; shift ;;
    --build) build=$(realpath "$2"); shift ;;
    --out) out=$2; shift ;;
    --limit) limit=$2; shift ;;
    --keep) keep=yes ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 0 ;;
    -*) echo "run_vm.sh: unknown option $1" >&2; exit 64 ;;
    *) scenario=$1 ;;
  esac
  shift
done
script=$here/scenarios/$scenario.sh
if [ -z "$scenario" ] || [ ! -f "$script" ]; then
  echo "run_vm.sh: no scenario '$scenario'; there are: $(cd "$here/scenarios" && ls ./*.sh | sed 's#^\./##; s/\.sh$//' | xargs)" >&2
  exit 64
fi
wish() { # NAME DEFAULT: what the head of the scenario says
  local said
  said=$(sed -n "s/^# $1: *//p" "$script" | head -n 1)
  echo "${said:-$2}"
}
limit=${limit:-$(wish limit 120)}
memory=$(wish memory 1536)
out=${out:-$build/kernel-tests/$kernel-$scenario}

kernel_dir=$("$here/fetch_kernel.sh" "$kernel")
root='' image=''
if [ -n "$(wish root '')" ]; then
  root=$("$here/deployed/make_root.sh" "$(wish root '')")
fi
if [ "$(wish image no)" = yes ]; then
  image=$build/kernel-tests/image.tar
  [ -e "$image" ] || { echo "not ok $scenario: no $image; run tests/kernel/deployed/make_image.sh $image" >&2; exit 2; }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/pack_initramfs.sh" "$kernel_dir" "$build" "$work/initramfs"

disk() { # NAME FILE OPTION…: what the guest finds by its serial number
  local name=$1 file=$2
  shift 2
  echo "-drive if=none,id=$name,file=$file,format=raw,cache=unsafe$(printf ',%s' "$@")" \
    "-device virtio-blk-pci,drive=$name,serial=$name"
}

scratch() { # MEGABYTES: prints the two disks. Without a journal, whose thread would wait in place of the container
  local name
  for name in fast slow; do
    truncate -s "${1}M" "$work/$name.img"
    PATH=$PATH:/usr/sbin mke2fs -q -t ext4 -O ^has_journal "$work/$name.img"
  done
  disk fast "$work/fast.img"
  disk slow "$work/slow.img" throttling.iops-total=25
}

boot() { # one try; 0 when the guest handed back a result
  local accel=tcg,thread=multi,tb-size=512 cpu=max mode=initramfs drives
  if [ "${CGSENTRY_ACCEL:-tcg}" = kvm ]; then accel=kvm cpu=host; fi
  rm -rf "$out"
  mkdir -p "$out"
  truncate -s 64M "$work/result.img"
  drives=$(disk result "$work/result.img" discard=unmap)
  if [ -n "$root" ]; then
    mode=disk
    drives="$drives $(disk root "$root" snapshot=on)"
  fi
  [ -z "$image" ] || drives="$drives $(disk image "$image" readonly=on)"
  [ -z "$(wish scratch '')" ] || drives="$drives $(scratch "$(wish scratch '')")"
  # shellcheck disable=SC2086  # the drives are a list of words
  timeout --foreground -k 5 "$limit" qemu-system-x86_64 -M q35 -accel "$accel" -cpu "$cpu" \
    -m "$memory" -smp 2 -nodefaults -no-user-config -no-reboot -display none \
    -serial "file:$out/console" -serial "file:$out/live" $drives \
    -kernel "$kernel_dir/vmlinuz" -initrd "$work/initramfs" \
    -append "console=ttyS0 panic=-1 quiet loglevel=4 mitigations=off nokaslr random.trust_cpu=on tsc=reliable psi=1 cgsentry.mode=$mode cgsentry.scenario=$scenario" \
    >"$out/qemu" 2>&1 || true
  tar -C "$out" -xf "$work/result.img" 2>/dev/null && [ -e "$out/finished" ]
}

started=$SECONDS
if ! boot; then
  echo "# retry: $scenario on $kernel gave no result within $limit s; its last lines were"
  tail -n 15 "$out/console" "$out/live" 2>/dev/null | tr -d '\r' | sed 's/^/#   /'
  rm -rf "$out-first-try"
  cp -r "$out" "$out-first-try"
  if ! boot; then
    echo "not ok $scenario on $kernel: no result in two tries; see $out/console"
    tail -n 15 "$out/console" "$out/live" 2>/dev/null | tr -d '\r' | sed 's/^/#   /'
    exit 2
  fi
fi
[ -z "$keep" ] || cp "$work/initramfs" "$out/"

status=0
/usr/bin/python3 "$here/judge.py" "$scenario" "$out" || status=1
echo "# $scenario on $(cat "$out/release"): $((SECONDS - started)) s, records in $out"
exit $status
