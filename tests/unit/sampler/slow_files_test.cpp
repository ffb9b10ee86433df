// memory.stat and io.stat: every tenth tick of an active container, seldom of an idle one.
#include "sampler/slow_files.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"

namespace fs = std::filesystem;
using namespace cgsentry;
using namespace cgsentry::sampler;

namespace {

struct Fixture {
  Fixture() {
    std::string name = (fs::temp_directory_path() / "cgsentry-slow-XXXXXX").string();
    root = ::mkdtemp(name.data());
    fs::create_directory(root / "web");
    write("100");
    std::ofstream(root / "web" / "io.stat") << "8:0 rbytes=5 wbytes=6 rios=7 wios=8\n";
  }
  ~Fixture() { fs::remove_all(root); }

  void write(const std::string& anon) {
    std::ofstream(root / "web" / "memory.stat") << "anon " << anon << "\n";
  }
  double value(Metric metric) const {
    for (const Column& column : table.columns) {
      if (column.metric == info(metric).name) {
        return column.present[3] ? column.values[3] : -1;
      }
    }
    return -2;
  }

  fs::path root;
  Table table{"container", 4};
  ContainerColumns columns{table};
};

}  // namespace

TEST_CASE("the files of an active container are read at its first tick and then every tenth") {
  Fixture f;
  SlowFiles files(f.root.string(), 4);
  files.read(20, 3, true, "/web", f.columns);
  CHECK(f.value(Metric::memory_rss) == 100);
  CHECK(f.value(Metric::fs_read_bytes) == 5);
  CHECK(f.value(Metric::fs_writes) == 8);
  CHECK(f.value(Metric::memory_cache) == -1);  // not in the file
  f.write("200");
  for (std::uint64_t tick = 21; tick < 30; ++tick) {
    files.read(tick, 3, true, "/web", f.columns);
    CHECK(f.value(Metric::memory_rss) == (tick < 23 ? 100 : 200));
  }
}

TEST_CASE("the files of an idle container are read again when it does something, or seldom") {
  Fixture f;
  SlowFiles files(f.root.string(), 4);
  std::uint64_t tick = 3;
  const auto run_until = [&](std::uint64_t end, bool active) {
    for (; tick < end; ++tick) {
      files.read(tick, 3, active, "/web", f.columns);
    }
  };
  run_until(14, false);  // the second reading is as the first
  f.write("200");
  SECTION("it stays idle") {
    run_until(13 + SlowFiles::kIdleTicks, false);
    CHECK(f.value(Metric::memory_rss) == 100);
    run_until(14 + SlowFiles::kIdleTicks, false);
    CHECK(f.value(Metric::memory_rss) == 200);
  }
  SECTION("it does something") {
    run_until(15, true);
    run_until(23, false);
    CHECK(f.value(Metric::memory_rss) == 100);
    run_until(24, false);
    CHECK(f.value(Metric::memory_rss) == 200);
  }
  SECTION("another container has its slot") {
    files.forget(3);
    run_until(15, false);
    CHECK(f.value(Metric::memory_rss) == 200);
  }
}

TEST_CASE("pages that wait to be written keep a container from being idle") {
  Fixture f;
  SlowFiles files(f.root.string(), 4);
  f.write("100\nfile_dirty 4096");
  for (std::uint64_t tick = 3; tick < 14; ++tick) {
    files.read(tick, 3, false, "/web", f.columns);
  }
  std::ofstream(f.root / "web" / "io.stat") << "8:0 rbytes=5 wbytes=4102 rios=7 wios=9\n";
  for (std::uint64_t tick = 14; tick < 24; ++tick) {
    files.read(tick, 3, false, "/web", f.columns);
  }
  CHECK(f.value(Metric::fs_writes) == 9);
}

TEST_CASE("a container without these files has no such metrics") {
  Fixture f;
  SlowFiles files(f.root.string(), 4);
  files.read(3, 3, true, "/gone", f.columns);
  CHECK(f.value(Metric::memory_rss) == -1);
  CHECK(f.value(Metric::fs_reads) == -1);
}
