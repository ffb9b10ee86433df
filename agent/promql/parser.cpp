// The grammar, by recursive descent. Binary operators climb by precedence, as in Prometheus:
//   or < and unless < comparisons < + - < * / % atan2 < unary < ^ (right) < offset @ [range]
// Mistakes are thrown as ParseError inside this file and leave it as values.
#include "promql/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "model/labels.h"
#include "promql/functions.h"
#include "promql/lexer.h"
#include "promql/typecheck.h"

namespace cgsentry::promql {

namespace {

constexpr int kUnaryPrecedence = 5;

int precedence(BinaryOp op) {
  switch (op) {
    case BinaryOp::or_:
      return 1;
    case BinaryOp::and_:
    case BinaryOp::unless:
      return 2;
    case BinaryOp::add:
    case BinaryOp::subtract:
      return 4;
    case BinaryOp::multiply:
    case BinaryOp::divide:
    case BinaryOp::modulo:
    case BinaryOp::atan2:
      return kUnaryPrecedence;
    case BinaryOp::power:
      return 6;
    default:
      return 3;
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; ++at) {
      line_ends_.push_back(at);
    }
  }

  ExprPtr run() {
    if (is(TokenKind::end)) {
      fail(token(), "no expression found in input");
    }
    ExprPtr root = parse_binary(0);
    if (!is(TokenKind::end)) {
      unexpected("", "");
    }
    return root;
  }

  VectorSelector series() {
    VectorSelector selector = parse_selector();
    if (!is(TokenKind::end)) {
      unexpected("", "");
    }
    return selector;
  }

 private:
  using Node = Expr::Node;

  [[nodiscard]] const Token& token(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool is(TokenKind kind, std::size_t ahead = 0) const {
    return token(ahead).kind == kind;
  }
  [[nodiscard]] bool is(BinaryOp op) const {
    return is(TokenKind::operator_) && token().binary == op;
  }
  const Token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool accept(TokenKind kind) {
    if (!is(kind)) {
      return false;
    }
    take();
    return true;
  }
  void expect(TokenKind kind, std::string_view context, std::string_view expected) {
    if (!accept(kind)) {
      unexpected(context, expected);
    }
  }

  /// As position_at(), without walking the text for each node.
  [[nodiscard]] Position position(const Token& at) const {
    const auto line_end = std::ranges::lower_bound(line_ends_, at.offset);
    const std::size_t line_start = line_end == line_ends_.begin() ? 0 : *std::prev(line_end) + 1;
    return {static_cast<std::uint32_t>(line_end - line_ends_.begin()) + 1,
            static_cast<std::uint32_t>(at.offset - line_start) + 1};
  }

  [[noreturn]] void fail(const Token& at, const std::string& message) const {
    fail(position(at), message);
  }
  [[noreturn]] static void fail(Position position, const std::string& message) {
    throw ParseError{position.line, position.column, message};
  }
  [[noreturn]] void unexpected(std::string_view context, std::string_view expected) const {
    std::string message = "unexpected ";
    message += is(TokenKind::end) ? "end of input" : fmt::format("\"{}\"", token().text);
    if (!context.empty()) {
      message += fmt::format(" in {}", context);
    }
    if (!expected.empty()) {
      message += fmt::format(", expected {}", expected);
    }
    fail(token(), message);
  }

  /// One level of recursion; refuses what is nested too deep.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.level_ > kMaxExpressionDepth) {
        parser_.fail(parser_.token(), "the expression is nested too deep");
      }
    }
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  ExprPtr make(Node node, ValueType type, const Token& at,
               std::initializer_list<const ExprPtr*> children = {}) const {
    std::uint32_t depth = 0;
    for (const ExprPtr* child : children) {
      depth = std::max(depth, *child ? (*child)->depth : 0U);
    }
    if (const Call* call = std::get_if<Call>(&node)) {
      for (const ExprPtr& arg : call->args) {
        depth = std::max(depth, arg->depth);
      }
    }
    if (depth >= kMaxExpressionDepth) {
      fail(at, "the expression is nested too deep");
    }
    return std::make_shared<const Expr>(Expr{std::move(node), type, position(at), depth + 1});
  }

  void refuse(const std::optional<TypeMistake>& mistake, const Token& at) const {
    if (mistake) {
      fail(mistake->at != nullptr ? mistake->at->position : position(at), mistake->message);
    }
  }

  ExprPtr parse_binary(int lowest) {
    const Level level(*this);
    ExprPtr lhs = parse_unary();
    while (is(TokenKind::operator_) && precedence(token().binary) >= lowest) {
      const Token& op = take();
      Binary binary;
      binary.op = op.binary;
      parse_matching(binary);
      const int own = precedence(op.binary);
      binary.lhs = std::move(lhs);
      binary.rhs = parse_binary(op.binary == BinaryOp::power ? own : own + 1);
      refuse(check_binary(binary), op);
      const bool scalar =
          binary.lhs->type == ValueType::scalar && binary.rhs->type == ValueType::scalar;
      const ExprPtr left = binary.lhs;
      const ExprPtr right = binary.rhs;
      lhs = make(std::move(binary), scalar ? ValueType::scalar : ValueType::vector, op,
                 {&left, &right});
    }
    return lhs;
  }

  /// What may stand between an operator and its right side.
  void parse_matching(Binary& binary) {
    Matching& matching = binary.matching;
    if (is_set_op(binary.op)) {
      matching.cardinality = Cardinality::many_to_many;
    }
    binary.return_bool = accept(TokenKind::bool_);
    if (!is(TokenKind::on) && !is(TokenKind::ignoring)) {
      return;
    }
    matching.on = take().kind == TokenKind::on;
    matching.labels = parse_label_list();
    if (is(TokenKind::group_left) || is(TokenKind::group_right)) {
      matching.cardinality = take().kind == TokenKind::group_left ? Cardinality::many_to_one
                                                                  : Cardinality::one_to_many;
      if (is(TokenKind::left_paren)) {
        matching.include = parse_label_list();
      }
    }
  }

  std::vector<std::string> parse_label_list() {
    constexpr std::string_view kContext = "grouping opts";
    std::vector<std::string> labels;
    expect(TokenKind::left_paren, kContext, "\"(\"");
    while (!is(TokenKind::right_paren)) {
      const Token& label = token();
      if (label.kind == TokenKind::string) {
        labels.push_back(text_of(take()));
      } else if (is_label_name(label.text)) {
        labels.emplace_back(take().text);
      } else {
        unexpected(kContext, "label");
      }
      if (!accept(TokenKind::comma) && !is(TokenKind::right_paren)) {
        unexpected(kContext, "\",\" or \")\"");
      }
    }
    take();
    return labels;
  }

  ExprPtr parse_unary() {
    if (!is(BinaryOp::add) && !is(BinaryOp::subtract)) {
      return parse_postfix();
    }
    const Level level(*this);
    const Token& op = take();
    const bool negate = op.binary == BinaryOp::subtract;
    ExprPtr operand = parse_power_of_unary();
    if (operand->type != ValueType::scalar && operand->type != ValueType::vector) {
      fail(operand->position,
           fmt::format("unary expression only allowed on expressions of type scalar or instant "
                       "vector, got \"{}\"",
                       type_name(operand->type)));
    }
    if (const auto* number = std::get_if<NumberLiteral>(&operand->node)) {
      return make(NumberLiteral{negate ? -number->value : number->value}, ValueType::scalar, op);
    }
    const ValueType type = operand->type;
    const ExprPtr child = operand;
    return make(Unary{negate, std::move(operand)}, type, op, {&child});
  }

  /// The operand of a sign: only ^ binds tighter.
  ExprPtr parse_power_of_unary() { return parse_binary(kUnaryPrecedence + 1); }

  ExprPtr parse_postfix() {
    ExprPtr expr = parse_primary();
    while (true) {
      if (is(TokenKind::left_bracket)) {
        expr = parse_range(expr);
      } else if (is(TokenKind::offset)) {
        expr = parse_offset(expr);
      } else if (is(TokenKind::at)) {
        expr = parse_at(expr);
      } else {
        return expr;
      }
    }
  }

  Duration parse_positive_duration(std::string_view context) {
    const Token& at = token();
    if (!is(TokenKind::duration) && !is(TokenKind::number)) {
      unexpected(context, "number or duration");
    }
    const Duration value = duration_of(take());
    if (value <= Duration::zero()) {
      fail(at, "duration must be greater than 0");
    }
    return value;
  }

  [[nodiscard]] Duration duration_of(const Token& at) const {
    constexpr double kMostSeconds = 9.2e9;
    if (at.kind == TokenKind::duration) {
      return parse_duration(at.text).value_or(Duration{});
    }
    const auto seconds = parse_number(at.text);
    if (!seconds || !(std::abs(*seconds) < kMostSeconds)) {
      fail(at, "duration out of range");
    }
    return Duration(static_cast<std::int64_t>(std::llround(*seconds * 1e9)));
  }

  ExprPtr parse_range(const ExprPtr& expr) {
    const Token& bracket = take();
    const Duration range = parse_positive_duration("subquery or range selector");
    const ExprPtr child = expr;
    if (accept(TokenKind::colon)) {
      Subquery subquery{expr, range, std::nullopt, Duration{}, AtModifier{}};
      if (!is(TokenKind::right_bracket)) {
        subquery.step = parse_positive_duration("subquery selector");
      }
      expect(TokenKind::right_bracket, "subquery selector", "\"]\"");
      if (expr->type != ValueType::vector) {
        fail(bracket, fmt::format("subquery is only allowed on instant vector, got {} instead",
                                  type_name(expr->type)));
      }
      return placed(make(std::move(subquery), ValueType::matrix, bracket, {&child}), *expr);
    }
    expect(TokenKind::right_bracket, "range selector", "\":\" or \"]\"");
    const auto* selector = std::get_if<VectorSelector>(&expr->node);
    if (selector == nullptr) {
      fail(bracket, "ranges only allowed for vector selectors");
    }
    if (selector->offset != Duration::zero()) {
      fail(bracket, "no offset modifiers allowed before range");
    }
    if (selector->at.kind != AtModifier::Kind::none) {
      fail(bracket, "no @ modifiers allowed before range");
    }
    return placed(make(MatrixSelector{*selector, range}, ValueType::matrix, bracket), *expr);
  }

  /// A postfix form stands where its operand begins.
  static ExprPtr placed(const ExprPtr& made, const Expr& operand) {
    Expr copy = *made;
    copy.position = operand.position;
    return std::make_shared<const Expr>(std::move(copy));
  }

  /// A copy of a selector or subquery on which `change(offset, at)` was called.
  template <typename Change>
  ExprPtr modified(const ExprPtr& expr, const Token& at, std::string_view what, Change change) {
    Expr copy = *expr;
    if (auto* vector = std::get_if<VectorSelector>(&copy.node)) {
      change(vector->offset, vector->at);
    } else if (auto* matrix = std::get_if<MatrixSelector>(&copy.node)) {
      change(matrix->selector.offset, matrix->selector.at);
    } else if (auto* subquery = std::get_if<Subquery>(&copy.node)) {
      change(subquery->offset, subquery->at);
    } else {
      fail(at, fmt::format("{} modifier must be preceded by an instant vector selector or range "
                           "vector selector or a subquery",
                           what));
    }
    return std::make_shared<const Expr>(std::move(copy));
  }

  ExprPtr parse_offset(const ExprPtr& expr) {
    const Token& keyword = take();
    bool negative = false;
    if (is(BinaryOp::add) || is(BinaryOp::subtract)) {
      negative = take().binary == BinaryOp::subtract;
    }
    if (!is(TokenKind::duration) && !is(TokenKind::number)) {
      unexpected("offset", "number or duration");
    }
    const Duration value = duration_of(take());
    return modified(expr, keyword, "offset", [&](Duration& offset, AtModifier&) {
      if (offset != Duration::zero()) {
        fail(keyword, "offset may not be set multiple times");
      }
      offset = negative ? -value : value;
    });
  }

  AtModifier parse_at_value() {
    AtModifier at;
    if (is(TokenKind::start) || is(TokenKind::end_keyword)) {
      at.kind = take().kind == TokenKind::start ? AtModifier::Kind::start : AtModifier::Kind::end;
      expect(TokenKind::left_paren, "@", "\"(\"");
      expect(TokenKind::right_paren, "@", "\")\"");
      return at;
    }
    bool negative = false;
    if (is(BinaryOp::add) || is(BinaryOp::subtract)) {
      negative = take().binary == BinaryOp::subtract;
    }
    if (!is(TokenKind::number) && !is(TokenKind::duration)) {
      unexpected("@", "timestamp");
    }
    const Duration value = duration_of(take());
    at.kind = AtModifier::Kind::timestamp;
    at.since_epoch = negative ? -value : value;
    return at;
  }

  ExprPtr parse_at(const ExprPtr& expr) {
    const Token& sign = take();
    const AtModifier value = parse_at_value();
    return modified(expr, sign, "@", [&](Duration&, AtModifier& at) {
      if (at.kind != AtModifier::Kind::none) {
        fail(sign, "@ <timestamp> may not be set multiple times");
      }
      at = value;
    });
  }

  ExprPtr parse_primary() {
    const Token& first = token();
    switch (first.kind) {
      case TokenKind::left_paren:
        return parse_paren();
      case TokenKind::number:
      case TokenKind::duration:
        return parse_number_literal();
      case TokenKind::string:
        take();
        return make(StringLiteral{text_of(first)}, ValueType::string, first);
      case TokenKind::aggregator:
        if (is(TokenKind::left_paren, 1) || is(TokenKind::by, 1) || is(TokenKind::without, 1)) {
          return parse_aggregate();
        }
        return parse_selector_expr();
      case TokenKind::identifier:
        return is(TokenKind::left_paren, 1) ? parse_call() : parse_selector_expr();
      case TokenKind::left_brace:
      case TokenKind::metric_identifier:
        return parse_selector_expr();
      default:
        if (names_metric(first)) {
          return parse_selector_expr();
        }
        unexpected("", "");
    }
  }

  /// Keywords that are metric names where an operand is expected.
  static bool names_metric(const Token& token) {
    switch (token.kind) {
      case TokenKind::offset:
      case TokenKind::by:
      case TokenKind::without:
      case TokenKind::start:
      case TokenKind::end_keyword:
        return true;
      case TokenKind::operator_:
        return is_set_op(token.binary);
      default:
        return false;
    }
  }

  ExprPtr parse_paren() {
    const Level level(*this);
    const Token& open = take();
    ExprPtr inner = parse_binary(0);
    expect(TokenKind::right_paren, "", "\")\"");
    const ValueType type = inner->type;
    const ExprPtr child = inner;
    return make(Paren{std::move(inner)}, type, open, {&child});
  }

  ExprPtr parse_number_literal() {
    const Token& at = take();
    if (at.kind == TokenKind::duration) {
      return make(NumberLiteral{to_seconds(duration_of(at))}, ValueType::scalar, at);
    }
    const auto value = parse_number(at.text);
    if (!value) {
      fail(at, fmt::format("error parsing number: \"{}\"", at.text));
    }
    return make(NumberLiteral{*value}, ValueType::scalar, at);
  }

  std::vector<ExprPtr> parse_arguments() {
    std::vector<ExprPtr> args;
    expect(TokenKind::left_paren, "", "\"(\"");
    while (!is(TokenKind::right_paren)) {
      args.push_back(parse_binary(0));
      const Token& comma = token();
      if (accept(TokenKind::comma)) {
        if (is(TokenKind::right_paren)) {
          fail(comma, "trailing commas not allowed in function call args");
        }
      } else if (!is(TokenKind::right_paren)) {
        unexpected("", "\",\" or \")\"");
      }
    }
    take();
    return args;
  }

  ExprPtr parse_call() {
    const Token& name = take();
    const Function* function = find_function(name.text);
    if (function == nullptr) {
      const std::string_view near = nearest_function(name.text);
      std::string message = fmt::format("unknown function with name \"{}\"", name.text);
      fail(name, near.empty() ? message : fmt::format("{}, did you mean \"{}\"?", message, near));
    }
    if (function->experimental) {
      fail(name, fmt::format("function \"{}\" is experimental in Prometheus and not supported here",
                             name.text));
    }
    Call call{function, parse_arguments()};
    refuse(check_call(call), name);
    return make(std::move(call), function->returns, name);
  }

  void parse_grouping(Aggregate& aggregate) {
    aggregate.without = take().kind == TokenKind::without;
    aggregate.grouping = parse_label_list();
  }

  ExprPtr parse_aggregate() {
    const Token& name = take();
    Aggregate aggregate;
    aggregate.op = name.aggregate;
    const auto at_grouping = [this] { return is(TokenKind::by) || is(TokenKind::without); };
    const bool grouping_first = at_grouping();
    if (grouping_first) {
      parse_grouping(aggregate);
    }
    std::vector<ExprPtr> args = parse_arguments();
    if (!grouping_first && at_grouping()) {
      parse_grouping(aggregate);
    }
    if (aggregate.op == AggregateOp::limit_ratio) {
      fail(name, fmt::format("{}() is experimental in Prometheus and not supported here",
                             symbol(aggregate.op)));
    }
    const bool has_param = aggregate.op >= AggregateOp::topk;
    const std::size_t wanted = has_param ? 2 : 1;
    if (args.empty()) {
      fail(name, "no arguments for aggregate expression provided");
    }
    if (args.size() != wanted) {
      fail(name, fmt::format("wrong number of arguments for aggregate expression provided, "
                             "expected {}, got {}",
                             wanted, args.size()));
    }
    aggregate.expr = std::move(args.back());
    if (has_param) {
      aggregate.param = std::move(args.front());
    }
    refuse(check_aggregate(aggregate), name);
    const ExprPtr child = aggregate.expr;
    const ExprPtr param = aggregate.param;
    return make(std::move(aggregate), ValueType::vector, name, {&child, &param});
  }

  ExprPtr parse_selector_expr() {
    const Token& first = token();
    VectorSelector selector = parse_selector();
    for (const Matcher& matcher : selector.matchers) {
      patterns_ += matcher.op == MatchOp::regex || matcher.op == MatchOp::not_regex ? 1 : 0;
    }
    if (patterns_ > kMaxExpressionPatterns) {
      fail(first, fmt::format("more than {} patterns in one expression", kMaxExpressionPatterns));
    }
    refuse(check_selector(selector), first);
    return make(std::move(selector), ValueType::vector, first);
  }

  VectorSelector parse_selector() {
    VectorSelector selector;
    if (!is(TokenKind::left_brace)) {
      if (is(TokenKind::end)) {
        unexpected("", "metric name");
      }
      selector.name = take().text;
    }
    if (is(TokenKind::left_brace)) {
      parse_matchers(selector);
    }
    if (!selector.name.empty()) {
      selector.matchers.push_back(Matcher{std::string(kMetricName), MatchOp::equal, selector.name});
    }
    return selector;
  }

  void parse_matchers(VectorSelector& selector) {
    constexpr std::string_view kContext = "label matching";
    take();
    while (!is(TokenKind::right_brace)) {
      const Token& name = token();
      if (!is(TokenKind::identifier) && !is(TokenKind::string)) {
        unexpected(kContext, "identifier or \"}\"");
      }
      take();
      if (name.kind == TokenKind::string && (is(TokenKind::comma) || is(TokenKind::right_brace))) {
        set_quoted_name(selector, name);
      } else {
        parse_matcher(selector, name);
      }
      if (!accept(TokenKind::comma) && !is(TokenKind::right_brace)) {
        unexpected(kContext, "\",\" or \"}\"");
      }
    }
    take();
  }

  void set_quoted_name(VectorSelector& selector, const Token& name) {
    const std::string value = text_of(name);
    if (!selector.name.empty()) {
      fail(name, fmt::format("metric name must not be set twice: \"{}\" or \"{}\"", selector.name,
                             value));
    }
    selector.name = value;
  }

  void parse_matcher(VectorSelector& selector, const Token& name) {
    constexpr std::string_view kContext = "label matching";
    Matcher matcher;
    matcher.label = name.kind == TokenKind::string ? text_of(name) : std::string(name.text);
    if (accept(TokenKind::assign)) {
      matcher.op = MatchOp::equal;
    } else if (accept(TokenKind::regex_match)) {
      matcher.op = MatchOp::regex;
    } else if (accept(TokenKind::regex_no_match)) {
      matcher.op = MatchOp::not_regex;
    } else if (is(BinaryOp::not_equal)) {
      take();
      matcher.op = MatchOp::not_equal;
    } else {
      unexpected(kContext, "label matching operator");
    }
    if (!is(TokenKind::string)) {
      unexpected(kContext, "string");
    }
    matcher.value = text_of(take());
    if (matcher.label == kMetricName && !selector.name.empty()) {
      fail(name, fmt::format("metric name must not be set twice: \"{}\" or \"{}\"", selector.name,
                             matcher.value));
    }
    selector.matchers.push_back(std::move(matcher));
  }

  static std::string text_of(const Token& token) {
    std::string out;
    // The lexer has checked the escapes.
    static_cast<void>(unquote(token.text, out));
    return out;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> line_ends_;
  std::size_t at_ = 0;
  std::size_t level_ = 0;
  std::size_t patterns_ = 0;  // of =~ and !~
};

tl::expected<std::vector<Token>, ParseError> bounded_lex(std::string_view text) {
  if (text.size() > kMaxExpressionBytes) {
    return tl::unexpected(ParseError{1, 1, "the expression is too long"});
  }
  return lex(text);
}

}  // namespace

tl::expected<Expression, ParseError> parse(std::string_view text) {
  auto tokens = bounded_lex(text);
  if (!tokens) {
    return tl::unexpected(tokens.error());
  }
  try {
    return Expression(std::string(text), Parser(text, std::move(*tokens)).run());
  } catch (const ParseError& error) {
    return tl::unexpected(error);
  }
}

tl::expected<std::vector<Matcher>, ParseError> parse_series(std::string_view text) {
  auto tokens = bounded_lex(text);
  if (!tokens) {
    return tl::unexpected(tokens.error());
  }
  try {
    VectorSelector selector = Parser(text, std::move(*tokens)).series();
    for (const Matcher& matcher : selector.matchers) {
      if (matcher.op != MatchOp::equal) {
        return tl::unexpected(ParseError{1, 1, "a series is written with = only"});
      }
    }
    return std::move(selector.matchers);
  } catch (const ParseError& error) {
    return tl::unexpected(error);
  }
}

}  // namespace cgsentry::promql
