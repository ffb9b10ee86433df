#include "alert/journal_record.h"

#include <fmt/format.h>
#include <zlib.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace cgsentry::alert {

namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "CGSJRNL\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSegmentCrcAt = 24;

template <typename Number>
void append_number(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    out += static_cast<char>(number >> (8 * i) & 0xFF);
  }
}

template <typename Number>
Number read_number(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number |= static_cast<Number>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(
      ::crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t record_crc(std::uint64_t sequence, std::string_view payload) {
  std::string covered;
  append_number(covered, static_cast<std::uint32_t>(payload.size()));
  append_number(covered, sequence);
  covered += payload;
  return crc_of(covered);
}

json pairs_of(const Labels& labels) {
  json out = json::object();
  for (const Label& label : labels) {
    out[label.name] = label.value;
  }
  return out;
}

// Wide numbers and doubles go as text: the one survives readers that know only doubles, the other
// has NaN and infinities.
json payload_of(const JournalRecord& record, bool with_prose) {
  const Transition& transition = record.transition;
  const Alert& alert = transition.alert;
  json out{{"type", "transition"},
           {"kind", transition.kind == Transition::Kind::firing ? "firing" : "resolved"},
           {"rule", fmt::format("{:016x}", record.rule_identity)},
           {"key", transition.key},
           {"node", transition.node},
           {"labels", pairs_of(alert.labels)},
           {"series", pairs_of(alert.series)},
           {"fingerprint", fmt::format("{:016x}", alert.fingerprint)},
           {"value", fmt::format("{}", alert.value)},
           {"starts_at_ns", alert.starts_at.time_since_epoch().count()},
           {"reason", static_cast<int>(alert.reason)},
           {"degraded", alert.degraded}};
  if (alert.ends_at) {
    out["ends_at_ns"] = alert.ends_at->time_since_epoch().count();
  }
  if (with_prose) {
    out["annotations"] = pairs_of(alert.annotations);
    out["generator_url"] = alert.generator_url;
    out["evidence"] = alert.evidence;
  }
  return out;
}

/// Thrown and caught in this file only: the payload is not as payload_of wrote it.
struct Foreign {};

Labels labels_of(const json& pairs) {
  if (!pairs.is_object()) {
    throw Foreign{};
  }
  Labels labels;
  for (const auto& [name, value] : pairs.items()) {
    labels.set(name, value.get<std::string>());
  }
  return labels;
}

// All of the text is one number, or it is damaged.
template <typename Number, typename... Format>
Number number_of(const std::string& text, Format... format) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, format...);
  if (error != std::errc() || rest != end) {
    throw Foreign{};
  }
  return number;
}

std::uint64_t hex_of(const std::string& text) {
  constexpr std::size_t kDigits = 16;
  // from_chars would take a sign.
  if (text.size() != kDigits ||
      text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    throw Foreign{};
  }
  return number_of<std::uint64_t>(text, 16);
}

// get<>() alone casts a number with a fraction or beyond the range, which is undefined.
template <typename Integer>
Integer integer_of(const json& number) {
  const bool fits =
      number.is_number_unsigned()
          ? std::in_range<Integer>(number.get<std::uint64_t>())
          : number.is_number_integer() && std::in_range<Integer>(number.get<std::int64_t>());
  if (!fits) {
    throw Foreign{};
  }
  return number.get<Integer>();
}

Timestamp time_of(const json& nanoseconds) {
  return Timestamp(Duration(integer_of<Duration::rep>(nanoseconds)));
}

Transition::Kind kind_of(const std::string& word) {
  if (word != "firing" && word != "resolved") {
    throw Foreign{};
  }
  return word == "firing" ? Transition::Kind::firing : Transition::Kind::resolved;
}

// Throws Foreign or json::exception for whatever is not as payload_of wrote it.
JournalRecord read_payload(const json& in) {
  JournalRecord record;
  Transition& transition = record.transition;
  Alert& alert = transition.alert;
  record.rule_identity = hex_of(in.at("rule"));
  transition.kind = kind_of(in.at("kind"));
  transition.key = in.at("key");
  transition.node = in.at("node");
  alert.labels = labels_of(in.at("labels"));
  alert.series = labels_of(in.at("series"));
  alert.annotations = labels_of(in.value("annotations", json::object()));
  alert.fingerprint = hex_of(in.at("fingerprint"));
  alert.value = number_of<double>(in.at("value"));
  alert.starts_at = time_of(in.at("starts_at_ns"));
  if (in.contains("ends_at_ns")) {
    alert.ends_at = time_of(in.at("ends_at_ns"));
  }
  const int reason = integer_of<int>(in.at("reason"));
  if (reason > 0 && reason <= static_cast<int>(ResolveReason::reboot)) {
    alert.reason = static_cast<ResolveReason>(reason);
  }
  alert.degraded = in.at("degraded").get<bool>();
  alert.generator_url = in.value("generator_url", "");
  alert.evidence = in.value("evidence", "");
  return record;
}

// The size of the whole and sound record at the front of `bytes`, or nothing.
std::optional<std::size_t> sound_record(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) {
    return std::nullopt;
  }
  const auto length = read_number<std::uint32_t>(bytes, 0);
  if (length == 0 || length > kMaxRecordBytes || length > bytes.size() - kRecordHeaderBytes) {
    return std::nullopt;
  }
  const auto payload = bytes.substr(kRecordHeaderBytes, length);
  if (read_number<std::uint32_t>(bytes, 4) !=
      record_crc(read_number<std::uint64_t>(bytes, 8), payload)) {
    return std::nullopt;
  }
  return kRecordHeaderBytes + length;
}

// Where the next sound record behind a damaged one begins, if the damaged one's length is right.
std::optional<std::size_t> behind_damage(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) {
    return std::nullopt;
  }
  const std::size_t next = kRecordHeaderBytes + read_number<std::uint32_t>(bytes, 0);
  return next < bytes.size() && sound_record(bytes.substr(next)) ? std::optional(next)
                                                                 : std::nullopt;
}

}  // namespace

bool append_record(std::string& out, const JournalRecord& record) {
  for (const bool with_prose : {true, false}) {
    const std::string payload =
        payload_of(record, with_prose).dump(-1, ' ', false, json::error_handler_t::replace);
    if (payload.size() <= kMaxRecordBytes) {
      const std::uint64_t sequence = record.transition.sequence;
      append_number(out, static_cast<std::uint32_t>(payload.size()));
      append_number(out, record_crc(sequence, payload));
      append_number(out, sequence);
      out += payload;
      return true;
    }
  }
  return false;
}

std::optional<JournalRecord> parse_payload(std::string_view payload) {
  try {
    const json in = json::parse(payload);
    if (in.at("type") == "transition") {
      return read_payload(in);
    }
  } catch (const json::exception&) {
    // Its crc is right, so another version of the agent wrote it; the caller counts it.
  } catch (const Foreign&) {
    // The same.
  }
  return std::nullopt;
}

void append_segment_header(std::string& out, std::uint64_t base_sequence) {
  std::string header(kMagic);
  append_number(header, kVersion);
  append_number(header, std::uint32_t{0});
  append_number(header, base_sequence);
  append_number(header, crc_of(header));
  append_number(header, std::uint32_t{0});
  out += header;
}

std::optional<std::uint64_t> parse_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || bytes.substr(0, kMagic.size()) != kMagic ||
      read_number<std::uint32_t>(bytes, 8) != kVersion ||
      read_number<std::uint32_t>(bytes, kSegmentCrcAt) != crc_of(bytes.substr(0, kSegmentCrcAt))) {
    return std::nullopt;
  }
  return read_number<std::uint64_t>(bytes, 16);
}

ScanResult scan_records(std::string_view records, const Visit& visit) {
  ScanResult result;
  std::size_t at = 0;
  while (at < records.size()) {
    const std::string_view rest = records.substr(at);
    if (const auto size = sound_record(rest)) {
      const auto sequence = read_number<std::uint64_t>(rest, 8);
      result.last_sequence = std::max(result.last_sequence, sequence);
      ++result.records;
      if (visit) {
        visit(sequence, rest.substr(kRecordHeaderBytes, *size - kRecordHeaderBytes));
      }
      at += *size;
      result.good_bytes = at;
    } else if (const auto next = behind_damage(rest)) {
      ++result.skipped;
      at += *next;
    } else {
      break;
    }
  }
  return result;
}

}  // namespace cgsentry::alert
