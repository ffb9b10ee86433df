// The loaded rules at work: every tick a Sample in, and for each rule its breaches out.
//
//   load(files) ──► RuleSet ──append(Sample), evaluate(now)──► RuleResults ──► alert/
//                      │    ◄──describe(transitions)── annotations
//                      └ recording rules ──► series that the rules after them see
//
// Owns the AlertRules (pointers stay valid as long as the set lives), their expressions in one
// promql::Engine, and their templates. Groups are evaluated in the order of the files and rules in
// the order of their group, one after the other: a rule sees what those before it recorded in this
// tick, and what those after it recorded in the last one. A rule of a group whose interval is
// longer than a tick has a result only in the ticks in which that interval is over (see
// schedule.h). A group with a query_offset is evaluated at that much before the tick, and so is
// what it records; its alerts have the time of the tick. What fails a rule is told in
// alerting_rule.h and engine.h. In steady state, without a breach, evaluate() costs what the
// engine's does. Thread: the loop. Tested by tests/unit/rule.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "model/alert.h"
#include "model/sample.h"
#include "promql/engine.h"
#include "rule/rule_file.h"

namespace cgsentry::rule {

struct RuleSetOptions {
  /// Of the engine; `interval` is the nominal distance of two ticks.
  promql::EngineOptions engine;
  /// Seen by templates as $externalLabels and $externalURL.
  Labels external_labels;
  std::string external_url;
  /// Every rule is due in every tick, as promtool has it.
  bool ignore_group_intervals = false;
  /// Names of groups that are evaluated in this order, after those that are not named; promtool's
  /// group_eval_order.
  std::vector<std::string> group_order;
};

/// Where the alerts live, so that ALERTS has their state when the next rule selects it.
class AlertBook {
 public:
  virtual ~AlertBook() = default;
  /// Moves the alerts of the result's rule.
  virtual void settle(const RuleResult& result) = 0;
  /// The active alerts of the rule after that.
  [[nodiscard]] virtual std::vector<AlertStanding> standing(const AlertRule& rule) = 0;
};

/// One rule, for `check`, `/api` and logs.
struct RuleInfo {
  const AlertRule* rule = nullptr;  // null when it records
  std::string name;                 // of the alert or the recorded metric
  std::string file;
  Duration interval{};
  std::uint64_t failures = 0;
  std::string last_error;  // empty when the last evaluation was good
};

class RuleSet {
 public:
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  /// The windows that the rules need take it in.
  void append(const Sample& sample);

  /// The results of the alerting rules that are due at `now`. `blind`: the sample missed something,
  /// so all resolves are withheld. The reference is valid until the next call. `book` is told of
  /// each result at once; without one, nobody sees ALERTS.
  const std::vector<RuleResult>& evaluate(Timestamp now, bool blind, AlertBook* book = nullptr);

  /// These rules take over from others at `now`: windows, recorded series and when groups are due.
  /// A rule that needs what the others did not have begins with nothing: until its windows can be
  /// full, the absence of a breach proves nothing, and its resolves are withheld.
  void take_over(RuleSet& old, Timestamp now);

  /// A query beside the rules, for the rule test runner. Before the first append().
  [[nodiscard]] tl::expected<promql::QueryId, promql::ParseError> add(
      const promql::Expression& query);
  /// Its value; see promql::Engine::evaluate().
  [[nodiscard]] const promql::Vector& value(promql::QueryId query, Timestamp at);

  /// Renders the annotations of transitions whose rule is one of this set; leaves others alone.
  /// A template that fails gives the text "<error expanding template: ...>", as in Prometheus.
  void describe(std::vector<Transition>& transitions) const;

  /// In the order of the files.
  [[nodiscard]] std::vector<const AlertRule*> alert_rules() const;
  [[nodiscard]] std::vector<RuleInfo> rules() const;

  /// Evaluations that failed, over all rules. Only grows.
  [[nodiscard]] std::uint64_t failures() const;
  /// See promql::Engine::overruns() and refused(). Only grow.
  [[nodiscard]] std::uint64_t overruns() const;
  [[nodiscard]] std::uint64_t refused() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend tl::expected<RuleSet, std::vector<Mistake>> load(const std::vector<SourceFile>& files,
                                                          RuleSetOptions options);
  class Impl;
  explicit RuleSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// All mistakes of all files, or the rules. Setup only.
[[nodiscard]] tl::expected<RuleSet, std::vector<Mistake>> load(const std::vector<SourceFile>& files,
                                                               RuleSetOptions options = {});

}  // namespace cgsentry::rule
