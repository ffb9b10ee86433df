// Reading the tree from directories: any folder will do.
#include "cgroup/scan.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/catch.h"

namespace fs = std::filesystem;
using namespace cgsentry::cgroup;

namespace {

std::uint64_t inode(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_ino;
}

}  // namespace

TEST_CASE("a scan finds every folder once, parents first, by inode") {
  std::string name = (fs::temp_directory_path() / "cgsentry-scan-XXXXXX").string();
  const fs::path root = ::mkdtemp(name.data());
  fs::create_directories(root / "a" / "b");
  fs::create_directories(root / std::string(200, 'n'));
  std::ofstream(root / "a" / "cgroup.procs") << "1\n";
  fs::create_directory_symlink(root / "a", root / "link");

  const auto found = scan(root.string());
  REQUIRE(found);
  CHECK(found->size() == 4);
  CHECK(found->front().cgroup_id == inode(root));
  const auto b = std::ranges::find(*found, "b", &Found::name);
  REQUIRE(b != found->end());
  CHECK(b->cgroup_id == inode(root / "a" / "b"));
  CHECK(b->parent_id == inode(root / "a"));
  CHECK(std::ranges::find(*found, "a", &Found::name) < b);
  CHECK(child_name(root.string(), "/", inode(root / std::string(200, 'n'))) ==
        std::string(200, 'n'));
  CHECK(child_name(root.string(), "/a", 1).empty());
  CHECK(child_name(root.string(), "/missing", 1).empty());
  fs::remove_all(root);
}

TEST_CASE("a root that is not there is an error with its name") {
  const auto found = scan("/nonexistent/cgroup");
  REQUIRE_FALSE(found);
  CHECK(found.error().describe() == "open /nonexistent/cgroup: No such file or directory");
}
