// Tests window/season against the samples themselves: random days with noise, peaks, steps, holes,
// silence and forgotten rows; what of() tells is worked out from a plain list of samples. Then what
// the numbers mean, one pattern at a time, and what they take.
#include "window/season.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::window;
using namespace std::chrono_literals;

namespace {

constexpr double kAbsent = std::bit_cast<double>(kAbsentBits);
constexpr std::int64_t kDay = 86'400;

struct Feed {
  Timeline timeline{16};
  Column column{timeline, 16};
  Timestamp now{};

  void tick(Timestamp time, const std::vector<double>& values) {
    timeline.push(now = time);
    std::vector<std::uint8_t> present;
    for (const double value : values) {
      present.push_back(is_value(value) ? 1 : 0);
    }
    column.append(values, present);
  }
};

/// A time in seconds and a value.
struct Seen {
  std::int64_t time;
  double value;
};
struct Ends {
  double low;
  double high;
};

std::int64_t quarter_of(std::int64_t time) {
  return floor_divided(time - 1, 900);
}

/// The definition, of one row. `samples`: the first of all rows in each 30 s, if it is finite.
/// `open`: the quarter of the newest.
class Plain {
 public:
  Plain(const std::vector<Seen>& samples, std::int64_t open) {
    std::map<std::int64_t, std::vector<double>> values;
    for (const Seen& seen : samples) {
      values[quarter_of(seen.time)].push_back(seen.value);
    }
    for (auto& [index, all] : values) {
      std::ranges::sort(all);
      if (index != values.begin()->first && index < open && all.size() >= 10) {
        quarters_[index] = {all[1], all[all.size() - 2]};
      }
    }
  }

  [[nodiscard]] std::optional<Ends> of(std::int64_t index) const {
    std::optional<Ends> ends = band(index);
    std::vector<double> moves;
    for (std::int64_t i = 1; i <= 8; ++i) {
      moves.push_back(moved(index - i));
    }
    std::ranges::sort(moves);
    const double shift = moves[3] > 0 ? moves[3] : std::min(moves[4], 0.0);
    if (ends) {
      ends->low += shift;
      ends->high += shift;
    }
    return ends;
  }

 private:
  [[nodiscard]] std::optional<Ends> band(std::int64_t index) const {
    std::vector<double> lows;
    std::vector<double> highs;
    for (std::int64_t day = 1; day <= 7; ++day) {
      const auto own = quarters_.find(index - 96 * day);
      if (own == quarters_.end()) {
        continue;
      }
      Ends ends = own->second;
      for (const std::int64_t beside : {-1, 1}) {
        if (const auto other = quarters_.find(own->first + beside); other != quarters_.end()) {
          ends.low = std::min(ends.low, other->second.low);
          ends.high = std::max(ends.high, other->second.high);
        }
      }
      lows.push_back(ends.low);
      highs.push_back(ends.high);
    }
    if (lows.empty()) {
      return std::nullopt;
    }
    std::ranges::sort(lows);
    std::ranges::sort(highs);
    return Ends{lows[(lows.size() - 1) / 2], highs[highs.size() / 2]};
  }

  [[nodiscard]] double moved(std::int64_t index) const {
    const auto own = quarters_.find(index);
    const auto usual = band(index);
    if (own == quarters_.end() || !usual) {
      return 0;
    }
    const double low = own->second.low - usual->low;
    const double high = own->second.high - usual->high;
    if (low > 0 && high > 0) {
      return std::min(low, high);
    }
    return low < 0 && high < 0 ? std::max(low, high) : 0;
  }

  std::map<std::int64_t, Ends> quarters_;
};

void check_row(const Band& got, const std::optional<Ends>& expected) {
  REQUIRE(got.known() == expected.has_value());
  if (expected) {  // all values are whole numbers that a float holds
    REQUIRE(got.low == expected->low);
    REQUIRE(got.high == expected->high);
  }
}

/// One row of whole numbers: level and peaks by the hour of the day, noise, a step now and then.
class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed), peak_(below(96)) {}
  double value(std::int64_t time) {
    if (below(3'000) == 0) {
      level_ += static_cast<double>(below(400)) - 200;
    }
    const bool peak = (quarter_of(time) + below(20) / 19) % 96 == peak_;
    return level_ + (peak ? 300 : 0) + static_cast<double>(below(20));
  }
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(end));
  }

 private:
  std::mt19937_64 random_;
  std::int64_t peak_;
  double level_ = 500;
};

/// Days of one row, each second second, and what the season says at their end.
struct Days {
  Feed feed;
  Season season{0s};
  std::int64_t now = 0;

  /// value(second of the day, day)
  void run(int days, const std::function<double(std::int64_t, int)>& value) {
    run_until(static_cast<std::int64_t>(days) * kDay, value);
  }
  void run_until(std::int64_t end, const std::function<double(std::int64_t, int)>& value) {
    for (; now < end; now += 10) {
      const std::int64_t time = now + 10;
      feed.tick(Timestamp(time * 1s), {value(time % kDay, static_cast<int>(time / kDay))});
      season.follow(feed.column, feed.now);
    }
  }
  Band at(std::int64_t time) {
    season.look_at(Timestamp(time * 1s));
    return season.of(0);
  }
};

constexpr std::int64_t kThree = 3 * 3'600;
/// 500, and 800 for ten minutes from three o'clock on.
double batch(std::int64_t second, int) {
  return second > kThree && second <= kThree + 600 ? 800 : 500;
}

}  // namespace

namespace {

/// Rows of two blocks over half a day to eleven days, with a pause or a forgotten row now and then.
class Life {
 public:
  explicit Life(std::uint64_t seed)
      : random_(seed),
        lag_(random_.below(3) * 40),
        season_(lag_ * 1s),
        walks_{{0, Walk(seed + 1'000)}, {1, Walk(seed + 2'000)}, {65, Walk(seed + 3'000)}},
        time_(1'000'000 + random_.below(kDay)) {}

  void run() {
    const std::int64_t end = time_ + kDay / 2 + random_.below(10 * kDay);
    while (time_ < end) {
      tick();
      note_taken();
      if (random_.below(10'000) == 0) {
        forget(1);
      }
      if (random_.below(300) == 0) {
        check();
      }
    }
  }

 private:
  using Values = std::map<std::size_t, double>;  // by row

  void tick() {
    time_ += random_.below(2'000) == 0 ? random_.below(7'200) + 1 : 20 + random_.below(40);
    std::vector<double> values(66, kAbsent);
    Values there;
    for (auto& [row, walk] : walks_) {
      if (const double value = walk.value(time_); random_.below(8) != 0) {
        values[row] = there[row] = value;
      }
    }
    if (random_.below(50) == 0) {
      values[0] = std::nan("");
      there.erase(0);
    }
    feed_.tick(Timestamp(time_ * 1s), values);
    season_.follow(feed_.column, feed_.now);
    waiting_.emplace_back(time_, there);
  }

  /// The first of each 30 s, once they are old enough.
  void note_taken() {
    while (!waiting_.empty() && waiting_.front().first <= time_ - lag_) {
      const auto& [time, there] = waiting_.front();
      if (std::exchange(turn_, floor_divided(time - 1, 30)) != floor_divided(time - 1, 30)) {
        for (const auto& [row, value] : there) {
          taken_[row].push_back({time, value});
        }
      }
      waiting_.pop_front();
    }
  }

  void forget(std::size_t row) {
    season_.forget(row);
    feed_.column.forget(row);
    taken_[row].clear();
    for (auto& [time, there] : waiting_) {
      there.erase(row);
    }
  }

  void check() {
    season_.look_at(Timestamp((time_ - lag_) * 1s));
    for (const auto& [row, walk] : walks_) {
      check_row(season_.of(row),
                Plain(taken_[row], floor_divided(turn_, 30)).of(quarter_of(time_ - lag_)));
    }
  }

  Walk random_;
  std::int64_t lag_;
  Feed feed_;
  Season season_;
  std::map<std::size_t, Walk> walks_;
  std::int64_t time_;
  std::deque<std::pair<std::int64_t, Values>> waiting_;  // younger than the lag
  std::map<std::size_t, std::vector<Seen>> taken_;
  std::int64_t turn_ = -1;
};

}  // namespace

TEST_CASE("a season tells of each row what its samples of the days before say") {
  const auto seed = GENERATE(range(1, 21));
  INFO("seed " << seed);
  Life(static_cast<std::uint64_t>(seed)).run();
}

TEST_CASE("nothing is known before a day has passed, and of the first quarter never") {
  Days days;
  days.run(1, batch);
  CHECK_FALSE(days.at(kDay).known());
  CHECK_FALSE(days.at(kDay + 10).known());
  CHECK(days.at(kDay + 910).known());
}

TEST_CASE("the peak of yesterday is usual at its hour, a quarter around it, and nowhere else") {
  Days days;
  days.run(1, batch);
  for (const std::int64_t at : {kThree - 800, kThree + 10, kThree + 700, kThree + 1'700}) {
    CHECK(days.at(kDay + at).low == 500);
    CHECK(days.at(kDay + at).high == 800);
  }
  for (const std::int64_t at : {kThree - 1'000, kThree + 1'900, kThree * 3}) {
    CHECK(days.at(kDay + at).low == 500);
    CHECK(days.at(kDay + at).high == 500);
  }
}

TEST_CASE("a peak is usual when half of the days had it, and stays so over a weekend") {
  Days days;
  const auto once = [](int on) {
    return [on](std::int64_t second, int day) { return day == on ? batch(second, 0) : 500.0; };
  };
  days.run(2, once(1));
  CHECK(days.at(2 * kDay + kThree + 10).high == 800);  // one of two
  days.run(3, once(1));
  CHECK(days.at(3 * kDay + kThree + 10).high == 500);  // one of three
  Days week;
  week.run(7, [](std::int64_t second, int day) { return day < 5 ? batch(second, 0) : 500.0; });
  CHECK(week.at(7 * kDay + kThree + 10).high == 800);
  CHECK(week.at(7 * kDay + kThree + 10).low == 500);
}

TEST_CASE("a single foreign sample of a quarter is nothing") {
  Days days;
  days.run(1, [](std::int64_t second, int) { return second == 40'000 ? 9e9 : 500.0; });
  CHECK(days.at(kDay + 40'000).high == 500);
}

TEST_CASE("a new level moves the usual along after five quarters, downwards too") {
  for (const double step : {150.0, -150.0}) {
    Days days;
    const auto stepped = [step](std::int64_t second, int day) {
      return batch(second, day) + (day >= 2 ? step : 0);
    };
    days.run(2, stepped);
    days.run_until(2 * kDay + 4'500, stepped);
    CHECK(days.at(2 * kDay + 4'500).high == 500);
    days.run_until(2 * kDay + 4'520, stepped);
    CHECK(days.at(2 * kDay + 4'520).high == 500 + step);
    days.run_until(2 * kDay + kThree, stepped);
    CHECK(days.at(2 * kDay + kThree + 10).low == 500 + step);
    CHECK(days.at(2 * kDay + kThree + 10).high == 800 + step);
  }
}

TEST_CASE("quarters in which nobody looked are missing, and what lies before them stays") {
  Days days;
  days.run(1, batch);
  days.now = kDay + 12 * 3'600;  // silent for twelve hours
  days.run(2, batch);
  CHECK(days.at(2 * kDay + kThree + 10).high == 800);  // of the day before yesterday
  days.now = 20 * kDay;
  days.run_until(20 * kDay + 3'600, batch);
  CHECK_FALSE(days.at(20 * kDay + 3'600).known());
}

TEST_CASE("a season of samples that are minutes apart knows nothing") {
  Feed feed;
  Season season(0s);
  for (std::int64_t time = 0; time < 3 * kDay; time += 120) {
    feed.tick(Timestamp(time * 1s), {5});
    season.follow(feed.column, feed.now);
  }
  season.look_at(feed.now);
  CHECK_FALSE(season.of(0).known());
}

TEST_CASE("a row can be adopted under another number") {
  Days days;
  days.run(3, batch);
  Season fresh(0s);
  fresh.adopt(days.season, 0, 70);
  fresh.look_at(Timestamp((3 * kDay + kThree + 10) * 1s));
  CHECK(fresh.of(70).high == 800);
  CHECK_FALSE(fresh.of(0).known());
  CHECK_FALSE(fresh.of(71).known());
}

TEST_CASE("a season takes 30 bytes a row, 768 more for each day, and no more than eight days") {
  constexpr std::size_t kRows = 128;
  Feed feed;
  Season season(0s);
  const std::vector<double> values(kRows, 5);
  const auto run_until = [&](std::int64_t end) {
    for (Timestamp time = feed.now + 30s; time <= Timestamp(end * 1s); time += 30s) {
      feed.tick(time, values);
      season.follow(feed.column, feed.now);
    }
  };
  const std::size_t alone = season.memory_bytes();
  run_until(899);
  CHECK((season.memory_bytes() - alone) / kRows <= 30);
  run_until(kDay / 2);
  CHECK((season.memory_bytes() - alone) / kRows <= 30 + 768);
  run_until(8 * kDay);
  const std::size_t full = season.memory_bytes();
  CHECK((full - alone) / kRows <= 30 + 8 * 768);
  run_until(12 * kDay);
  CHECK(season.memory_bytes() == full);
  for (std::size_t row = 0; row < 64; ++row) {
    feed.column.forget(row);
    season.forget(row);
  }
  feed.tick(feed.now + 901s, std::vector<double>(kRows, kAbsent));
  season.follow(feed.column, feed.now);
  CHECK(season.memory_bytes() - alone <= (full - alone) / 2 + 16);
}
