// A sink tells somebody about transitions: stdout, a webhook, ...
//
// Each sink has its own thread behind a bounded queue, so deliver() never blocks. A full queue
// refuses the newest transition, and every one that is not told is counted.
// Tested by tests/unit/sink.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "model/alert.h"

namespace cgsentry::sink {

/// When to be done at the latest. The caller reads the clock; sinks only wait until.
using Deadline = std::chrono::steady_clock::time_point;

/// How much of what is not told yet a sink keeps: room for the case that every container of a large
/// node fires at once, within a memory that a node can spare.
struct QueueLimits {
  std::size_t transitions = 10'000;
  std::size_t bytes = std::size_t{8} << 20;  // about, of memory
};

/// accepted = delivered + failed + dropped + queued (+ the one under way).
struct SinkStats {
  std::uint64_t accepted = 0;  // handed to deliver()
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   // refused by the receiver, or given up after the last retry
  std::uint64_t dropped = 0;  // the queue was full, or the agent stopped
  std::uint64_t retries = 0;  // attempts after the first
  std::size_t queued = 0;
};

/// The counters behind SinkStats; written by several threads.
struct SinkCounters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> retries{0};

  [[nodiscard]] SinkStats read(std::size_t queued) const {
    return {accepted.load(), delivered.load(), failed.load(),
            dropped.load(),  retries.load(),   queued};
  }
};

class Sink {
 public:
  virtual ~Sink() = default;

  /// The label `sink` of its metrics and its name in logs: "stdout", "webhook/pager".
  [[nodiscard]] virtual const std::string& name() const = 0;
  /// Queues. Thread: the journal's, or the loop's in its place.
  virtual void deliver(const Transition& transition) = 0;
  /// Takes no more and begins to drain. Returns at once.
  virtual void close() = 0;
  /// Waits until all is told or `deadline` has come, gives up the rest, ends the thread.
  virtual void join(Deadline deadline) = 0;
  /// Thread: any.
  [[nodiscard]] virtual SinkStats stats() const = 0;
};

}  // namespace cgsentry::sink
