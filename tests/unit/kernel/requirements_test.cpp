// What doctor says about a kernel, over fake /proc and /sys folders.
#include "kernel/requirements.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/catch.h"

namespace fs = std::filesystem;
using namespace cgsentry::kernel;

namespace {

/// A folder that looks like a host's root, removed at the end.
class FakeRoot {
 public:
  FakeRoot() {
    std::string name = (fs::temp_directory_path() / "cgsentry-root-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~FakeRoot() { fs::remove_all(path_); }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

Requirement find(const std::vector<Requirement>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Requirement::name);
  REQUIRE(found != all.end());
  return *found;
}

}  // namespace

TEST_CASE("a host with everything has nothing to mend") {
  FakeRoot root;
  root.write("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\n");
  root.write("sys/kernel/btf/vmlinux", "");
  root.write("proc/pressure/cpu", "");
  for (const Requirement& each : check_requirements(root.path(), "6.1.0-50-cloud-amd64")) {
    CAPTURE(each.name);
    CHECK(each.met);
    CHECK_FALSE(each.fix.empty());
  }
}

TEST_CASE("a seccomp filter, whose rules nobody can ask for, is named") {
  FakeRoot root;
  root.write("proc/self/status", "CapEff:\t000000c000001000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
  const Requirement privileges = find(check_requirements(root.path(), "6.1.0"), "privileges");
  CHECK(privileges.met);
  CHECK(privileges.detail.find("seccomp") != std::string::npos);
}

TEST_CASE("a kernel without BTF is refused with the fix") {
  const FakeRoot root;
  const Requirement btf = find(check_requirements(root.path(), "6.1.0"), "BTF");
  CHECK_FALSE(btf.met);
  CHECK(btf.fatal);
  CHECK(btf.fix.find("CONFIG_DEBUG_INFO_BTF") != std::string::npos);
}

TEST_CASE("missing capabilities are named, and only those for loading are fatal") {
  FakeRoot root;
  const auto privileges = [&](const char* bits) {
    root.write("proc/self/status", std::string("CapEff:\t") + bits + "\n");
    return find(check_requirements(root.path(), "6.1.0"), "privileges");
  };
  const Requirement none = privileges("0000000000000000");
  CHECK(none.fatal);
  CHECK(none.detail == "missing CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN");
  const Requirement no_network = privileges("000000c000000000");  // bits 38 and 39
  CHECK_FALSE(no_network.met);
  CHECK_FALSE(no_network.fatal);
  CHECK(no_network.detail == "missing CAP_NET_ADMIN");
  CHECK(privileges("0000000000201000").met);  // CAP_SYS_ADMIN and CAP_NET_ADMIN
}

TEST_CASE("old kernels and the confidentiality lockdown are told") {
  FakeRoot root;
  root.write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  const auto all = check_requirements(root.path(), "5.10.0-1-amd64");
  CHECK_FALSE(find(all, "kernel").met);
  CHECK_FALSE(find(all, "lockdown").met);
  CHECK(find(check_requirements(root.path(), "6.12.1"), "kernel").met);
}
