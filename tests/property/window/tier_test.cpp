// Tests window/tier against the samples themselves: random values with holes and forgotten rows,
// merged bucket by bucket; its widths, and what it frees.
#include "window/tier.h"

#include <rapidcheck.h>

#include <cmath>
#include <map>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::window;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kRows = 66;  // two blocks
constexpr Parts kAll =
    kCount | kEnds | kDrops | kResets | kChanges | kSum | kLeast | kMost | kMean | kSquares | kLine;

struct Feed {
  Timeline timeline{16};
  Column column{timeline, 16};
  Timestamp now{1'000s};

  void tick(Duration elapsed, const std::vector<double>& values) {
    timeline.push(now += elapsed);
    std::vector<std::uint8_t> present;
    for (const double value : values) {
      present.push_back(is_value(value) ? 1 : 0);
    }
    column.append(values, present);
  }
};

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

void check_row(const Summary& got, const std::vector<Point>& points, Timestamp origin) {
  RC_ASSERT(got.count == points.size());
  if (points.empty()) {
    return;
  }
  double sum = 0;
  double x_sum = 0;
  double drops = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sum += points[i].value;
    x_sum += to_seconds(points[i].time - origin);
    drops += i > 0 && points[i].value < points[i - 1].value ? points[i - 1].value : 0;
  }
  const double n = static_cast<double>(points.size());
  double squares = 0;
  double products = 0;
  for (const Point& point : points) {
    squares += (point.value - sum / n) * (point.value - sum / n);
    products += (point.value - sum / n) * (to_seconds(point.time - origin) - x_sum / n);
  }
  RC_ASSERT(got.first_time == points.front().time);
  RC_ASSERT(got.last_time == points.back().time);
  RC_ASSERT(got.first == points.front().value);
  RC_ASSERT(got.last == points.back().value);
  RC_ASSERT(got.drops == drops);
  RC_ASSERT(near(got.total(), sum));
  RC_ASSERT(near(got.mean, sum / n));
  RC_ASSERT(near(got.squares, squares));
  RC_ASSERT(near(got.products, products));
}

}  // namespace

TEST_CASE("a tier knows of a range what its samples say, from the limit of a bucket on") {
  REQUIRE(rc::check([] {
    Feed feed;
    const TierShape shape{30s, *rc::gen::inRange(0, 3) * 1s, 5s, kAll};
    Tier tier(shape);
    std::map<std::size_t, std::vector<Point>> stored;
    const int ticks = *rc::gen::inRange(1, 100);
    for (int tick = 0; tick < ticks; ++tick) {
      std::vector<double> values(kRows, std::bit_cast<double>(kAbsentBits));
      const Duration elapsed = *rc::gen::inRange(0, 20) == 0 ? 17s : 1s;
      for (const std::size_t row : {0, 1, 65}) {
        if (*rc::gen::inRange(0, 5) != 0) {
          values[row] = *rc::gen::inRange(0, 50);
          stored[row].push_back({feed.now + elapsed, values[row]});
        }
      }
      feed.tick(elapsed, values);
      tier.follow(feed.column, feed.now);
      if (*rc::gen::inRange(0, 30) == 0) {
        tier.forget(1);
        std::erase_if(stored[1], [&](const Point& p) { return p.time <= feed.now - shape.lag; });
        feed.column.forget(1);
        stored[1].clear();
      }
      tier.look_back_to(feed.now - shape.lag - shape.range);
      RC_ASSERT(tier.begin() <= feed.now - shape.lag - shape.range);
      RC_ASSERT(tier.begin() > feed.now - shape.lag - shape.range - shape.width);
      for (const std::size_t row : {0, 1, 65}) {
        std::vector<Point> inside;
        for (const Point& point : stored[row]) {
          if (point.time > tier.begin() && point.time <= feed.now - shape.lag) {
            inside.push_back(point);
          }
        }
        check_row(tier.of(row), inside, tier.origin());
      }
    }
  }));
}

TEST_CASE("buckets have round widths, and a range has at least as many as were asked for") {
  CHECK(bucket_width(6h, 300) == 1min);
  CHECK(bucket_width(24h, 300) == 4min);
  CHECK(bucket_width(7 * 24h, 300) == 30min);
  CHECK(bucket_width(30 * 24h, 300) == 2h);
  CHECK(bucket_width(60s, 300) == 1s);
  CHECK(bucket_width(365 * 24h, 300) == 24h);
  for (Duration range = 70min; range < 400 * 24h; range += 97min) {
    CHECK(range / bucket_width(range, 300) >= 300);
    CHECK(range / bucket_width(range, 300) < 1'000);
  }
}

TEST_CASE("a tier frees the rows whose values have left the range") {
  Feed feed;
  Tier tier({30s, 0s, 5s, kSum});
  std::vector<double> values(kRows, 1);
  feed.tick(1s, values);
  tier.follow(feed.column, feed.now);
  const std::size_t full = tier.memory_bytes();
  values.assign(kRows, std::bit_cast<double>(kAbsentBits));
  values[0] = 1;
  for (int i = 0; i < 60; ++i) {
    feed.tick(1s, values);
    tier.follow(feed.column, feed.now);
  }
  CHECK(tier.memory_bytes() < full * 6 / 10);
  tier.look_back_to(feed.now - 30s);
  CHECK(tier.of(65).count == 0);
  CHECK(tier.of(0).count >= 30);
}
