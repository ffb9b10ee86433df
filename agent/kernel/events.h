// The ring of events: from the kernel's bytes to model/event.h.
//
// Owns the ring's consumer. fd() becomes readable at once for what cannot wait (an OOM kill) and
// when the ring fills up; everything else is fetched by the next drain(). Thread: the loop.
// Tested by tests/unit/kernel/events_test.cpp and tests/kernel/host.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "model/event.h"

struct ring_buffer;
struct bpf_map;

namespace cgsentry::kernel {

class Events {
 public:
  /// Events of one drain() at most; what is left comes with the next.
  static constexpr std::size_t kMaxDrained = 16384;

  /// Throws SetupError.
  explicit Events(const bpf_map* ring);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// For epoll.
  [[nodiscard]] int fd() const;
  /// Everything in the ring, oldest first. `timeline_minus_monotonic` turns the kernel's stamps
  /// into Timestamps.
  [[nodiscard]] std::vector<Event> drain(Duration timeline_minus_monotonic);

 private:
  static int take(void* self, void* bytes, std::size_t size);
  struct Free {
    void operator()(ring_buffer* ring) const;
  };
  std::unique_ptr<ring_buffer, Free> ring_;
  std::vector<Event> drained_;
  Duration offset_{};
};

/// One record of the ring. Empty when its kind or size is unknown.
[[nodiscard]] std::optional<Event> decode(std::span<const std::byte> record,
                                          Duration timeline_minus_monotonic);

}  // namespace cgsentry::kernel
