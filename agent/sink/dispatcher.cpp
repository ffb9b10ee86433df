#include "sink/dispatcher.h"

#include <utility>

namespace cgsentry::sink {

Dispatcher::~Dispatcher() {
  stop(Deadline::min());
}

void Dispatcher::add(std::unique_ptr<Sink> sink) {
  sinks_.push_back(std::move(sink));
}

void Dispatcher::deliver(const Transition& transition) {
  for (const auto& sink : sinks_) {
    sink->deliver(transition);
  }
}

void Dispatcher::stop(Deadline deadline) {
  if (std::exchange(stopped_, true)) {
    return;
  }
  for (const auto& sink : sinks_) {
    sink->close();
  }
  for (const auto& sink : sinks_) {
    sink->join(deadline);
  }
}

std::vector<Dispatcher::Entry> Dispatcher::stats() const {
  std::vector<Entry> out;
  out.reserve(sinks_.size());
  for (const auto& sink : sinks_) {
    out.push_back({sink->name(), sink->stats()});
  }
  return out;
}

}  // namespace cgsentry::sink
