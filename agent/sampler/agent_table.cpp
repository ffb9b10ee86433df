#include "sampler/agent_table.h"

#include <utility>

namespace cgsentry::sampler {

AgentTable::AgentTable(Table& table, Timestamp started_at) : table_(table) {
  table_.occupy(0, Row{{}, 1, true, started_at});
}

void AgentTable::add(std::string metric, MetricType type, Labels labels, Read read) {
  table_.add_column(std::move(metric), type, std::move(labels));
  reads_.push_back(std::move(read));
}

void AgentTable::read_all() {
  for (std::size_t i = 0; i < reads_.size(); ++i) {
    table_.columns[i].set(0, reads_[i]());
  }
}

}  // namespace cgsentry::sampler
