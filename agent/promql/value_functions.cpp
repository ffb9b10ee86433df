// See value_functions.h.
#include "promql/value_functions.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>

namespace cgsentry::promql {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// As Go's math.Min and math.Max: an infinity that nothing can pass wins, then a NaN on either side.
double smaller(double a, double b) {
  if (a == -kInfinity || b == -kInfinity) {
    return -kInfinity;
  }
  return std::isnan(a) || std::isnan(b) ? kNaN : std::min(a, b);
}
double larger(double a, double b) {
  if (a == kInfinity || b == kInfinity) {
    return kInfinity;
  }
  return std::isnan(a) || std::isnan(b) ? kNaN : std::max(a, b);
}

template <double (*kFunction)(double)>
double of(double value, const ValueArguments&) {
  return kFunction(value);
}

// As Go's math.Log2 and math.Log10 round, so that a comparison with a whole number comes out the
// same: log10(0.1) is a little more than -1 there.
double log2_as_go(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  if (fraction == 0.5) {
    return exponent - 1;  // of a power of two, exactly
  }
  return std::log(fraction) * std::numbers::log2e + exponent;
}
double log10_as_go(double value) {
  constexpr double kLog10Of2 = 0.30102999566398119521;
  return log2_as_go(value) * kLog10Of2;
}

double degrees(double value) {
  return value * 180 / std::numbers::pi;
}
double radians(double value) {
  return value * std::numbers::pi / 180;
}
double sign(double value) {
  return value < 0 ? -1 : value > 0 ? 1 : value;
}

double clamped(double value, const ValueArguments& arguments) {
  return larger(arguments.first, smaller(arguments.second, value));
}
double clamped_above(double value, const ValueArguments& arguments) {
  return smaller(arguments.first, value);
}
double clamped_below(double value, const ValueArguments& arguments) {
  return larger(arguments.first, value);
}
double rounded(double value, const ValueArguments& arguments) {
  // By the inverse, because 1/0.1 is exact and 0.1 is not.
  const double inverse = 1 / arguments.first;
  return std::floor(value * inverse + 0.5) / inverse;
}

struct Date {
  std::chrono::year_month_day day;
  std::chrono::sys_days midnight;
  std::chrono::seconds since_midnight{};
};

Date date_of(double seconds) {
  using namespace std::chrono;
  // What is no date, or lies beyond the years that the calendar has, counts as 1970.
  constexpr double kLatest = 9e11;
  const bool sane = std::abs(seconds) < kLatest;
  const sys_seconds time{std::chrono::seconds(sane ? static_cast<std::int64_t>(seconds) : 0)};
  const sys_days midnight = floor<days>(time);
  return {year_month_day(midnight), midnight, time - midnight};
}

template <double (*kPart)(const Date&)>
double date_part(double value, const ValueArguments&) {
  return std::isnan(value) ? kNaN : kPart(date_of(value));
}

double minute(const Date& date) {
  return static_cast<double>(date.since_midnight.count() / 60 % 60);
}
double hour(const Date& date) {
  return static_cast<double>(date.since_midnight.count() / 3600);
}
double day_of_month(const Date& date) {
  return static_cast<unsigned>(date.day.day());
}
double day_of_week(const Date& date) {
  return std::chrono::weekday(date.midnight).c_encoding();
}
double day_of_year(const Date& date) {
  const std::chrono::sys_days first = date.day.year() / std::chrono::January / 1;
  return static_cast<double>((date.midnight - first).count() + 1);
}
double days_in_month(const Date& date) {
  return static_cast<unsigned>((date.day.year() / date.day.month() / std::chrono::last).day());
}
double month(const Date& date) {
  return static_cast<unsigned>(date.day.month());
}
double year(const Date& date) {
  return static_cast<int>(date.day.year());
}

}  // namespace

bool is_date_function(FunctionId id) {
  switch (id) {
    case FunctionId::day_of_month:
    case FunctionId::day_of_week:
    case FunctionId::day_of_year:
    case FunctionId::days_in_month:
    case FunctionId::hour:
    case FunctionId::minute:
    case FunctionId::month:
    case FunctionId::year:
      return true;
    default:
      return false;
  }
}

ValueFunction value_function(FunctionId id) {
  switch (id) {
    case FunctionId::abs:
      return of<std::fabs>;
    case FunctionId::acos:
      return of<std::acos>;
    case FunctionId::acosh:
      return of<std::acosh>;
    case FunctionId::asin:
      return of<std::asin>;
    case FunctionId::asinh:
      return of<std::asinh>;
    case FunctionId::atan:
      return of<std::atan>;
    case FunctionId::atanh:
      return of<std::atanh>;
    case FunctionId::ceil:
      return of<std::ceil>;
    case FunctionId::cos:
      return of<std::cos>;
    case FunctionId::cosh:
      return of<std::cosh>;
    case FunctionId::exp:
      return of<std::exp>;
    case FunctionId::floor:
      return of<std::floor>;
    case FunctionId::ln:
      return of<std::log>;
    case FunctionId::log10:
      return of<log10_as_go>;
    case FunctionId::log2:
      return of<log2_as_go>;
    case FunctionId::sin:
      return of<std::sin>;
    case FunctionId::sinh:
      return of<std::sinh>;
    case FunctionId::sqrt:
      return of<std::sqrt>;
    case FunctionId::tan:
      return of<std::tan>;
    case FunctionId::tanh:
      return of<std::tanh>;
    case FunctionId::deg:
      return of<degrees>;
    case FunctionId::rad:
      return of<radians>;
    case FunctionId::sgn:
      return of<sign>;
    case FunctionId::clamp:
      return clamped;
    case FunctionId::clamp_max:
      return clamped_above;
    case FunctionId::clamp_min:
      return clamped_below;
    case FunctionId::round:
      return rounded;
    case FunctionId::minute:
      return date_part<minute>;
    case FunctionId::hour:
      return date_part<hour>;
    case FunctionId::day_of_month:
      return date_part<day_of_month>;
    case FunctionId::day_of_week:
      return date_part<day_of_week>;
    case FunctionId::day_of_year:
      return date_part<day_of_year>;
    case FunctionId::days_in_month:
      return date_part<days_in_month>;
    case FunctionId::month:
      return date_part<month>;
    case FunctionId::year:
      return date_part<year>;
    default:
      return nullptr;
  }
}

}  // namespace cgsentry::promql
