// Owns the mapping of one BPF_F_MMAPABLE array: the kernel's rows as a span, read without a call.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "base/setup_error.h"

namespace cgsentry::kernel {

template <typename T>
class Mapped {
 public:
  /// Maps all of `map`, for reading and writing. T must have the size of the map's value. Throws
  /// SetupError.
  explicit Mapped(const bpf_map* map) : count_(bpf_map__max_entries(map)) {
    static_assert(sizeof(T) % 8 == 0, "the kernel's stride is a multiple of 8 bytes");
    void* address =
        ::mmap(nullptr, mapped_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
    if (address == MAP_FAILED) {
      throw SetupError(
          std::string("mmap of BPF map ") + bpf_map__name(map) + ": " + std::strerror(errno),
          "The agent needs a kernel from 5.5 on.");
    }
    rows_ = static_cast<std::byte*>(address);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  Mapped(Mapped&& other) noexcept
      : rows_(std::exchange(other.rows_, nullptr)), count_(other.count_) {}
  Mapped& operator=(Mapped&&) = delete;
  ~Mapped() {
    if (rows_ != nullptr) {
      ::munmap(rows_, mapped_bytes());
    }
  }

  /// Valid as long as this object, wherever it is moved.
  [[nodiscard]] std::span<T> rows() const { return {reinterpret_cast<T*>(rows_), count_}; }

 private:
  [[nodiscard]] std::size_t mapped_bytes() const {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (sizeof(T) * count_ + page - 1) / page * page;
  }

  std::byte* rows_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace cgsentry::kernel
