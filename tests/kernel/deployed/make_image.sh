#!/usr/bin/env bash
# Builds the image of deploy/docker/Dockerfile without a registry: make_image.sh OUTPUT
#
# Out: a docker-archive tar with localhost/cgsentry:VERSION. Its base is the clean debootstrap root, its builder the root
# that has the packages of building. buildah runs the build steps in a chroot, so no engine needs to run here;
# its store is a folder that is removed again. Needs root. Tested by the scenarios image and kube.
set -euo pipefail

output=${1:?usage: make_image.sh OUTPUT}
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../../.." && pwd)
version=$(sed -n 's/^project(cgsentry VERSION \([0-9.]*\).*/\1/p' "$tree/CMakeLists.txt")
base=$("$here/make_root.sh" clean)
builder=$("$here/make_root.sh" builder)

store=$(mktemp -d -p "${CGSENTRY_CACHE:-/var/cache/cgsentry-tests}" store.XXXXXX)
cleanup() {
  umount -R "$store/root/overlay" 2>/dev/null || true
  rm -rf --one-file-system "$store"
}
trap cleanup EXIT
run_buildah() {
  buildah --root "$store/root" --runroot "$store/run" --storage-driver overlay "$@"
}

import_root() { # TAR NAME
  local container
  container=$(run_buildah from scratch)
  run_buildah add -q "$container" "$1" / >/dev/null
  run_buildah commit -q "$container" "localhost/$2" >/dev/null
  run_buildah rm "$container" >/dev/null
}
import_root "$base" debian-base
import_root "$builder" debian-builder

# The network is this machine's: apt in the base needs the sources that make_root.sh has put there.
ccache_dir=$(ccache --get-config cache_dir)
mkdir -p "$ccache_dir"
run_buildah build --isolation chroot --layers=false --network host --pull=never \
  --volume "$ccache_dir:/root/.cache/ccache" --volume /etc/resolv.conf:/etc/resolv.conf:ro \
  --build-arg BASE=localhost/debian-base --build-arg BUILDER=localhost/debian-builder \
  --ignorefile "$tree/deploy/docker/Dockerfile.dockerignore" \
  -f "$tree/deploy/docker/Dockerfile" -t "localhost/cgsentry:$version" "$tree" >&2
mkdir -p "$(dirname "$output")"
rm -f "$output"
run_buildah push -q "localhost/cgsentry:$version" "docker-archive:$output:localhost/cgsentry:$version"
