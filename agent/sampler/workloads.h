// What outlives a container: how often it came back after it had failed.
//
// Occupies and fills the table "workload". A workload is what the next start of the same thing has
// in common with the last one; until the identity of runtimes says more, that is the cgroup's path
// (a systemd unit and a `docker restart` keep it). It is forgotten an hour after it was last seen,
// or earlier when the table is full. Thread: the loop. Tested by
// tests/unit/sampler/workloads_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "model/labels.h"
#include "model/sample.h"

namespace cgsentry::sampler {

class Workloads {
 public:
  /// Adds its column to `table`, which outlives this.
  explicit Workloads(Table& table);

  /// A container of the workload runs (again).
  void started(const std::string& path, const Labels& labels, Timestamp now);
  /// Its container is gone. `failed`: its last process ended with an error or by a signal.
  void ended(const std::string& path, Timestamp time, bool failed);
  /// Forgets what has not been seen for an hour. Call once a tick.
  void expire(Timestamp now);

 private:
  struct Workload {
    std::uint32_t row = 0;
    bool running = false;
    std::uint64_t restarts = 0;
    Timestamp ended_at{};
    bool failed = false;  // at its last end
  };

  /// A free row; when there is none, that of the workload that ended first.
  [[nodiscard]] bool find_row(std::uint32_t& row);

  Table& table_;
  std::unordered_map<std::string, Workload> workloads_;
  std::size_t column_;
  std::uint64_t last_serial_ = 0;
  Timestamp next_expiry_ = Timestamp::max();  // nothing is forgotten before
};

}  // namespace cgsentry::sampler
