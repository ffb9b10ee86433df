#include "kernel/requirements.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <utility>

namespace cgsentry::kernel {

namespace {

// <linux/capability.h> of Debian 12 has both; the numbers are ABI since Linux 5.8.
constexpr std::array<std::pair<int, std::string_view>, 3> kCapabilities{
    {{CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}, {CAP_NET_ADMIN, "CAP_NET_ADMIN"}}};

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

/// The number after `key` in /proc/self/status, which is hexadecimal. 0 when it is not there.
std::uint64_t effective_capabilities(std::string_view status) {
  constexpr std::string_view key = "CapEff:\t";
  const std::size_t at = status.find(key);
  std::uint64_t bits = 0;
  if (at != status.npos) {
    const char* begin = status.data() + at + key.size();
    std::from_chars(begin, status.data() + status.size(), bits, 16);
  }
  return bits;
}

Requirement check_release(std::string_view release) {
  int major = 0;
  int minor = 0;
  const char* end = release.data() + release.size();
  const auto [dot, error] = std::from_chars(release.data(), end, major);
  if (error == std::errc() && dot != end) {
    std::from_chars(dot + 1, end, minor);
  }
  const bool works = std::pair(major, minor) >= std::pair(5, 15);
  return {"kernel", works, false, std::string(release),
          "Use Linux 6.1 or newer; 5.15 works without the fast walk."};
}

Requirement check_btf(const std::string& root) {
  const bool found = ::access((root + "/sys/kernel/btf/vmlinux").c_str(), R_OK) == 0;
  return {"BTF", found, true,
          found ? "/sys/kernel/btf/vmlinux" : "/sys/kernel/btf/vmlinux is not there",
          "Use a kernel that is built with CONFIG_DEBUG_INFO_BTF=y, as all big distributions' are; "
          "in a container, mount the host's /sys."};
}

Requirement check_capabilities(const std::string& root) {
  const std::string status = read_text(root + "/proc/self/status");
  const std::uint64_t bits = effective_capabilities(status);
  // Before 5.8 and for some checks still, CAP_SYS_ADMIN stands for all of them.
  const bool admin = (bits >> CAP_SYS_ADMIN & 1) != 0;
  std::string missing;
  bool can_load = true;
  for (const auto& [number, name] : kCapabilities) {
    if ((bits >> number & 1) == 0 && !(admin && number != CAP_NET_ADMIN)) {
      missing += missing.empty() ? "missing " : ", ";
      missing += name;
      can_load = can_load && number == CAP_NET_ADMIN;
    }
  }
  if (missing.empty() && status.find("\nSeccomp:\t2") != std::string::npos) {
    return {"privileges", true, false,
            "sufficient, if this container's seccomp profile allows bpf(2)",
            "Run with the seccomp profile Unconfined."};
  }
  return {"privileges", missing.empty(), !can_load, missing.empty() ? "sufficient" : missing,
          can_load ? "Give CAP_NET_ADMIN, or go without network metrics."
                   : "Run as root, or give CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN."};
}

Requirement check_pressure(const std::string& root) {
  const bool found = ::access((root + "/proc/pressure/cpu").c_str(), F_OK) == 0;
  return {"PSI", found, false, found ? "/proc/pressure" : "switched off",
          "Boot with psi=1 to have the pressure metrics."};
}

Requirement check_lockdown(const std::string& root) {
  const std::string mode = read_text(root + "/sys/kernel/security/lockdown");
  const bool confidential = mode.find("[confidentiality]") != mode.npos;
  return {"lockdown", !confidential, true, confidential ? "confidentiality" : "allows BPF",
          "Boot with lockdown=integrity: the confidentiality mode forbids BPF to read the kernel."};
}

}  // namespace

std::vector<Requirement> check_requirements(const std::string& root, std::string_view release) {
  return {check_release(release), check_btf(root), check_capabilities(root), check_lockdown(root),
          check_pressure(root)};
}

std::string kernel_release() {
  utsname names{};
  ::uname(&names);
  return names.release;
}

}  // namespace cgsentry::kernel
