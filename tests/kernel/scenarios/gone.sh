#!/bin/sh
# A container that is removed while its alert fires gives exactly one resolved line, with reason "gone".
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/agent.sh

write_config /test/rules/short.yaml
check "the agent watches" start_agent || exit

id=$(container_id full)
check "a container near its limit starts" run_container full 33554432 0 memory_eater 29 600
check "its memory alert fires" await 15 has_line firing NearLimit "$id"
check "the container is removed" remove_container full
check "its alert resolves" await 10 has_line resolved NearLimit "$id"

# Another container goes through the same, so that the first had time for a second line.
check "a second container fires" run_container other 33554432 0 memory_eater 29 600
check "its alert fires" await 15 has_line firing NearLimit "$(container_id other)"
check "the second container is removed" remove_container other
check "its alert resolves too" await 10 has_line resolved NearLimit "$(container_id other)"

check "the first has one firing and one resolved line" test "$(grep -c "$id" /result/alerts)" = 2
check "both resolved because they are gone" test "$(grep -c '"reason":"gone"' /result/alerts)" = 2
check "the webhook says so too" await 5 grep -q '"status":"resolved"' /result/webhook
check "the agent ends within 5 s of SIGTERM" stop_agent
