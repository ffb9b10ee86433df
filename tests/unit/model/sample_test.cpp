// Tests model/sample: rows and columns come and go without leaving values behind.
#include "model/sample.h"

#include <utility>

#include "support/catch.h"

using namespace cgsentry;

TEST_CASE("a released row leaves no value for its successor") {
  Table table("container", 2);
  const auto column = table.add_column("m", MetricType::gauge);
  table.occupy(1, Row{Labels{{"id", "/a"}}, 7, false, {}});
  table.columns[column].set(1, 42);
  table.release(1);
  table.occupy(1, Row{Labels{{"id", "/b"}}, 8, false, {}});
  CHECK_FALSE(table.columns[column].present[1]);
}

TEST_CASE("the generation grows with every change of shape") {
  Table table("container", 1);
  auto last = table.generation;
  const auto grew = [&] { return std::exchange(last, table.generation) < table.generation; };
  table.add_column("m", MetricType::gauge);
  CHECK(grew());
  table.occupy(0, Row{{}, 1, false, {}});
  CHECK(grew());
  table.release(0);
  CHECK(grew());
}
