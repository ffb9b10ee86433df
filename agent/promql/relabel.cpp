// See relabel.h.
#include "promql/relabel.h"

#include <utility>

#include "model/labels.h"

namespace cgsentry::promql {

LazyDomain::LazyDomain(Domain& source, Removal removal)
    : Domain(source.symbols()), source_(&source), removal_(std::move(removal)) {
  source.listen(*this);
}

void LazyDomain::labels(Entry entry, LabelSet& out) const {
  source_->labels(entry, out);
  removal_(out);
}

Relabel Relabel::lazily(Domain& source, Removal removal) {
  Relabel relabel(source);
  relabel.lazy_ = std::make_unique<LazyDomain>(source, std::move(removal));
  relabel.domain_ = relabel.lazy_.get();
  return relabel;
}

Relabel Relabel::interned(Domain& source, Transform transform) {
  Relabel relabel(source);
  relabel.target_ = std::make_unique<InternedDomain>(source.symbols());
  relabel.map_ = std::make_unique<LabelMap>(source, *relabel.target_, std::move(transform));
  relabel.domain_ = relabel.target_.get();
  return relabel;
}

Relabel Relabel::without_name(Domain& source, Names names) {
  if (names == Names::none) {
    return Relabel(source);
  }
  const Symbol name = source.symbols().acquire(kMetricName);
  if (names == Names::apart) {
    return lazily(source, [name](LabelSet& labels) { labels.erase(name); });
  }
  return interned(source, [name](LabelSet& labels, std::vector<Symbol>&) { labels.erase(name); });
}

void Relabel::apply(Series& series) {
  if (!map_) {
    return;
  }
  ++turn_;
  for (Entry& entry : series.entries) {
    entry = (*map_)(entry);
    if (entry >= seen_.size()) {
      seen_.resize(target_->entry_end());
    }
    if (std::exchange(seen_[entry], turn_) == turn_) {
      LabelSet labels;
      target_->labels(entry, labels);
      series.fail("two series of the result have the same labels: " +
                  labels.to_labels(target_->symbols()).to_string());
      return;
    }
  }
}

}  // namespace cgsentry::promql
