// by(…) and without(…): from series to groups, computed once per series.
#pragma once

#include "promql/ast.h"
#include "promql/node.h"
#include "promql/signature.h"

namespace cgsentry::promql {

class Grouping {
 public:
  Grouping(const Aggregate& aggregate, Node& input);
  Grouping(const Grouping&) = delete;
  Grouping& operator=(const Grouping&) = delete;

  [[nodiscard]] Entry operator()(Entry entry) { return map_(entry); }
  /// Of the groups.
  [[nodiscard]] InternedDomain& domain() { return groups_; }
  [[nodiscard]] Names names() const { return names_; }

 private:
  Names names_;
  InternedDomain groups_;
  LabelMap map_;
};

}  // namespace cgsentry::promql
