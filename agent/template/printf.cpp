// See printf.h.
#include "template/printf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "template/go_text.h"

namespace cgsentry::templates {

namespace {

constexpr int kMaxWidth = 1000;

/// One directive: what stands between % and its verb.
struct Directive {
  bool plus = false;
  bool minus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  std::optional<int> width;
  std::optional<int> precision;
};

std::string pad(std::string text, const Directive& directive) {
  const std::size_t width = static_cast<std::size_t>(directive.width.value_or(0));
  const std::size_t runes = count_runes(text);
  if (runes >= width) {
    return text;
  }
  const std::size_t missing = width - runes;
  if (directive.minus) {
    return text + std::string(missing, ' ');
  }
  const bool zero = directive.zero;
  // Zeros stand between the sign and the digits.
  const std::size_t sign =
      zero && !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ') ? 1 : 0;
  return text.substr(0, sign) + std::string(missing, zero ? '0' : ' ') + text.substr(sign);
}

std::string digits_of(std::uint64_t magnitude, char verb) {
  switch (verb) {
    case 'b':
      return fmt::format("{:b}", magnitude);
    case 'o':
    case 'O':
      return fmt::format("{:o}", magnitude);
    case 'x':
      return fmt::format("{:x}", magnitude);
    case 'X':
      return fmt::format("{:X}", magnitude);
    default:
      return fmt::format("{}", magnitude);
  }
}

std::string_view base_prefix(char verb, bool sharp) {
  switch (verb) {
    case 'O':
      return "0o";
    case 'b':
      return sharp ? "0b" : "";
    case 'o':
      return sharp ? "0" : "";
    case 'x':
      return sharp ? "0x" : "";
    case 'X':
      return sharp ? "0X" : "";
    default:
      return "";
  }
}

std::string integer(std::int64_t number, char verb, Directive directive) {
  const bool negative = number < 0;
  const auto bits = static_cast<std::uint64_t>(number);
  std::string text = digits_of(negative ? 0 - bits : bits, verb);
  std::size_t wanted = 0;
  if (directive.precision) {
    wanted = static_cast<std::size_t>(*directive.precision);
    directive.zero = false;
    if (wanted == 0 && number == 0) {
      text.clear();
    }
  }
  if (text.size() < wanted) {
    text.insert(0, wanted - text.size(), '0');
  }
  text.insert(0, base_prefix(verb, directive.sharp));
  text.insert(0, negative ? "-" : directive.plus ? "+" : directive.space ? " " : "");
  return pad(std::move(text), directive);
}

std::string rune_text(std::int64_t number) {
  std::string text;
  const bool valid = number >= 0 && number <= 0x10FFFF && !(number >= 0xD800 && number <= 0xDFFF);
  append_rune(text, valid ? static_cast<std::uint32_t>(number) : 0xFFFD);
  return text;
}

std::optional<std::string> format_integer(std::int64_t number, char verb,
                                          const Directive& directive) {
  switch (verb) {
    case 'v':
      return integer(number, 'd', directive);
    case 'd':
    case 'b':
    case 'o':
    case 'O':
    case 'x':
    case 'X':
      return integer(number, verb, directive);
    case 'c':
      return pad(rune_text(number), directive);
    case 'q': {
      const std::string quoted = quote(rune_text(number));
      return pad("'" + quoted.substr(1, quoted.size() - 2) + "'", directive);
    }
    case 'U':
      return pad(fmt::format("U+{:04X}", static_cast<std::uint64_t>(number)), directive);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> format_double(double number, char verb, Directive directive) {
  if (std::string_view("vgGeEfFxX").find(verb) == std::string_view::npos) {
    return std::nullopt;
  }
  const bool fixed = std::string_view("eEfF").find(verb) != std::string_view::npos;
  const int precision = directive.precision.value_or(fixed ? 6 : -1);
  std::string text = format_float(number, verb == 'v' ? 'g' : verb, precision);
  if (text == "+Inf" && !directive.plus) {
    // Go shows the sign of +Inf always; a space flag takes its place.
    text = directive.space ? " Inf" : "+Inf";
  } else if (text[0] != '-' && text[0] != '+') {
    text.insert(0, directive.plus ? "+" : directive.space ? " " : "");
  }
  if (!std::isfinite(number)) {
    directive.zero = false;
  }
  return pad(std::move(text), directive);
}

std::string hex_bytes(std::string_view text, const Directive& directive, char verb) {
  std::string out;
  const auto count = static_cast<std::size_t>(
      directive.precision.value_or(static_cast<int>(std::min<std::size_t>(text.size(), 1 << 20))));
  for (const char c : text.substr(0, count)) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += verb == 'x' ? fmt::format("{:02x}", byte) : fmt::format("{:02X}", byte);
  }
  return out;
}

std::string first_runes(std::string_view text, const Directive& directive) {
  if (!directive.precision) {
    return std::string(text);
  }
  std::size_t end = 0;
  for (int left = *directive.precision; left > 0 && end < text.size(); --left) {
    end += front_rune(text.substr(end)).bytes;
  }
  return std::string(text.substr(0, end));
}

std::optional<std::string> format_string(std::string_view text, char verb,
                                         const Directive& directive) {
  switch (verb) {
    case 'v':
    case 's':
      return pad(first_runes(text, directive), directive);
    case 'q':
      return pad(quote(first_runes(text, directive)), directive);
    case 'x':
    case 'X':
      return pad(hex_bytes(text, directive, verb), directive);
    default:
      return std::nullopt;
  }
}

/// %!d(string=x): the verb does not fit the value.
std::string bad_verb(char verb, const Value& value, std::size_t max_bytes) {
  if (value.as<std::monostate>() != nullptr) {
    return fmt::format("%!{}(<nil>)", verb);
  }
  return fmt::format("%!{}({}={})", verb, type_name(value), to_text(value, max_bytes));
}

std::string format_value(const Value& value, char verb, const Directive& directive,
                         std::size_t max_bytes) {
  std::optional<std::string> text;
  if (verb == 'T') {
    const bool nil = value.as<std::monostate>() != nullptr;
    return pad(nil ? "<nil>" : std::string(type_name(value)), directive);
  }
  if (const auto* number = value.as<std::int64_t>()) {
    text = format_integer(*number, verb, directive);
  } else if (const auto* real = value.as<double>()) {
    text = format_double(*real, verb, directive);
  } else if (const auto* string = value.as<std::string>()) {
    text = format_string(*string, verb, directive);
  } else if (const auto* truth = value.as<bool>()) {
    if (verb == 'v' || verb == 't') {
      text = pad(*truth ? "true" : "false", directive);
    }
  } else if (value.as<std::monostate>() != nullptr) {
    if (verb == 'v') {
      text = pad("<nil>", directive);
    }
  } else if (verb == 'v' || verb == 's') {
    text = to_text(value, max_bytes);
  }
  return text ? *text : bad_verb(verb, value, max_bytes);
}

class Printer {
 public:
  Printer(std::string_view format, std::span<const Value> arguments, std::size_t max_bytes)
      : format_(format), arguments_(arguments), max_bytes_(max_bytes) {}

  std::string run() {
    while (at_ < format_.size() && out_.size() <= max_bytes_) {
      const std::size_t mark = std::min(format_.find('%', at_), format_.size());
      out_ += format_.substr(at_, mark - at_);
      at_ = mark + 1;
      if (mark < format_.size()) {
        directive();
      }
    }
    if (!reordered_ && next_ < arguments_.size() && out_.size() <= max_bytes_) {
      extra();
    }
    return std::move(out_);
  }

 private:
  void directive() {
    directive_ = {};
    bad_index_ = false;
    flags();
    index();
    directive_.width = number("%!(BADWIDTH)");
    if (directive_.width && *directive_.width < 0) {
      directive_.minus = true;
      directive_.width = -*directive_.width;
    }
    if (at_ < format_.size() && format_[at_] == '.') {
      ++at_;
      index();
      directive_.precision = number("%!(BADPREC)").value_or(0);
      if (*directive_.precision < 0) {
        directive_.precision.reset();
        out_ += "%!(BADPREC)";
      }
    }
    index();
    verb();
  }

  void flags() {
    for (; at_ < format_.size(); ++at_) {
      switch (format_[at_]) {
        case '+':
          directive_.plus = true;
          break;
        case '-':
          directive_.minus = true;
          break;
        case '#':
          directive_.sharp = true;
          break;
        case ' ':
          directive_.space = true;
          break;
        case '0':
          directive_.zero = true;
          break;
        default:
          return;
      }
    }
  }

  // [n]: the argument that comes next, from 1.
  void index() {
    if (at_ >= format_.size() || format_[at_] != '[') {
      return;
    }
    reordered_ = true;
    const std::size_t close = format_.find(']', at_);
    const std::string_view digits = format_.substr(at_ + 1, close - at_ - 1);
    at_ = close == format_.npos ? at_ + 1 : close + 1;
    std::size_t index = 0;
    const bool valid = close != format_.npos && !digits.empty() && digits.size() < 6 &&
                       std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    for (const char c : valid ? digits : std::string_view()) {
      index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    if (index < 1 || index > arguments_.size()) {
      bad_index_ = true;
      return;
    }
    next_ = index - 1;
  }

  // A width or a precision: digits, or * for an argument.
  std::optional<int> number(std::string_view complaint) {
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const auto* value =
          next_ < arguments_.size() ? arguments_[next_].as<std::int64_t>() : nullptr;
      ++next_;
      if (value == nullptr || std::abs(static_cast<double>(*value)) > kMaxWidth) {
        out_ += complaint;
        return std::nullopt;
      }
      return static_cast<int>(*value);
    }
    std::optional<int> value;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      value = std::min(value.value_or(0) * 10 + (format_[at_] - '0'), kMaxWidth + 1);
    }
    if (value && *value > kMaxWidth) {
      out_ += complaint;
      return std::nullopt;
    }
    return value;
  }

  void verb() {
    if (at_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const Rune rune = front_rune(format_.substr(at_));
    const std::string_view name = format_.substr(at_, rune.bytes);
    at_ += rune.bytes;
    if (name == "%") {
      out_ += '%';
    } else if (bad_index_) {
      out_ += fmt::format("%!{}(BADINDEX)", name);
    } else if (next_ >= arguments_.size()) {
      out_ += fmt::format("%!{}(MISSING)", name);
    } else {
      const Value& value = arguments_[next_++];
      out_ += format_value(value, name.size() == 1 ? name[0] : '?', directive_, max_bytes_);
    }
  }

  void extra() {
    out_ += "%!(EXTRA ";
    std::string_view separator;
    for (; next_ < arguments_.size() && out_.size() <= max_bytes_; ++next_) {
      const Value& value = arguments_[next_];
      const bool nil = value.as<std::monostate>() != nullptr;
      out_ += separator;
      out_ += nil ? "<nil>" : fmt::format("{}={}", type_name(value), to_text(value, max_bytes_));
      separator = ", ";
    }
    out_ += ')';
  }

  std::string_view format_;
  std::span<const Value> arguments_;
  std::size_t max_bytes_;
  std::size_t at_ = 0;    // in the format
  std::size_t next_ = 0;  // argument
  bool reordered_ = false;
  bool bad_index_ = false;
  Directive directive_;
  std::string out_;
};

std::string operand(const Value& value, std::size_t max_bytes) {
  const bool nil = value.as<std::monostate>() != nullptr;
  return nil ? "<nil>" : to_text(value, max_bytes);
}

}  // namespace

std::string go_printf(std::string_view format, std::span<const Value> arguments,
                      std::size_t max_bytes) {
  return Printer(format, arguments, max_bytes).run();
}

std::string go_print(std::span<const Value> arguments, std::size_t max_bytes) {
  std::string out;
  bool string_before = true;
  for (const Value& value : arguments) {
    const bool is_string = value.as<std::string>() != nullptr;
    if (!string_before && !is_string) {
      out += ' ';
    }
    string_before = is_string;
    out += operand(value, max_bytes);
    if (out.size() > max_bytes) {
      break;
    }
  }
  return out;
}

std::string go_println(std::span<const Value> arguments, std::size_t max_bytes) {
  std::string out;
  std::string_view separator;
  for (const Value& value : arguments) {
    out += separator;
    out += operand(value, max_bytes);
    separator = " ";
    if (out.size() > max_bytes) {
      break;
    }
  }
  return out + '\n';
}

}  // namespace cgsentry::templates
