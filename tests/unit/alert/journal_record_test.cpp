// Tests alert/journal_record: what goes in comes out, and no damage does harm.
#include "alert/journal_record.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "support/transitions.h"

using namespace cgsentry;
using alert::JournalRecord;

namespace {

std::string records_of(std::uint64_t first, std::uint64_t last) {
  std::string out;
  for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
    JournalRecord record{test::firing(), 1};
    record.transition.sequence = sequence;
    REQUIRE(alert::append_record(out, record));
  }
  return out;
}

std::string payload_of(const std::string& record) {
  std::string payload;
  alert::scan_records(record, [&](std::uint64_t, std::string_view bytes) { payload = bytes; });
  return payload;
}

}  // namespace

TEST_CASE("a transition comes back as it was written") {
  JournalRecord record{test::resolved("w\"e\\b\u5bb9"), 0xfedcba9876543210};
  record.transition.alert.series = {{"name", "web"}, {"id", "/docker/1"}};
  record.transition.alert.reason = ResolveReason::gone;
  record.transition.alert.degraded = true;
  std::string bytes;
  REQUIRE(alert::append_record(bytes, record));
  const auto back = alert::parse_payload(payload_of(bytes));
  REQUIRE(back);
  CHECK(back->rule_identity == record.rule_identity);
  const Transition& transition = back->transition;
  CHECK(transition.kind == Transition::Kind::resolved);
  CHECK(transition.key == record.transition.key);
  CHECK(transition.node == "node-1");
  CHECK(transition.alert.labels == record.transition.alert.labels);
  CHECK(transition.alert.series == record.transition.alert.series);
  CHECK(transition.alert.annotations == record.transition.alert.annotations);
  CHECK(transition.alert.fingerprint == record.transition.alert.fingerprint);
  CHECK(transition.alert.value == 0.93);
  CHECK(transition.alert.starts_at == record.transition.alert.starts_at);
  CHECK(transition.alert.ends_at == record.transition.alert.ends_at);
  CHECK(transition.alert.reason == ResolveReason::gone);
  CHECK(transition.alert.degraded);
  CHECK(transition.alert.generator_url == record.transition.alert.generator_url);
  CHECK(transition.alert.evidence == record.transition.alert.evidence);
}

TEST_CASE("every double comes back, NaN and infinities too") {
  for (const double value :
       {0.1, -0.0, 5e-324, 1.7976931348623157e308, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    JournalRecord record{test::firing(), 1};
    record.transition.alert.value = value;
    std::string bytes;
    REQUIRE(alert::append_record(bytes, record));
    CHECK(alert::parse_payload(payload_of(bytes))->transition.alert.value == value);
  }
  JournalRecord record{test::firing(), 1};
  record.transition.alert.value = std::nan("");
  std::string bytes;
  REQUIRE(alert::append_record(bytes, record));
  CHECK(std::isnan(alert::parse_payload(payload_of(bytes))->transition.alert.value));
}

TEST_CASE("a transition that is too long is kept without its prose") {
  JournalRecord record{test::firing(), 1};
  record.transition.alert.annotations.set("note", std::string(alert::kMaxRecordBytes, 'x'));
  std::string bytes;
  REQUIRE(alert::append_record(bytes, record));
  const auto back = alert::parse_payload(payload_of(bytes));
  REQUIRE(back);
  CHECK(back->transition.alert.labels == record.transition.alert.labels);
  CHECK(back->transition.alert.annotations.empty());
}

TEST_CASE("labels that are too long make no record, and leave no trace") {
  JournalRecord record{test::firing(), 1};
  record.transition.alert.labels.set("l", std::string(alert::kMaxRecordBytes, 'x'));
  std::string bytes = "before";
  CHECK_FALSE(alert::append_record(bytes, record));
  CHECK(bytes == "before");
}

TEST_CASE("a scan finds the records, their order and the last sequence") {
  std::vector<std::uint64_t> seen;
  const std::string bytes = records_of(5, 9);
  const auto scan = alert::scan_records(
      bytes, [&](std::uint64_t sequence, std::string_view) { seen.push_back(sequence); });
  CHECK(seen == std::vector<std::uint64_t>{5, 6, 7, 8, 9});
  CHECK(scan.records == 5);
  CHECK(scan.skipped == 0);
  CHECK(scan.last_sequence == 9);
  CHECK(scan.good_bytes == bytes.size());
}

TEST_CASE("a file cut at any byte keeps every record that is whole") {
  const std::string bytes = records_of(1, 3);
  const std::size_t one = records_of(1, 1).size();
  REQUIRE(bytes.size() == 3 * one);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto scan = alert::scan_records(std::string_view(bytes).substr(0, cut), {});
    REQUIRE(scan.records == cut / one);
    REQUIRE(scan.good_bytes == cut / one * one);
    REQUIRE(scan.last_sequence == cut / one);
  }
}

TEST_CASE("a flipped bit costs its record, and the others as well only where it is in a length") {
  const std::string bytes = records_of(1, 3);
  const std::size_t one = bytes.size() / 3;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto scan = alert::scan_records(damaged, {});
    const std::size_t record = bit / 8 / one;
    const bool in_length = bit / 8 % one < 4;
    const std::size_t expected = in_length || record == 2 ? record : 2;
    REQUIRE(scan.records == expected);
  }
}

TEST_CASE("zeros, as a file system leaves them after a crash, are no records") {
  std::string bytes = records_of(1, 2);
  const std::size_t good = bytes.size();
  bytes.append(10'000, '\0');
  const auto scan = alert::scan_records(bytes, {});
  CHECK(scan.records == 2);
  CHECK(scan.good_bytes == good);
  CHECK(alert::scan_records(std::string(100, '\0'), {}).good_bytes == 0);
}

TEST_CASE("a length that lies about the rest of the file is not believed") {
  for (const char byte : {'\x01', '\x7f', '\xff'}) {
    const std::string bytes(64, byte);
    CHECK(alert::scan_records(bytes, {}).records == 0);
  }
}

TEST_CASE("a payload of something else is nothing") {
  for (const char* payload : {"", "{", "[]", "{}", "null", R"({"type":"transition"})",
                              R"({"type":"checkpoint"})", R"({"type":7})"}) {
    CHECK_FALSE(alert::parse_payload(payload));
  }
}

TEST_CASE("a field of the wrong kind makes a payload nothing") {
  std::string bytes;
  JournalRecord written{test::resolved(), 1};
  REQUIRE(alert::append_record(bytes, written));
  const nlohmann::json good = nlohmann::json::parse(payload_of(bytes));
  REQUIRE(alert::parse_payload(good.dump()));
  const auto refused = [&](const char* field, const char* value) {
    nlohmann::json damaged = good;
    damaged[field] = nlohmann::json::parse(value);
    CAPTURE(field, value);
    CHECK_FALSE(alert::parse_payload(damaged.dump()));
  };

  SECTION("a time that is no integer or does not fit") {
    for (const char* field : {"starts_at_ns", "ends_at_ns"}) {
      for (const char* value : {"1.79552e+24", "1.5", "1e3", "9223372036854775808",
                                "18446744073709551615", "true", "null", R"("1")"}) {
        refused(field, value);
      }
    }
  }
  SECTION("a reason that is no integer or does not fit") {
    for (const char* value : {"1.0", "4294967297", "-2147483649", "18446744073709551615", "true"}) {
      refused("reason", value);
    }
  }
  SECTION("a truth that is a number or a text") {
    for (const char* value : {"0", "1", R"("true")", "null"}) {
      refused("degraded", value);
    }
  }
  SECTION("a kind that is neither word") {
    for (const char* value : {R"("")", R"("pending")", R"("Firing")", "1", "null"}) {
      refused("kind", value);
    }
  }
  SECTION("an identity that is not 16 digits") {
    for (const char* field : {"rule", "fingerprint"}) {
      for (const char* value : {R"("")", R"("1")", R"("000000000000000g")", R"("-000000000000001")",
                                R"("0x00000000000001")", R"("00000000000000001")", "1"}) {
        refused(field, value);
      }
    }
  }
  SECTION("a value that is not wholly a number") {
    for (const char* value :
         {R"("")", R"("0.93 ")", R"(" 0.93")", R"("0.93x")", R"("1e999")", R"("one")", "0.93"}) {
      refused("value", value);
    }
  }
  SECTION("labels that are no map of texts") {
    for (const char* field : {"labels", "series", "annotations"}) {
      for (const char* value : {"[]", R"(["a"])", R"("a")", "null", R"({"a":1})"}) {
        refused(field, value);
      }
    }
  }
  SECTION("a text that is something else") {
    for (const char* field : {"key", "node", "generator_url", "evidence"}) {
      for (const char* value : {"1", "null", "{}"}) {
        refused(field, value);
      }
    }
  }
}

TEST_CASE("times at the ends of the range, and a reason of another version, are read") {
  std::string bytes;
  JournalRecord written{test::resolved(), 1};
  written.transition.alert.starts_at = Timestamp(Duration::min());
  written.transition.alert.ends_at = Timestamp(Duration::max());
  written.transition.alert.reason = static_cast<ResolveReason>(99);
  REQUIRE(alert::append_record(bytes, written));
  const auto back = alert::parse_payload(payload_of(bytes));
  REQUIRE(back);
  CHECK(back->transition.alert.starts_at.time_since_epoch() == Duration::min());
  CHECK(back->transition.alert.ends_at->time_since_epoch() == Duration::max());
  CHECK(back->transition.alert.reason == ResolveReason::none);
}

TEST_CASE("a segment header comes back, and a damaged one does not") {
  std::string header;
  alert::append_segment_header(header, 41);
  CHECK(header.size() == alert::kSegmentHeaderBytes);
  CHECK(alert::parse_segment_header(header) == 41);
  CHECK(alert::parse_segment_header(header + "more") == 41);
  CHECK_FALSE(alert::parse_segment_header(header.substr(1)));
  for (std::size_t at = 0; at < 28; ++at) {
    std::string damaged = header;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    CHECK_FALSE(alert::parse_segment_header(damaged));
  }
}
