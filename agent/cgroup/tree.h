// The live cgroups of the host, and which slot counts each of them.
//
// Comes in: cgroups that were found by a scan, made or removed (from events, in any order and more
// than once, since a scan and the events overlap). Goes out: members that came or went. A member is
// a cgroup with a row of its own. A *closed* member (a container, a service) owns everything below
// it; cgroups below an open one (a slice, an unknown parent) are members themselves.
//
// A cgroup that was born below a container before the container was recognised has a slot of its
// own already, and CPUs may be adding to it; it keeps that slot as an *alias* of the container's,
// so nothing is lost and nothing has to move.
//
// Invariants: a slot belongs to at most one member; a member's parent is never a closed member.
// Pure: no system calls, no clock. Thread: the loop. Tested by tests/unit/cgroup/tree_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace cgsentry::cgroup {

/// The slot table, as far as the tree needs it. kernel::Slots behind an adapter in `run`.
class SlotBook {
 public:
  virtual ~SlotBook() = default;
  /// A slot of its own for a cgroup that has none. Empty when none is left.
  virtual std::optional<std::uint32_t> assign(std::uint64_t cgroup_id, bool closed) = 0;
  /// The slot that the kernel gave to a cgroup at birth.
  virtual std::optional<std::uint32_t> find(std::uint64_t cgroup_id) = 0;
  /// Cgroups born below `owner_id` from now on share the slot, or not.
  virtual void confirm(std::uint32_t slot, std::uint64_t owner_id, bool closed) = 0;
  /// Counts another cgroup to a slot.
  virtual void share(std::uint64_t cgroup_id, std::uint32_t slot) = 0;
  /// The cgroup is gone.
  virtual void withdraw(std::uint64_t cgroup_id) = 0;
};

struct Member {
  std::uint64_t cgroup_id = 0;
  std::uint32_t slot = 0;
  std::string path;  // raw bytes from the root of cgroup2, "/docker/…"
  bool closed = false;
  bool seen_born = false;
  Timestamp born_at{};  // when seen_born
  std::vector<std::uint32_t> aliases;
};

/// A slot whose cgroup is gone. Its rows keep their values until the owner recycles it.
struct Departure {
  std::uint32_t slot = 0;
  /// The member it counted to: itself, or the one that it was an alias of.
  std::uint32_t member_slot = 0;
  Timestamp time{};
};

/// One cgroup as a scan finds it.
struct Found {
  std::uint64_t cgroup_id = 0;
  std::uint64_t parent_id = 0;  // 0 for the root
  std::string name;             // last component of the path
};

class Tree {
 public:
  /// Says whether the cgroup at a path owns everything below it.
  using IsClosed = std::function<bool(std::string_view path)>;

  Tree(SlotBook& slots, IsClosed is_closed);

  /// Makes the tree equal to what a scan found: parents before their children, root first.
  void scan(std::span<const Found> found, Timestamp now);
  /// `slot`: the one that the kernel gave at birth, 0 if it had none to give.
  void made(const Found& cgroup, std::uint32_t slot, Timestamp time);
  void removed(std::uint64_t cgroup_id, Timestamp time);

  /// An event did not fit (its parent is unknown): events were lost, and a scan is due.
  [[nodiscard]] bool needs_scan() const { return needs_scan_; }

  [[nodiscard]] const std::unordered_map<std::uint32_t, Member>& members() const {
    return members_;
  }
  /// Slots that count to the member of `slot` beside its own. Valid until the next change.
  [[nodiscard]] std::span<const std::uint32_t> aliases_of(std::uint32_t slot) const {
    // Nearly always nobody has any, and this is asked for each container in each tick.
    const auto found = aliases_ == 0 ? members_.end() : members_.find(slot);
    return found == members_.end() ? std::span<const std::uint32_t>() : found->second.aliases;
  }
  /// The member that a cgroup counts to; null when it is unknown. Valid until the next change.
  [[nodiscard]] const Member* member_of(std::uint64_t cgroup_id) const;
  /// Empty when it is unknown. Valid until the next change.
  [[nodiscard]] std::string_view path_of(std::uint64_t cgroup_id) const;
  /// Members that came since the last call, as they were then: some may have departed already.
  [[nodiscard]] std::vector<Member> take_arrivals();
  [[nodiscard]] std::vector<Departure> take_departures();

  /// Cgroups for which there was no slot. They grow no member.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct Node {
    std::uint64_t parent_id = 0;
    std::string path;
    std::uint32_t slot = 0;    // 0: refused
    std::uint32_t member = 0;  // slot of the member that it counts to
    bool owns_slot = false;    // the slot goes when this cgroup goes
    bool seen = true;          // by the scan that runs
  };

  void add(const Found& cgroup, std::uint32_t slot, bool seen_born, Timestamp time);
  void add_below(const Member& owner, Node& node, std::uint64_t cgroup_id);
  void add_member(Node& node, std::uint64_t cgroup_id, bool seen_born, Timestamp time);

  SlotBook& slots_;
  IsClosed is_closed_;
  std::unordered_map<std::uint64_t, Node> nodes_;
  std::unordered_map<std::uint32_t, Member> members_;
  std::vector<Member> arrivals_;
  std::vector<Departure> departures_;
  std::size_t aliases_ = 0;  // of all members
  std::uint64_t refused_ = 0;
  bool needs_scan_ = false;
};

}  // namespace cgsentry::cgroup
