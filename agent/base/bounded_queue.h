// A queue between two threads that never holds more than its capacity and never blocks the
// producer.
//
// When it is full, push() refuses the newest: what was accepted is kept and leaves in order. The
// caller counts what was refused. After close() nothing goes in; pop() hands out the rest and then
// returns nothing. Tested by tests/unit/base/bounded_queue_test.cpp.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

namespace cgsentry {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity,
                        std::size_t max_weight = std::numeric_limits<std::size_t>::max())
      : capacity_(capacity), max_weight_(max_weight) {}

  /// False when the queue is full or closed, and the item is then gone. Never waits for a
  /// consumer. Thread: any.
  [[nodiscard]] bool push(T item, std::size_t weight = 0) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= capacity_ || weight > max_weight_ - weight_) {
        return false;
      }
      items_.push_back({std::move(item), weight});
      weight_ += weight;
    }
    changed_.notify_all();
    return true;
  }

  /// Waits for an item. Nothing once the queue is closed and empty.
  [[nodiscard]] std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) {
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front().item));
    weight_ -= items_.front().weight;
    items_.pop_front();
    return item;
  }

  /// Refuses items from now on and lets pop() come to its end.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  /// Throws away what is left and returns how many items that were, to be counted.
  std::size_t clear() {
    const std::lock_guard lock(mutex_);
    const std::size_t dropped = items_.size();
    items_.clear();
    weight_ = 0;
    return dropped;
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  struct Weighed {
    T item;
    std::size_t weight;
  };

  const std::size_t capacity_;
  const std::size_t max_weight_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Weighed> items_;
  std::size_t weight_ = 0;  // of all items
  bool closed_ = false;
};

}  // namespace cgsentry
