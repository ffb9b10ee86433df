#include "window/timeline.h"

#include <algorithm>
#include <cassert>

namespace cgsentry::window {

Timeline::Timeline(std::size_t capacity) : times_(std::max<std::size_t>(capacity, 1)) {}

Sequence Timeline::push(Timestamp time) {
  assert(empty() || time > this->time(end_ - 1));
  times_[end_ % times_.size()] = time;
  const Sequence pushed = end_++;
  if (end_ - begin_ > times_.size()) {
    ++begin_;
  }
  return pushed;
}

void Timeline::grow(std::size_t capacity) {
  if (capacity <= times_.size()) {
    return;
  }
  std::vector<Timestamp> wider(capacity);
  for (Sequence s = begin_; s != end_; ++s) {
    wider[s % capacity] = time(s);
  }
  times_ = std::move(wider);
}

void Timeline::clear() {
  begin_ = end_;
}

Sequence Timeline::first_after(Timestamp time) const {
  // Almost always the newest sample is asked for.
  if (empty() || this->time(end_ - 1) <= time) {
    return end_;
  }
  Sequence low = begin_;
  Sequence high = end_ - 1;
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    if (this->time(middle) > time) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

Range Timeline::between(Timestamp after, Timestamp until) const {
  const Sequence first = first_after(after);
  return Range{first, std::max(first, first_after(until))};
}

}  // namespace cgsentry::window
