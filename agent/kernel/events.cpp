#include "kernel/events.h"

#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "abi.h"
#include "base/setup_error.h"

namespace cgsentry::kernel {

namespace {

std::string text_of(std::span<const char> bytes) {
  return std::string(bytes.data(), ::strnlen(bytes.data(), bytes.size()));
}

std::optional<Event::Kind> kind_of(std::uint32_t kind) {
  switch (kind) {
    case CGS_EVENT_CGROUP_MADE:
      return Event::Kind::cgroup_made;
    case CGS_EVENT_CGROUP_REMOVED:
      return Event::Kind::cgroup_removed;
    case CGS_EVENT_OOM_KILL:
      return Event::Kind::oom_kill;
    case CGS_EVENT_PROCESS_DIED:
      return Event::Kind::process_died;
    default:
      return std::nullopt;
  }
}

}  // namespace

void Events::Free::operator()(ring_buffer* ring) const {
  ring_buffer__free(ring);
}

Events::Events(const bpf_map* ring)
    : ring_(ring_buffer__new(bpf_map__fd(ring), take, this, nullptr)) {
  if (!ring_) {
    throw SetupError(std::string("ring buffer: ") + std::strerror(errno), "");
  }
}

Events::~Events() = default;

int Events::fd() const {
  return ring_buffer__epoll_fd(ring_.get());
}

std::vector<Event> Events::drain(Duration timeline_minus_monotonic) {
  offset_ = timeline_minus_monotonic;
  // A negative result is take() saying that it has enough; the rest stays in the ring.
  static_cast<void>(ring_buffer__consume(ring_.get()));
  return std::exchange(drained_, {});
}

int Events::take(void* self, void* bytes, std::size_t size) {
  auto& events = *static_cast<Events*>(self);
  if (auto event = decode({static_cast<const std::byte*>(bytes), size}, events.offset_)) {
    events.drained_.push_back(std::move(*event));
  }
  return events.drained_.size() < kMaxDrained ? 0 : -ENOSPC;
}

std::optional<Event> decode(std::span<const std::byte> record, Duration timeline_minus_monotonic) {
  cgs_event raw{};
  if (record.size() < sizeof(raw)) {
    return std::nullopt;
  }
  std::memcpy(&raw, record.data(), sizeof(raw));
  const auto kind = kind_of(raw.kind);
  if (!kind) {
    return std::nullopt;
  }
  Event event;
  event.kind = *kind;
  event.time = Timestamp(Duration(raw.monotonic_ns) + timeline_minus_monotonic);
  event.cgroup_id = raw.cgroup_id;
  event.parent_id = raw.parent_id;
  event.slot = raw.slot;
  event.pid = raw.pid;
  event.signal = raw.exit_code & 0x7f;
  event.exit_code = raw.exit_code >> 8 & 0xff;
  event.name = text_of(raw.comm);
  if (*kind == Event::Kind::cgroup_made) {
    if (record.size() < sizeof(cgs_cgroup_event)) {
      return std::nullopt;
    }
    std::array<char, CGS_NAME_BYTES> name{};
    std::memcpy(name.data(), record.data() + offsetof(cgs_cgroup_event, name), name.size());
    event.name = text_of(name);
  }
  return event;
}

}  // namespace cgsentry::kernel
