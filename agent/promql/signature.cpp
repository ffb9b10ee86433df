// See signature.h.
#include "promql/signature.h"

#include <algorithm>
#include <utility>

#include "model/labels.h"

namespace cgsentry::promql {

std::vector<Symbol> symbols_of(SymbolTable& symbols, const std::vector<std::string>& names) {
  std::vector<Symbol> numbers;
  for (const std::string& name : names) {
    numbers.push_back(symbols.acquire(name));
  }
  std::ranges::sort(numbers);
  return numbers;
}

Removal keep_only(std::vector<Symbol> names) {
  return [names = std::move(names)](LabelSet& labels) {
    labels.erase_if(
        [&](const LabelPair& pair) { return !std::ranges::binary_search(names, pair.name); });
  };
}

Removal take_away(std::vector<Symbol> names) {
  return [names = std::move(names)](LabelSet& labels) {
    labels.erase_if(
        [&](const LabelPair& pair) { return std::ranges::binary_search(names, pair.name); });
  };
}

Transform transform_of(Removal removal) {
  return
      [removal = std::move(removal)](LabelSet& labels, std::vector<Symbol>&) { removal(labels); };
}

Removal counting_labels(SymbolTable& symbols, const std::vector<std::string>& names, bool keep) {
  if (keep) {
    return keep_only(symbols_of(symbols, names));
  }
  std::vector<std::string> without = names;
  without.emplace_back(kMetricName);
  return take_away(symbols_of(symbols, without));
}

Signatures::Signatures(Domain& left, Domain& right, const Matching& matching)
    : target_(left.symbols()),
      left_(left, target_,
            transform_of(counting_labels(left.symbols(), matching.labels, matching.on))),
      right_(right, target_,
             transform_of(counting_labels(left.symbols(), matching.labels, matching.on))) {}

std::string Signatures::text(Entry signature) const {
  LabelSet labels;
  target_.labels(signature, labels);
  return labels.to_labels(target_.symbols()).to_string();
}

}  // namespace cgsentry::promql
