#include "identity/container.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include "base/text.h"

namespace cgsentry::identity {

namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kShortId = 12;
constexpr std::size_t kMaxPathLabelBytes = 1024;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_container_id(std::string_view text) {
  return text.size() == kIdDigits && is_hex(text);
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash > 0) {
      parts.push_back(path.substr(0, slash));
    }
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
  }
  return parts;
}

/// "PREFIX-ID.scope" or "PREFIX-ID" of the runtimes that mark their scopes.
struct Marked {
  std::string_view prefix;
  std::string_view runtime;
};
constexpr std::array<Marked, 6> kMarked{{{"cri-containerd-", "containerd"},
                                         {"nerdctl-", "containerd"},
                                         {"docker-", "docker"},
                                         {"crio-", "cri-o"},
                                         {"libpod-", "podman"},
                                         {"podman-", "podman"}}};

std::optional<Identity> from_marked(std::string_view name) {
  if (name.ends_with(".scope")) {
    name.remove_suffix(6);
  }
  for (const auto& [prefix, runtime] : kMarked) {
    if (name.starts_with(prefix) && is_container_id(name.substr(prefix.size()))) {
      return Identity{Role::container, std::string(runtime),
                      std::string(name.substr(prefix.size())), "", ""};
    }
  }
  return std::nullopt;
}

/// "kubepods-burstable-podUID.slice" with underscores, or "podUID" with dashes.
std::optional<std::string> pod_uid_of(std::string_view name) {
  if (name.ends_with(".slice")) {
    const std::size_t pod = name.rfind("-pod");
    if (!name.starts_with("kubepods") || pod == name.npos) {
      return std::nullopt;
    }
    std::string uid(name.substr(pod + 4, name.size() - pod - 10));
    std::ranges::replace(uid, '_', '-');
    return uid;
  }
  if (name.starts_with("pod") && name.size() > 3) {
    return std::string(name.substr(3));
  }
  return std::nullopt;
}

bool is_kubernetes(const std::vector<std::string_view>& parts) {
  return std::ranges::any_of(parts, [](std::string_view part) {
    return part == "kubepods" || part == "kubepods.slice" || part.ends_with("-kubepods.slice");
  });
}

std::optional<Identity> from_plain_id(const std::vector<std::string_view>& parts) {
  if (!is_container_id(parts.back()) || parts.size() < 2) {
    return std::nullopt;
  }
  // Whoever writes /NAMESPACE/ID speaks to containerd; Kubernetes' cgroupfs driver does too.
  const bool docker = parts[parts.size() - 2] == "docker";
  return Identity{Role::container, docker ? "docker" : "containerd", std::string(parts.back()), "",
                  ""};
}

/// "\x2d" in a unit's name is an escaped byte.
std::string unescape_unit(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return std::isxdigit(static_cast<unsigned char>(name[at])) != 0;
    };
    if (name.substr(i).starts_with("\\x") && i + 3 < name.size() && digit(i + 2) && digit(i + 3)) {
      out += static_cast<char>(std::stoi(std::string(name.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      out += name[i];
    }
  }
  return out;
}

Identity from_unit(std::string_view name) {
  Identity identity;
  if (name.ends_with(".slice")) {
    identity.role = Role::inner;
    identity.runtime = "systemd";
  } else if (name.ends_with(".service") || name.ends_with(".scope") || name.ends_with(".socket") ||
             name.ends_with(".mount") || name.ends_with(".swap")) {
    // user@1000.service holds a whole service manager with containers of its own.
    identity.role = name.starts_with("user@") ? Role::inner : Role::unit;
    identity.runtime = "systemd";
    identity.unit = unescape_unit(name);
  }
  return identity;
}

constexpr std::array<std::string_view, 9> kParents{"docker",     "kubepods",   "burstable",
                                                   "besteffort", "guaranteed", "libpod_parent",
                                                   "machine",    "lxc",        "k8s.io"};

}  // namespace

Identity classify(std::string_view path) {
  const std::vector<std::string_view> parts = components(path);
  if (parts.empty()) {
    return {Role::inner, "", "", "", ""};
  }
  const std::string_view name = parts.back();
  std::string pod_uid;
  if (is_kubernetes(parts)) {
    for (const std::string_view part : parts) {
      pod_uid = pod_uid_of(part).value_or(pod_uid);
    }
  }
  Identity identity;
  if (auto marked = from_marked(name)) {
    identity = std::move(*marked);
  } else if (auto plain = from_plain_id(parts)) {
    identity = std::move(*plain);
  } else if (std::ranges::find(kParents, name) != kParents.end() ||
             (!pod_uid.empty() && pod_uid_of(name))) {
    identity.role = Role::inner;
  } else {
    identity = from_unit(name);
  }
  identity.pod_uid = pod_uid;
  return identity;
}

Labels labels_of(const Identity& identity, std::string_view path) {
  Labels labels;
  labels.set("id", text::clean(path, kMaxPathLabelBytes));
  labels.set("runtime", identity.runtime);
  labels.set("pod_uid", text::clean(identity.pod_uid));
  switch (identity.role) {
    case Role::container:
      labels.set("container_id", identity.container_id);
      labels.set("name", identity.container_id.substr(0, kShortId));
      break;
    case Role::unit:
      labels.set("name", text::clean(identity.unit));
      break;
    case Role::other:
      labels.set("name", text::clean(path.substr(path.rfind('/') + 1)));
      break;
    case Role::inner:
      break;
  }
  return labels;
}

}  // namespace cgsentry::identity
