// See parser.h.
#include "template/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "template/functions.h"
#include "template/go_text.h"
#include "template/lexer.h"

namespace cgsentry::templates {

namespace {

using Kind = Token::Kind;

/// Thrown and caught in this file only.
struct Mistaken {
  ParseError error;
};

[[noreturn]] void fail(Place place, std::string message) {
  throw Mistaken{{place.line, place.column, std::move(message)}};
}

std::string shown(const Token& token) {
  switch (token.kind) {
    case Kind::close:
      return "the end of the action";
    case Kind::end:
      return "the end of the template";
    case Kind::dot:
      return "\".\"";
    case Kind::field:
      return quote("." + token.text);
    case Kind::variable:
      return quote("$" + token.text);
    case Kind::pipe:
      return "\"|\"";
    case Kind::left_paren:
      return "\"(\"";
    case Kind::right_paren:
      return "\")\"";
    case Kind::declare:
      return "\":=\"";
    case Kind::assign:
      return "\"=\"";
    case Kind::comma:
      return "\",\"";
    default:
      return quote(token.text);
  }
}

bool is_keyword(std::string_view word) {
  constexpr std::string_view kKeywords[] = {"if",    "else",     "end",   "range",  "with",
                                            "break", "continue", "block", "define", "template"};
  return std::ranges::find(kKeywords, word) != std::end(kKeywords);
}

// Go keeps a number an int when it is written as one.
Value number_value(const Token& token) {
  const std::string_view text = token.text;
  const bool negative = text.starts_with('-');
  std::string digits(text.substr(negative || text.starts_with('+') ? 1 : 0));
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (digits.find_first_of(hex ? ".pP" : ".eE") == digits.npos) {
    std::erase(digits, '_');
    const char mark = digits.size() > 1 ? static_cast<char>(digits[1] | 0x20) : ' ';
    const bool leading_zero = digits.size() > 1 && digits[0] == '0';
    const int base = !leading_zero ? 10 : hex ? 16 : mark == 'b' ? 2 : 8;
    const bool prefixed = leading_zero && (hex || mark == 'b' || mark == 'o');
    const char* const begin = digits.data() + (prefixed ? 2 : 0);
    const char* const end = digits.data() + digits.size();
    std::uint64_t magnitude = 0;
    const auto [stop, error] = std::from_chars(begin, end, magnitude, base);
    const std::uint64_t most = std::uint64_t{INT64_MAX} + (negative ? 1 : 0);
    if (stop == end && begin != end && error == std::errc() && magnitude <= most) {
      return Value(static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude));
    }
  }
  const auto real = parse_float(text);
  const char first = digits.empty() ? ' ' : digits.front();
  if (!real || (first != '.' && (first < '0' || first > '9'))) {
    fail(token.place, fmt::format("{} is not a number", quote(text)));
  }
  return Value(*real);
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, const std::vector<std::string_view>& variables)
      : tokens_(std::move(tokens)), variables_(variables.begin(), variables.end()) {}

  Tree run() {
    Block root;
    const Token stop = block(root);
    if (stop.kind != Kind::end) {
      fail(stop.place, fmt::format("unexpected {{{{ {} }}}}", stop.text));
    }
    return {std::move(root), std::move(queries_)};
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  const Token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool take_if(Kind kind) {
    if (peek().kind != kind) {
      return false;
    }
    ++at_;
    return true;
  }
  void expect_close(std::string_view where) {
    if (!take_if(Kind::close)) {
      fail(peek().place, fmt::format("unexpected {} in {}", shown(peek()), where));
    }
  }

  // Nodes up to an `else` or `end`, whose identifier is returned, or the end of the text.
  Token block(Block& out) {
    deeper(peek().place);
    while (true) {
      const Token& token = take();
      if (token.kind == Kind::end) {
        --depth_;
        return token;
      }
      if (token.kind == Kind::text) {
        out.nodes.push_back({Node::Kind::text, token.place, token.text, {}, {}, {}});
        continue;
      }
      if (peek().kind == Kind::identifier && (peek().text == "end" || peek().text == "else")) {
        --depth_;
        return take();
      }
      out.nodes.push_back(action(token.place));
    }
  }

  Node action(Place place) {
    const Token word = peek();
    if (word.kind != Kind::identifier || !is_keyword(word.text)) {
      Node node{Node::Kind::action, place, {}, {}, {}, {}};
      node.pipeline = pipeline(Kind::close, false);
      return node;
    }
    take();
    if (word.text == "if") {
      return control(Node::Kind::condition, place);
    }
    if (word.text == "with") {
      return control(Node::Kind::with, place);
    }
    if (word.text == "range") {
      return control(Node::Kind::range, place);
    }
    if (word.text == "break" || word.text == "continue") {
      if (ranges_ == 0) {
        fail(word.place, fmt::format("{{{{ {} }}}} outside of {{{{ range }}}}", word.text));
      }
      expect_close(word.text);
      return {
          word.text == "break" ? Node::Kind::break_ : Node::Kind::continue_, place, {}, {}, {}, {}};
    }
    fail(word.place, fmt::format("{{{{ {} }}}} is not supported", word.text));
  }

  // if, with and range: the same shape.
  Node control(Node::Kind kind, Place place) {
    Node node{kind, place, {}, {}, {}, {}};
    const std::size_t outer = variables_.size();
    node.pipeline = pipeline(Kind::close, kind == Node::Kind::range);
    ranges_ += kind == Node::Kind::range ? 1 : 0;
    const std::size_t declared = variables_.size();
    Token stop = block(node.body);
    ranges_ -= kind == Node::Kind::range ? 1 : 0;
    variables_.resize(declared);
    if (stop.text == "else") {
      if (peek().kind == Kind::identifier && peek().text == "if" && kind == Node::Kind::condition) {
        // {{ else if }} nests, and its end is ours.
        take();
        deeper(stop.place);
        node.otherwise.nodes.push_back(control(Node::Kind::condition, stop.place));
        --depth_;
        variables_.resize(outer);
        return node;
      }
      expect_close("else");
      stop = block(node.otherwise);
    }
    if (stop.text != "end") {
      fail(stop.kind == Kind::end ? place : stop.place,
           stop.kind == Kind::end ? "there is no {{ end }} for this" : "expected {{ end }}");
    }
    expect_close("end");
    variables_.resize(outer);
    return node;
  }

  Pipeline pipeline(Kind stop, bool in_range) {
    Pipeline out;
    out.place = peek().place;
    std::vector<std::string> declared = declaration(out, in_range);
    while (true) {
      out.commands.push_back(command(stop));
      const Token& token = take();
      if (token.kind == stop) {
        break;
      }
      if (token.kind != Kind::pipe) {
        fail(token.place, fmt::format("unexpected {}", shown(token)));
      }
    }
    check_order(out);
    // A variable is not known in its own definition.
    variables_.insert(variables_.end(), declared.begin(), declared.end());
    return out;
  }

  // The variables on the left of := or =, when there are some.
  std::vector<std::string> declaration(Pipeline& out, bool in_range) {
    const auto kind_at = [&](std::size_t i) {
      return at_ + i < tokens_.size() ? tokens_[at_ + i].kind : Kind::end;
    };
    const bool two = in_range && kind_at(0) == Kind::variable && kind_at(1) == Kind::comma &&
                     kind_at(2) == Kind::variable;
    const std::size_t length = two ? 3 : 1;
    const Kind mark = kind_at(length);
    if (kind_at(0) != Kind::variable || (mark != Kind::declare && mark != Kind::assign)) {
      return {};
    }
    out.assigns = mark == Kind::assign;
    for (std::size_t i = 0; i < length; i += 2) {
      const Token& token = tokens_[at_ + i];
      if (out.assigns) {
        require_variable(token);
      }
      out.variables.push_back(token.text);
    }
    at_ += length + 1;
    return out.assigns ? std::vector<std::string>() : out.variables;
  }

  Command command(Kind stop) {
    Command out;
    while (peek().kind != Kind::pipe && peek().kind != stop) {
      if (!out.words.empty() && !peek().space_before) {
        fail(peek().place, fmt::format("unexpected {} in operand", shown(peek())));
      }
      out.words.push_back(operand());
    }
    if (out.words.empty()) {
      fail(peek().place, "missing value for command");
    }
    check_arguments(out);
    return out;
  }

  Operand operand() {
    const Token& token = take();
    Operand out;
    out.place = token.place;
    switch (token.kind) {
      case Kind::dot:
        break;
      case Kind::field:
        out.fields.push_back(token.text);
        break;
      case Kind::variable:
        require_variable(token);
        out.kind = Operand::Kind::variable;
        out.name = token.text;
        break;
      case Kind::identifier:
        identifier(token, out);
        break;
      case Kind::left_paren:
        deeper(token.place);
        out.kind = Operand::Kind::pipeline;
        out.pipeline = std::make_shared<const Pipeline>(pipeline(Kind::right_paren, false));
        --depth_;
        break;
      default:
        constant(token, out);
    }
    fields(out);
    return out;
  }

  static void identifier(const Token& token, Operand& out) {
    if (token.text == "true" || token.text == "false") {
      out.kind = Operand::Kind::constant;
      out.constant = Value(token.text == "true");
    } else if (token.text == "nil") {
      out.kind = Operand::Kind::constant;
    } else if (const Function* function = find_function(token.text)) {
      out.kind = Operand::Kind::function;
      out.name = token.text;
      out.function = function;
    } else {
      const std::string_view why =
          is_known_elsewhere(token.text) ? "is not supported here" : "is not defined";
      fail(token.place, fmt::format("function {} {}", quote(token.text), why));
    }
  }

  static void constant(const Token& token, Operand& out) {
    out.kind = Operand::Kind::constant;
    if (token.kind == Kind::number) {
      out.constant = number_value(token);
    } else if (token.kind == Kind::string) {
      out.constant = Value(token.text);
    } else if (token.kind == Kind::character) {
      out.constant = Value(static_cast<std::int64_t>(std::stol(token.text)));
    } else {
      fail(token.place, fmt::format("unexpected {}", shown(token)));
    }
  }

  void fields(Operand& out) {
    while (peek().kind == Kind::field && !peek().space_before) {
      if (out.kind == Operand::Kind::constant || out.kind == Operand::Kind::function) {
        fail(peek().place,
             fmt::format("unexpected {} after a {}", shown(peek()),
                         out.kind == Operand::Kind::constant ? "constant" : "function"));
      }
      out.fields.push_back(take().text);
    }
  }

  // A function among the arguments is called without any.
  static void check_arguments(const Command& command) {
    for (const Operand& word : std::span(command.words).subspan(1)) {
      if (word.kind == Operand::Kind::function && word.function->least > 0) {
        fail(word.place, fmt::format("wrong number of arguments for {}: 0", word.name));
      }
    }
    const Operand& first = command.words.front();
    const bool is_nil =
        first.kind == Operand::Kind::constant && first.constant.as<std::monostate>() != nullptr;
    if (is_nil) {
      fail(first.place, "nil is not a command");
    }
    if (first.kind != Operand::Kind::function && command.words.size() > 1) {
      fail(command.words[1].place, "can't give an argument to what is not a function");
    }
  }

  // Behind | only functions can take the value; their number of arguments can be told now.
  void check_order(const Pipeline& pipeline) {
    for (std::size_t i = 0; i < pipeline.commands.size(); ++i) {
      const std::vector<Operand>& words = pipeline.commands[i].words;
      const Operand& first = words.front();
      if (first.kind != Operand::Kind::function) {
        if (i > 0) {
          fail(first.place, "non-function value behind \"|\"");
        }
        continue;
      }
      const std::size_t given = words.size() - 1 + (i > 0 ? 1 : 0);
      if (given < first.function->least || given > first.function->most) {
        fail(first.place, fmt::format("wrong number of arguments for {}: {}", first.name, given));
      }
      if (first.name == kQuery) {
        note_query(words.size() > 1 ? words[1] : pipeline.commands[i - 1].words.front(),
                   words.size() > 1 || (i == 1 && pipeline.commands[0].words.size() == 1));
      }
    }
  }

  // What is queried is compiled before the first sample, so it must stand in the template.
  void note_query(const Operand& argument, bool alone) {
    const auto* text = argument.constant.as<std::string>();
    if (!alone || argument.kind != Operand::Kind::constant || text == nullptr) {
      fail(argument.place, "query needs a constant text here");
    }
    if (queries_.size() >= kMaxQueries) {
      fail(argument.place, fmt::format("a template has at most {} queries", kMaxQueries));
    }
    queries_.push_back({argument.place.line, argument.place.column, *text});
  }

  void require_variable(const Token& token) const {
    if (!token.text.empty() && std::ranges::find(variables_, token.text) == variables_.end()) {
      fail(token.place, fmt::format("undefined variable {}", quote("$" + token.text)));
    }
  }

  void deeper(Place place) {
    if (++depth_ > kMaxTemplateDepth) {
      fail(place, "the template is nested too deeply");
    }
  }

  std::vector<Token> tokens_;
  std::vector<std::string> variables_;  // in scope
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t ranges_ = 0;
  std::vector<QueryText> queries_;
};

}  // namespace

tl::expected<std::shared_ptr<const Tree>, ParseError> parse_tree(
    std::string_view text, const std::vector<std::string_view>& variables) {
  if (text.size() > kMaxTemplateBytes) {
    return tl::unexpected(ParseError{1, 1, "the template is too long"});
  }
  auto tokens = tokenize(text);
  if (!tokens) {
    return tl::unexpected(tokens.error());
  }
  try {
    return std::make_shared<const Tree>(Parser(std::move(*tokens), variables).run());
  } catch (const Mistaken& mistaken) {
    return tl::unexpected(mistaken.error);
  }
}

}  // namespace cgsentry::templates
