#include "promql/functions.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace cgsentry::promql {

namespace {

using Id = FunctionId;
constexpr ValueType S = ValueType::scalar;
constexpr ValueType V = ValueType::vector;
constexpr ValueType M = ValueType::matrix;
constexpr ValueType T = ValueType::string;

constexpr Function of_vector(std::string_view name, Id id) {
  return Function{name, id, V, {V}, 1, 0, false};
}
constexpr Function of_time(std::string_view name, Id id) {
  return Function{name, id, V, {V}, 1, 1, false};
}
constexpr Function of_range(std::string_view name, Id id) {
  return Function{name, id, V, {M}, 1, 0, false};
}
constexpr Function experimental(std::string_view name) {
  return Function{name, Id::unsupported, V, {}, 0, 0, true};
}
/// Native histograms only: this agent has none.
constexpr Function of_histogram(std::string_view name) {
  return Function{name, Id::unsupported, V, {V}, 1, 0, false};
}

constexpr std::array kFunctions{
    of_vector("abs", Id::abs),
    of_vector("absent", Id::absent),
    of_range("absent_over_time", Id::absent_over_time),
    of_vector("acos", Id::acos),
    of_vector("acosh", Id::acosh),
    of_vector("asin", Id::asin),
    of_vector("asinh", Id::asinh),
    of_vector("atan", Id::atan),
    of_vector("atanh", Id::atanh),
    of_range("avg_over_time", Id::avg_over_time),
    of_vector("ceil", Id::ceil),
    of_range("cgs_anomaly", Id::cgs_anomaly),
    Function{"cgs_time_to", Id::cgs_time_to, V, {S, M}, 2, 0, false},
    of_range("changes", Id::changes),
    Function{"clamp", Id::clamp, V, {V, S, S}, 3, 0, false},
    Function{"clamp_max", Id::clamp_max, V, {V, S}, 2, 0, false},
    Function{"clamp_min", Id::clamp_min, V, {V, S}, 2, 0, false},
    of_vector("cos", Id::cos),
    of_vector("cosh", Id::cosh),
    of_range("count_over_time", Id::count_over_time),
    of_time("day_of_month", Id::day_of_month),
    of_time("day_of_week", Id::day_of_week),
    of_time("day_of_year", Id::day_of_year),
    of_time("days_in_month", Id::days_in_month),
    of_vector("deg", Id::deg),
    of_range("delta", Id::delta),
    of_range("deriv", Id::deriv),
    Function{"double_exponential_smoothing",
             Id::double_exponential_smoothing,
             V,
             {M, S, S},
             3,
             0,
             false},
    of_vector("exp", Id::exp),
    of_vector("floor", Id::floor),
    of_histogram("histogram_avg"),
    of_histogram("histogram_count"),
    Function{"histogram_fraction", Id::histogram_fraction, V, {S, S, V}, 3, 0, false},
    Function{"histogram_quantile", Id::histogram_quantile, V, {S, V}, 2, 0, false},
    of_histogram("histogram_stddev"),
    of_histogram("histogram_stdvar"),
    of_histogram("histogram_sum"),
    of_time("hour", Id::hour),
    of_range("idelta", Id::idelta),
    of_range("increase", Id::increase),
    experimental("info"),
    of_range("irate", Id::irate),
    Function{"label_join", Id::label_join, V, {V, T, T, T}, 4, -1, false},
    Function{"label_replace", Id::label_replace, V, {V, T, T, T, T}, 5, 0, false},
    of_range("last_over_time", Id::last_over_time),
    of_vector("ln", Id::ln),
    of_vector("log10", Id::log10),
    of_vector("log2", Id::log2),
    of_range("mad_over_time", Id::mad_over_time),
    of_range("max_over_time", Id::max_over_time),
    of_range("min_over_time", Id::min_over_time),
    of_time("minute", Id::minute),
    of_time("month", Id::month),
    Function{"pi", Id::pi, S, {}, 0, 0, false},
    Function{"predict_linear", Id::predict_linear, V, {M, S}, 2, 0, false},
    of_range("present_over_time", Id::present_over_time),
    Function{"quantile_over_time", Id::quantile_over_time, V, {S, M}, 2, 0, false},
    of_vector("rad", Id::rad),
    of_range("rate", Id::rate),
    of_range("resets", Id::resets),
    Function{"round", Id::round, V, {V, S}, 2, 1, false},
    Function{"scalar", Id::scalar, S, {V}, 1, 0, false},
    of_vector("sgn", Id::sgn),
    of_vector("sin", Id::sin),
    of_vector("sinh", Id::sinh),
    of_vector("sort", Id::sort),
    experimental("sort_by_label"),
    experimental("sort_by_label_desc"),
    of_vector("sort_desc", Id::sort_desc),
    of_vector("sqrt", Id::sqrt),
    of_range("stddev_over_time", Id::stddev_over_time),
    of_range("stdvar_over_time", Id::stdvar_over_time),
    of_range("sum_over_time", Id::sum_over_time),
    of_vector("tan", Id::tan),
    of_vector("tanh", Id::tanh),
    Function{"time", Id::time, S, {}, 0, 0, false},
    of_vector("timestamp", Id::timestamp),
    experimental("ts_of_last_over_time"),
    experimental("ts_of_max_over_time"),
    experimental("ts_of_min_over_time"),
    Function{"vector", Id::vector, V, {S}, 1, 0, false},
    of_time("year", Id::year),
};
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::name));

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const Function* find_function(std::string_view name) {
  const auto at = std::ranges::lower_bound(kFunctions, name, {}, &Function::name);
  return at != kFunctions.end() && at->name == name ? &*at : nullptr;
}

std::string_view nearest_function(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  if (name.size() > kLongestName) {
    return {};
  }
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const Function& function : kFunctions) {
    const std::size_t distance = edit_distance(name, function.name);
    if (!function.experimental && distance < best_distance) {
      best = function.name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace cgsentry::promql
