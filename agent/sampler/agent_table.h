// What the agent says about itself, as rules and /metrics see it: the table "agent", one row.
//
// Whoever owns a number registers how to read it; read_all() asks them all once a tick.
// Thread: the loop, so what is registered must be readable from there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"
#include "model/sample.h"

namespace cgsentry::sampler {

class AgentTable {
 public:
  using Read = std::function<double()>;

  /// `table` has one row and outlives this. `started_at`: the agent's counters were zero then.
  AgentTable(Table& table, Timestamp started_at);

  /// At setup only, so that the table's columns are fixed once sampling has begun.
  void add(std::string metric, MetricType type, Labels labels, Read read);
  void read_all();

 private:
  Table& table_;
  std::vector<Read> reads_;
};

}  // namespace cgsentry::sampler
