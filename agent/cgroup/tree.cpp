#include "cgroup/tree.h"

#include <algorithm>
#include <utility>

namespace cgsentry::cgroup {

Tree::Tree(SlotBook& slots, IsClosed is_closed) : slots_(slots), is_closed_(std::move(is_closed)) {}

void Tree::scan(std::span<const Found> found, Timestamp now) {
  needs_scan_ = false;
  const bool first = nodes_.empty();
  for (auto& [id, node] : nodes_) {
    node.seen = false;
  }
  for (const Found& cgroup : found) {
    const auto known = nodes_.find(cgroup.cgroup_id);
    if (known != nodes_.end()) {
      known->second.seen = true;
      continue;
    }
    const auto slot = slots_.find(cgroup.cgroup_id);
    // One that the kernel gave a slot, or that an earlier scan did not see, began under our eyes,
    // and so did its counters, even if the event is lost.
    add(cgroup, slot.value_or(0), slot.has_value() || !first, now);
  }
  std::vector<std::uint64_t> missing;
  for (const auto& [id, node] : nodes_) {
    if (!node.seen) {
      missing.push_back(id);
    }
  }
  for (const std::uint64_t id : missing) {
    removed(id, now);
  }
}

void Tree::made(const Found& cgroup, std::uint32_t slot, Timestamp time) {
  if (nodes_.contains(cgroup.cgroup_id)) {
    return;
  }
  if (!nodes_.contains(cgroup.parent_id)) {
    needs_scan_ = true;
    return;
  }
  add(cgroup, slot, true, time);
}

void Tree::removed(std::uint64_t cgroup_id, Timestamp time) {
  const auto found = nodes_.find(cgroup_id);
  if (found == nodes_.end()) {
    return;
  }
  const Node node = std::move(found->second);
  nodes_.erase(found);
  slots_.withdraw(cgroup_id);
  if (!node.owns_slot) {
    return;
  }
  departures_.push_back({node.slot, node.member, time});
  const auto owner = members_.find(node.member);
  if (owner == members_.end()) {
    return;
  }
  if (node.slot == node.member) {
    aliases_ -= owner->second.aliases.size();
    members_.erase(owner);
  } else {
    aliases_ -= std::erase(owner->second.aliases, node.slot);
  }
}

void Tree::add(const Found& cgroup, std::uint32_t slot, bool seen_born, Timestamp time) {
  Node node{cgroup.parent_id, "/", slot, 0, false, true};
  const auto parent = nodes_.find(cgroup.parent_id);
  if (parent != nodes_.end()) {
    node.path = (parent->second.path == "/" ? "" : parent->second.path) + "/" + cgroup.name;
    const auto owner = members_.find(parent->second.member);
    if (owner != members_.end() && owner->second.closed) {
      add_below(owner->second, node, cgroup.cgroup_id);
      nodes_.emplace(cgroup.cgroup_id, std::move(node));
      return;
    }
  }
  add_member(node, cgroup.cgroup_id, seen_born, time);
  nodes_.emplace(cgroup.cgroup_id, std::move(node));
}

void Tree::add_below(const Member& owner, Node& node, std::uint64_t cgroup_id) {
  node.member = owner.slot;
  if (node.slot == 0) {
    node.slot = owner.slot;
    slots_.share(cgroup_id, owner.slot);
  } else if (node.slot != owner.slot &&
             std::ranges::find(owner.aliases, node.slot) == owner.aliases.end()) {
    node.owns_slot = true;
    slots_.confirm(node.slot, cgroup_id, true);
    members_.at(owner.slot).aliases.push_back(node.slot);
    ++aliases_;
  }
}

void Tree::add_member(Node& node, std::uint64_t cgroup_id, bool seen_born, Timestamp time) {
  const bool closed = is_closed_(node.path);
  if (node.slot == 0) {
    node.slot = slots_.assign(cgroup_id, closed).value_or(0);
  } else {
    slots_.confirm(node.slot, cgroup_id, closed);
  }
  if (node.slot == 0) {
    ++refused_;
    return;
  }
  node.member = node.slot;
  node.owns_slot = true;
  const Member member{cgroup_id, node.slot, node.path, closed, seen_born, time, {}};
  members_.emplace(node.slot, member);
  arrivals_.push_back(member);
}

const Member* Tree::member_of(std::uint64_t cgroup_id) const {
  const auto node = nodes_.find(cgroup_id);
  const auto member = node == nodes_.end() ? members_.end() : members_.find(node->second.member);
  return member == members_.end() ? nullptr : &member->second;
}

std::string_view Tree::path_of(std::uint64_t cgroup_id) const {
  const auto node = nodes_.find(cgroup_id);
  return node == nodes_.end() ? std::string_view() : node->second.path;
}

std::vector<Member> Tree::take_arrivals() {
  return std::exchange(arrivals_, {});
}

std::vector<Departure> Tree::take_departures() {
  return std::exchange(departures_, {});
}

}  // namespace cgsentry::cgroup
