#include "sink/queued_sink.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "base/named_thread.h"

namespace cgsentry::sink {

namespace {

// How long an interrupted Teller may take to come back before its thread is left behind.
constexpr std::chrono::milliseconds kInterruptGrace{250};

std::size_t bytes_of(const Labels& labels) {
  std::size_t bytes = labels.size() * sizeof(Label);
  for (const Label& label : labels) {
    bytes += label.name.size() + label.value.size();
  }
  return bytes;
}

// What a queued transition takes in memory, near enough to bound it.
std::size_t bytes_of(const Transition& transition) {
  const Alert& alert = transition.alert;
  return sizeof transition + bytes_of(alert.labels) + bytes_of(alert.series) +
         bytes_of(alert.annotations) + alert.generator_url.size() + alert.evidence.size() +
         transition.key.size() + transition.node.size();
}

}  // namespace

struct QueuedSink::Shared {
  Shared(QueueLimits limits, std::unique_ptr<Teller> its_teller)
      : queue(limits.transitions, limits.bytes), teller(std::move(its_teller)) {}

  BoundedQueue<Transition> queue;
  std::unique_ptr<Teller> teller;
  SinkCounters counters;

  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
};

QueuedSink::QueuedSink(std::string name, QueueLimits limits, std::unique_ptr<Teller> teller)
    : name_(std::move(name)),
      shared_(std::make_shared<Shared>(limits, std::move(teller))),
      thread_(start_thread("sink-" + name_, [shared = shared_] { run(*shared); })) {}

QueuedSink::~QueuedSink() {
  close();
  join(Deadline{});
}

void QueuedSink::run(Shared& shared) {
  while (const auto transition = shared.queue.pop()) {
    switch (shared.teller->tell(*transition, shared.counters)) {
      case Teller::Outcome::delivered:
        ++shared.counters.delivered;
        break;
      case Teller::Outcome::failed:
        ++shared.counters.failed;
        break;
      case Teller::Outcome::interrupted:
        ++shared.counters.dropped;
        break;
    }
  }
  const std::lock_guard lock(shared.mutex);
  shared.ended = true;
  shared.changed.notify_all();
}

void QueuedSink::deliver(const Transition& transition) {
  ++shared_->counters.accepted;
  if (!shared_->queue.push(transition, bytes_of(transition))) {
    // Counted, not logged: this may be the loop's thread, and stderr may block.
    ++shared_->counters.dropped;
  }
}

void QueuedSink::close() {
  shared_->queue.close();
  shared_->teller->hurry();
}

void QueuedSink::join(Deadline deadline) {
  if (!thread_.joinable()) {
    return;
  }
  std::unique_lock lock(shared_->mutex);
  const auto has_ended = [this] { return shared_->ended; };
  if (!shared_->changed.wait_until(lock, deadline, has_ended)) {
    shared_->counters.dropped += shared_->queue.clear();
    shared_->teller->interrupt();
    shared_->changed.wait_for(lock, kInterruptGrace, has_ended);
  }
  const bool ended = shared_->ended;
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    // Stuck in a system call that nothing interrupts. The process is about to end.
    log::error("sink {}: its thread does not end and is left behind", name_);
    thread_.detach();
  }
}

SinkStats QueuedSink::stats() const {
  return shared_->counters.read(shared_->queue.size());
}

}  // namespace cgsentry::sink
