#include "sampler/workloads.h"

#include <algorithm>
#include <chrono>

#include "model/metric.h"

namespace cgsentry::sampler {

namespace {

constexpr Duration kForgetAfter = std::chrono::hours(1);

}  // namespace

Workloads::Workloads(Table& table)
    : table_(table),
      column_(table.add_column(std::string(info(Metric::restarts).name), MetricType::counter)) {}

void Workloads::started(const std::string& path, const Labels& labels, Timestamp now) {
  auto found = workloads_.find(path);
  if (found == workloads_.end()) {
    std::uint32_t row = 0;
    if (!find_row(row)) {
      return;
    }
    table_.occupy(row, Row{labels, ++last_serial_, true, now});
    found = workloads_.emplace(path, Workload{}).first;
    found->second.row = row;
  } else if (found->second.failed) {
    ++found->second.restarts;
  }
  Workload& workload = found->second;
  workload.running = true;
  workload.failed = false;
  table_.columns[column_].set(workload.row, static_cast<double>(workload.restarts));
}

void Workloads::ended(const std::string& path, Timestamp time, bool failed) {
  const auto found = workloads_.find(path);
  if (found == workloads_.end()) {
    return;
  }
  Workload& workload = found->second;
  workload.running = false;
  workload.ended_at = time;
  workload.failed = failed;
  next_expiry_ = std::min(next_expiry_, time + kForgetAfter);
}

void Workloads::expire(Timestamp now) {
  if (now < next_expiry_) {
    return;
  }
  next_expiry_ = Timestamp::max();
  std::erase_if(workloads_, [&](const auto& entry) {
    const Workload& workload = entry.second;
    if (workload.running) {
      return false;
    }
    if (now - workload.ended_at < kForgetAfter) {
      next_expiry_ = std::min(next_expiry_, workload.ended_at + kForgetAfter);
      return false;
    }
    table_.release(workload.row);
    return true;
  });
}

bool Workloads::find_row(std::uint32_t& row) {
  const auto free = std::ranges::find_if(table_.rows, [](const Row& each) { return !each.live(); });
  if (free != table_.rows.end()) {
    row = static_cast<std::uint32_t>(free - table_.rows.begin());
    return true;
  }
  auto oldest = workloads_.end();
  for (auto each = workloads_.begin(); each != workloads_.end(); ++each) {
    if (!each->second.running &&
        (oldest == workloads_.end() || each->second.ended_at < oldest->second.ended_at)) {
      oldest = each;
    }
  }
  if (oldest == workloads_.end()) {
    return false;
  }
  row = oldest->second.row;
  table_.release(row);
  workloads_.erase(oldest);
  return true;
}

}  // namespace cgsentry::sampler
