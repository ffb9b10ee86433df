// See label_functions.h.
#include "promql/label_functions.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "model/labels.h"
#include "promql/matchers.h"

namespace cgsentry::promql {

namespace {

/// "$1", "${1}", "$name" and "${name}" of a replacement become what the groups matched; "$$" is a
/// dollar. As Go's Regexp.Expand: a name is the longest run of letters, digits and underscores.
std::string expand(std::string_view text, const re2::RE2& regex,
                   const std::vector<re2::StringPiece>& groups) {
  std::string out;
  std::size_t at = 0;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  while (at < text.size()) {
    const char c = text[at++];
    if (c != '$' || at == text.size()) {
      out += c;
      continue;
    }
    if (text[at] == '$') {
      out += '$';
      ++at;
      continue;
    }
    const bool braced = text[at] == '{';
    const std::size_t from = at + (braced ? 1 : 0);
    std::size_t to = from;
    while (to < text.size() && is_word(text[to])) {
      ++to;
    }
    if (to == from || (braced && (to == text.size() || text[to] != '}'))) {
      out += '$';  // not a reference
      continue;
    }
    const std::string name(text.substr(from, to - from));
    at = to + (braced ? 1 : 0);
    std::size_t number = groups.size();
    if (std::ranges::all_of(name, [](unsigned char d) { return std::isdigit(d) != 0; })) {
      number = name.size() < 6 ? std::stoul(name) : number;
    } else if (const auto named = regex.NamedCapturingGroups().find(name);
               named != regex.NamedCapturingGroups().end()) {
      number = static_cast<std::size_t>(named->second);
    }
    if (number < groups.size()) {
      out.append(groups[number].data(), groups[number].size());
    }
  }
  return out;
}

}  // namespace

Transform label_replacement(SymbolTable& symbols, const std::vector<std::string>& texts) {
  const Symbol target = symbols.acquire(texts[0]);
  const Symbol source = symbols.acquire(texts[2]);
  return [&symbols, target, source, replacement = texts[1], regex = compile_regex(texts[3])](
             LabelSet& labels, std::vector<Symbol>& made) {
    const std::string_view value = symbols.text(labels.get(source));
    std::vector<re2::StringPiece> groups(
        static_cast<std::size_t>(regex->NumberOfCapturingGroups()) + 1);
    if (!regex->Match(re2::StringPiece(value.data(), value.size()), 0, value.size(),
                      re2::RE2::ANCHOR_BOTH, groups.data(), static_cast<int>(groups.size()))) {
      return;
    }
    made.push_back(symbols.acquire(expand(replacement, *regex, groups)));
    labels.set(target, made.back());
  };
}

Transform label_joining(SymbolTable& symbols, const std::vector<std::string>& texts) {
  const Symbol target = symbols.acquire(texts[0]);
  std::vector<Symbol> sources;
  for (std::size_t i = 2; i < texts.size(); ++i) {
    sources.push_back(symbols.acquire(texts[i]));
  }
  return [&symbols, target, separator = texts[1], sources](LabelSet& labels,
                                                           std::vector<Symbol>& made) {
    std::string joined;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      joined += i == 0 ? "" : separator;
      joined += symbols.text(labels.get(sources[i]));
    }
    made.push_back(symbols.acquire(joined));
    labels.set(target, made.back());
  };
}

void RelabelNode::compute(const Moment& moment, Series& out) {
  out = input_->at(moment);
  relabel_.apply(out);
}

FixedLabels::FixedLabels(SymbolTable& symbols, const Labels& labels) : Domain(symbols) {
  for (const Label& label : labels) {
    labels_.set(symbols.acquire(label.name), symbols.acquire(label.value));
  }
}

Labels labels_of_absent(const Expr& argument) {
  const Expr& inner = unwrap(argument);
  const VectorSelector* selector = std::get_if<VectorSelector>(&inner.node);
  if (const auto* matrix = std::get_if<MatrixSelector>(&inner.node)) {
    selector = &matrix->selector;
  }
  Labels labels;
  if (selector == nullptr) {
    return labels;
  }
  std::set<std::string> seen;
  for (const Matcher& matcher : selector->matchers) {
    if (matcher.label == kMetricName) {
      continue;
    }
    if (matcher.op == MatchOp::equal && seen.insert(matcher.label).second) {
      labels.set(matcher.label, matcher.value);
    } else {
      labels.erase(matcher.label);  // more than one matcher tells nothing
    }
  }
  return labels;
}

void AbsentNode::compute(const Moment& moment, Series& out) {
  const Series& input = input_->at(moment);
  if (!out.take_error(input) && input.size() == 0) {
    out.add(0, 1);
  }
}

void AbsentRangeNode::compute(const Moment& moment, Series& out) {
  if (!source_->prepare(moment)) {
    out.fail(source_->error());
    return;
  }
  for (const RangeColumn& column : source_->columns()) {
    for (const std::uint32_t row : column.rows) {
      column.values->gather(row, column.values->run(row, column.range), points_);
      if (!points_.empty()) {
        return;
      }
    }
  }
  out.add(0, 1);
}

}  // namespace cgsentry::promql
