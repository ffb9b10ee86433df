// One alerting rule at work: what its expression gave in a tick becomes breaches, and transitions
// of its alerts get their annotations.
//
// As in Prometheus a rule fails for a tick when its expression failed, when there are more results
// than the limit, or when two have the same labels once the rule's own are over them. A failed rule
// has no breaches, withholds its resolves and is counted, and one message says when it begins. A
// template that fails gives the text "<error expanding template: ...>". Without results judge()
// allocates nothing. Thread: the loop.
// Tested by tests/unit/rule/alerting_rule_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/alert.h"
#include "promql/engine.h"
#include "rule/health.h"
#include "rule/rule_file.h"

namespace cgsentry::rule {

/// What templates see besides the alert: $externalLabels, $externalURL, and what they can query.
struct External {
  Labels labels;
  std::string url;
  templates::Query query;
  Timestamp now{};  // of the evaluation
};

/// Of everything that is written in the rule, so that it stays over reloads as long as that does.
/// Equal rules of one set are told apart by `occurrence`, which counts from 0.
[[nodiscard]] std::uint64_t identity_of(const std::string& group, const RuleSpec& rule,
                                        std::uint64_t occurrence);

class AlertingRule {
 public:
  /// At most `limit` results; 0: no limit.
  AlertingRule(std::string group, const RuleSpec& spec, std::size_t limit, std::uint64_t identity);

  /// Its address is the rule's in results; it moves with this object.
  [[nodiscard]] const AlertRule& rule() const { return rule_; }

  [[nodiscard]] RuleResult judge(const promql::Vector& value, const External& external);
  /// Sets the annotations, rendered with the alert's series and value.
  void describe(Alert& alert, const External& external) const;

  [[nodiscard]] const Health& health() const { return health_; }

 private:
  [[nodiscard]] Breach breach_of(const promql::Element& element, const External& external) const;
  [[nodiscard]] RuleResult fail(std::string error);

  AlertRule rule_;
  std::vector<TemplatedField> labels_;
  std::vector<TemplatedField> annotations_;
  std::size_t limit_;
  Health health_;
};

}  // namespace cgsentry::rule
