#include "model/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace cgsentry {

namespace {

auto find_name(auto& labels, std::string_view name) {
  // compare(), because clang 14 cannot take libstdc++'s `<` of a string and a string_view here.
  return std::lower_bound(
      labels.begin(), labels.end(), name,
      [](const Label& label, std::string_view key) { return label.name.compare(key) < 0; });
}

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  out += '"';
}

}  // namespace

Labels::Labels(std::initializer_list<Label> labels) {
  for (const Label& label : labels) {
    set(label.name, label.value);
  }
}

std::string_view Labels::get(std::string_view name) const {
  const auto at = find_name(labels_, name);
  return at != labels_.end() && at->name == name ? std::string_view(at->value) : std::string_view();
}

void Labels::set(std::string_view name, std::string_view value) {
  if (value.empty()) {
    erase(name);
    return;
  }
  const auto at = find_name(labels_, name);
  if (at != labels_.end() && at->name == name) {
    at->value = value;
  } else {
    labels_.insert(at, Label{std::string(name), std::string(value)});
  }
}

void Labels::complete(const Labels& others) {
  for (const Label& label : others) {
    if (!has(label.name)) {
      set(label.name, label.value);
    }
  }
}

void Labels::erase(std::string_view name) {
  const auto at = find_name(labels_, name);
  if (at != labels_.end() && at->name == name) {
    labels_.erase(at);
  }
}

std::uint64_t Labels::fingerprint() const {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add_byte = [&](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  const auto add = [&](const std::string& field) {
    std::for_each(field.begin(), field.end(),
                  [&](char c) { add_byte(static_cast<unsigned char>(c)); });
    add_byte(0xFF);
  };
  for (const Label& label : labels_) {
    add(label.name);
    add(label.value);
  }
  return hash;
}

std::string Labels::to_string() const {
  std::string out(get(kMetricName));
  std::string_view separator;
  out += '{';
  for (const Label& label : labels_) {
    if (label.name == kMetricName) {
      continue;
    }
    out += separator;
    out += label.name;
    out += '=';
    append_quoted(out, label.value);
    separator = ", ";
  }
  out += '}';
  return out;
}

}  // namespace cgsentry
