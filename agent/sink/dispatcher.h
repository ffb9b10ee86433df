// Owns the sinks and hands each transition to all of them.
//
// Thread: deliver: the journal's (or the loop's in its place); stats: any; add and stop: the
// loop's, add only before the first deliver. Tested by tests/unit/sink/dispatcher_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sink/sink.h"

namespace cgsentry::sink {

class Dispatcher {
 public:
  Dispatcher() = default;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  /// Ends the sinks without waiting for anything that is still queued.
  ~Dispatcher();

  void add(std::unique_ptr<Sink> sink);
  /// Never blocks.
  void deliver(const Transition& transition);
  /// All sinks drain at the same time; what is not told by `deadline` is dropped and counted.
  void stop(Deadline deadline);

  struct Entry {
    std::string sink;
    SinkStats stats;
  };
  [[nodiscard]] std::vector<Entry> stats() const;

 private:
  std::vector<std::unique_ptr<Sink>> sinks_;
  bool stopped_ = false;
};

}  // namespace cgsentry::sink
