// A Sink made of a bounded queue, a thread, and a Teller that knows how to tell one transition.
//
// The thread takes one transition at a time, in order. It may be stuck in the kernel (a write to a
// dead network file system), so it shares what it uses with the sink and can be left behind: join()
// ends shortly after its deadline whatever happens.
// Tested by tests/unit/sink/queued_sink_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "sink/sink.h"

namespace cgsentry::sink {

/// How one transition becomes bytes at a receiver. tell() runs on the sink's thread, the other two
/// on the one that stops the agent.
class Teller {
 public:
  enum class Outcome { delivered, failed, interrupted };

  virtual ~Teller() = default;
  /// May take as long as it needs. Counts its own retries, and nothing else.
  [[nodiscard]] virtual Outcome tell(const Transition& transition, SinkCounters& counters) = 0;
  /// The agent is about to end: no long waits from now on.
  virtual void hurry() {}
  /// tell() must return as soon as it can, with `interrupted` if the transition was not told.
  virtual void interrupt() = 0;
};

class QueuedSink final : public Sink {
 public:
  /// Starts the thread, named "sink-" and the name's beginning.
  QueuedSink(std::string name, QueueLimits limits, std::unique_ptr<Teller> teller);
  ~QueuedSink() override;
  QueuedSink(const QueuedSink&) = delete;
  QueuedSink& operator=(const QueuedSink&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  void deliver(const Transition& transition) override;
  void close() override;
  void join(Deadline deadline) override;
  [[nodiscard]] SinkStats stats() const override;

 private:
  struct Shared;
  static void run(Shared& shared);

  std::string name_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace cgsentry::sink
