// Sums that do not lose the small summands: Neumaier's variant of Kahan summation, as Prometheus
// uses it (util/kahansum), so that results agree to the last digits.
#pragma once

#include <cmath>

namespace cgsentry::promql {

struct KahanSum {
  double sum = 0;
  double compensation = 0;

  void add(double value) {
    const double total = sum + value;
    if (std::isinf(total)) {
      compensation = 0;
    } else if (std::abs(sum) >= std::abs(value)) {
      compensation += (sum - total) + value;
    } else {
      compensation += (value - total) + sum;
    }
    sum = total;
  }
  [[nodiscard]] double value() const { return std::isinf(sum) ? sum : sum + compensation; }
};

/// A mean that goes over to an incremental form when the sum would overflow.
class KahanMean {
 public:
  void add(double value) {
    count_ += 1;
    if (!incremental_) {
      KahanSum next = sum_;
      next.add(value);
      if (count_ == 1 || !std::isinf(next.sum)) {
        sum_ = next;
        return;
      }
      incremental_ = true;
      mean_ = {sum_.sum / (count_ - 1), sum_.compensation / (count_ - 1)};
    }
    const double kept = (count_ - 1) / count_;
    mean_ = {kept * mean_.sum, kept * mean_.compensation};
    mean_.add(value / count_);
  }
  [[nodiscard]] double value() const {
    return incremental_ ? mean_.sum + mean_.compensation
                        : sum_.sum / count_ + sum_.compensation / count_;
  }

 private:
  double count_ = 0;
  bool incremental_ = false;
  KahanSum sum_;
  KahanSum mean_;
};

}  // namespace cgsentry::promql
