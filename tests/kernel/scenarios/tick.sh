#!/bin/sh
# kernels: none
# memory: 3072
# limit: 900
# A benchmark, not a test (docs/benchmarks.md): what a tick costs beside reading the same containers' files, where all
# controllers are in cgroup2. Of an emulated machine only the ratio means something.
. ./guest/checks.sh

CGSENTRY_RULES=/usr/share/cgsentry/rules tick_bench --quick 1000 10 >/result/tick 2>&1
check "tick_bench measures" test $? = 0
cat /result/tick
