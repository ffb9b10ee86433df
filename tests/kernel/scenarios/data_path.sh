#!/bin/sh
# limit: 200
# Every probe loads on this kernel, and the tests of the data path that run on the host's kernel (host/) hold here too,
# where all controllers are in cgroup2.
. ./guest/checks.sh

cgsentry doctor >/result/doctor 2>&1
check "doctor says that agent can run" test $? = 0
cat /result/doctor
check "every probe loads and every controller is there" sh -c "! grep -E '^(missing|FAIL)' /result/doctor"

kernel_host --list-test-names-only >/run/tests
while read -r test; do
  check "$test" kernel_host "$test"
done </run/tests
