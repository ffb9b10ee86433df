#!/usr/bin/env bash
# Prometheus' promtool, as Debian builds it: promtool.sh ARGUMENT…
#
# The one of the PATH, or one that is unpacked from the package `prometheus` into the tests' cache.
# The package is not installed, because it would start a server.
set -euo pipefail

if command -v promtool >/dev/null; then
  exec promtool "$@"
fi
cache=${CGSENTRY_CACHE:-/var/cache/cgsentry-tests}/prometheus
if [ ! -x "$cache/usr/bin/promtool" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get -q -o APT::Sandbox::User=root download prometheus) >&2
  dpkg -x "$work"/prometheus_*.deb "$work/root"
  mkdir -p "$(dirname "$cache")"
  # Two tests may come here at once; the first one's copy is as good as the second's.
  mv -T "$work/root" "$cache" 2>/dev/null || [ -x "$cache/usr/bin/promtool" ]
  rm -rf "$work"
  trap - EXIT
fi
exec "$cache/usr/bin/promtool" "$@"
