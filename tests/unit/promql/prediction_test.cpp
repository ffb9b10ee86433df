// cgs_time_to() and cgs_anomaly(): what they answer, when they keep silent, and that the live
// engine gives the same as the definition.
#include "promql/prediction.h"

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::promql;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp kNow{2'000s};
constexpr double kInf = std::numeric_limits<double>::infinity();

/// One sample a second up to kNow, of value(i) for the i-th of `count`.
std::vector<Point> series(int count, const std::function<double(int)>& value) {
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    points.push_back({kNow - (count - 1 - i) * 1s, value(i)});
  }
  return points;
}

RangeArguments over(Duration range, double limit = 0) {
  return {{kNow - range, kNow}, kNow, limit, 0};
}

/// Noise without a trend: -1 to 1, of a fixed order.
double noise(int i) {
  return std::fmod(static_cast<double>(i) * 7'919, 97) / 48 - 1;
}

}  // namespace

TEST_CASE("a line reaches its limit in a known time, upwards and downwards") {
  const auto rising = series(300, [](int i) { return 100.0 + 2 * i; });  // 698 now
  CHECK(time_to(rising, over(300s, 898)) == Approx(100));
  CHECK(time_to(rising, over(300s, 698)) == Approx(0).margin(1e-9));
  const auto falling = series(300, [](int i) { return 1'000.0 - 2 * i; });  // 402 now
  CHECK(time_to(falling, over(300s, 0)) == Approx(201));
}

TEST_CASE("a line that leads away from the limit does not reach it") {
  const auto rising = series(300, [](int i) { return 100.0 + 2 * i; });
  CHECK_FALSE(time_to(rising, over(300s, 690)));
  CHECK_FALSE(time_to(rising, over(300s, 50)));
  CHECK_FALSE(time_to(rising, over(300s, std::nan(""))));
  CHECK(time_to(rising, over(300s, kInf)) == kInf);
}

TEST_CASE("foreign values and noise move the line little") {
  const auto spoiled = series(300, [](int i) { return i % 7 == 3 ? 1e9 : 100.0 + 2 * i; });
  CHECK(time_to(spoiled, over(300s, 898)).value_or(0) == Approx(100).epsilon(0.3));
  const auto noisy = series(300, [](int i) { return 2.0 * i + 20 * noise(i); });  // 598 now
  CHECK(time_to(noisy, over(300s, 798)).value_or(0) == Approx(100).epsilon(0.1));
  const auto holes = series(300, [](int i) {
    return i % 5 == 1 ? std::nan("") : i % 5 == 2 ? kInf : 100.0 + 2 * i;
  });
  CHECK(time_to(holes, over(300s, 898)) == Approx(100));
}

TEST_CASE("what is not a line has no time") {
  CHECK_FALSE(time_to(series(300, [](int) { return 5.0; }), over(300s, 10)));
  CHECK_FALSE(time_to(series(300, noise), over(300s, 10)));
  for (const int at : {30, 100, 150, 200, 270}) {
    const auto step = [at](int i) { return i < at ? 1.0 : 100.0; };
    CHECK_FALSE(time_to(series(300, step), over(300s, 1'000)));
  }
  CHECK_FALSE(time_to(series(300, [](int i) { return i % 100; }), over(300s, 1'000)));
}

TEST_CASE("a young series and a short one have no time") {
  const auto rising = [](int i) { return 2.0 * i; };
  CHECK_FALSE(time_to({}, over(300s, 1'000)));
  CHECK_FALSE(time_to(series(150, rising), over(300s, 1'000)));
  CHECK(time_to(series(151, rising), over(300s, 1'000)));
  CHECK_FALSE(time_to(series(4, rising), over(4s, 1'000)));
  CHECK(time_to(series(5, rising), over(5s, 1'000)));
}

TEST_CASE("an anomaly is told in robust deviations") {
  // -10 to 10 around 100: the median deviation is 5.
  const auto usual = [](int i) { return 100 + 10 * noise(i); };
  const auto with_newest = [&](double newest) {
    return series(600, [&](int i) { return i == 599 ? newest : usual(i); });
  };
  const double scale = 1.4826 * 5;
  CHECK(anomaly(with_newest(100), over(600s)).value_or(99) == Approx(0).margin(0.2));
  CHECK(anomaly(with_newest(200), over(600s)).value_or(0) == Approx(100 / scale).epsilon(0.1));
  CHECK(anomaly(with_newest(0), over(600s)).value_or(0) == Approx(-100 / scale).epsilon(0.1));
}

TEST_CASE("a history that hardly moves has a scale of 1 % of its median") {
  const auto with_newest = [](double usual, double newest) {
    return anomaly(series(600, [=](int i) { return i == 599 ? newest : usual; }), over(600s));
  };
  CHECK(with_newest(200, 210) == Approx(5));
  CHECK(with_newest(-200, -210) == Approx(-5));
  CHECK(with_newest(200, 200) == 0);
  CHECK_FALSE(with_newest(0, 5));
  CHECK_FALSE(with_newest(200, std::nan("")));
  CHECK_FALSE(with_newest(200, kInf));
}

TEST_CASE("an anomaly needs a history") {
  const auto value = [](int i) { return 100 + noise(i); };
  CHECK_FALSE(anomaly({}, over(600s)));
  CHECK_FALSE(anomaly(series(30, value), over(30s)));
  CHECK(anomaly(series(31, value), over(31s)));
  CHECK_FALSE(anomaly(series(300, value), over(600s)));
  CHECK(anomaly(series(301, value), over(600s)));
}

TEST_CASE("the live engine gives what the definition gives") {
  Engine engine;
  const QueryId time = test::add(engine, "cgs_time_to(5000, x[5m])");
  const QueryId score = test::add(engine, "cgs_anomaly(x[5m])");
  test::ScriptedSamples samples;
  const std::size_t dense = samples.add_row({{"c", "dense"}});
  const std::size_t holed = samples.add_row({{"c", "holed"}});
  std::vector<Point> of_dense;
  std::vector<Point> of_holed;
  for (int i = 0; i < 400; ++i) {
    samples.set("x", dense, 3.0 * i + 9 * noise(i));
    samples.set("x", holed, 3.0 * i + 9 * noise(i));
    if (i % 4 == 1) {
      samples.clear("x", holed);
    }
    const Sample& sample = samples.tick();
    engine.append(sample);
    of_dense.push_back({sample.time, 3.0 * i + 9 * noise(i)});
    if (i % 4 != 1) {
      of_holed.push_back(of_dense.back());
    }
  }
  const Timestamp now = samples.now();
  const RangeArguments arguments{{now - 300s, now}, now, 5'000, 0};
  const auto inside = [&](const std::vector<Point>& points) {
    std::vector<Point> kept;
    std::ranges::copy_if(points, std::back_inserter(kept),
                         [&](const Point& point) { return point.time > now - 300s; });
    return kept;
  };
  const test::Values times = test::values(engine, time, now);
  const test::Values scores = test::values(engine, score, now);
  REQUIRE(times.size() == 2);
  REQUIRE(scores.size() == 2);
  CHECK(times.at("{c=\"dense\"}") == time_to(inside(of_dense), arguments));
  CHECK(times.at("{c=\"holed\"}") == time_to(inside(of_holed), arguments));
  CHECK(scores.at("{c=\"dense\"}") == anomaly(inside(of_dense), arguments));
  CHECK(scores.at("{c=\"holed\"}") == anomaly(inside(of_holed), arguments));
}

TEST_CASE("what the days before had at this hour is usual, and all between it and the range") {
  const auto with_newest = [](double newest, const window::Band& days) {
    RangeArguments arguments = over(600s);
    arguments.usual = days;
    return anomaly(series(600, [=](int i) { return i == 599 ? newest : 200; }), arguments);
  };
  const window::Band none;
  const window::Band peak{200, 300};
  CHECK(with_newest(310, none) == Approx(55));  // a scale of 2, which is 1 %
  for (const double usual : {200, 210, 250, 300}) {
    CHECK(with_newest(usual, peak) == 0);
  }
  CHECK(with_newest(310, peak) == Approx(2));  // a scale of 5, which is 5 % of 100
  CHECK(with_newest(400, peak) == Approx(20));
  CHECK(with_newest(190, peak) == Approx(-2));
  // The range is on a level that the days do not have.
  CHECK(with_newest(240, window::Band{250, 260}) == 0);
  CHECK(with_newest(280, window::Band{250, 260}) == Approx(20 / 3.0));
  CHECK(with_newest(170, window::Band{250, 260}) == Approx(-10));
}

TEST_CASE("days before never make more of a value than the range alone does") {
  for (int i = 0; i < 500; ++i) {
    const auto values = series(300, [&](int k) { return 100 + 10 * noise(k * (i + 1)); });
    RangeArguments arguments = over(300s);
    const double alone = *anomaly(values, arguments);
    arguments.usual.low = 60 + 40 * noise(i);
    arguments.usual.high = arguments.usual.low + 20 + 20 * noise(3 * i);
    const double with_days = *anomaly(values, arguments);
    CHECK(std::abs(with_days) <= std::abs(alone));
    CHECK(with_days * alone >= 0);
  }
}

namespace {

constexpr int kDay = 86'400;
constexpr int kThree = 3 * 3'600;

/// The score of one container at times of its life, told by a live engine that ticks every 10 s.
class Scores {
 public:
  explicit Scores(const std::string& text) : query_(test::add(engine_, text)) {
    row_ = samples_.add_row({{"c", "batch"}});
  }
  /// Seconds that 500 rises to 800 at three o'clock.
  void run_until(int end, int begin = kThree, int lasts = 600) {
    for (; now_ < end; now_ += 10) {
      const int second = now_ % kDay;
      samples_.set("x", row_, second >= begin && second < begin + lasts ? 800 : 500);
      const Sample& sample = samples_.tick(now_ == 0 ? to_midnight() : 10s);
      engine_.append(sample);
      last_ = test::values(engine_, query_, sample.time);
    }
  }
  [[nodiscard]] std::optional<double> score() const {
    return last_.empty() ? std::nullopt : std::optional(last_.begin()->second);
  }
  /// A reload with the same rule and another one before it, so that numbers differ.
  void reload(const std::string& text) {
    Engine fresh;
    test::add(fresh, "max_over_time(x[1h]) + rate(x[5m])");
    query_ = test::add(fresh, text);
    fresh.take_over(engine_);
    engine_ = std::move(fresh);
  }
  /// The container is replaced by one with the same labels.
  void restart() {
    samples_.remove_row(row_);
    row_ = samples_.add_row({{"c", "batch"}});
  }
  Engine& engine() { return engine_; }

 private:
  /// The first tick is at 1'000'000 s, which is not midnight. It has no sample before it.
  Duration to_midnight() {
    samples_.tick();
    return 12 * kDay * 1s - (samples_.now() - Timestamp{});
  }

  Engine engine_;
  test::ScriptedSamples samples_;
  QueryId query_;
  std::size_t row_ = 0;
  int now_ = 0;
  test::Values last_;
};

constexpr const char* kOfSamples = "cgs_anomaly(x[30m])";
constexpr const char* kOfSteps = "cgs_anomaly((x + 0)[30m:10s])";

}  // namespace

TEST_CASE("a batch job of every day alarms on the first one only, and at another hour again") {
  for (const char* text : {kOfSamples, kOfSteps, "cgs_anomaly((x + 0)[30m:10s] offset 10s)",
                           "cgs_anomaly(x[30m] offset 10s)"}) {
    INFO(text);
    Scores scores(text);
    scores.run_until(kThree + 60);
    CHECK(scores.score() == Approx(60));  // 300 of 5
    scores.run_until(kDay + kThree + 60);
    CHECK(scores.score() == 0);
    scores.run_until(kDay + 5 * 3'600 + 60, 5 * 3'600);
    CHECK(scores.score() == Approx(60));
    scores.run_until(2 * kDay + kThree + 60);
    CHECK(scores.score() == 0);
  }
}

TEST_CASE("a container that was replaced has no days before it") {
  Scores scores(kOfSamples);
  scores.run_until(kDay);
  scores.restart();
  scores.run_until(kDay + kThree + 60);
  CHECK(scores.score() == Approx(60));
}

TEST_CASE("a reload keeps the days of a rule that stays") {
  for (const char* text : {kOfSamples, kOfSteps}) {
    INFO(text);
    Scores scores(text);
    scores.run_until(kDay + 600);
    scores.reload(text);
    scores.run_until(kDay + kThree + 60);
    CHECK(scores.score() == 0);
    scores.reload("max_over_time(x[30m])");
    scores.reload(text);
    scores.run_until(2 * kDay + kThree + 60);
    CHECK(scores.score() == Approx(60));
  }
}

TEST_CASE("only rules that ask for anomalies keep days") {
  const auto bytes_after_a_day = [](const char* text) {
    Scores scores(text);
    scores.run_until(kDay);
    return scores.engine().memory_bytes();
  };
  const std::size_t without = bytes_after_a_day("mad_over_time(x[30m])");
  const std::size_t with = bytes_after_a_day(kOfSamples);
  CHECK(with - without > 64 * 768);
  CHECK(with - without < 64 * (2 * 768 + 30) + 4'096);
}
