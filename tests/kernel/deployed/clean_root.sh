#!/usr/bin/env bash
# On a fresh Debian 12 the two commands of the README work: clean_root.sh quickstart | tests
#
# A debootstrap root with nothing installed is the fresh machine. It runs on this machine's kernel in namespaces of
# its own, because a test machine has no network for apt. What the root is told of this machine is how apt
# and the resolver reach the network; nothing of it is kept. Needs root.
#   quickstart  deploy/quickstart.sh installs, builds and watches until Ctrl-C, then ends with 0
#   tests       tests/run.sh --quick passes
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../../.." && pwd)
part=${1:?usage: clean_root.sh quickstart|tests}
[ "$(id -u)" -eq 0 ] || { echo "not ok clean root: needs root"; exit 1; }

archive=$("$here/make_root.sh" clean)
# Not in /tmp: a compiler's output is large, and /tmp may be memory.
root=$(mktemp -d -p "${CGSENTRY_CACHE:-/var/cache/cgsentry-tests}" clean.XXXXXX)
cleanup() {
  local status=$?
  umount -R "$root" 2>/dev/null || true
  rm -rf --one-file-system "$root"
  exit $status
}
trap cleanup EXIT
# A mount of its own, as the root of a machine is: tests that unshare mounts want that.
mount --bind --make-private "$root" "$root"
tar -C "$root" -xf "$archive"
mkdir -p "$root/src"
git -C "$tree" ls-files -z --cached --others --exclude-standard |
  tar -C "$tree" --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -C "$root/src" -xf -

cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
[ ! -d /usr/local/share/ca-certificates ] || cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mount --rbind --make-rslave /dev "$root/dev"
mount --rbind --make-rslave /sys "$root/sys"
# What this machine has compiled before need not be compiled again; a fresh machine only takes longer.
ccache_dir=$(ccache --get-config cache_dir 2>/dev/null || true)
if [ -d "$ccache_dir" ]; then
  mkdir -p "$root/root/.cache/ccache"
  mount --bind "$ccache_dir" "$root/root/.cache/ccache"
fi

inside() { # WORD…: in the root, with processes of its own that end with it
  unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$root" "$@"
}

case $part in
  quickstart)
    # Ctrl-C goes to the whole foreground group; here the agent is told alone, as `exec` made it the script.
    cat >"$root/try.sh" <<'END'
set -eu
: >/said
/src/deploy/quickstart.sh >/alerts 2>/said &
pid=$!
tries=0
until grep -q watching /said; do
  kill -0 $pid || { cat /said; exit 1; }
  tries=$((tries + 1)); [ $tries -lt 1200 ] || { tail -n 20 /said; exit 1; }
  sleep 1
done
sleep 3
kill -INT $pid
status=0
wait $pid || status=$?
cat /said
exit $status
END
    # A background process of a shell ignores SIGINT unless job control is on.
    if inside bash -m /try.sh >"$root/output" 2>&1; then
      grep -E 'quickstart:|watching' "$root/output" | sed 's/^/#   /'
      echo "ok quickstart.sh installs, builds and watches on a clean root, and ends with Ctrl-C"
    else
      tail -n 40 "$root/output" | sed 's/^/#   /'
      echo "not ok quickstart.sh on a clean root"
      exit 1
    fi ;;
  tests)
    if inside env CI="${CI-}" /src/tests/run.sh --quick >"$root/output" 2>&1; then
      tail -n 6 "$root/output" | sed 's/^/#   /'
      echo "ok tests/run.sh --quick passes on a clean root"
    else
      sed -n '/^==== gcc/,$p' "$root/output" | tail -n 60 | sed 's/^/#   /'
      echo "not ok tests/run.sh --quick on a clean root"
      exit 1
    fi ;;
  *) echo "clean_root.sh: unknown part $part" >&2; exit 64 ;;
esac
