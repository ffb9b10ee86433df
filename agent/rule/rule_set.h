// The loaded rules at work: every tick a Sample in, and for each rule its breaches out.
//
//   load(files) ──► RuleSet ──append(Sample), evaluate(now)──► RuleResults ──► alert/
//                           ◄──describe(transitions)── annotations
//
// Owns the AlertRules (pointers stay valid as long as the set lives), their expressions in one
// promql::Engine, and their templates. A rule of a group whose interval is longer than a tick has a
// result only in the ticks in which that interval is over (see schedule.h); what fails a rule is
// told in alerting_rule.h. Recording rules and a query_offset are read but not supported yet:
// load() refuses them. In steady state, without a breach, evaluate() costs what the engine's does.
// Thread: the loop. Tested by tests/unit/rule.
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
};

/// One rule, for `check`, `/api` and logs.
struct RuleInfo {
  const AlertRule* rule = nullptr;
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

  /// The results of the rules that are due at `now`. `blind`: the sample missed something, so all
  /// resolves are withheld. The reference is valid until the next call.
  [[nodiscard]] const std::vector<RuleResult>& evaluate(Timestamp now, bool blind);

  /// These rules take over from others at `now`, with empty windows. Until a rule's windows can be
  /// full, the absence of a breach proves nothing: its resolves are withheld.
  void take_over(Timestamp now);

  /// Renders the annotations of transitions whose rule is one of this set; leaves others alone.
  /// A template that fails gives the text "<error expanding template: ...>", as in Prometheus.
  void describe(std::vector<Transition>& transitions) const;

  /// In the order of the files.
  [[nodiscard]] std::vector<const AlertRule*> alert_rules() const;
  [[nodiscard]] std::vector<RuleInfo> rules() const;

  /// Evaluations that failed, over all rules. Only grows.
  [[nodiscard]] std::uint64_t failures() const;
  /// See promql::Engine::overruns(). Only grows.
  [[nodiscard]] std::uint64_t overruns() const;
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
