// memory.stat and io.stat: every tenth tick of a container, and at its first.
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

TEST_CASE("a container's files are read at its first tick and then every tenth") {
  Fixture f;
  SlowFiles files(f.root.string());
  files.read(20, 3, "/web", f.columns);
  CHECK(f.value(Metric::memory_rss) == 100);
  CHECK(f.value(Metric::fs_read_bytes) == 5);
  CHECK(f.value(Metric::fs_writes) == 8);
  CHECK(f.value(Metric::memory_cache) == -1);  // not in the file
  f.write("200");
  for (std::uint64_t tick = 21; tick < 30; ++tick) {
    files.read(tick, 3, "/web", f.columns);
    CHECK(f.value(Metric::memory_rss) == (tick < 23 ? 100 : 200));
  }
}

TEST_CASE("a container without these files has no such metrics") {
  Fixture f;
  SlowFiles files(f.root.string());
  files.read(3, 3, "/gone", f.columns);
  CHECK(f.value(Metric::memory_rss) == -1);
  CHECK(f.value(Metric::fs_reads) == -1);
}
