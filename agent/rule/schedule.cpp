// See schedule.h.
#include "rule/schedule.h"

namespace cgsentry::rule {

bool Schedule::due(Timestamp now) {
  if (interval_ <= tick_) {
    return true;
  }
  const Duration late = now + tick_ / 2 - next_.value_or(now);
  if (late < Duration::zero()) {
    return false;
  }
  next_ = next_.value_or(now) + interval_ * (late / interval_ + 1);
  return true;
}

}  // namespace cgsentry::rule
