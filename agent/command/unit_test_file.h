// A unit test file of rules, as promtool reads it: text to typed tests, each mistake at its place.
//
//   in:  the bytes of a file
//   out: the tests with parsed series, expressions and labels, or all mistakes of the file
//
// Keys are those of promtool 3.5, and start_timestamp of later ones. What promtool knows and this
// agent does not have (native histograms) is a mistake, and so is an unknown key. rule_files are
// as written: patterns, relative to the file's folder.
// Pure; throws nothing. Tested by tests/unit/command/unit_test_file_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.h"
#include "command/series_values.h"
#include "model/labels.h"
#include "promql/parser.h"
#include "rule/scalar_places.h"
#include "yaml/mistake.h"
#include "yaml/node.h"

namespace cgsentry::command {

struct InputSeries {
  Labels labels;
  SeriesValues values;
};

struct ExpectedSample {
  Labels labels;
  double value = 0;
};

/// `promql_expr_test`: what an expression gives at start + eval_time.
struct ExpressionTest {
  promql::Expression expression;
  Duration eval_time{};
  std::vector<ExpectedSample> samples;
  yaml::Node written;  // the expression in the file
};

struct ExpectedAlert {
  Labels labels;  // with alertname
  Labels annotations;
};

/// `alert_rule_test`: which alerts of that name fire at start + eval_time.
struct AlertTest {
  std::string alertname;
  Duration eval_time{};
  std::vector<ExpectedAlert> alerts;
  rule::Place place;
};

/// One item of `tests`: its series, and what is expected of them.
struct UnitTest {
  std::string name;
  rule::Place place;
  Duration interval{};  // of the series' values
  Timestamp start{};
  std::vector<InputSeries> series;
  std::vector<AlertTest> alert_tests;
  std::vector<ExpressionTest> expression_tests;
  Labels external_labels;
  std::string external_url;
};

struct UnitTestFile {
  std::string name;
  std::string text;
  std::vector<std::string> rule_files;
  std::vector<std::string> group_order;  // `group_eval_order`
  Duration evaluation_interval{};
  bool fuzzy_compare = false;
  std::vector<UnitTest> tests;
};

[[nodiscard]] tl::expected<UnitTestFile, std::vector<yaml::Mistake>> read_unit_test_file(
    std::string text, const std::string& name);

}  // namespace cgsentry::command
