// The kernel's totals out of files, over a fake cgroup.
#include "sampler/file_totals.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/catch.h"

namespace fs = std::filesystem;
using cgsentry::sampler::FileTotals;

namespace {

struct FakeCgroup {
  FakeCgroup() {
    std::string name = (fs::temp_directory_path() / "cgsentry-totals-XXXXXX").string();
    root = ::mkdtemp(name.data());
    fs::create_directory(root / "web");
    write("cgroup.events", "populated 1\nfrozen 1\n");
  }
  ~FakeCgroup() { fs::remove_all(root); }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(root / "web" / file) << text;
  }

  fs::path root;
};

}  // namespace

TEST_CASE("every part of the totals has its files") {
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
  FileTotals files(cgroup.root.string());
  const auto totals = files.read(1, "/web");
  REQUIRE(totals);
  CHECK(totals->frozen);
  REQUIRE(totals->cpu);
  CHECK(totals->cpu->run_ns == 5'000);
  CHECK(totals->cpu->user_ns == 3'000);
  CHECK(totals->cpu->system_ns == 2'000);
  REQUIRE(totals->bandwidth);
  CHECK(totals->bandwidth->throttled_ns == 7'000);
  CHECK(totals->bandwidth->throttled_periods == 4);
  CHECK_FALSE(totals->bandwidth->quota_ns);
  CHECK(totals->bandwidth->period_ns == 100'000'000);
  REQUIRE(totals->pressure);
  CHECK(totals->pressure->io_waiting_ns == 1'000);
  CHECK(totals->pressure->io_stalled_ns == 2'000);
  CHECK(totals->pressure->cpu_waiting_ns == 3'000);
  REQUIRE(totals->memory);
  CHECK(totals->memory->current_bytes == 8'192'000);
  CHECK_FALSE(totals->memory->limit_bytes);
  CHECK(totals->memory->inactive_file_bytes == 4'096'000);
  CHECK(totals->memory->high_events == 1);
  CHECK(totals->memory->oom_kill_events == 4);
  REQUIRE(totals->pids);
  CHECK(totals->pids->current == 6);
  CHECK_FALSE(totals->pids->limit);
}

TEST_CASE("limits are read where they are set") {
  FakeCgroup cgroup;
  cgroup.write("cpu.max", "50000 100000\n");
  cgroup.write("memory.current", "1\n");
  cgroup.write("memory.max", "33554432\n");
  cgroup.write("pids.current", "1\n");
  cgroup.write("pids.max", "64\n");
  FileTotals files(cgroup.root.string());
  const auto totals = files.read(1, "/web");
  REQUIRE(totals);
  CHECK(totals->bandwidth->quota_ns == 50'000'000);
  CHECK(totals->memory->limit_bytes == 33'554'432);
  CHECK(totals->pids->limit == 64);
}

TEST_CASE("a controller that is not there is a part that is not there") {
  FakeCgroup cgroup;
  FileTotals files(cgroup.root.string());
  const auto totals = files.read(1, "/web");
  REQUIRE(totals);
  CHECK_FALSE(totals->cpu);
  CHECK_FALSE(totals->bandwidth);
  CHECK_FALSE(totals->memory);
  CHECK_FALSE(totals->pressure);
  CHECK_FALSE(totals->pids);
  CHECK_FALSE(files.read(2, "/gone"));
}
