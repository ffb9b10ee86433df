#include "promql/matchers.h"

#include <re2/re2.h>

namespace cgsentry::promql {

std::shared_ptr<const re2::RE2> compile_regex(const std::string& pattern) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_dot_nl(true);
  options.set_max_mem(1 << 20);
  return std::make_shared<const re2::RE2>("^(?:" + pattern + ")$", options);
}

std::string check_regex(const std::string& pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return "the pattern is too long";
  }
  const auto regex = compile_regex(pattern);
  return regex->ok() ? std::string() : regex->error();
}

std::size_t compiled_size(const std::string& pattern) {
  const int size = compile_regex(pattern)->ProgramSize();
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

CompiledMatcher::CompiledMatcher(const Matcher& matcher) : matcher_(matcher) {
  if (matcher.op == MatchOp::regex || matcher.op == MatchOp::not_regex) {
    regex_ = compile_regex(matcher.value);
  }
}

bool CompiledMatcher::matches(std::string_view value) const {
  switch (matcher_.op) {
    case MatchOp::equal:
      return value == matcher_.value;
    case MatchOp::not_equal:
      return value != matcher_.value;
    case MatchOp::regex:
      return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_);
    case MatchOp::not_regex:
      return !re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_);
  }
  return false;
}

}  // namespace cgsentry::promql
