#!/bin/sh
# limit: 240
# Twenty containers, one after the other, take more memory than they may. Each gives the OOM line on
# stdout and at the webhook; the median time from the kernel's kill to the line is judged by oom.py.
# Half of the containers are removed at once, as an engine does, without waiting for the alert.
. ./guest/checks.sh
. ./guest/containers.sh
. ./guest/agent.sh

kernel_log >/result/kernel_log &
write_config
check "the agent watches" start_agent || exit

killed() { # NAME
  grep -q "oom_kill 1" "$(container_cgroup "$1")/memory.events"
}

number=1
while [ $number -le 20 ]; do
  name=victim-$number
  id=$(container_id $name)
  echo "$name $id" >>/result/victims
  run_container $name 33554432 0 sh -c "usleep 300000; exec memory_eater"
  await 20 killed $name || echo "$name was not killed"
  [ $((number % 2)) = 0 ] || remove_container $name
  await 5 has_line firing ContainerOomKilled "$id"
  [ $((number % 2)) = 1 ] || remove_container $name
  number=$((number + 1))
done

webhook_has_all() {
  [ "$(cut -d ' ' -f 2 /result/victims | while read -r id; do grep -q "$id" /result/webhook && echo; done | wc -l)" = 20 ]
}
check "the webhook receiver gets all of them" await 10 webhook_has_all
check "the agent ends within 5 s of SIGTERM" stop_agent
