// See evaluate.h.
#include "template/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "template/functions.h"
#include "template/go_text.h"

namespace cgsentry::templates {

namespace {

/// How a block ended.
enum class Flow { normal, break_, continue_ };

/// One render. The first error stops it: every step looks at failed().
class Evaluation {
 public:
  Evaluation(const Scope& scope, std::size_t max_bytes)
      : max_bytes_(max_bytes),
        scope_(scope),
        surroundings_{scope.external_url, scope.now,
                      [this](const std::string& expression) { return query(expression); }} {
    variables_.emplace_back("", scope.dot);
    for (const auto& [name, value] : scope.variables) {
      variables_.emplace_back(name, value);
    }
  }

  Rendered run(const Block& root) {
    // A copy: the variables move when one is added.
    const Value dot = variables_.front().second;
    block(root, dot);
    return {std::move(out_), std::move(error_)};
  }

 private:
  [[nodiscard]] bool failed() const { return !error_.empty(); }

  Value fail(Place place, std::string_view message) {
    if (!failed()) {
      error_ = fmt::format("{}:{}: {}", place.line, place.column, cut(message, kMaxErrorBytes));
    }
    return {};
  }

  void step(Place place) {
    if (++steps_ > kMaxSteps) {
      fail(place, "the template takes too many steps");
    }
  }

  Flow block(const Block& list, const Value& dot) {
    const std::size_t outer = variables_.size();
    Flow flow = Flow::normal;
    for (const Node& each : list.nodes) {
      flow = node(each, dot);
      if (flow != Flow::normal || failed()) {
        break;
      }
    }
    variables_.resize(outer);
    return flow;
  }

  Flow node(const Node& node, const Value& dot) {
    step(node.place);
    switch (node.kind) {
      case Node::Kind::text:
        write(node.place, node.text);
        return Flow::normal;
      case Node::Kind::action:
        action(node, dot);
        return Flow::normal;
      case Node::Kind::break_:
        return Flow::break_;
      case Node::Kind::continue_:
        return Flow::continue_;
      default:
        return control(node, dot);
    }
  }

  void action(const Node& node, const Value& dot) {
    const Value value = pipeline(node.pipeline, dot);
    if (node.pipeline.variables.empty() && !failed()) {
      // A few bytes more than fit, so that write() sees that it was cut, inside a code point too.
      write(node.place, to_text(value, max_bytes_ + 4));
    }
  }

  Flow control(const Node& node, const Value& dot) {
    const std::size_t outer = variables_.size();
    const Value value = pipeline(node.pipeline, dot);
    Flow flow = Flow::normal;
    if (failed()) {
      return flow;
    }
    if (node.kind == Node::Kind::range) {
      flow = range(node, value, dot);
    } else if (is_true(value)) {
      flow = block(node.body, node.kind == Node::Kind::with ? value : dot);
    } else {
      flow = block(node.otherwise, dot);
    }
    variables_.resize(outer);
    return flow;
  }

  Flow range(const Node& node, const Value& value, const Value& dot) {
    bool any = false;
    Flow flow = Flow::normal;
    const auto turn = [&](Value key, const Value& item) {
      any = true;
      flow = range_turn(node, std::move(key), item);
      return flow != Flow::break_ && !failed();
    };
    if (const auto* labels = value.as<const Labels*>()) {
      (void)std::all_of((*labels)->begin(), (*labels)->end(), [&](const Label& label) {
        return turn(Value(label.name), Value(label.value));
      });
    } else if (const auto* list = value.as<std::shared_ptr<const List>>()) {
      for (std::size_t i = 0; i < (*list)->size(); ++i) {
        if (!turn(Value(static_cast<std::int64_t>(i)), (**list)[i])) {
          break;
        }
      }
    } else if (value.as<std::monostate>() == nullptr) {
      fail(node.place, fmt::format("range can't iterate over {}", type_name(value)));
      return Flow::normal;
    }
    return any || failed() ? Flow::normal : block(node.otherwise, dot);
  }

  Flow range_turn(const Node& node, Value key, const Value& item) {
    step(node.place);
    const std::vector<std::string>& names = node.pipeline.variables;
    const std::size_t outer = variables_.size();
    if (names.size() == 1) {
      bind(node.pipeline, names[0], item);
    } else if (names.size() == 2) {
      bind(node.pipeline, names[0], key);
      bind(node.pipeline, names[1], item);
    }
    const Flow flow = failed() ? Flow::normal : block(node.body, item);
    variables_.resize(outer);
    return flow;
  }

  void bind(const Pipeline& pipeline, const std::string& name, const Value& value) {
    if (!pipeline.assigns) {
      variables_.emplace_back(name, value);
      return;
    }
    if (Value* variable = find(name)) {
      *variable = value;
    }
  }

  Value* find(const std::string& name) {
    const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                    [&](const auto& variable) { return variable.first == name; });
    return found == variables_.rend() ? nullptr : &found->second;
  }

  Value pipeline(const Pipeline& pipeline, const Value& dot) {
    Value value;
    for (std::size_t i = 0; i < pipeline.commands.size() && !failed(); ++i) {
      value = command(pipeline.commands[i], dot, i > 0 ? &value : nullptr);
    }
    // A range binds its variables turn by turn.
    const bool in_range = pipeline.variables.size() == 2;
    if (!failed() && !in_range && !pipeline.variables.empty()) {
      bind(pipeline, pipeline.variables.front(), value);
    }
    return value;
  }

  Value command(const Command& command, const Value& dot, const Value* last) {
    const Operand& first = command.words.front();
    if (first.kind != Operand::Kind::function) {
      return operand(first, dot);
    }
    if (first.function->call == nullptr && first.function->call_in == nullptr) {
      return and_or(command, dot, last);
    }
    std::vector<Value> arguments;
    arguments.reserve(command.words.size());
    for (std::size_t i = 1; i < command.words.size() && !failed(); ++i) {
      arguments.push_back(operand(command.words[i], dot));
    }
    if (last != nullptr) {
      arguments.push_back(*last);
    }
    return failed() ? Value() : call(first, arguments);
  }

  Value call(const Operand& name, const std::vector<Value>& arguments) {
    const Function& function = *name.function;
    auto outcome = function.call_in != nullptr ? function.call_in(surroundings_, arguments)
                                               : function.call(arguments);
    if (!outcome) {
      return fail(name.place, fmt::format("error calling {}: {}", name.name, outcome.error()));
    }
    const auto* text = outcome->as<std::string>();
    if (text != nullptr && text->size() > kMaxOutputBytes) {
      return fail(name.place, fmt::format("the result of {} is too long", name.name));
    }
    return std::move(*outcome);
  }

  // Once for each expression, so that a `range` does not multiply what is held.
  Outcome query(const std::string& expression) {
    if (const auto known = queried_.find(expression); known != queried_.end()) {
      return known->second;
    }
    if (!scope_.query) {
      return tl::unexpected(std::string("there is nothing to query here"));
    }
    auto elements = scope_.query(expression, scope_.now);
    if (!elements) {
      return tl::unexpected(std::move(elements.error()));
    }
    if (elements->size() > kMaxQueryElements) {
      return tl::unexpected(fmt::format("the result has more than {} elements", kMaxQueryElements));
    }
    List list;
    list.reserve(elements->size());
    for (QueryElement& element : *elements) {
      Fields fields;
      fields.emplace("Labels", labels_.emplace_back(std::move(element.labels)));
      fields.emplace("Value", element.value);
      list.emplace_back(std::move(fields));
    }
    return queried_.emplace(expression, std::move(list)).first->second;
  }

  // The first argument that decides, or the last one; those behind it are not evaluated.
  Value and_or(const Command& command, const Value& dot, const Value* last) {
    const bool stop_at = command.words.front().name == "or";
    Value value;
    for (std::size_t i = 1; i < command.words.size() && !failed(); ++i) {
      value = operand(command.words[i], dot);
      if (is_true(value) == stop_at) {
        return value;
      }
    }
    return last != nullptr && !failed() ? *last : value;
  }

  Value operand(const Operand& operand, const Value& dot) {
    step(operand.place);
    if (failed()) {
      return {};
    }
    Value value;
    switch (operand.kind) {
      case Operand::Kind::dot:
        value = dot;
        break;
      case Operand::Kind::variable: {
        const Value* variable = find(operand.name);
        value = variable == nullptr ? Value() : *variable;
        break;
      }
      case Operand::Kind::constant:
        value = operand.constant;
        break;
      case Operand::Kind::function:
        value = command(Command{{operand}}, dot, nullptr);
        break;
      case Operand::Kind::pipeline: {
        const std::size_t outer = variables_.size();
        value = pipeline(*operand.pipeline, dot);
        variables_.resize(outer);
        break;
      }
    }
    for (const std::string& name : operand.fields) {
      if (failed()) {
        break;
      }
      value = field(operand.place, value, name);
    }
    return value;
  }

  Value field(Place place, const Value& value, const std::string& name) {
    if (const auto* labels = value.as<const Labels*>()) {
      return Value((*labels)->get(name));
    }
    if (const auto* fields = value.as<std::shared_ptr<const Fields>>()) {
      if (const auto found = (*fields)->find(name); found != (*fields)->end()) {
        return found->second;
      }
    }
    return fail(place, fmt::format("can't evaluate field {} in type {}", name, type_name(value)));
  }

  void write(Place place, std::string_view text) {
    const std::string_view fitting = cut(text, max_bytes_ - out_.size());
    out_ += fitting;
    if (fitting.size() < text.size()) {
      fail(place, "the text is too long");
    }
  }

  static constexpr std::size_t kMaxErrorBytes = 300;

  std::size_t max_bytes_;
  const Scope& scope_;
  Surroundings surroundings_;
  std::deque<Labels> labels_;             // of what was queried; values point to them
  std::map<std::string, Value> queried_;  // by expression
  std::size_t steps_ = 0;
  std::vector<std::pair<std::string, Value>> variables_;  // the innermost last; "" is the root
  std::string out_;
  std::string error_;
};

}  // namespace

Rendered evaluate(const Block& root, const Scope& scope, std::size_t max_bytes) {
  return Evaluation(scope, max_bytes).run(root);
}

}  // namespace cgsentry::templates
