// The walk's row out of files, over a fake cgroup.
#include "sampler/file_totals.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "support/catch.h"

namespace fs = std::filesystem;
using cgsentry::sampler::FileTotals;

namespace {

struct FakeCgroup {
  FakeCgroup() {
    std::string name = (fs::temp_directory_path() / "cgsentry-totals-XXXXXX").string();
    root = ::mkdtemp(name.data());
    fs::create_directory(root / "web");
    write("cgroup.events", "populated 1\nfrozen 0\n");
  }
  ~FakeCgroup() { fs::remove_all(root); }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(root / "web" / file) << text;
  }

  fs::path root;
};

}  // namespace

TEST_CASE("every part of the row has its files") {
  FakeCgroup cgroup;
  cgroup.write("cpu.stat",
               "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 9\nnr_throttled 4\n"
               "throttled_usec 7\n");
  cgroup.write("cpu.max", "max 100000\n");
  cgroup.write("io.pressure", "some avg10=0 total=1\nfull avg10=0 total=2\n");
  cgroup.write("cpu.pressure", "some avg10=0 total=3\n");
  cgroup.write("memory.current", "8192000\n");
  cgroup.write("memory.max", "max\n");
  cgroup.write("memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n");
  cgroup.write("memory.stat", "inactive_file 4096000\n");
  cgroup.write("pids.current", "6\n");
  cgroup.write("pids.max", "max\n");
  FileTotals totals(cgroup.root.string());
  const cgs_walk_row* row = totals.read(1, "/web");
  REQUIRE(row);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  CHECK(row->parts ==
        (CGS_WALK_CPU | CGS_WALK_BANDWIDTH | CGS_WALK_MEMORY | CGS_WALK_PRESSURE | CGS_WALK_PIDS));
  CHECK(row->populated == 1);
  CHECK(row->cpu_ns == 5'000);
  CHECK(row->throttled_ns == 7'000);
  CHECK(row->throttled_periods == 4);
  CHECK(row->quota_ns == std::numeric_limits<std::uint64_t>::max());
  CHECK(row->period_ns == 100'000'000);
  CHECK(row->pressure_ns[0] == 1'000);
  CHECK(row->pressure_ns[1] == 2'000);
  CHECK(row->pressure_ns[4] == 3'000);
  CHECK(row->memory_pages == 8'192'000 / page);
  CHECK(row->memory_limit_pages ==
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / page);
  CHECK(row->lru_pages[2] == 4'096'000 / page);
  CHECK(row->oom_kill_events == 4);
  CHECK(row->pids == 6);
  CHECK(row->pids_limit == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a controller that is not there is a part that is not there") {
  FakeCgroup cgroup;
  FileTotals totals(cgroup.root.string());
  const cgs_walk_row* row = totals.read(1, "/web");
  REQUIRE(row);
  CHECK(row->parts == 0);
  CHECK(totals.read(2, "/gone") == nullptr);
}
