// See value.h.
#include "template/value.h"

#include <fmt/format.h>

#include "template/go_text.h"

namespace cgsentry::templates {

namespace {

/// Writes values one after the other and stops at the bound.
class Writer {
 public:
  explicit Writer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void put(std::string_view text) { out_ += cut(text, max_bytes_ - out_.size()); }
  [[nodiscard]] bool full() const { return out_.size() >= max_bytes_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

  void operator()(std::monostate) { put("<no value>"); }
  void operator()(bool truth) { put(truth ? "true" : "false"); }
  void operator()(std::int64_t number) { put(fmt::format("{}", number)); }
  void operator()(double number) { put(format_float(number, 'g', -1)); }
  void operator()(const std::string& text) { put(text); }
  void operator()(const Labels* labels) {
    put("map[");
    std::string_view separator;
    for (const Label& label : *labels) {
      put(separator);
      put(label.name);
      put(":");
      put(label.value);
      separator = " ";
    }
    put("]");
  }
  void operator()(const std::shared_ptr<const List>& list) {
    put("[");
    std::string_view separator;
    for (const Value& item : *list) {
      if (full()) {
        return;
      }
      put(separator);
      std::visit(*this, item.data);
      separator = " ";
    }
    put("]");
  }
  void operator()(const std::shared_ptr<const Fields>& fields) {
    put("{");
    std::string_view separator;
    for (const auto& [name, field] : *fields) {
      if (full()) {
        return;
      }
      put(separator);
      std::visit(*this, field.data);
      separator = " ";
    }
    put("}");
  }

 private:
  std::size_t max_bytes_;
  std::string out_;
};

struct Truth {
  bool operator()(std::monostate) const { return false; }
  bool operator()(bool truth) const { return truth; }
  bool operator()(std::int64_t number) const { return number != 0; }
  bool operator()(double number) const { return number != 0; }
  bool operator()(const std::string& text) const { return !text.empty(); }
  bool operator()(const Labels* labels) const { return !labels->empty(); }
  bool operator()(const std::shared_ptr<const List>& list) const { return !list->empty(); }
  bool operator()(const std::shared_ptr<const Fields>&) const { return true; }
};

struct TypeName {
  std::string_view operator()(std::monostate) const { return "nil"; }
  std::string_view operator()(bool) const { return "bool"; }
  std::string_view operator()(std::int64_t) const { return "int"; }
  std::string_view operator()(double) const { return "float64"; }
  std::string_view operator()(const std::string&) const { return "string"; }
  std::string_view operator()(const Labels*) const { return "map[string]string"; }
  std::string_view operator()(const std::shared_ptr<const List>&) const { return "list"; }
  std::string_view operator()(const std::shared_ptr<const Fields>&) const { return "struct"; }
};

}  // namespace

bool is_true(const Value& value) {
  return std::visit(Truth{}, value.data);
}

std::string_view type_name(const Value& value) {
  return std::visit(TypeName{}, value.data);
}

std::string to_text(const Value& value, std::size_t max_bytes) {
  Writer writer(max_bytes);
  std::visit(writer, value.data);
  return writer.take();
}

}  // namespace cgsentry::templates
