// How the series of a node get their labels from those of its input.
//
// A change that keeps all series apart is made when somebody asks for labels: the entries stay as
// they are and cost nothing. Any other change maps entries to interned labels, once per series, and
// tells when two series of one moment fall together. Thread: the loop.
// Tested by tests/unit/promql/label_set_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "promql/domain.h"
#include "promql/node.h"

namespace cgsentry::promql {

/// Takes labels away; makes no new strings.
using Removal = std::function<void(LabelSet&)>;

/// The source's entries with fewer labels.
class LazyDomain final : public Domain, public Listener {
 public:
  LazyDomain(Domain& source, Removal removal);
  void labels(Entry entry, LabelSet& out) const override;
  [[nodiscard]] std::size_t entry_end() const override { return source_->entry_end(); }
  void forget(Entry entry) override { notify(entry); }

 private:
  Domain* source_;
  Removal removal_;
};

class Relabel {
 public:
  /// Nothing changes.
  explicit Relabel(Domain& source) : domain_(&source) {}
  /// For a removal that keeps all series apart.
  [[nodiscard]] static Relabel lazily(Domain& source, Removal removal);
  /// For any change.
  [[nodiscard]] static Relabel interned(Domain& source, Transform transform);
  /// What most functions do: the metric's name goes.
  [[nodiscard]] static Relabel without_name(Domain& source, Names names);

  [[nodiscard]] Domain& domain() const { return *domain_; }
  /// From entries of the source to entries of domain(). Fails the series when two fall together.
  void apply(Series& series);

 private:
  Domain* domain_;
  std::unique_ptr<LazyDomain> lazy_;
  std::unique_ptr<InternedDomain> target_;
  std::unique_ptr<LabelMap> map_;
  std::vector<std::uint64_t> seen_;  // per target entry: the turn in which it was met
  std::uint64_t turn_ = 0;
};

}  // namespace cgsentry::promql
