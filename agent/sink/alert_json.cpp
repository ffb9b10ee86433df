#include "sink/alert_json.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/text.h"
#include "sink/json_line.h"

namespace cgsentry::sink {

namespace {

struct Room {
  std::size_t labels;  // how many
  std::size_t name_bytes;
  std::size_t value_bytes;
  std::size_t annotations;
  std::size_t annotation_bytes;
  std::size_t url_bytes;
};

// In the last row the fields need at most 24 * (2 * (48 + 96) + 6) + 4 KB even if every byte is a
// quote that takes two, so the line always fits its bound.
Room room_for(Detail detail) {
  switch (detail) {
    case Detail::full:
      return {256, 256, 1024, 64, 4096, 2048};
    case Detail::short_annotations:
      return {64, 128, 256, 16, 256, 1024};
    case Detail::bare:
      break;
  }
  return {24, 48, 96, 0, 0, 0};
}

void append_text(std::string& out, std::string_view value, std::size_t max_bytes) {
  text::append_json(out, text::clean(value, max_bytes));
}

void append_pairs(std::string& out, const Labels& pairs, std::size_t max_pairs,
                  std::size_t name_bytes, std::size_t value_bytes) {
  std::string_view separator;
  out += '{';
  for (const Label& label : pairs) {
    if (max_pairs-- == 0) {
      break;
    }
    out += separator;
    append_text(out, label.name, name_bytes);
    out += ':';
    append_text(out, label.value, value_bytes);
    separator = ",";
  }
  out += '}';
}

// JSON has no word for these three, so they are strings, as Prometheus writes them.
void append_number(std::string& out, double value) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else if (std::isnan(value)) {
    out += R"("NaN")";
  } else {
    out += value > 0 ? R"("+Inf")" : R"("-Inf")";
  }
}

std::string_view word_for(ResolveReason reason) {
  switch (reason) {
    case ResolveReason::none:
      return "";
    case ResolveReason::cleared:
      return "cleared";
    case ResolveReason::gone:
      return "gone";
    case ResolveReason::rule_removed:
      return "rule_removed";
    case ResolveReason::reboot:
      return "reboot";
  }
  return "";
}

// The evidence as an object on one line in ASCII, or nothing when it is not one or too long. The
// size is checked before the parser sees it, which bounds its depth as well.
std::optional<std::string> read_evidence(const std::string& evidence) {
  if (evidence.size() > kMaxEvidenceBytes) {
    return std::nullopt;
  }
  const auto object = nlohmann::json::parse(evidence, nullptr, false);
  if (!object.is_object()) {
    return std::nullopt;
  }
  std::string out = object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (out.size() > kMaxEvidenceBytes) {
    return std::nullopt;
  }
  return out;
}

bool append_evidence(std::string& out, const std::string& evidence, Detail detail) {
  if (evidence.empty()) {
    return true;
  }
  const auto object = detail == Detail::full ? read_evidence(evidence) : std::nullopt;
  if (!object) {
    return false;
  }
  out += R"(,"evidence":)";
  out += *object;
  return true;
}

void append_ends_at(std::string& out, const Alert& alert, EndsAt ends_at) {
  if (alert.ends_at) {
    fmt::format_to(std::back_inserter(out), R"(,"endsAt":"{}")", format_rfc3339(*alert.ends_at));
  } else if (ends_at == EndsAt::always) {
    out += R"(,"endsAt":"0001-01-01T00:00:00Z")";
  }
}

}  // namespace

void append_labels(std::string& out, const Labels& labels, Detail detail) {
  const Room room = room_for(detail);
  append_pairs(out, labels, room.labels, room.name_bytes, room.value_bytes);
}

void append_annotations(std::string& out, const Labels& annotations, Detail detail) {
  const Room room = room_for(detail);
  append_pairs(out, annotations, room.annotations, room.name_bytes, room.annotation_bytes);
}

void append_alertmanager_fields(std::string& out, const Transition& transition, Detail detail,
                                EndsAt ends_at) {
  const Alert& alert = transition.alert;
  const bool firing = transition.kind == Transition::Kind::firing;
  fmt::format_to(std::back_inserter(out), R"("status":"{}","labels":)",
                 firing ? "firing" : "resolved");
  append_labels(out, alert.labels, detail);
  out += R"(,"annotations":)";
  append_annotations(out, alert.annotations, detail);
  fmt::format_to(std::back_inserter(out), R"(,"startsAt":"{}")", format_rfc3339(alert.starts_at));
  append_ends_at(out, alert, ends_at);
  out += R"(,"generatorURL":)";
  append_text(out, alert.generator_url, room_for(detail).url_bytes);
  fmt::format_to(std::back_inserter(out), R"(,"fingerprint":"{:016x}")", alert.fingerprint);
}

void append_own_fields(std::string& out, const Transition& transition, Detail detail) {
  const Alert& alert = transition.alert;
  out += R"(,"node":)";
  append_text(out, transition.node, text::kMaxLabelBytes);
  out += R"(,"value":)";
  append_number(out, alert.value);
  if (alert.reason != ResolveReason::none) {
    fmt::format_to(std::back_inserter(out), R"(,"reason":"{}")", word_for(alert.reason));
  }
  fmt::format_to(std::back_inserter(out), R"(,"confidence":"{}","key":)",
                 alert.degraded ? "degraded" : "full");
  append_text(out, transition.key, text::kMaxLabelBytes);
  fmt::format_to(std::back_inserter(out), R"(,"sequence":{})", transition.sequence);
  if (transition.unjournaled) {
    out += R"(,"unjournaled":true)";
  }
  const bool complete = append_evidence(out, alert.evidence, detail);
  if (!complete || detail != Detail::full) {
    out += R"(,"truncated":true)";
  }
}

}  // namespace cgsentry::sink
