#include "model/sample.h"

#include <cassert>
#include <utility>

namespace cgsentry {

std::size_t Table::add_column(std::string metric, MetricType type, Labels labels) {
  columns.push_back(Column{std::move(metric), std::move(labels), type,
                           std::vector<double>(rows.size()),
                           std::vector<std::uint8_t>(rows.size())});
  ++generation;
  return columns.size() - 1;
}

void Table::occupy(std::size_t row, Row identity) {
  assert(!rows[row].live() && identity.live());
  rows[row] = std::move(identity);
  ++generation;
}

void Table::release(std::size_t row) {
  assert(rows[row].live());
  rows[row] = Row{};
  for (Column& column : columns) {
    column.clear(row);
  }
  ++generation;
}

}  // namespace cgsentry
