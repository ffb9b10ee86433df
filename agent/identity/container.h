// From a cgroup's path to what it is: which runtime's container, which unit, which pod.
//
// Pure functions of the path, because that is all the kernel says. Names and labels that only a
// runtime knows come later; an unknown cgroup still has its path. A component holds any
// byte but '/', NUL and newline; what leaves as a label is clean (base/text). Tested by
// tests/unit/identity/container_test.cpp.
//
//   engine      cgroupfs driver                  systemd driver
//   docker      /docker/ID                       /system.slice/docker-ID.scope
//   containerd  /NAMESPACE/ID                    /…/cri-containerd-ID.scope
//   CRI-O       /…/crio-ID                       /…/crio-ID.scope
//   podman      /libpod_parent/libpod-ID         /machine.slice/libpod-ID.scope
//   Kubernetes  /kubepods/QOS/podUID/ID          /kubepods.slice/kubepods-QOS.slice/
//                                                kubepods-QOS-podUID.slice/RUNTIME-ID.scope
#pragma once

#include <string>
#include <string_view>

#include "model/labels.h"

namespace cgsentry::identity {

enum class Role {
  inner,      // a slice, a pod, a parent of containers: no tasks of interest of its own
  container,  // a runtime's container; everything below belongs to it
  unit,       // a systemd service or scope; everything below belongs to it
  other,      // unknown: measured by its path, and so is what is below it
};

struct Identity {
  Role role = Role::other;
  std::string runtime;       // "docker", "containerd", "cri-o", "podman", "systemd", …; or empty
  std::string container_id;  // 64 hexadecimal digits, or what containerd's client chose
  std::string unit;          // "nginx.service"
  std::string pod_uid;       // with dashes, as the API server writes it
};

/// `path` begins with '/' and is relative to the root of cgroup2.
[[nodiscard]] Identity classify(std::string_view path);

/// cAdvisor's labels where it has them: `id` (the path) and `name` (the short id or the unit);
/// and `runtime`, `container_id`, `pod_uid`. What is not known is not there.
[[nodiscard]] Labels labels_of(const Identity& identity, std::string_view path);

}  // namespace cgsentry::identity
