// A cgroup of the test's own, below the host's cgroup2 root, and processes in it.
//
// Nothing outside of it is touched. The destructor kills what still runs there and removes it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cgsentry::test {

class OwnCgroup {
 public:
  /// `parent`: the cgroup2 mount, or another OwnCgroup's path.
  OwnCgroup(const std::string& parent, const std::string& name) : path_(parent + "/" + name) {
    if (::mkdir(path_.c_str(), 0755) != 0) {
      throw std::runtime_error("mkdir " + path_);
    }
  }
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;
  ~OwnCgroup() { remove(); }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t id() const {
    struct stat status {};
    ::stat(path_.c_str(), &status);
    return status.st_ino;
  }

  /// Forks a process that moves into the cgroup, runs `body` and exits with its result. The parent
  /// returns once the child has moved.
  pid_t start(const std::function<int()>& body) {
    int moved[2];
    if (::pipe2(moved, O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe");
    }
    const pid_t child = ::fork();
    if (child == 0) {
      const int procs = ::open((path_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
      const bool ok = ::write(procs, "0", 1) == 1;
      ::close(procs);
      ::close(moved[0]);
      [[maybe_unused]] const auto told = ::write(moved[1], "x", 1);
      ::close(moved[1]);
      // A slice counts to the cgroup in which it began: begin a new one.
      ::usleep(1);
      ::_exit(ok ? body() : 99);
    }
    ::close(moved[1]);
    char byte = 0;
    while (::read(moved[0], &byte, 1) < 0 && errno == EINTR) {
    }
    ::close(moved[0]);
    children_.push_back(child);
    return child;
  }
  /// start() and wait; the wait status.
  int run(const std::function<int()>& body) {
    const pid_t child = start(body);
    children_.pop_back();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }
  void kill_all() {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    children_.clear();
  }
  /// rmdir fails with EBUSY until the kernel has taken the last dead task out.
  void remove() {
    kill_all();
    while (::rmdir(path_.c_str()) != 0 && errno == EBUSY) {
      ::usleep(1'000);
    }
  }

 private:
  std::string path_;
  std::vector<pid_t> children_;
};

}  // namespace cgsentry::test
