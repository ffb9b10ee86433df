// See histogram.h.
#include "promql/histogram.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "model/labels.h"

namespace cgsentry::promql {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double parse_bound(std::string_view text) {
  if (text == "+Inf" || text == "Inf" || text == "inf" || text == "+inf") {
    return kInfinity;
  }
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
  }
  double value = kNaN;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : kNaN;
}

/// Equal up to what different orders of summation make of the same counts.
bool nearly_equal(double a, double b) {
  constexpr double kTolerance = 1e-12;
  const double smallest = std::numeric_limits<double>::min();
  const double distance = std::abs(a - b);
  const double sum = std::abs(a) + std::abs(b);
  if (a == 0 || b == 0 || sum < smallest) {
    return distance < kTolerance * smallest;
  }
  return distance / std::min(sum, std::numeric_limits<double>::max()) < kTolerance;
}

/// False when they are no histogram: the last bucket must be that of all observations.
bool prepare(std::vector<Bucket>& buckets) {
  std::ranges::sort(buckets, {}, &Bucket::upper_bound);
  if (buckets.empty() || buckets.back().upper_bound != kInfinity) {
    return false;
  }
  std::size_t kept = 0;
  for (std::size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].upper_bound == buckets[kept].upper_bound) {
      buckets[kept].count += buckets[i].count;
    } else {
      buckets[++kept] = buckets[i];
    }
  }
  buckets.resize(kept + 1);
  return true;
}

void make_monotonic(std::vector<Bucket>& buckets) {
  double before = buckets.front().count;
  for (Bucket& bucket : buckets) {
    if (bucket.count < before || nearly_equal(before, bucket.count)) {
      bucket.count = before;
    }
    before = bucket.count;
  }
}

}  // namespace

double bucket_quantile(double q, std::vector<Bucket>& buckets) {
  if (std::isnan(q)) {
    return kNaN;
  }
  if (q < 0 || q > 1) {
    return q < 0 ? -kInfinity : kInfinity;
  }
  if (!prepare(buckets)) {
    return kNaN;
  }
  make_monotonic(buckets);
  const double observations = buckets.back().count;
  if (buckets.size() < 2 || observations == 0 || std::isnan(observations)) {
    return kNaN;
  }
  double rank = q * observations;
  const std::size_t last = buckets.size() - 1;
  std::size_t at = 0;
  while (at < last && !(buckets[at].count >= rank)) {
    ++at;
  }
  if (at == last) {
    return buckets[last - 1].upper_bound;
  }
  if (at == 0 && buckets[0].upper_bound <= 0) {
    return buckets[0].upper_bound;
  }
  const double start = at == 0 ? 0.0 : buckets[at - 1].upper_bound;
  const double below = at == 0 ? 0.0 : buckets[at - 1].count;
  rank -= below;
  return start + (buckets[at].upper_bound - start) * (rank / (buckets[at].count - below));
}

double bucket_fraction(double lower, double upper, std::vector<Bucket>& buckets) {
  if (!prepare(buckets)) {
    return kNaN;
  }
  const double total = buckets.back().count;
  if (total == 0 || std::isnan(total) || std::isnan(lower) || std::isnan(upper)) {
    return kNaN;
  }
  if (lower >= upper) {
    return 0;
  }
  // How many observations are below `value`.
  const auto rank_of = [&](double value) {
    double below = 0;
    double start = -kInfinity;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const Bucket& bucket = buckets[i];
      if (i == 0 && bucket.upper_bound > 0) {
        start = 0;
      }
      if (value <= start) {
        return below;
      }
      if (value < bucket.upper_bound) {
        const bool open = std::isinf(start) || std::isinf(bucket.upper_bound);
        return open ? below
                    : below +
                          (bucket.count - below) * (value - start) / (bucket.upper_bound - start);
      }
      below = bucket.count;
      start = bucket.upper_bound;
    }
    return total;
  };
  return (std::min(rank_of(upper), total) - std::min(rank_of(lower), total)) / total;
}

HistogramNode::HistogramNode(FunctionId id, std::array<Node*, 2> parameters, Node& input)
    : id_(id),
      parameters_(parameters),
      input_(&input),
      bound_label_(input.domain().symbols().acquire("le")),
      groups_(input.domain().symbols()),
      map_(input.domain(), groups_,
           transform_of(take_away(symbols_of(input.domain().symbols(), {"le"})))),
      relabel_(Relabel::without_name(groups_, input.names())) {
  input.domain().listen(*this);
}

void HistogramNode::forget(Entry entry) {
  if (entry < known_bounds_.size()) {
    known_bounds_[entry] = 0;
  }
}

double HistogramNode::bound_of(Entry entry) {
  if (entry >= bounds_.size()) {
    bounds_.resize(input_->domain().entry_end());
    known_bounds_.resize(bounds_.size());
  }
  if (known_bounds_[entry] == 0) {
    LabelSet labels;
    input_->domain().labels(entry, labels);
    bounds_[entry] = parse_bound(groups_.symbols().text(labels.get(bound_label_)));
    known_bounds_[entry] = 1;
  }
  return bounds_[entry];
}

void HistogramNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  if (out.take_error(input)) {
    return;
  }
  std::array<double, 2> given{};
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (parameters_[i] != nullptr) {
      const Series& parameter = parameters_[i]->at(moment);
      if (out.take_error(parameter)) {
        return;
      }
      given[i] = parameter.values.front();
    }
  }
  index_.start(groups_.entry_end());
  histograms_.clear();
  for (std::size_t i = 0; i < input.size(); ++i) {
    const double bound = bound_of(input.entries[i]);
    if (std::isnan(bound)) {
      continue;  // no bucket
    }
    const Entry entry = map_(input.entries[i]);
    if (!index_.has(entry)) {
      index_.set(entry, static_cast<std::uint32_t>(histograms_.size()));
      histograms_.push_back({entry, {}});
    }
    histograms_[index_.value(entry)].buckets.push_back({bound, input.values[i]});
  }
  for (Histogram& histogram : histograms_) {
    out.add(histogram.entry, id_ == FunctionId::histogram_quantile
                                 ? bucket_quantile(given[0], histogram.buckets)
                                 : bucket_fraction(given[0], given[1], histogram.buckets));
  }
  relabel_.apply(out);
}

}  // namespace cgsentry::promql
