// The tree of cgroups: members, what they own, and slots that were given too early.
#include "cgroup/tree.h"

#include <algorithm>
#include <map>
#include <set>

#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::cgroup;

namespace {

constexpr Timestamp kNow{std::chrono::seconds(1'000)};

/// A slot table that remembers; slots from 50 on are given by the "kernel" in tests.
class Book final : public SlotBook {
 public:
  std::optional<std::uint32_t> assign(std::uint64_t id, bool closed) override {
    if (next > last) {
      return std::nullopt;
    }
    confirm(next, id, closed);
    slot_of[id] = next;
    return next++;
  }
  std::optional<std::uint32_t> find(std::uint64_t id) override {
    const auto found = born.find(id);
    return found == born.end() ? std::nullopt : std::optional(found->second);
  }
  void confirm(std::uint32_t slot, std::uint64_t, bool closed) override { closed_[slot] = closed; }
  void share(std::uint64_t id, std::uint32_t slot) override { slot_of[id] = slot; }
  void withdraw(std::uint64_t id) override { withdrawn.insert(id); }

  std::uint32_t next = 1;
  std::uint32_t last = 40;
  std::map<std::uint64_t, std::uint32_t> slot_of;
  std::map<std::uint64_t, std::uint32_t> born;
  std::map<std::uint32_t, bool> closed_;
  std::set<std::uint64_t> withdrawn;
};

/// Paths whose last component begins with "c" are containers.
bool is_closed(std::string_view path) {
  return path.rfind("/c") == path.rfind('/');
}

std::vector<std::string> paths(const Tree& tree) {
  std::vector<std::string> all;
  for (const auto& [slot, member] : tree.members()) {
    all.push_back(member.path);
  }
  std::ranges::sort(all);
  return all;
}

const std::vector<Found> kHost{{1, 0, ""},      {2, 1, "slice"},  {3, 2, "c-web"},
                               {4, 3, "inner"}, {5, 4, "deeper"}, {6, 1, "other"}};

}  // namespace

TEST_CASE("a scan makes a member of everything that is not inside a container") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  CHECK(paths(tree) == std::vector<std::string>{"/", "/other", "/slice", "/slice/c-web"});
  const Member* web = tree.member_of(5);
  REQUIRE(web);
  CHECK(web->path == "/slice/c-web");
  CHECK_FALSE(web->seen_born);
  CHECK(book.slot_of.at(4) == web->slot);
  CHECK(book.slot_of.at(5) == web->slot);
  CHECK(book.closed_.at(web->slot));
  CHECK(tree.take_arrivals().size() == 4);
  CHECK(tree.take_arrivals().empty());
}

TEST_CASE("a cgroup that is born keeps the slot that the kernel gave it") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  static_cast<void>(tree.take_arrivals());
  tree.made({7, 2, "c-new"}, 50, kNow);
  const auto arrivals = tree.take_arrivals();
  REQUIRE(arrivals.size() == 1);
  CHECK(arrivals[0].slot == 50);
  CHECK(arrivals[0].path == "/slice/c-new");
  CHECK(arrivals[0].seen_born);
  CHECK(arrivals[0].born_at == kNow);
  CHECK(book.closed_.at(50));
}

TEST_CASE("events and scans that tell the same twice change nothing") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  tree.made({3, 2, "c-web"}, 51, kNow);
  tree.scan(kHost, kNow);
  tree.removed(99, kNow);
  CHECK(tree.members().size() == 4);
  CHECK(tree.take_arrivals().size() == 4);
  CHECK(tree.take_departures().empty());
}

TEST_CASE("a slot given below a container before it was recognised becomes its alias") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  tree.made({7, 2, "c-new"}, 50, kNow);
  tree.made({8, 7, "nested"}, 51, kNow);
  tree.made({9, 8, "nested-deeper"}, 51, kNow);  // inherits what its parent has
  const Member* member = tree.member_of(9);
  REQUIRE(member);
  CHECK(member->slot == 50);
  CHECK(member->aliases == std::vector<std::uint32_t>{51});
  CHECK(std::ranges::equal(tree.aliases_of(50), std::vector<std::uint32_t>{51}));
  CHECK(tree.aliases_of(51).empty());
  CHECK(book.closed_.at(51));

  tree.removed(9, kNow);
  CHECK(tree.take_departures().empty());  // 8 still has the slot
  tree.removed(8, kNow);
  const auto departures = tree.take_departures();
  REQUIRE(departures.size() == 1);
  CHECK(departures[0].slot == 51);
  CHECK(departures[0].member_slot == 50);
  CHECK(tree.aliases_of(50).empty());
}

TEST_CASE("a container that goes before its aliases leaves none behind") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  tree.made({7, 2, "c-new"}, 50, kNow);
  tree.made({8, 7, "nested"}, 51, kNow);
  tree.removed(7, kNow);
  CHECK(tree.aliases_of(50).empty());
  tree.removed(8, kNow);
  tree.made({10, 2, "c-next"}, 50, kNow);
  tree.made({11, 10, "nested"}, 51, kNow);
  CHECK(std::ranges::equal(tree.aliases_of(50), std::vector<std::uint32_t>{51}));
}

TEST_CASE("a removed container departs with its slot; what was below it does not") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  const std::uint32_t slot = tree.member_of(3)->slot;
  tree.removed(5, kNow);
  tree.removed(4, kNow);
  CHECK(tree.take_departures().empty());
  tree.removed(3, kNow);
  const auto departures = tree.take_departures();
  REQUIRE(departures.size() == 1);
  CHECK(departures[0].slot == slot);
  CHECK(departures[0].member_slot == slot);
  CHECK(tree.member_of(3) == nullptr);
  CHECK(book.withdrawn == std::set<std::uint64_t>{3, 4, 5});
}

TEST_CASE("a container that lived between two ticks arrives and departs") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  static_cast<void>(tree.take_arrivals());
  tree.made({7, 2, "c-short"}, 50, kNow);
  tree.removed(7, kNow + std::chrono::milliseconds(50));
  const auto arrivals = tree.take_arrivals();
  REQUIRE(arrivals.size() == 1);
  CHECK(arrivals[0].path == "/slice/c-short");
  CHECK(tree.take_departures().size() == 1);
}

TEST_CASE("an event below an unknown parent asks for a scan, and the scan mends the tree") {
  Book book;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  static_cast<void>(tree.take_arrivals());
  CHECK_FALSE(tree.needs_scan());
  tree.made({21, 20, "c-lost"}, 52, kNow);
  CHECK(tree.needs_scan());

  book.born = {{20, 53}, {21, 52}};
  std::vector<Found> found = kHost;
  std::erase_if(found, [](const Found& each) { return each.cgroup_id == 6; });
  found.push_back({20, 1, "lost-slice"});
  found.push_back({21, 20, "c-lost"});
  tree.scan(found, kNow);
  CHECK_FALSE(tree.needs_scan());
  CHECK(tree.member_of(21)->slot == 52);
  CHECK(tree.member_of(21)->seen_born);
  CHECK(tree.member_of(6) == nullptr);
  CHECK(tree.take_departures().size() == 1);
}

TEST_CASE("without a free slot a cgroup is refused and counted, and its going is harmless") {
  Book book;
  book.last = 3;
  Tree tree(book, is_closed);
  tree.scan(kHost, kNow);
  CHECK(tree.members().size() == 3);
  CHECK(tree.refused() == 1);
  tree.removed(6, kNow);
  CHECK(tree.take_departures().empty());
}
