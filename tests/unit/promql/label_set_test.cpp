// Strings as numbers, sets of labels, and domains that remember what they were told.
#include "promql/label_set.h"

#include "promql/domain.h"
#include "promql/relabel.h"
#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::promql;

TEST_CASE("a string keeps its number while somebody holds it") {
  SymbolTable symbols;
  const Symbol a = symbols.acquire("a");
  CHECK(symbols.acquire("a") == a);
  symbols.release(a);
  CHECK(symbols.text(a) == "a");
  symbols.release(a);
  const Symbol b = symbols.acquire("b");
  CHECK(b == a);  // the number is used again
  CHECK(symbols.text(b) == "b");
  CHECK(symbols.acquire("") == 0);
}

TEST_CASE("numbers hold when the table grows") {
  SymbolTable symbols;
  std::vector<Symbol> numbers;
  for (int i = 0; i < 1'000; ++i) {
    numbers.push_back(symbols.acquire("s" + std::to_string(i)));
  }
  for (int i = 0; i < 1'000; ++i) {
    CHECK(symbols.acquire("s" + std::to_string(i)) == numbers[static_cast<std::size_t>(i)]);
  }
}

TEST_CASE("a set of labels is the same in whatever order it was made") {
  SymbolTable symbols;
  const auto set = [&](std::initializer_list<Label> labels) {
    LabelSet made;
    for (const Label& label : labels) {
      made.set(symbols.acquire(label.name), symbols.acquire(label.value));
    }
    return made;
  };
  CHECK(set({{"a", "1"}, {"b", "2"}}) == set({{"b", "2"}, {"a", "1"}}));
  CHECK(set({{"a", "1"}, {"b", "2"}}).hash() == set({{"b", "2"}, {"a", "1"}}).hash());
  CHECK(set({{"a", "1"}, {"a", ""}}) == LabelSet());
  CHECK(set({{"b", "2"}, {"a", "1"}}).to_labels(symbols) == Labels{{"a", "1"}, {"b", "2"}});
}

namespace {

/// Entries with the label "id", as many as the test makes.
class ListDomain final : public Domain {
 public:
  using Domain::Domain;
  Entry add(std::string_view id) {
    ids_.emplace_back(id);
    return static_cast<Entry>(ids_.size() - 1);
  }
  void replace(Entry entry, std::string_view id) {
    notify(entry);
    ids_[entry] = id;
  }
  void labels(Entry entry, LabelSet& out) const override {
    out.clear();
    out.set(symbols().acquire("id"), symbols().acquire(ids_[entry]));
    out.set(symbols().acquire("both"), symbols().acquire("x"));
  }
  [[nodiscard]] std::size_t entry_end() const override { return ids_.size(); }

 private:
  std::vector<std::string> ids_;
};

}  // namespace

TEST_CASE("a map is filled once per entry and follows the source") {
  SymbolTable symbols;
  ListDomain source(symbols);
  InternedDomain target(symbols);
  int looks = 0;
  const Symbol id = symbols.acquire("id");
  LabelMap map(source, target, [&](LabelSet& labels, std::vector<Symbol>&) {
    ++looks;
    labels.erase(symbols.acquire("both"));
  });
  const Entry a = source.add("a");
  const Entry same = source.add("a");
  const Entry b = source.add("b");
  CHECK(map(a) == map(same));
  CHECK(map(a) != map(b));
  CHECK(looks == 3);
  source.replace(a, "b");
  CHECK(map(a) == map(b));
  CHECK(looks == 4);
  source.replace(same, "c");
  CHECK(target.size() == 1);  // nobody is "a" any more
  LabelSet labels;
  target.labels(map(same), labels);
  CHECK(symbols.text(labels.get(id)) == "c");
}

TEST_CASE("two series that fall together fail the whole result") {
  SymbolTable symbols;
  ListDomain source(symbols);
  const Entry a = source.add("a");
  const Entry b = source.add("b");
  Relabel relabel = Relabel::interned(
      source, [&](LabelSet& labels, std::vector<Symbol>&) { labels.erase(symbols.acquire("id")); });
  Series one;
  one.add(a, 1);
  relabel.apply(one);
  CHECK(!one.failed());
  CHECK(one.values == std::vector<double>{1});
  Series two;
  two.add(a, 1);
  two.add(b, 2);
  relabel.apply(two);
  CHECK(two.error == R"(two series of the result have the same labels: {both="x"})");
  CHECK(two.size() == 0);
}
