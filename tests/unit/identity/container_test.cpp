// Paths of real engines and managers, and what they are.
#include "identity/container.h"

#include <string>
#include <vector>

#include "support/catch.h"

using namespace cgsentry;
using identity::classify;
using identity::Identity;
using identity::Role;

namespace {

const std::string kId(64, 'a');
constexpr auto kUid = "8a3b0c1d-1111-2222-3333-444455556666";
constexpr auto kUidSlice = "8a3b0c1d_1111_2222_3333_444455556666";

struct Case {
  std::string path;
  Role role;
  std::string runtime;
  std::string name;
  std::string pod_uid;
};

std::vector<Case> cases() {
  const std::string id = kId.substr(0, 12);
  const std::string slice =
      std::string("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod") + kUidSlice +
      ".slice";
  const std::string fs = std::string("/kubepods/burstable/pod") + kUid;
  return {
      {"/", Role::inner, "", "", ""},
      // docker
      {"/docker", Role::inner, "", "", ""},
      {"/docker/" + kId, Role::container, "docker", id, ""},
      {"/system.slice/docker-" + kId + ".scope", Role::container, "docker", id, ""},
      {"/system.slice/docker.service", Role::unit, "systemd", "docker.service", ""},
      // containerd and nerdctl
      {"/default/" + kId, Role::container, "containerd", id, ""},
      {"/system.slice/nerdctl-" + kId + ".scope", Role::container, "containerd", id, ""},
      {"/default/web", Role::other, "", "web", ""},
      // podman
      {"/libpod_parent", Role::inner, "", "", ""},
      {"/libpod_parent/libpod-" + kId, Role::container, "podman", id, ""},
      {"/machine.slice/libpod-" + kId + ".scope", Role::container, "podman", id, ""},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope",
       Role::container, "podman", id, ""},
      // CRI-O
      {"/system.slice/crio-" + kId + ".scope", Role::container, "cri-o", id, ""},
      // Kubernetes, systemd driver
      {"/kubepods.slice", Role::inner, "systemd", "", ""},
      {"/kubepods.slice/kubepods-burstable.slice", Role::inner, "systemd", "", ""},
      {slice, Role::inner, "", "", kUid},
      {slice + "/cri-containerd-" + kId + ".scope", Role::container, "containerd", id, kUid},
      {slice + "/crio-" + kId + ".scope", Role::container, "cri-o", id, kUid},
      {slice + "/docker-" + kId + ".scope", Role::container, "docker", id, kUid},
      {std::string("/kubepods.slice/kubepods-pod") + kUidSlice + ".slice/cri-containerd-" + kId +
           ".scope",
       Role::container, "containerd", id, kUid},
      // Kubernetes, cgroupfs driver
      {"/kubepods", Role::inner, "", "", ""},
      {"/kubepods/burstable", Role::inner, "", "", ""},
      {fs, Role::inner, "", "", kUid},
      {fs + "/" + kId, Role::container, "containerd", id, kUid},
      {fs + "/crio-" + kId, Role::container, "cri-o", id, kUid},
      {std::string("/kubepods/pod") + kUid + "/" + kId, Role::container, "containerd", id, kUid},
      // systemd
      {"/system.slice", Role::inner, "systemd", "", ""},
      {"/init.scope", Role::unit, "systemd", "init.scope", ""},
      {"/system.slice/nginx.service", Role::unit, "systemd", "nginx.service", ""},
      {"/system.slice/system-getty.slice/getty@tty1.service", Role::unit, "systemd",
       "getty@tty1.service", ""},
      {"/system.slice/dev-disk-by\\x2duuid.swap", Role::unit, "systemd", "dev-disk-by-uuid.swap",
       ""},
      {"/user.slice/user-1000.slice", Role::inner, "systemd", "", ""},
      {"/user.slice/user-1000.slice/user@1000.service", Role::inner, "systemd", "", ""},
      {"/user.slice/user-1000.slice/session-2.scope", Role::unit, "systemd", "session-2.scope", ""},
      // neither
      {"/mygroup", Role::other, "", "mygroup", ""},
      {"/mygroup/part", Role::other, "", "part", ""},
      {"/docker/" + kId.substr(1), Role::other, "", kId.substr(1), ""},
      {"/docker-" + kId + "x.scope", Role::unit, "systemd", "docker-" + kId + "x.scope", ""},
  };
}

}  // namespace

TEST_CASE("paths of real engines are what they are") {
  for (const Case& each : cases()) {
    CAPTURE(each.path);
    const Identity found = classify(each.path);
    CHECK(found.role == each.role);
    CHECK(found.runtime == each.runtime);
    const Labels labels = identity::labels_of(found, each.path);
    CHECK(labels.get("id") == each.path);
    CHECK(labels.get("name") == each.name);
    CHECK(labels.get("pod_uid") == each.pod_uid);
  }
}

TEST_CASE("a container has its whole id as a label") {
  const std::string path = "/docker/" + kId;
  CHECK(identity::labels_of(classify(path), path).get("container_id") == kId);
}

TEST_CASE("no name that a container chooses breaks a label") {
  for (const std::string& path :
       {std::string("/a\nb"), std::string("/\x1b[31mred"), std::string("/\xff\xfe"),
        "/" + std::string(4'000, 'n'), std::string("/x\\x"), std::string("/x\\x2"),
        std::string("/y\\xzz.service"), std::string("/pod"), std::string("/kubepods/pod"),
        std::string("/kubepods.slice/kubepods-pod.slice"), std::string("//"),
        std::string("///a")}) {
    CAPTURE(path);
    for (const Label& label : identity::labels_of(classify(path), path)) {
      CHECK(label.value.size() <= 1'024);
      CHECK(label.value.find_first_of("\n\x1b\xff") == std::string::npos);
    }
  }
}
