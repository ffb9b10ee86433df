#!/bin/sh
# Sourced after checks.sh: containers of runc with any cgroup path and limits, without images or networks.
#
# A container shares the machine's network and a read-only root (busybox and the load programs), so it
# costs one runc and nothing else. Its cgroup path is what docker with the cgroupfs driver would give it.

CONTAINER_ROOT=/run/container-root

container_id() { # NAME: 64 hexadecimal digits, the same for the same name
  echo "$1" | sha256sum | cut -d ' ' -f 1
}

container_cgroup() { # NAME: its folder in cgroupfs
  echo "/sys/fs/cgroup/docker/$(container_id "$1")"
}

make_container_root() {
  mkdir -p $CONTAINER_ROOT/bin $CONTAINER_ROOT/proc $CONTAINER_ROOT/dev $CONTAINER_ROOT/tmp
  cp /test/load/* /test/busybox $CONTAINER_ROOT/bin/
  $CONTAINER_ROOT/bin/busybox --install $CONTAINER_ROOT/bin
}

json_words() { # WORD…: "a","b"
  separator=''
  for word in "$@"; do
    printf '%s"%s"' "$separator" "$word"
    separator=,
  done
}

make_bundle() { # NAME MEMORY_BYTES|0 CPU_QUOTA_US|0 WORD…: sets id and bundle
  container_name=$1 memory=$2 quota=$3
  shift 3
  [ -d $CONTAINER_ROOT ] || make_container_root
  id=$(container_id "$container_name")
  bundle=/run/bundles/$id
  mkdir -p "$bundle"
  limits=''
  [ "$memory" = 0 ] || limits="\"memory\":{\"limit\":$memory}"
  [ "$quota" = 0 ] || limits="$limits${limits:+,}\"cpu\":{\"quota\":$quota,\"period\":100000}"
  cat >"$bundle/config.json" <<END
{"ociVersion":"1.0.2","hostname":"$container_name",
 "process":{"terminal":false,"user":{"uid":0,"gid":0},"cwd":"/","env":["PATH=/bin"],"args":[$(json_words "$@")]},
 "root":{"path":"$CONTAINER_ROOT","readonly":true},
 "mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
 "linux":{"cgroupsPath":"/docker/$id","resources":{$limits},
          "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"}]}}
END
}

# --no-pivot: the initramfs cannot be pivoted away from.
run_container() { # NAME MEMORY_BYTES|0 CPU_QUOTA_US|0 WORD…: started when it returns; output in /result/NAME.output
  make_bundle "$@"
  runc run --no-pivot --detach --bundle "$bundle" "$id" >"/result/$container_name.output" 2>&1 </dev/null ||
    { cat "/result/$container_name.output"; return 1; }
}

run_to_end() { # NAME MEMORY_BYTES|0 CPU_QUOTA_US|0 WORD…: as run_container, but ended and removed when it returns
  make_bundle "$@"
  runc run --no-pivot --bundle "$bundle" "$id" >>"/result/$container_name.output" 2>&1 </dev/null
}

container_ended() { # NAME
  [ "$(runc state "$(container_id "$1")" | sed -n 's/.*"status": "\(.*\)".*/\1/p')" = stopped ]
}

remove_container() { # NAME: kills what still runs in it and removes its cgroup
  runc delete --force "$(container_id "$1")"
}
