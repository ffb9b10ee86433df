// Where a selector or a subquery looks: `offset` and `@`.
#pragma once

#include "base/clock.h"
#include "promql/ast.h"
#include "promql/node.h"

namespace cgsentry::promql {

struct TimeShift {
  Duration offset{};
  AtModifier at;

  [[nodiscard]] Timestamp of(const Moment& moment) const {
    switch (at.kind) {
      case AtModifier::Kind::none:
        break;
      case AtModifier::Kind::timestamp:
        return Timestamp(at.since_epoch) - offset;
      case AtModifier::Kind::start:
      case AtModifier::Kind::end:
        return moment.query_time - offset;
    }
    return moment.time - offset;
  }
};

}  // namespace cgsentry::promql
