// See scalar_places.h.
#include "rule/scalar_places.h"

#include <algorithm>
#include <cstddef>

namespace cgsentry::rule {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks the file from the first byte of a scalar, byte by byte, knowing the place.
class Walk {
 public:
  Walk(std::string_view file, const yaml::Node& scalar)
      : file_(file), place_{scalar.line, scalar.column} {
    for (std::uint32_t line = 1; line < scalar.line; ++line) {
      const std::size_t end = file_.find('\n', offset_);
      offset_ = end == file_.npos ? file_.size() : end + 1;
    }
    offset_ = std::min(offset_ + scalar.column - 1, file_.size());
    enter(scalar.quoted);
  }

  [[nodiscard]] Place place() const { return place_; }

  /// Over what is blank in the scalar's text too; an escape such as \n is.
  void skip_blanks() {
    while (is_blank(front()) || is_escaped_blank()) {
      if (!is_blank(front())) {
        advance();
      }
      advance();
    }
  }

  /// To behind the byte `c` of the scalar's text.
  void pass(char c) {
    const bool escaped = (quote_ == '"' && front() == '\\') || (quote_ == '\'' && front() == '\'');
    if (escaped) {
      advance();
    }
    if (offset_ < file_.size() && (escaped || front() == c || quote_ == '"')) {
      advance();
    }
  }

 private:
  [[nodiscard]] char front(std::size_t ahead = 0) const {
    return offset_ + ahead < file_.size() ? file_[offset_ + ahead] : '\0';
  }
  [[nodiscard]] bool is_escaped_blank() const {
    const char escape = front(1);
    return quote_ == '"' && front() == '\\' &&
           (escape == 'n' || escape == 't' || escape == 'r' || is_blank(escape));
  }
  void advance() {
    const bool line_end = front() == '\n';
    ++offset_;
    place_ = line_end ? Place{place_.line + 1, 1} : Place{place_.line, place_.column + 1};
  }
  /// Past the opening quote, or past the head of a block (`>-  # comment`).
  void enter(bool quoted) {
    if (!quoted) {
      return;
    }
    quote_ = front();
    if (quote_ == '"' || quote_ == '\'') {
      advance();
      return;
    }
    while (offset_ < file_.size() && front() != '\n') {
      advance();
    }
  }

  std::string_view file_;
  std::size_t offset_ = 0;
  char quote_ = ' ';
  Place place_;
};

}  // namespace

ScalarPlaces::ScalarPlaces(std::string_view file_text, const yaml::Node& scalar) {
  Walk walk(file_text, scalar);
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < scalar.text.size(); ++i) {
    const char c = scalar.text[i];
    if (is_blank(c)) {
      // Folding changes blanks, so one stands where the byte before it ends.
      places_.push_back(places_.empty() ? walk.place()
                                        : Place{places_.back().line, places_.back().column + 1});
      if (c == '\n') {
        line_starts_.push_back(i + 1);
      }
      continue;
    }
    walk.skip_blanks();
    places_.push_back(walk.place());
    walk.pass(c);
  }
  places_.push_back(walk.place());
}

Place ScalarPlaces::at(std::uint32_t line, std::uint32_t column) const {
  if (places_.empty()) {
    return {};
  }
  const std::size_t index =
      std::min<std::size_t>(std::max<std::uint32_t>(line, 1), line_starts_.size()) - 1;
  const std::size_t offset = line_starts_[index] + std::max<std::uint32_t>(column, 1) - 1;
  return places_[std::min(offset, places_.size() - 1)];
}

}  // namespace cgsentry::rule
