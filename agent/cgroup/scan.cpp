#include "cgroup/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <string_view>

#include "base/fd.h"

namespace cgsentry::cgroup {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// Takes the descriptor over.
Directory directory_of(Fd fd) {
  Directory directory(::fdopendir(fd.get()));
  if (directory) {
    static_cast<void>(fd.release());
  }
  return directory;
}

std::uint64_t id_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

bool is_child_folder(const dirent& entry) {
  const std::string_view name = entry.d_name;
  return entry.d_type == DT_DIR && name != "." && name != "..";
}

void scan_below(Directory directory, std::uint64_t id, int depth, std::vector<Found>& found) {
  if (!directory || depth > kMaxDepth) {
    return;
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    if (found.size() >= kMaxScanned) {
      return;
    }
    if (!is_child_folder(*entry)) {
      continue;
    }
    Fd child(::openat(::dirfd(directory.get()), entry->d_name,
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child.valid()) {
      continue;  // removed since readdir
    }
    const std::uint64_t child_id = id_of(child.get());
    found.push_back({child_id, id, entry->d_name});
    scan_below(directory_of(std::move(child)), child_id, depth + 1, found);
  }
}

}  // namespace

Result<std::vector<Found>> scan(const std::string& root) {
  Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return system_failure("open", root);
  }
  const std::uint64_t id = id_of(fd.get());
  std::vector<Found> found{{id, 0, ""}};
  scan_below(directory_of(std::move(fd)), id, 0, found);
  return found;
}

std::string child_name(const std::string& root, const std::string& path, std::uint64_t cgroup_id) {
  const Directory directory =
      directory_of(Fd(::open((root + path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  while (directory) {
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) {
      break;
    }
    if (entry->d_ino == cgroup_id) {
      return entry->d_name;
    }
  }
  return {};
}

}  // namespace cgsentry::cgroup
