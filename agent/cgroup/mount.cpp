#include "cgroup/mount.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace cgsentry::cgroup {

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// mountinfo writes a space as \040 and so on.
std::string unescape(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const auto octal = [&](std::size_t at) { return field[at] >= '0' && field[at] <= '7'; };
    if (field[i] == '\\' && i + 3 < field.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                                (field[i + 3] - '0'));
      i += 3;
    } else {
      text += field[i];
    }
  }
  return text;
}

std::vector<std::string> read_controllers(const std::string& folder) {
  std::istringstream words(read_text(folder + "/cgroup.controllers"));
  return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

bool Mount::has(std::string_view controller) const {
  return std::ranges::find(controllers, controller) != controllers.end();
}

std::optional<Mount> parse_mountinfo(std::string_view mountinfo) {
  std::optional<Mount> mount;
  bool v1 = false;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    // id parent major:minor root mount-point options... - type source super-options
    const std::size_t dash = line.find(" - ");
    if (dash == line.npos) {
      continue;
    }
    std::istringstream front(line.substr(0, dash));
    std::istringstream back(line.substr(dash + 3));
    std::string skip;
    std::string root;
    std::string point;
    std::string type;
    front >> skip >> skip >> skip >> root >> point;
    back >> type;
    v1 = v1 || type == "cgroup";
    if (type == "cgroup2" && !mount) {
      mount = Mount{unescape(point), unescape(root), {}, false};
    }
  }
  if (mount) {
    mount->hybrid = v1;
  }
  return mount;
}

std::optional<Mount> find_mount(const std::string& root) {
  auto mount = parse_mountinfo(read_text(root + "/proc/self/mountinfo"));
  if (mount) {
    mount->controllers = read_controllers(root + mount->path);
  }
  return mount;
}

Mount mount_at(const std::string& path) {
  return {.path = path, .root = "/", .controllers = read_controllers(path)};
}

}  // namespace cgsentry::cgroup
