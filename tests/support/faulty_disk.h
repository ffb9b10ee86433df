// A disk that fails when a test says so, over the real one.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "alert/disk.h"

namespace cgsentry::test {

/// A directory of its own, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cgsentry-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw std::runtime_error("mkdtemp");
    }
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string path(const std::string& name = "") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// What a test sets before or while the disk is used.
struct DiskFaults {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t calls = 0;
  std::size_t fail_from = std::numeric_limits<std::size_t>::max();  // the first call that fails
  std::size_t fail_count = 1;
  int error = EIO;
  bool half_writes = false;      // a failing write leaves half of its bytes behind
  bool fail_sync = false;        // each sync() fails
  std::size_t synced_bytes = 0;  // of the file that was synced last: what a crash cannot take
  bool hold_sync = false;        // sync() waits until this is false
  bool holding = false;

  /// True when this call must fail.
  bool next_fails() {
    const std::lock_guard lock(mutex);
    const std::size_t call = calls++;
    return call >= fail_from && call - fail_from < fail_count;
  }
  /// From now on, or never again.
  void fail(bool failing) {
    const std::lock_guard lock(mutex);
    fail_from = failing ? 0 : std::numeric_limits<std::size_t>::max();
    fail_count = std::numeric_limits<std::size_t>::max();
  }
  void hold(bool held) {
    const std::lock_guard lock(mutex);
    hold_sync = held;
    changed.notify_all();
  }
  void await_holding() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return holding; });
  }
};

class FaultyDisk final : public alert::Disk {
 public:
  explicit FaultyDisk(std::shared_ptr<DiskFaults> faults) : faults_(std::move(faults)) {}

  Status make_directory(const std::string& path) override {
    return faults_->next_fails() ? fail() : real_.make_directory(path);
  }
  Result<Fd> open(const std::string& path) override {
    if (faults_->next_fails()) {
      return tl::unexpected(fail().error());
    }
    return real_.open(path);
  }
  Status lock(const Fd& file) override { return faults_->next_fails() ? fail() : real_.lock(file); }
  Result<std::string> read(const Fd& file, std::size_t max_bytes) override {
    if (faults_->next_fails()) {
      return tl::unexpected(fail().error());
    }
    return real_.read(file, max_bytes);
  }
  /// Writes in two parts always, so that short writes are the rule.
  Result<std::size_t> append(const Fd& file, std::string_view bytes) override {
    const auto half = bytes.substr(0, (bytes.size() + 1) / 2);
    if (faults_->next_fails()) {
      if (faults_->half_writes) {
        (void)real_.append(file, half);
      }
      return tl::unexpected(fail().error());
    }
    return real_.append(file, half);
  }
  Status truncate(const Fd& file, std::size_t bytes) override {
    if (faults_->next_fails()) {
      return fail();
    }
    faults_->synced_bytes = std::min(faults_->synced_bytes, bytes);
    return real_.truncate(file, bytes);
  }
  Status sync(const Fd& file) override {
    std::unique_lock lock(faults_->mutex);
    faults_->holding = faults_->hold_sync;
    faults_->changed.notify_all();
    faults_->changed.wait(lock, [this] { return !faults_->hold_sync; });
    const bool fails = faults_->fail_sync;
    lock.unlock();
    if (faults_->next_fails() || fails) {
      return fail();
    }
    struct stat about {};
    if (::fstat(file.get(), &about) == 0) {
      faults_->synced_bytes = static_cast<std::size_t>(about.st_size);
    }
    return real_.sync(file);
  }
  Status rename(const std::string& from, const std::string& to) override {
    if (faults_->next_fails()) {
      return fail();
    }
    faults_->synced_bytes = 0;
    return real_.rename(from, to);
  }
  Status sync_directory(const std::string& path) override {
    return faults_->next_fails() ? fail() : real_.sync_directory(path);
  }

 private:
  [[nodiscard]] Status fail() const {
    return tl::unexpected(Error{faults_->error, "fail", "by the test"});
  }

  std::shared_ptr<DiskFaults> faults_;
  alert::SystemDisk real_;
};

}  // namespace cgsentry::test
