// See text_functions.h.
#include "template/text_functions.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "template/go_text.h"

namespace cgsentry::templates {

namespace {

constexpr int kRegexMemoryBytes = 1 << 20;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_word(char c) {
  return (c >= '0' && c <= '9') || c == '_' || (lower(c) >= 'a' && lower(c) <= 'z');
}

struct HostPort {
  std::string_view host;
  std::string_view port;
};

// Go's net.SplitHostPort.
std::optional<HostPort> split_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (text.starts_with('[')) {
    if (!host.ends_with(']')) {
      return std::nullopt;
    }
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != host.npos) {
    return std::nullopt;
  }
  const bool brackets =
      host.find_first_of("[]") != host.npos || port.find_first_of("[]") != port.npos;
  return brackets ? std::nullopt : std::optional(HostPort{host, port});
}

bool is_address(std::string_view host) {
  const std::string text(host);
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

RE2::Options regex_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryBytes);
  return options;
}

std::string bad_pattern(const RE2& regex) {
  return fmt::format("error parsing regexp: {}", regex.error());
}

/// A parsed replacement: `text`, then group `group` (none when it does not exist).
struct Piece {
  std::string text;
  std::optional<std::size_t> group;
};

std::optional<std::size_t> group_of(const RE2& regex, std::string_view name) {
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && stop == name.data() + name.size()) {
    const auto groups = static_cast<std::size_t>(regex.NumberOfCapturingGroups());
    return number <= groups ? std::optional(number) : std::nullopt;
  }
  const auto& names = regex.NamedCapturingGroups();
  const auto found = names.find(std::string(name));
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<std::size_t>(found->second));
}

// Go's Regexp.Expand: $$, $name (the longest word) and ${name}.
std::vector<Piece> parse_replacement(const RE2& regex, std::string_view text) {
  std::vector<Piece> pieces(1);
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find('$'), text.size());
    pieces.back().text += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) {
      break;
    }
    if (text.starts_with("$$")) {
      pieces.back().text += '$';
      text.remove_prefix(2);
      continue;
    }
    const bool braces = text.starts_with("${");
    const std::size_t start = braces ? 2 : 1;
    std::size_t end = start;
    while (end < text.size() && is_word(text[end])) {
      ++end;
    }
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    if (end == start || !closed) {
      pieces.back().text += '$';
      text.remove_prefix(1);
      continue;
    }
    pieces.back().group = group_of(regex, text.substr(start, end - start));
    pieces.emplace_back();
    text.remove_prefix(end + (braces ? 1 : 0));
  }
  return pieces;
}

}  // namespace

std::string to_upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), upper);
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string title(std::string_view text) {
  std::string out(text);
  bool in_word = false;
  for (char& c : out) {
    if (!in_word) {
      c = upper(c);
    }
    // A byte of a longer code point counts as a letter: most of them are.
    in_word = is_word(c) || static_cast<unsigned char>(c) >= 0x80;
  }
  return out;
}

std::string strip_port(std::string_view host_port) {
  const auto parts = split_host_port(host_port);
  return std::string(parts ? parts->host : host_port);
}

std::string strip_domain(std::string_view host_port) {
  const auto parts = split_host_port(host_port);
  const std::string_view host = parts ? parts->host : host_port;
  if (is_address(host)) {
    return std::string(host_port);
  }
  const std::string name(host.substr(0, host.find('.')));
  if (!parts || parts->port.empty()) {
    return name;
  }
  const bool colons = name.find(':') != name.npos;
  return (colons ? "[" + name + "]" : name) + ":" + std::string(parts->port);
}

std::string path_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == url.npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("?#", host), url.size());
  const std::size_t path = std::min(url.find('/', host), end);
  return std::string(url.substr(path, end - path));
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\0':
        out += "\xEF\xBF\xBD";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escape_query(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_word(c) || c == '-' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

tl::expected<std::string, std::string> replace_all(std::string_view pattern,
                                                   std::string_view replacement,
                                                   std::string_view text, std::size_t max_bytes) {
  const RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), regex_options());
  if (!regex.ok()) {
    return tl::unexpected(bad_pattern(regex));
  }
  const std::vector<Piece> pieces = parse_replacement(regex, replacement);
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) +
                                       1);
  const re2::StringPiece input(text.data(), text.size());
  std::string out;
  std::size_t copied = 0;  // of the text
  for (std::size_t at = 0; at <= text.size() && out.size() <= max_bytes;) {
    if (!regex.Match(input, at, text.size(), RE2::UNANCHORED, groups.data(),
                     static_cast<int>(groups.size()))) {
      break;
    }
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = start + groups[0].size();
    out += text.substr(copied, start - copied);
    // An empty match right behind the last one does not count.
    if (end > copied || start == 0) {
      for (const Piece& piece : pieces) {
        out += piece.text;
        if (piece.group && out.size() <= max_bytes) {
          out.append(groups[*piece.group].data(), groups[*piece.group].size());
        }
      }
    }
    copied = end;
    const std::size_t step = at < text.size() ? front_rune(text.substr(at)).bytes : 1;
    at = std::max(end, at + step);
  }
  out += text.substr(std::min(copied, text.size()));
  return out;
}

tl::expected<bool, std::string> matches(std::string_view pattern, std::string_view text) {
  const RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), regex_options());
  if (!regex.ok()) {
    return tl::unexpected(bad_pattern(regex));
  }
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex);
}

}  // namespace cgsentry::templates
