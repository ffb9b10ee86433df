// Owns one file descriptor: closes it exactly once, moves, never copies.
//
// Every descriptor of the agent lives in an Fd or in a libbpf object. A raw int crosses a function
// only at a call into libc or libbpf. Tested by tests/unit/base/fd_test.cpp.
#pragma once

#include <unistd.h>

#include <utility>

namespace cgsentry {

class Fd {
 public:
  Fd() noexcept = default;
  /// Takes ownership. A negative number means "none", as system calls return it.
  explicit Fd(int number) noexcept : number_(number) {}

  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] bool valid() const noexcept { return number_ >= 0; }
  /// For the one call at hand; the Fd stays the owner.
  [[nodiscard]] int get() const noexcept { return number_; }
  /// Gives up ownership.
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

  void reset() noexcept {
    if (valid()) {
      // close() frees the descriptor on Linux even when it reports EINTR or EIO, so there is
      // nothing to retry, and a destructor has nobody to tell.
      ::close(std::exchange(number_, -1));
    }
  }

 private:
  int number_ = -1;
};

}  // namespace cgsentry
