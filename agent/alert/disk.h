// What the journal asks of the file system, small enough to be replaced by one that fails.
//
// Tests put a Disk in between that fails any call they like (tests/support/faulty_disk.h).
// Thread: the journal's. Tested by tests/unit/alert/journal_segments_test.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace cgsentry::alert {

class Disk {
 public:
  virtual ~Disk() = default;

  /// Creates the directory (mode 0700) unless there is one. EPERM when it belongs to someone else
  /// or others may write to it: they could plant files.
  [[nodiscard]] virtual Status make_directory(const std::string& path) = 0;
  /// For reading and appending, created with mode 0600; no symbolic link, nothing but a file.
  [[nodiscard]] virtual Result<Fd> open(const std::string& path) = 0;
  /// Takes the file for this process alone; EWOULDBLOCK when another one has it.
  [[nodiscard]] virtual Status lock(const Fd& file) = 0;
  /// The whole file; EFBIG when it is longer than `max_bytes`.
  [[nodiscard]] virtual Result<std::string> read(const Fd& file, std::size_t max_bytes) = 0;
  /// One write at the end of the file: how many bytes went in, possibly fewer than given.
  [[nodiscard]] virtual Result<std::size_t> append(const Fd& file, std::string_view bytes) = 0;
  [[nodiscard]] virtual Status truncate(const Fd& file, std::size_t bytes) = 0;
  /// Returns when the bytes are on the disk.
  [[nodiscard]] virtual Status sync(const Fd& file) = 0;
  [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// Makes renames and new files of the directory durable.
  [[nodiscard]] virtual Status sync_directory(const std::string& path) = 0;
};

/// The real one.
class SystemDisk final : public Disk {
 public:
  Status make_directory(const std::string& path) override;
  Result<Fd> open(const std::string& path) override;
  Status lock(const Fd& file) override;
  Result<std::string> read(const Fd& file, std::size_t max_bytes) override;
  Result<std::size_t> append(const Fd& file, std::string_view bytes) override;
  Status truncate(const Fd& file, std::size_t bytes) override;
  Status sync(const Fd& file) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& path) override;
};

}  // namespace cgsentry::alert
