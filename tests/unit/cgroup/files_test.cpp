// The files of a cgroup: what the kernel writes, and any other bytes.
#include "cgroup/files.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include "support/catch.h"

namespace fs = std::filesystem;
using namespace cgsentry::cgroup;

TEST_CASE("memory.stat is read by key, whatever else is in it") {
  const MemoryStat stat = parse_memory_stat(
      "anon 4096\nfile 8192\nkernel 1\nfile_mapped 2048\ninactive_file 1024\npgfault 7\n"
      "pgmajfault 0\nsomething_new 5\n");
  CHECK(stat.anon_bytes == 4096);
  CHECK(stat.file_bytes == 8192);
  CHECK(stat.file_mapped_bytes == 2048);
  CHECK(stat.inactive_file_bytes == 1024);
  CHECK(stat.page_faults == 7);
  CHECK(stat.major_page_faults == 0);
}

TEST_CASE("what is missing, cut or no number is absent") {
  CHECK_FALSE(parse_memory_stat("").anon_bytes);
  CHECK_FALSE(parse_memory_stat("anon").anon_bytes);
  CHECK_FALSE(parse_memory_stat("anon x").anon_bytes);
  CHECK_FALSE(parse_memory_stat("anon 99999999999999999999999").anon_bytes);
  CHECK_FALSE(parse_memory_stat("\n\n anon 4\n").anon_bytes);
  CHECK(parse_memory_stat("anon 4").anon_bytes == 4);
}

TEST_CASE("io.stat is summed over the devices") {
  const IoStat stat = parse_io_stat(
      "259:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n"
      "8:0 \n"
      "8:16 rbytes=10 wbytes=20 rios=3 wios=4 dbytes=0 dios=0 cost.usage=9\n");
  CHECK(stat.read_bytes == 110);
  CHECK(stat.write_bytes == 220);
  CHECK(stat.reads == 4);
  CHECK(stat.writes == 6);
  CHECK(parse_io_stat("").reads == 0);
  CHECK(parse_io_stat("8:0 rbytes=\nrbytes=5 x=").read_bytes == 0);
}

TEST_CASE("one key of a flat file is found by its whole name") {
  const std::string_view text = "usage_usec 5\nuser_usec 3\nnr_throttled 2\n";
  CHECK(parse_keyed(text, "user_usec") == 3);
  CHECK_FALSE(parse_keyed(text, "usec"));
  CHECK_FALSE(parse_keyed("", "x"));
}

TEST_CASE("numbers, limits and quotas are read, with max as the biggest number") {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  CHECK(parse_number("4096\n") == 4096);
  CHECK(parse_number("max\n") == kMax);
  CHECK_FALSE(parse_number(""));
  CHECK_FALSE(parse_number("-1\n"));
  CHECK(parse_cpu_max("50000 100000\n")->quota_us == 50'000);
  CHECK(parse_cpu_max("max 100000\n")->quota_us == kMax);
  CHECK(parse_cpu_max("max 100000\n")->period_us == 100'000);
  CHECK_FALSE(parse_cpu_max("50000"));
}

TEST_CASE("pressure is its totals, and full may be missing") {
  const auto both =
      parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 total=5\n");
  REQUIRE(both);
  CHECK(both->some_us == 12);
  CHECK(both->full_us == 5);
  CHECK(parse_pressure("some avg10=0.00 total=12\n")->full_us == 0);
  CHECK_FALSE(parse_pressure(""));
  CHECK_FALSE(parse_pressure("some total=x\n"));
}

TEST_CASE("a kept file is read anew each time and may not exist") {
  std::string name = (fs::temp_directory_path() / "cgsentry-files-XXXXXX").string();
  const fs::path root = ::mkdtemp(name.data());
  KeptFile file((root / "memory.stat").string());
  CHECK_FALSE(file.read());
  std::ofstream(root / "memory.stat") << "anon 1\n";
  CHECK(file.read() == "anon 1\n");
  std::ofstream(root / "memory.stat") << "anon 2\n";
  CHECK(file.read() == "anon 2\n");
  fs::remove_all(root);
}
