// See compare.h.
#include "template/compare.h"

namespace cgsentry::templates {

namespace {

template <typename T>
bool both(const Value& a, const Value& b) {
  return a.as<T>() != nullptr && b.as<T>() != nullptr;
}

bool is_basic(const Value& value) {
  return value.as<bool>() != nullptr || value.as<std::int64_t>() != nullptr ||
         value.as<double>() != nullptr || value.as<std::string>() != nullptr;
}

tl::unexpected<std::string> incomparable(const Value& a, const Value& b) {
  const bool basic = is_basic(a) && is_basic(b);
  return tl::unexpected(
      std::string(basic ? "incompatible types for comparison: " : "invalid type for comparison: ") +
      std::string(type_name(a)) + " and " + std::string(type_name(b)));
}

}  // namespace

tl::expected<bool, std::string> equal(const Value& a, const Value& b) {
  const bool nil = a.as<std::monostate>() != nullptr || b.as<std::monostate>() != nullptr;
  if (nil || (is_basic(a) && a.data.index() == b.data.index())) {
    return a.data == b.data;
  }
  return incomparable(a, b);
}

tl::expected<bool, std::string> less(const Value& a, const Value& b) {
  if (both<std::int64_t>(a, b) || both<double>(a, b) || both<std::string>(a, b)) {
    return a.data < b.data;
  }
  return incomparable(a, b);
}

}  // namespace cgsentry::templates
