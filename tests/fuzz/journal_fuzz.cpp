// A journal of any bytes can be scanned, and a record that was read can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "alert/journal_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cgsentry::alert;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_segment_header(bytes));
  const ScanResult scanned = scan_records(bytes, [](std::uint64_t, std::string_view) {});
  if (scanned.good_bytes > size) {
    std::abort();
  }
  const auto record = parse_payload(bytes);
  std::string written;
  if (record && append_record(written, *record) &&
      !parse_payload(std::string_view(written).substr(kRecordHeaderBytes))) {
    std::abort();
  }
  return 0;
}
