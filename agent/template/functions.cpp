// See functions.h.
#include "template/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/duration.h"
#include "template/compare.h"
#include "template/go_text.h"
#include "template/humanize.h"
#include "template/printf.h"
#include "template/template.h"
#include "template/text_functions.h"

namespace cgsentry::templates {

namespace {

using Arguments = std::span<const Value>;

tl::unexpected<std::string> wrong_type(std::string_view expected, const Value& value) {
  return tl::unexpected(
      fmt::format("wrong type for value; expected {}; got {}", expected, type_name(value)));
}

/// A function of one text.
template <std::string (*function)(std::string_view)>
Outcome of_text(Arguments arguments) {
  const auto* text = arguments[0].as<std::string>();
  if (text == nullptr) {
    return wrong_type("string", arguments[0]);
  }
  return Value(function(*text));
}

/// A number, or the text of one.
tl::expected<double, std::string> to_number(const Value& value) {
  if (const auto* real = value.as<double>()) {
    return *real;
  }
  if (const auto* integer = value.as<std::int64_t>()) {
    return static_cast<double>(*integer);
  }
  if (const auto* text = value.as<std::string>()) {
    if (const auto number = parse_float(*text)) {
      return *number;
    }
    return tl::unexpected(fmt::format("{} is not a number", quote(cut(*text, 100))));
  }
  return tl::unexpected(fmt::format("can't convert {} to float", type_name(value)));
}

template <std::string (*function)(double)>
Outcome of_number(Arguments arguments) {
  const auto number = to_number(arguments[0]);
  if (!number) {
    return tl::unexpected(number.error());
  }
  return Value(function(*number));
}

Outcome timestamp(Arguments arguments) {
  const auto number = to_number(arguments[0]);
  if (!number) {
    return tl::unexpected(number.error());
  }
  const auto text = humanize_timestamp(*number);
  if (!text) {
    return tl::unexpected(
        fmt::format("{} cannot be represented as a nanoseconds timestamp since it overflows int64",
                    format_float(*number, 'g', -1)));
  }
  return Value(*text);
}

Outcome re_replace_all(Arguments arguments) {
  for (const Value& argument : arguments) {
    if (argument.as<std::string>() == nullptr) {
      return wrong_type("string", argument);
    }
  }
  const auto text = [&](std::size_t i) -> const std::string& {
    return *arguments[i].as<std::string>();
  };
  auto replaced = replace_all(text(0), text(1), text(2), kMaxOutputBytes);
  if (!replaced) {
    return tl::unexpected(replaced.error());
  }
  return Value(std::move(*replaced));
}

Outcome match(Arguments arguments) {
  for (const Value& argument : arguments) {
    if (argument.as<std::string>() == nullptr) {
      return wrong_type("string", argument);
    }
  }
  const auto found = matches(*arguments[0].as<std::string>(), *arguments[1].as<std::string>());
  if (!found) {
    return tl::unexpected(found.error());
  }
  return Value(*found);
}

std::string graph_link(std::string_view expression) {
  return "/graph?g0.expr=" + escape_query(expression) + "&g0.tab=0";
}
std::string table_link(std::string_view expression) {
  return "/graph?g0.expr=" + escape_query(expression) + "&g0.tab=1";
}
std::string same(std::string_view text) {
  return std::string(text);
}

template <std::string (*function)(Arguments, std::size_t)>
Outcome printed(Arguments arguments) {
  return Value(function(arguments, kMaxOutputBytes));
}

/// Escapes what print makes of the arguments.
template <std::string (*function)(std::string_view)>
Outcome escaped(Arguments arguments) {
  return Value(function(go_print(arguments, kMaxOutputBytes)));
}

Outcome formatted(Arguments arguments) {
  const auto* format = arguments[0].as<std::string>();
  if (format == nullptr) {
    return wrong_type("string", arguments[0]);
  }
  return Value(go_printf(*format, arguments.subspan(1), kMaxOutputBytes));
}

Outcome length(Arguments arguments) {
  const Value& value = arguments[0];
  std::size_t count = 0;
  if (const auto* text = value.as<std::string>()) {
    count = text->size();
  } else if (const auto* labels = value.as<const Labels*>()) {
    count = (*labels)->size();
  } else if (const auto* list = value.as<std::shared_ptr<const List>>()) {
    count = (*list)->size();
  } else {
    return tl::unexpected(fmt::format("len of type {}", type_name(value)));
  }
  return Value(static_cast<std::int64_t>(count));
}

Outcome item(const Value& container, const Value& key) {
  if (const auto* labels = container.as<const Labels*>()) {
    const auto* name = key.as<std::string>();
    return name == nullptr ? Outcome(wrong_type("string", key)) : Value((*labels)->get(*name));
  }
  if (const auto* list = container.as<std::shared_ptr<const List>>()) {
    const auto* at = key.as<std::int64_t>();
    if (at == nullptr) {
      return wrong_type("int", key);
    }
    if (*at < 0 || static_cast<std::size_t>(*at) >= (*list)->size()) {
      return tl::unexpected(fmt::format("index out of range: {}", *at));
    }
    return (**list)[static_cast<std::size_t>(*at)];
  }
  return tl::unexpected(fmt::format("can't index item of type {}", type_name(container)));
}

Outcome index(Arguments arguments) {
  Value value = arguments[0];
  for (const Value& key : arguments.subspan(1)) {
    auto next = item(value, key);
    if (!next) {
      return next;
    }
    value = std::move(*next);
  }
  return value;
}

/// The fields of an element of a query's result, or null. Only those have these two alone.
const Fields* sample_of(const Value& value) {
  const auto* fields = value.as<std::shared_ptr<const Fields>>();
  return fields != nullptr && (*fields)->size() == 2 && (*fields)->contains("Labels") &&
                 (*fields)->contains("Value")
             ? fields->get()
             : nullptr;
}

std::string label_of(const Fields& sample, std::string_view name) {
  const auto* labels = sample.find("Labels")->second.as<const Labels*>();
  return labels == nullptr ? std::string() : std::string((*labels)->get(name));
}

Outcome query(const Surroundings& in, Arguments arguments) {
  const auto* text = arguments[0].as<std::string>();
  return text == nullptr ? Outcome(wrong_type("string", arguments[0])) : in.query(*text);
}

Outcome first(Arguments arguments) {
  const auto* list = arguments[0].as<std::shared_ptr<const List>>();
  if (list == nullptr) {
    return wrong_type("list", arguments[0]);
  }
  if ((*list)->empty()) {
    return tl::unexpected(std::string("first() called on vector with no elements"));
  }
  return (*list)->front();
}

Outcome label(Arguments arguments) {
  const auto* name = arguments[0].as<std::string>();
  const Fields* sample = sample_of(arguments[1]);
  if (name == nullptr) {
    return wrong_type("string", arguments[0]);
  }
  return sample == nullptr ? Outcome(wrong_type("sample", arguments[1]))
                           : Value(label_of(*sample, *name));
}

Outcome value_of_sample(Arguments arguments) {
  const Fields* sample = sample_of(arguments[0]);
  return sample == nullptr ? Outcome(wrong_type("sample", arguments[0]))
                           : sample->find("Value")->second;
}

// Of a template of consoles, where a label `__value__` carries a text; elsewhere empty.
Outcome text_of_sample(Arguments arguments) {
  const Fields* sample = sample_of(arguments[0]);
  return sample == nullptr ? Outcome(wrong_type("sample", arguments[0]))
                           : Value(label_of(*sample, "__value__"));
}

Outcome sort_by_label(Arguments arguments) {
  const auto* name = arguments[0].as<std::string>();
  const auto* list = arguments[1].as<std::shared_ptr<const List>>();
  if (name == nullptr) {
    return wrong_type("string", arguments[0]);
  }
  if (list == nullptr ||
      !std::ranges::all_of(**list, [](const Value& item) { return sample_of(item) != nullptr; })) {
    return wrong_type("list", arguments[1]);
  }
  List sorted = **list;
  std::ranges::stable_sort(sorted, {},
                           [&](const Value& item) { return label_of(*sample_of(item), *name); });
  return Value(std::move(sorted));
}

Outcome external_url(const Surroundings& in, Arguments) {
  return Value(in.external_url);
}

Outcome path_prefix(const Surroundings& in, Arguments) {
  return Value(path_of_url(in.external_url));
}

Outcome now(const Surroundings& in, Arguments) {
  return Value(to_seconds(in.now));
}

// As the text that Go writes for it: there are no methods here that could ask for more.
Outcome to_time(Arguments arguments) {
  const auto number = to_number(arguments[0]);
  if (number && !std::isfinite(*number)) {
    return tl::unexpected(std::string("value is NaN or Inf"));
  }
  return timestamp(arguments);
}

Outcome duration_in_seconds(Arguments arguments) {
  const auto* text = arguments[0].as<std::string>();
  if (text == nullptr) {
    return wrong_type("string", arguments[0]);
  }
  const bool negative = text->starts_with('-');
  const auto duration = parse_duration(std::string_view(*text).substr(negative ? 1 : 0));
  if (!duration) {
    return tl::unexpected(fmt::format("not a valid duration string: {}", quote(cut(*text, 100))));
  }
  return Value(negative ? -to_seconds(*duration) : to_seconds(*duration));
}

Outcome negate(Arguments arguments) {
  return Value(!is_true(arguments[0]));
}

Outcome equal_to_any(Arguments arguments) {
  for (const Value& other : arguments.subspan(1)) {
    const auto same_value = equal(arguments[0], other);
    if (!same_value) {
      return tl::unexpected(same_value.error());
    }
    if (*same_value) {
      return Value(true);
    }
  }
  return Value(false);
}

enum class Order { not_equal, less, less_equal, greater, greater_equal };

// Go has "greater" as "not less or equal", so that it is true of NaN.
template <Order order>
Outcome ordered(Arguments arguments) {
  constexpr bool kNeedsLess = order != Order::not_equal;
  constexpr bool kNeedsEqual = order != Order::less && order != Order::greater_equal;
  constexpr bool kNegated =
      order == Order::not_equal || order == Order::greater || order == Order::greater_equal;
  bool result = false;
  if constexpr (kNeedsLess) {
    const auto below = less(arguments[0], arguments[1]);
    if (!below) {
      return tl::unexpected(below.error());
    }
    result = *below;
  }
  if constexpr (kNeedsEqual) {
    const auto same_value = equal(arguments[0], arguments[1]);
    if (!same_value) {
      return tl::unexpected(same_value.error());
    }
    result = result || *same_value;
  }
  return Value(result != kNegated);
}

constexpr std::array kFunctions{
    Function{"and", 1, kAnyNumber, nullptr},
    Function{"or", 1, kAnyNumber, nullptr},
    Function{"not", 1, 1, negate},
    Function{"eq", 2, kAnyNumber, equal_to_any},
    Function{"ne", 2, 2, ordered<Order::not_equal>},
    Function{"lt", 2, 2, ordered<Order::less>},
    Function{"le", 2, 2, ordered<Order::less_equal>},
    Function{"gt", 2, 2, ordered<Order::greater>},
    Function{"ge", 2, 2, ordered<Order::greater_equal>},
    Function{"len", 1, 1, length},
    Function{"index", 1, kAnyNumber, index},
    Function{"print", 0, kAnyNumber, printed<go_print>},
    Function{"println", 0, kAnyNumber, printed<go_println>},
    Function{"printf", 1, kAnyNumber, formatted},
    Function{"html", 0, kAnyNumber, escaped<escape_html>},
    Function{"urlquery", 0, kAnyNumber, escaped<escape_query>},
    Function{"humanize", 1, 1, of_number<humanize>},
    Function{"humanize1024", 1, 1, of_number<humanize1024>},
    Function{"humanizeDuration", 1, 1, of_number<humanize_duration>},
    Function{"humanizePercentage", 1, 1, of_number<humanize_percentage>},
    Function{"humanizeTimestamp", 1, 1, timestamp},
    Function{"title", 1, 1, of_text<title>},
    Function{"toUpper", 1, 1, of_text<to_upper>},
    Function{"toLower", 1, 1, of_text<to_lower>},
    Function{"reReplaceAll", 3, 3, re_replace_all},
    Function{"match", 2, 2, match},
    Function{"stripPort", 1, 1, of_text<strip_port>},
    Function{"stripDomain", 1, 1, of_text<strip_domain>},
    Function{"graphLink", 1, 1, of_text<graph_link>},
    Function{"tableLink", 1, 1, of_text<table_link>},
    Function{"safeHtml", 1, 1, of_text<same>},
    Function{"urlQueryEscape", 1, 1, of_text<escape_query>},
    Function{kQuery, 1, 1, nullptr, query},
    Function{"first", 1, 1, first},
    Function{"label", 2, 2, label},
    Function{"value", 1, 1, value_of_sample},
    Function{"strvalue", 1, 1, text_of_sample},
    Function{"sortByLabel", 2, 2, sort_by_label},
    Function{"externalURL", 0, 0, nullptr, external_url},
    Function{"pathPrefix", 0, 0, nullptr, path_prefix},
    Function{"now", 0, 0, nullptr, now},
    Function{"toTime", 1, 1, to_time},
    Function{"parseDuration", 1, 1, duration_in_seconds},
};

constexpr std::array<std::string_view, 5> kElsewhere{"args", "call", "js", "slice", "toDuration"};

}  // namespace

const Function* find_function(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &Function::name);
  return found == kFunctions.end() ? nullptr : &*found;
}

bool is_known_elsewhere(std::string_view name) {
  return std::ranges::find(kElsewhere, name) != kElsewhere.end();
}

}  // namespace cgsentry::templates
