#include "sampler/sampler.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <string>
#include <utility>

#include "base/log.h"
#include "cgroup/scan.h"

namespace cgsentry::sampler {

namespace {

enum : std::size_t { kContainerTable, kWorkloadTable, kAgentTable };

constexpr std::array<const char*, CGS_LOSSES> kLossCauses{"ring_full", "no_slot", "tags_full"};

/// A container's cgroup is removed soon after its last process. A failure longer before that was
/// some other process's, and the container lived on.
constexpr Duration kFailureToEnd = std::chrono::seconds(2);

Sample empty_sample(std::uint32_t slots) {
  Sample sample;
  sample.tables.emplace_back("container", slots);
  sample.tables.emplace_back("workload", slots);
  sample.tables.emplace_back("agent", 1);
  return sample;
}

}  // namespace

/// The tree decides, the slot table does.
struct Sampler::SlotBook final : cgroup::SlotBook {
  explicit SlotBook(kernel::Slots& table) : slots(table) {}

  std::optional<std::uint32_t> assign(std::uint64_t id, bool closed) override {
    return slots.assign(id, closed);
  }
  std::optional<std::uint32_t> find(std::uint64_t id) override { return slots.find(id); }
  void confirm(std::uint32_t slot, std::uint64_t id, bool closed) override {
    slots.confirm(slot, id, closed);
  }
  void share(std::uint64_t id, std::uint32_t slot) override { slots.share(id, slot); }
  void withdraw(std::uint64_t id) override { slots.withdraw(id); }

  kernel::Slots& slots;
};

Sampler::Sampler(Inputs inputs, Names names, std::uint32_t slots, Timestamp started_at)
    : inputs_(std::move(inputs)),
      names_(std::move(names)),
      sample_(empty_sample(slots)),
      book_(std::make_unique<SlotBook>(*inputs_.slots)),
      tree_(*book_, names_.is_closed),
      roster_(sample_.tables[kContainerTable], names_.labels_of,
              [this](std::uint32_t slot) {
                inputs_.rows->clear(slot);
                inputs_.slots->recycle(slot);
                memory_[slot] = {};
                departed_.erase(slot);
                slow_files_.forget(slot);
                file_totals_.forget(slot);
              }),
      columns_(sample_.tables[kContainerTable]),
      slow_files_(inputs_.cgroup_root, slots),
      file_totals_(inputs_.cgroup_root),
      workloads_(sample_.tables[kWorkloadTable]),
      agent_(sample_.tables[kAgentTable], started_at),
      memory_(slots) {
  register_numbers();
}

Sampler::~Sampler() = default;

void Sampler::register_numbers() {
  const auto counter = MetricType::counter;
  for (std::size_t cause = 0; cause < kLossCauses.size() && cause < inputs_.losses.size();
       ++cause) {
    agent_.add("cgsentry_events_lost_total", counter, {{"cause", kLossCauses[cause]}},
               [this, cause] { return static_cast<double>(inputs_.losses[cause]); });
  }
  agent_.add("cgsentry_containers", MetricType::gauge, {},
             [this] { return static_cast<double>(containers()); });
  agent_.add("cgsentry_rows_refused_total", counter, {},
             [this] { return static_cast<double>(tree_.refused()); });
  agent_.add("cgsentry_walk_failures_total", counter, {},
             [this] { return static_cast<double>(walk_failures_); });
  if (inputs_.sched) {
    agent_.add("cgsentry_unattributed_run_seconds_total", counter, {}, [this] {
      return static_cast<double>(inputs_.rows->read(CGS_SLOT_UNATTRIBUTED).totals.sched.run_ns) /
             1e9;
    });
  }
}

void Sampler::scan(Timestamp now) {
  const auto found = cgroup::scan(inputs_.cgroup_root);
  if (!found) {
    log::error("{}", found.error().describe());
    return;
  }
  tree_.scan(*found, now);
}

void Sampler::note(std::span<const Event> events) {
  for (const Event& event : events) {
    switch (event.kind) {
      case Event::Kind::cgroup_made:
        note_made(event);
        break;
      case Event::Kind::cgroup_removed:
        tree_.removed(event.cgroup_id, event.time);
        break;
      case Event::Kind::process_died:
      case Event::Kind::oom_kill:
        if (const cgroup::Member* member = tree_.member_of(event.cgroup_id)) {
          memory_[member->slot].last_failure = event.time;
        }
        break;
    }
  }
}

void Sampler::note_made(const Event& event) {
  cgroup::Found cgroup{event.cgroup_id, event.parent_id, event.name};
  if (cgroup.name.size() >= CGS_NAME_BYTES - 1) {
    // The event has room for the beginning only.
    const std::string parent(tree_.path_of(event.parent_id));
    const std::string whole = cgroup::child_name(inputs_.cgroup_root, parent, event.cgroup_id);
    cgroup.name = whole.empty() ? cgroup.name : whole;
  }
  tree_.made(cgroup, event.slot, event.time);
}

bool Sampler::ended_by_failure(std::uint32_t slot) const {
  const Timestamp failure = memory_[slot].last_failure;
  return failure != Timestamp{} && roster_.departed_at(slot) - failure <= kFailureToEnd;
}

void Sampler::rescan_if_lost(Timestamp now) {
  const std::uint64_t losses =
      std::accumulate(inputs_.losses.begin(), inputs_.losses.end(), std::uint64_t{0});
  sample_.blind = losses != losses_seen_;
  if (sample_.blind || tree_.needs_scan()) {
    scan(now);
  }
  losses_seen_ = losses;
}

const Sample& Sampler::take(Timestamp now, Duration monotonic_now) {
  sample_.elapsed = sample_.time == Timestamp{} ? Duration{} : now - sample_.time;
  sample_.time = now;
  rescan_if_lost(now);

  const auto departures = tree_.take_departures();
  roster_.advance(tree_.take_arrivals(), departures);
  inputs_.rows->begin_tick(monotonic_now);
  if (inputs_.walk != nullptr) {
    if (const Status walked = inputs_.walk->run(); !walked) {
      log::warning("{}", walked.error().describe());
      ++walk_failures_;
      sample_.blind = true;
    }
  }
  for (const cgroup::Departure& departure : departures) {
    if (departure.slot != departure.member_slot) {
      fold(departure);
    }
  }
  for (const std::uint32_t slot : roster_.appeared()) {
    begin_row(slot, now);
  }
  ++tick_;
  for (const std::uint32_t slot : roster_.shown()) {
    fill(slot, now);
  }
  for (const std::uint32_t slot : roster_.closing()) {
    workloads_.ended(roster_.member(slot).path, roster_.departed_at(slot), ended_by_failure(slot));
  }
  workloads_.expire(now);
  agent_.read_all();
  return sample_;
}

/// What a departed alias had counted stays with its container.
void Sampler::fold(const cgroup::Departure& alias) {
  departed_[alias.member_slot] += inputs_.rows->read(alias.slot).totals;
  memory_[alias.member_slot].lost_aliases = true;
}

void Sampler::begin_row(std::uint32_t slot, Timestamp now) {
  const std::string& path = roster_.member(slot).path;
  const Row& row = sample_.tables[kContainerTable].rows[slot];
  memory_[slot].inner = names_.is_inner(path);
  if (!memory_[slot].inner) {
    workloads_.started(path, row.labels, now);
  }
  if (row.seen_born) {
    columns_.put(Metric::start_time, slot, to_seconds(row.born_at));
  }
}

bool Sampler::is_quiet(std::uint32_t slot) const {
  return memory_[slot].shown && !totals_differ(slot) && tree_.aliases_of(slot).empty() &&
         inputs_.rows->untouched(slot);
}

void Sampler::fill(std::uint32_t slot, Timestamp now) {
  columns_.put(Metric::last_seen, slot, to_seconds(now));
  const bool quiet = is_quiet(slot);
  const bool active = !quiet && fill_changed(slot);
  if (inputs_.stat_files) {
    slow_files_.read(tick_, slot, active, roster_.member(slot).path, columns_);
  }
}

bool Sampler::fill_changed(std::uint32_t slot) {
  Memory& memory = memory_[slot];
  const bool first = !std::exchange(memory.shown, true);
  const kernel::SlotReading counters = read_counters(slot);
  const unsigned changed = first ? kernel::kAllParts : counters.changed;
  if (changed != 0) {
    put_counters(slot, counters.totals, changed);
  }
  const bool differ = first || totals_differ(slot);
  if (differ || (changed & kernel::kOomPart) != 0) {
    put_totals(slot, counters.totals);
  } else {
    memory.walk_run_ns = counters.totals.sched.run_ns;
  }
  return changed != 0 || differ;
}

kernel::SlotReading Sampler::read_counters(std::uint32_t slot) {
  const kernel::SlotReading own = inputs_.rows->read(slot);
  const std::span<const std::uint32_t> aliases = tree_.aliases_of(slot);
  const bool lost_aliases = memory_[slot].lost_aliases;
  if (aliases.empty() && !lost_aliases) {
    return own;
  }
  sum_ = own.totals;
  if (lost_aliases) {
    sum_ += departed_.at(slot);
  }
  for (const std::uint32_t alias : aliases) {
    sum_ += inputs_.rows->read(alias).totals;
  }
  return {sum_, kernel::kAllParts};
}

void Sampler::put_counters(std::uint32_t slot, const kernel::SlotTotals& totals, unsigned changed) {
  if (memory_[slot].inner) {
    return;
  }
  if (inputs_.sched && (changed & kernel::kSchedPart) != 0) {
    columns_.put_sched(slot, totals.sched);
  }
  if (inputs_.network && (changed & kernel::kNetworkPart) != 0) {
    columns_.put_network(slot, totals.network);
  }
  if (inputs_.processes && (changed & kernel::kProcessPart) != 0) {
    columns_.put_processes(slot, totals.processes);
  }
}

std::optional<kernel::CgroupTotals> Sampler::totals_of(std::uint32_t slot) {
  if (inputs_.walk != nullptr) {
    return inputs_.walk->totals(slot);
  }
  const std::string& path = roster_.member(slot).path;
  return path == "/" ? std::nullopt : file_totals_.read(slot, path);
}

bool Sampler::totals_differ(std::uint32_t slot) const {
  if (inputs_.walk == nullptr) {
    return true;
  }
  const auto since = inputs_.walk->same_since(slot);
  const Memory& memory = memory_[slot];
  return !since || *since > memory.totals_walk ||
         inactive_file_bytes(slot) != memory.inactive_file_bytes;
}

std::uint64_t Sampler::inactive_file_bytes(std::uint32_t slot) const {
  std::uint64_t bytes = inputs_.walk->inactive_file_bytes(slot);
  for (const std::uint32_t alias : tree_.aliases_of(slot)) {
    bytes += inputs_.walk->inactive_file_bytes(alias);
  }
  return bytes;
}

void Sampler::put_totals(std::uint32_t slot, const kernel::SlotTotals& counters) {
  auto totals = totals_of(slot);
  if (totals) {
    put_walked(slot, *totals, counters.sched.run_ns);
  } else if (roster_.phase(slot) == Roster::Phase::closing) {
    finish_cpu(slot, counters.sched.run_ns);
  }
  const auto kills =
      totals && totals->memory ? std::optional(totals->memory->oom_kill_events) : std::nullopt;
  if (inputs_.oom || kills) {
    columns_.put(Metric::oom_events, slot,
                 static_cast<double>(memory_[slot].oom.update(kills, counters.oom_victims)));
  }
}

void Sampler::put_walked(std::uint32_t slot, kernel::CgroupTotals& totals, std::uint64_t run_ns) {
  Memory& memory = memory_[slot];
  memory.walked = true;
  memory.walk_run_ns = run_ns;
  if (totals.cpu) {
    memory.walk_cpu_ns = totals.cpu->run_ns;
    memory.cpu.update(totals.cpu->run_ns, totals.cpu->user_ns, totals.cpu->system_ns);
  }
  if (inputs_.walk != nullptr) {
    memory.totals_walk = inputs_.walk->sequence();
    memory.inactive_file_bytes = inactive_file_bytes(slot);
    if (totals.memory) {
      // In files the sizes below the container are included already.
      totals.memory->inactive_file_bytes = memory.inactive_file_bytes;
    }
  }
  columns_.put_totals(slot, totals, memory.cpu);
}

/// The walk does not see a removed cgroup; the scheduler's hook knows what it used since the last
/// walk, or altogether when it lived between two.
void Sampler::finish_cpu(std::uint32_t slot, std::uint64_t run_ns) {
  const Memory& memory = memory_[slot];
  if (inputs_.sched && (memory.walked || roster_.member(slot).seen_born)) {
    const std::uint64_t since_ns = run_ns - std::min(run_ns, memory.walk_run_ns);
    columns_.put(Metric::cpu_usage, slot, static_cast<double>(memory.walk_cpu_ns + since_ns) / 1e9);
  }
}

bool Sampler::has_live(const Labels& series) const {
  const std::string_view id = series.get("id");
  return id.empty() || std::ranges::any_of(roster_.shown(), [&](std::uint32_t slot) {
           return sample_.tables[kContainerTable].rows[slot].labels.get("id") == id;
         });
}

}  // namespace cgsentry::sampler
