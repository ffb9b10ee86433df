#include "sampler/roster.h"

#include <algorithm>
#include <utility>

namespace cgsentry::sampler {

namespace {

/// A CPU may use a slot until its next switch after the tag was withdrawn; nothing can run in a
/// removed cgroup, so one whole tick is enough, and a second one is caution.
constexpr std::uint8_t kGraceTicks = 2;

}  // namespace

Roster::Roster(Table& table, LabelsOf labels_of, Recycle recycle)
    : table_(table),
      labels_of_(std::move(labels_of)),
      recycle_(std::move(recycle)),
      entries_(table.rows.size()) {}

void Roster::advance(std::vector<cgroup::Member> arrivals,
                     std::span<const cgroup::Departure> departures) {
  appeared_.clear();
  recycle_drained();
  release_closed();
  for (cgroup::Member& member : arrivals) {
    const std::uint32_t slot = member.slot;
    entries_[slot] = Entry{Phase::waiting, false, 0, std::move(member), {}};
    waiting_.push_back(slot);
  }
  for (const cgroup::Departure& departure : departures) {
    depart(departure);
  }
  std::erase_if(waiting_, [&](std::uint32_t slot) {
    if (paths_.contains(entries_[slot].member.path)) {
      return false;
    }
    show(slot);
    return true;
  });
}

void Roster::release_closed() {
  if (closing_.empty()) {
    return;
  }
  for (const std::uint32_t slot : closing_) {
    Entry& entry = entries_[slot];
    table_.release(slot);
    paths_.erase(entry.member.path);
    entry.phase = Phase::draining;
    entry.grace_ticks = kGraceTicks;
    draining_.push_back(slot);
  }
  closing_.clear();
  std::erase_if(shown_, [&](std::uint32_t slot) { return phase(slot) == Phase::draining; });
}

void Roster::recycle_drained() {
  std::erase_if(draining_, [&](std::uint32_t slot) {
    Entry& entry = entries_[slot];
    if (--entry.grace_ticks > 0) {
      return false;
    }
    entry = Entry{};
    recycle_(slot);
    return true;
  });
}

void Roster::depart(const cgroup::Departure& departure) {
  Entry& entry = entries_[departure.slot];
  if (departure.slot != departure.member_slot) {
    // An alias has no row; only its slot comes back.
    entry.phase = Phase::draining;
    entry.grace_ticks = kGraceTicks;
    draining_.push_back(departure.slot);
    return;
  }
  entry.departed = true;
  entry.departed_at = departure.time;
  if (entry.phase == Phase::live) {
    entry.phase = Phase::closing;
    closing_.push_back(departure.slot);
  }
}

void Roster::show(std::uint32_t slot) {
  Entry& entry = entries_[slot];
  Row row;
  row.labels = labels_of_(entry.member.path);
  row.serial = ++last_serial_;
  row.seen_born = entry.member.seen_born;
  row.born_at = entry.member.born_at;
  table_.occupy(slot, std::move(row));
  entry.phase = entry.departed ? Phase::closing : Phase::live;
  paths_.insert(entry.member.path);
  shown_.push_back(slot);
  appeared_.push_back(slot);
  if (entry.departed) {
    closing_.push_back(slot);
  }
}

}  // namespace cgsentry::sampler
