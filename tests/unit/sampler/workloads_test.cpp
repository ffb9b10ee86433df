// Restarts: only what failed and came back counts.
#include "sampler/workloads.h"

#include "support/catch.h"

using namespace cgsentry;
using sampler::Workloads;

namespace {

constexpr Timestamp kNow{std::chrono::hours(1'000)};

struct Fixture {
  Table table{"workload", 2};
  Workloads workloads{table};

  /// One life of a container.
  void live(const std::string& path, bool failed, Timestamp end = kNow) {
    workloads.started(path, {{"id", path}}, end);
    workloads.ended(path, end, failed);
  }
  double restarts(const std::string& path) const {
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      if (table.rows[row].labels.get("id") == path) {
        REQUIRE(table.columns[0].present[row]);
        return table.columns[0].values[row];
      }
    }
    return -1;
  }
};

}  // namespace

TEST_CASE("a workload that fails and comes back has restarted") {
  Fixture f;
  f.live("/web", true);
  CHECK(f.restarts("/web") == 0);
  f.live("/web", true);
  f.live("/web", false);
  CHECK(f.restarts("/web") == 2);
}

TEST_CASE("a job that ends well and runs again has not restarted") {
  Fixture f;
  f.live("/backup.service", false);
  f.live("/backup.service", false);
  CHECK(f.restarts("/backup.service") == 0);
}

TEST_CASE("a workload is forgotten an hour after its end") {
  Fixture f;
  f.live("/web", true);
  f.workloads.expire(kNow + std::chrono::minutes(59));
  CHECK(f.restarts("/web") == 0);
  f.workloads.expire(kNow + std::chrono::minutes(60));
  CHECK(f.restarts("/web") == -1);
}

TEST_CASE("a full table forgets what ended first, and never what runs") {
  Fixture f;
  f.workloads.started("/runs", {{"id", "/runs"}}, kNow);
  f.live("/old", false);
  f.live("/new", false);
  CHECK(f.restarts("/runs") == 0);
  CHECK(f.restarts("/old") == -1);
  CHECK(f.restarts("/new") == 0);
  f.workloads.started("/new", {{"id", "/new"}}, kNow);
  f.live("/refused", true);
  CHECK(f.restarts("/refused") == -1);
}
