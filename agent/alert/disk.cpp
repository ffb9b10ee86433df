#include "alert/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cgsentry::alert {

namespace {

// A system call again for as long as a signal interrupts it.
auto uninterrupted(auto call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

Status check(int result, std::string_view operation, const std::string& subject) {
  if (result < 0) {
    return system_failure(operation, subject);
  }
  return {};
}

tl::unexpected<Error> refused(int number, std::string_view operation, const std::string& subject) {
  errno = number;
  return system_failure(operation, subject);
}

constexpr char kFile[] = "alert journal";

}  // namespace

Status SystemDisk::make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) {
    return {};
  }
  if (errno != EEXIST) {
    return system_failure("mkdir", path);
  }
  struct stat about {};
  if (::lstat(path.c_str(), &about) < 0) {
    return system_failure("stat", path);
  }
  if (!S_ISDIR(about.st_mode)) {
    return refused(ENOTDIR, "open", path);
  }
  const bool foreign = about.st_uid != ::geteuid() && about.st_uid != 0;
  if (foreign || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused(EPERM, "use", path);
  }
  return {};
}

Result<Fd> SystemDisk::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO that somebody put there must not wait.
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  Fd file(uninterrupted([&] { return ::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR); }));
  if (!file.valid()) {
    return system_failure("open", path);
  }
  struct stat about {};
  if (::fstat(file.get(), &about) < 0) {
    return system_failure("stat", path);
  }
  if (!S_ISREG(about.st_mode)) {
    return refused(EINVAL, "open", path);
  }
  return file;
}

Status SystemDisk::lock(const Fd& file) {
  return check(uninterrupted([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }), "lock",
               kFile);
}

Result<std::string> SystemDisk::read(const Fd& file, std::size_t max_bytes) {
  struct stat about {};
  if (::fstat(file.get(), &about) < 0) {
    return system_failure("stat", kFile);
  }
  if (static_cast<std::size_t>(about.st_size) > max_bytes) {
    return refused(EFBIG, "read", kFile);
  }
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = uninterrupted([&] {
      return ::pread(file.get(), bytes.data() + done, bytes.size() - done,
                     static_cast<off_t>(done));
    });
    if (count < 0) {
      return system_failure("read", kFile);
    }
    if (count == 0) {
      break;  // it has become shorter
    }
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

Result<std::size_t> SystemDisk::append(const Fd& file, std::string_view bytes) {
  const ssize_t count =
      uninterrupted([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
  if (count < 0) {
    return system_failure("write", kFile);
  }
  return static_cast<std::size_t>(count);
}

Status SystemDisk::truncate(const Fd& file, std::size_t bytes) {
  return check(uninterrupted([&] { return ::ftruncate(file.get(), static_cast<off_t>(bytes)); }),
               "truncate", kFile);
}

Status SystemDisk::sync(const Fd& file) {
  // Not fdatasync by habit: the size changes with every append, so the inode is written anyway.
  return check(uninterrupted([&] { return ::fsync(file.get()); }), "fsync", kFile);
}

Status SystemDisk::rename(const std::string& from, const std::string& to) {
  return check(::rename(from.c_str(), to.c_str()), "rename", from);
}

Status SystemDisk::sync_directory(const std::string& path) {
  const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) {
    return system_failure("open", path);
  }
  return check(uninterrupted([&] { return ::fsync(directory.get()); }), "fsync", path);
}

}  // namespace cgsentry::alert
