#!/bin/sh
# limit: 150
# A container at its CPU quota raises the throttling alert once, and it resolves after the load ends.
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/agent.sh

write_config /test/rules/short.yaml
check "the agent watches" start_agent || exit

id=$(container_id busy)
check "a container with 0.2 CPUs starts" run_container busy 0 20000 sh -c "spinner 15; echo over; sleep 600"
check "its throttling fires" await 20 has_line firing Throttled "$id"
check "the alert does not resolve under load" test "$(lines_of resolved Throttled "$id")" = 0
check "the load ends" await 40 grep -q over /result/busy.output
check "the alert resolves" await 20 has_line resolved Throttled "$id"
check "it resolves because it cleared" grep -q '"status":"resolved".*"reason":"cleared"' /result/alerts
check "there is one line of each" test "$(lines_of firing Throttled "$id") $(lines_of resolved Throttled "$id")" = "1 1"
check "the agent ends within 5 s of SIGTERM" stop_agent
