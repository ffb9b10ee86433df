// Series become samples in the order of time, each once.
#include "command/series_feed.h"

#include <cmath>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::command;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp kStart{100s};

/// "100: up 1 -" for a sample at 100 s, with the values of each table's rows.
std::string text(const Sample& sample) {
  std::string out = std::to_string(sample.time.time_since_epoch() / 1s) + ":";
  for (const Table& table : sample.tables) {
    out += " " + table.name;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      const Column& column = table.columns.front();
      out += column.present[row] != 0 ? " " + std::to_string(std::lround(column.values[row]))
                                      : std::string(" -");
    }
  }
  return out;
}

std::vector<std::string> fed(SeriesFeed& feed, Timestamp until) {
  std::vector<std::string> all;
  feed.feed(until, [&](const Sample& sample) { all.push_back(text(sample)); });
  return all;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a metric is a table and a series a row; absent values are absent") {
  const std::vector<InputSeries> series{{{{"__name__", "up"}, {"job", "a"}}, {1, std::nullopt, 3}},
                                        {{{"__name__", "up"}, {"job", "b"}}, {7}},
                                        {{{"__name__", "down"}}, {5, 6}}};
  SeriesFeed feed(kStart);
  feed.add(series, 10s);
  CHECK(fed(feed, kStart + 1h) ==
        Told{"100: down 5 up 1 7", "110: down 6 up - -", "120: down - up 3 -"});
}

TEST_CASE("samples come up to a time, and none comes twice") {
  const std::vector<InputSeries> series{{{{"__name__", "up"}}, {1, 2, 3}}};
  SeriesFeed feed(kStart);
  feed.add(series, 10s);
  CHECK(fed(feed, kStart - 1s).empty());
  CHECK(fed(feed, kStart + 10s) == Told{"100: up 1", "110: up 2"});
  CHECK(fed(feed, kStart + 19s).empty());
  CHECK(fed(feed, kStart + 20s) == Told{"120: up 3"});
  CHECK(fed(feed, kStart + 1h).empty());
}

TEST_CASE("series of two intervals meet where both are due") {
  const std::vector<InputSeries> fast{{{{"__name__", "fast"}}, {1, 2, 3, 4}}};
  const std::vector<InputSeries> slow{{{{"__name__", "slow"}}, {8, 9}}};
  SeriesFeed feed(kStart);
  feed.add(fast, 10s);
  feed.add(slow, 15s);
  CHECK(fed(feed, kStart + 1h) == Told{"100: fast 1 slow 8", "110: fast 2 slow -",
                                       "115: fast - slow 9", "120: fast 3 slow -",
                                       "130: fast 4 slow -"});
}

TEST_CASE("a row carries the labels of its series without the name") {
  const std::vector<InputSeries> series{{{{"__name__", "up"}, {"job", "a"}}, {1}}};
  SeriesFeed feed(kStart);
  feed.add(series, 10s);
  feed.feed(kStart, [](const Sample& sample) {
    CHECK(sample.tables.front().rows.front().labels == Labels{{"job", "a"}});
    CHECK(sample.tables.front().columns.front().metric == "up");
  });
}
