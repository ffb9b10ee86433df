// Rows of containers: one per path, final numbers for a tick, slots back after a grace.
#include "sampler/roster.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::sampler;
using cgroup::Departure;
using cgroup::Member;

namespace {

constexpr Timestamp kBirth{std::chrono::seconds(100)};

struct Fixture {
  Table table{"container", 8};
  std::vector<std::uint32_t> recycled;
  Roster roster{table,
                [](const std::string& path) {
                  return Labels{{"id", path}};
                },
                [this](std::uint32_t slot) { recycled.push_back(slot); }};

  void advance(std::vector<Member> arrivals, std::vector<Departure> departures = {}) {
    roster.advance(std::move(arrivals), departures);
  }
};

Member member(std::uint32_t slot, const std::string& path) {
  Member made;
  made.cgroup_id = 100 + slot;
  made.slot = slot;
  made.path = path;
  made.seen_born = true;
  made.born_at = kBirth;
  return made;
}

}  // namespace

TEST_CASE("a member gets the row of its slot, with its labels and its birth") {
  Fixture f;
  f.advance({member(3, "/web")});
  CHECK(f.table.rows[3].live());
  CHECK(f.table.rows[3].labels.get("id") == "/web");
  CHECK(f.table.rows[3].seen_born);
  CHECK(f.table.rows[3].born_at == kBirth);
  CHECK(f.roster.appeared() == std::vector<std::uint32_t>{3});
  f.advance({});
  CHECK(f.roster.appeared().empty());
  CHECK(f.roster.shown() == std::vector<std::uint32_t>{3});
}

TEST_CASE("a departed member shows its last numbers for one tick, its slot comes back later") {
  Fixture f;
  f.advance({member(3, "/web")});
  f.advance({}, {{3, 3, kBirth}});
  CHECK(f.table.rows[3].live());
  CHECK(f.roster.phase(3) == Roster::Phase::closing);
  f.advance({});
  CHECK_FALSE(f.table.rows[3].live());
  CHECK(f.roster.shown().empty());
  CHECK(f.recycled.empty());
  f.advance({});
  CHECK(f.recycled.empty());
  f.advance({});
  CHECK(f.recycled == std::vector<std::uint32_t>{3});
  CHECK(f.roster.phase(3) == Roster::Phase::free);
}

TEST_CASE("a container restarted between two ticks waits until the old row is gone") {
  Fixture f;
  f.advance({member(3, "/web")});
  f.advance({member(4, "/web")}, {{3, 3, kBirth}});
  CHECK(f.table.rows[3].live());
  CHECK_FALSE(f.table.rows[4].live());
  f.advance({});
  CHECK_FALSE(f.table.rows[3].live());
  CHECK(f.table.rows[4].live());
  CHECK(f.roster.phase(4) == Roster::Phase::live);
}

TEST_CASE("two lives of one path between two ticks are shown one after the other") {
  Fixture f;
  f.advance({member(3, "/web"), member(4, "/web")}, {{3, 3, kBirth}, {4, 4, kBirth}});
  CHECK(f.table.rows[3].live());
  CHECK(f.roster.phase(3) == Roster::Phase::closing);
  f.advance({});
  CHECK_FALSE(f.table.rows[3].live());
  CHECK(f.table.rows[4].live());
  CHECK(f.roster.phase(4) == Roster::Phase::closing);
  f.advance({});
  CHECK(f.roster.shown().empty());
}

TEST_CASE("a departed alias has no row, but its slot comes back") {
  Fixture f;
  f.advance({member(3, "/web")});
  f.advance({}, {{5, 3, kBirth}});
  CHECK(f.table.rows[3].live());
  CHECK_FALSE(f.table.rows[5].live());
  f.advance({});
  f.advance({});
  CHECK(f.recycled == std::vector<std::uint32_t>{5});
}

TEST_CASE("a slot that is used again is another series") {
  Fixture f;
  f.advance({member(3, "/web")});
  const std::uint64_t first = f.table.rows[3].serial;
  f.advance({}, {{3, 3, kBirth}});
  f.advance({});
  f.advance({});
  f.advance({});
  f.advance({member(3, "/web")});
  CHECK(f.table.rows[3].serial != first);
}
