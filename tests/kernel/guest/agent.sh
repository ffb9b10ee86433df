#!/bin/sh
# Sourced after checks.sh: the agent in a test machine, its lines and its webhook.
#
# /result/alerts   lines of its stdout, each behind the CLOCK_MONOTONIC ns at which it came
# /result/webhook  bodies that the receiver got, likewise
# /result/agent.log  its messages

write_config() { # RULE_FILE…: the shipped rules when there is none
  mkdir -p /var/lib/cgsentry /etc/cgsentry
  {
    echo "node_name: test-machine"
    echo "journal: {path: /var/lib/cgsentry/journal}"
    echo "sinks: {webhooks: [{url: 'http://127.0.0.1:9099/hook'}]}"
    [ $# -eq 0 ] || echo "rules: [$(json_words "$@")]"
  } >/etc/cgsentry/config.yaml
}

start_agent() { # AGENT_OPTION…: returns once the agent watches
  mkfifo /run/agent.stdout
  touch /result/alerts /result/webhook /result/agent.log
  webhook_receiver 9099 /result/webhook &
  stamp_lines </run/agent.stdout >/result/alerts &
  cgsentry run --config /etc/cgsentry/config.yaml "$@" >/run/agent.stdout 2>/result/agent.log &
  agent_pid=$!
  await 30 agent_watches || { cat /result/agent.log; return 1; }
}

agent_watches() {
  grep -q watching /result/agent.log
}

stop_agent() { # ends the agent as a service manager would; fails when it takes more than 5 s
  kill -TERM "$agent_pid"
  await 5 agent_ended
}

agent_ended() { # a zombie counts: its parent has not looked yet
  case $(sed 's/.*) //' "/proc/$agent_pid/stat" 2>/dev/null) in
    '' | Z*) true ;;
    *) false ;;
  esac
}

lines_of() { # STATUS ALERTNAME ID_PART: how many
  grep "\"status\":\"$1\"" /result/alerts | grep "\"alertname\":\"$2\"" | grep -c "$3"
}

has_line() { # STATUS ALERTNAME ID_PART
  [ "$(lines_of "$@")" -gt 0 ]
}
