// Tests window/column against a plain map of everything that was ever stored: random values, holes,
// stale markers, forgotten rows, sequences that are stored twice, other capacities and ranges.
#include "window/column.h"

#include <rapidcheck.h>

#include <cmath>
#include <map>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::window;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kRows = 70;  // two blocks
constexpr std::size_t kCapacity = 6;

struct Model {
  Timeline timeline{kCapacity};
  Column column{timeline, kCapacity};
  std::map<std::pair<std::size_t, Sequence>, double> stored;
  Timestamp now{1000s};

  void tick(const std::vector<int>& what, bool by_rows) {
    timeline.push(now += 1s);
    store(what, by_rows);
  }

  /// The newest sequence, again perhaps.
  void store(const std::vector<int>& what, bool by_rows) {
    const Sequence sequence = timeline.end() - 1;
    std::erase_if(stored, [&](const auto& item) { return item.first.second == sequence; });
    std::vector<double> values(kRows);
    std::vector<std::uint8_t> present(kRows);
    std::vector<std::uint32_t> rows;
    std::vector<double> row_values;
    for (std::size_t row = 0; row < what.size(); ++row) {
      if (what[row] == 0) {
        continue;
      }
      const double value = what[row] == 1   ? std::bit_cast<double>(kStaleBits)
                           : what[row] == 2 ? std::nan("")
                                            : what[row];
      values[row] = value;
      present[row] = 1;
      rows.push_back(static_cast<std::uint32_t>(row));
      row_values.push_back(value);
      stored[{row, sequence}] = value;
    }
    if (by_rows) {
      column.append(rows, row_values);
    } else {
      column.append(values, present);
    }
  }

  void resize(std::size_t capacity) {
    timeline.grow(capacity);
    const Sequence begin = column.begin();
    std::erase_if(stored, [&](const auto& item) { return item.first.second < begin; });
    column.resize(capacity);
  }

  std::vector<Point> points(std::size_t row, Range range) const {
    std::vector<Point> out;
    for (Sequence s = std::max(range.first, column.begin()); s < range.end; ++s) {
      const auto at = stored.find({row, s});
      if (at != stored.end() && is_value(at->second)) {
        out.push_back({timeline.time(s), at->second});
      }
    }
    return out;
  }
};

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

void check_range(const Model& model, std::size_t row, Range range) {
  const std::vector<Point> expected = model.points(row, range);
  const Run run = model.column.run(row, range);
  std::vector<Point> got;
  model.column.gather(row, run, got);
  RC_ASSERT(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    RC_ASSERT(got[i].time == expected[i].time);
    RC_ASSERT(same(got[i].value, expected[i].value));
  }
  if (run.kind == Run::Kind::dense) {
    RC_ASSERT(expected.size() == run.end - run.first);
    bool grows = true;
    for (std::size_t i = 1; i < expected.size(); ++i) {
      grows = grows && !(expected[i].value < expected[i - 1].value);
    }
    RC_ASSERT(!run.grows || grows);
  }
  RC_ASSERT(run.kind != Run::Kind::empty || expected.empty());
  if (range.first >= model.column.begin()) {
    const WholeRuns all = model.column.whole_runs(row, range);
    const bool whole = run.kind == Run::Kind::dense && run.first == range.first;
    RC_ASSERT((all.whole >> row % kLanes & 1) == (whole ? 1 : 0));
    RC_ASSERT((all.grow >> row % kLanes & 1) == (whole && run.grows ? 1 : 0));
  }
}

}  // namespace

TEST_CASE("a column gives back what was stored, in every range") {
  REQUIRE(rc::check([] {
    Model model;
    const int ticks = *rc::gen::inRange(1, 20);
    for (int i = 0; i < ticks; ++i) {
      // Most values are there, so that dense runs happen.
      const auto what = rc::gen::container<std::vector<int>>(
          kRows,
          rc::gen::weightedOneOf<int>({{1, rc::gen::inRange(0, 3)}, {8, rc::gen::inRange(3, 9)}}));
      model.tick(*what, *rc::gen::arbitrary<bool>());
      if (*rc::gen::inRange(0, 4) == 0) {
        model.store(*what, *rc::gen::arbitrary<bool>());
      }
      if (*rc::gen::inRange(0, 6) == 0) {
        model.resize(*rc::gen::inRange<std::size_t>(2, 2 * kCapacity));
      }
      if (*rc::gen::inRange(0, 6) == 0) {
        const auto row = *rc::gen::inRange<std::size_t>(0, kRows);
        model.column.forget(row);
        std::erase_if(model.stored, [row](const auto& item) { return item.first.first == row; });
      }
    }
    const Sequence end = model.timeline.end();
    for (const std::size_t row : {std::size_t{0}, std::size_t{63}, std::size_t{64}, kRows - 1}) {
      for (Sequence first = model.timeline.begin(); first <= end; ++first) {
        for (Sequence last = first; last <= end; ++last) {
          check_range(model, row, {first, last});
        }
      }
    }
  }));
}

TEST_CASE("a column that grows keeps what it has") {
  REQUIRE(rc::check([] {
    Timeline timeline{4};
    Column column{timeline, 4};
    const auto values = *rc::gen::container<std::vector<double>>(9, rc::gen::arbitrary<double>());
    const auto grow_at = *rc::gen::inRange<std::size_t>(0, 9);
    Timestamp now{1s};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i == grow_at) {
        column.resize(16);
        timeline.grow(16);
      }
      timeline.push(now += 1s);
      const std::uint8_t present = 1;
      column.append(std::span(&values[i], 1), std::span(&present, 1));
    }
    for (Sequence s = column.begin(); s != timeline.end(); ++s) {
      const double kept = column.at(0, s);
      // What had left the small column before it grew is absent.
      const bool lost = s + 4 <= grow_at + 1 - (grow_at == 0 ? 1 : 0) && is_absent(kept);
      RC_ASSERT(lost || same(kept, values[s - 1]));
    }
  }));
}

TEST_CASE("samples between two times are found by halving as by looking at each") {
  REQUIRE(rc::check([] {
    const auto gaps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 5));
    Timeline timeline{8};
    Timestamp now{100s};
    std::map<Sequence, Timestamp> all;
    for (const int gap : gaps) {
      now += gap * 1s;
      all[timeline.push(now)] = now;
    }
    for (int from = 95; from < 120; ++from) {
      for (int to = from; to < 120; ++to) {
        const Range range = timeline.between(Timestamp(from * 1s), Timestamp(to * 1s));
        for (Sequence s = timeline.begin(); s != timeline.end(); ++s) {
          const bool inside = all[s] > Timestamp(from * 1s) && all[s] <= Timestamp(to * 1s);
          RC_ASSERT(inside == (s >= range.first && s < range.end));
        }
      }
    }
  }));
}
