// Tests alert/journal_segments: sequence over restarts, torn files, rotation, and every call of the
// file system failing in turn.
#include "alert/journal_segments.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "support/catch.h"
#include "support/faulty_disk.h"
#include "support/transitions.h"

using namespace cgsentry;
using alert::Segments;
using test::TemporaryDirectory;

namespace {

constexpr std::size_t kLarge = 1 << 20;

std::string record(std::uint64_t sequence, std::size_t note_bytes = 0) {
  alert::JournalRecord one{test::firing(), 1};
  one.transition.sequence = sequence;
  one.transition.alert.annotations.set("note", std::string(note_bytes, 'x'));
  std::string out;
  REQUIRE(alert::append_record(out, one));
  return out;
}

/// The sequences that a healthy disk reads back from `directory`.
struct Found {
  std::vector<std::uint64_t> sequences;
  alert::OpenReport report;
  std::uint64_t last = 0;
};

Found read_back(const std::string& directory) {
  alert::SystemDisk disk;
  Segments segments(directory, kLarge, disk);
  Found found;
  const auto opened = segments.open(
      [&](std::uint64_t sequence, std::string_view) { found.sequences.push_back(sequence); });
  REQUIRE(opened);
  found.report = *opened;
  found.last = segments.last_sequence();
  return found;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("a new journal is empty, private, and begins with sequence 0") {
  const TemporaryDirectory directory;
  const Found found = read_back(directory.path("journal"));
  CHECK(found.sequences.empty());
  CHECK(found.last == 0);
  struct stat about {};
  REQUIRE(::stat(directory.path("journal").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
  REQUIRE(::stat(directory.path("journal/current").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("records and their sequence are there after a restart, and more can follow") {
  const TemporaryDirectory directory;
  alert::SystemDisk disk;
  for (std::uint64_t run = 0; run < 3; ++run) {
    Segments segments(directory.path(), kLarge, disk);
    REQUIRE(segments.open({}));
    CHECK(segments.last_sequence() == 2 * run);
    REQUIRE(segments.append(record(2 * run + 1), 2 * run + 1));
    REQUIRE(segments.append(record(2 * run + 2), 2 * run + 2));
  }
  CHECK(read_back(directory.path()).sequences == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a torn tail is cut and the next record follows the last whole one") {
  const TemporaryDirectory directory;
  alert::SystemDisk disk;
  {
    Segments segments(directory.path(), kLarge, disk);
    REQUIRE(segments.open({}));
    REQUIRE(segments.append(record(1), 1));
    REQUIRE(segments.append(record(2), 2));
  }
  const auto size = std::filesystem::file_size(directory.path("current"));
  std::filesystem::resize_file(directory.path("current"), size - 5);
  {
    Segments segments(directory.path(), kLarge, disk);
    const auto opened = segments.open({});
    REQUIRE(opened);
    CHECK(opened->records == 1);
    CHECK(opened->cut_bytes == record(2).size() - 5);
    CHECK(segments.last_sequence() == 1);
    REQUIRE(segments.append(record(3), 3));
  }
  CHECK(read_back(directory.path()).sequences == std::vector<std::uint64_t>{1, 3});
  CHECK(read_back(directory.path()).report.cut_bytes == 0);
}

TEST_CASE("a segment cut anywhere, its header included, opens and can be written") {
  const TemporaryDirectory directory;
  alert::SystemDisk disk;
  std::string header;
  alert::append_segment_header(header, 7);
  const std::string whole = header + record(8) + record(9);
  for (std::size_t cut = 0; cut <= whole.size(); cut += 3) {
    write_file(directory.path("current"), whole.substr(0, cut));
    Segments segments(directory.path(), kLarge, disk);
    REQUIRE(segments.open({}));
    const std::uint64_t next = segments.last_sequence() + 1;
    REQUIRE(segments.append(record(next), next));
  }
}

TEST_CASE("a full segment becomes the previous one and the size stays bounded") {
  const TemporaryDirectory directory;
  alert::SystemDisk disk;
  const std::size_t bound = 200'000;
  std::uint64_t sequence = 0;
  {
    Segments segments(directory.path(), bound, disk);
    REQUIRE(segments.open({}));
    while (sequence < 100) {
      ++sequence;
      REQUIRE(segments.append(record(sequence, 10'000), sequence));
      const auto total = std::filesystem::file_size(directory.path("current")) +
                         std::filesystem::file_size(directory.path("previous"));
      REQUIRE(total <= bound);
    }
  }
  const Found found = read_back(directory.path());
  CHECK(found.last == 100);
  REQUIRE(found.sequences.size() > 9);  // at least the previous segment
  for (std::size_t i = 0; i < found.sequences.size(); ++i) {
    CHECK(found.sequences[i] == 100 - found.sequences.size() + 1 + i);
  }
}

TEST_CASE("the sequence goes on although both segments are empty but for their headers") {
  const TemporaryDirectory directory;
  std::string header;
  alert::append_segment_header(header, 1234);
  write_file(directory.path("current"), header);
  CHECK(read_back(directory.path()).last == 1234);
}

TEST_CASE("a file of something else is set aside, not overwritten, and the journal works") {
  const TemporaryDirectory directory;
  const std::string foreign(100, 'x');
  write_file(directory.path("current"), foreign);
  write_file(directory.path("previous"), foreign);
  alert::SystemDisk disk;
  Segments segments(directory.path(), kLarge, disk);
  const auto opened = segments.open({});
  REQUIRE(opened);
  CHECK(opened->set_aside);
  CHECK(std::filesystem::file_size(directory.path("unreadable")) == 100);
  CHECK(segments.append(record(1), 1));
}

TEST_CASE("a second agent does not get the journal") {
  const TemporaryDirectory directory;
  alert::SystemDisk disk;
  Segments first(directory.path(), kLarge, disk);
  REQUIRE(first.open({}));
  Segments second(directory.path(), kLarge, disk);
  const auto opened = second.open({});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().number == EWOULDBLOCK);
}

TEST_CASE("what somebody planted in the place of a file is refused") {
  const TemporaryDirectory directory;
  alert::SystemDisk disk;
  Segments segments(directory.path(), kLarge, disk);
  SECTION("a symbolic link") {
    std::filesystem::create_symlink("/etc/passwd", directory.path("current"));
    CHECK(segments.open({}).error().number == ELOOP);
  }
  SECTION("a FIFO") {
    REQUIRE(::mkfifo(directory.path("current").c_str(), 0600) == 0);
    CHECK(segments.open({}).error().number == EINVAL);
  }
  SECTION("a directory") {
    std::filesystem::create_directory(directory.path("current"));
    CHECK_FALSE(segments.open({}));
  }
}

TEST_CASE("a directory that others may write to is refused") {
  const TemporaryDirectory directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  alert::SystemDisk disk;
  Segments segments(directory.path(), kLarge, disk);
  CHECK(segments.open({}).error().number == EPERM);
}

// The SQLite method: one story, told once for each call of the file system that it makes, with that
// call failing. Whatever fails, what append() called kept is there afterwards.
TEST_CASE("no single failing call loses a record that append() has called kept") {
  const bool half_writes = GENERATE(false, true);
  const int error = GENERATE(EIO, ENOSPC);
  std::size_t calls = 1;
  for (std::size_t failing = 0; failing < calls; ++failing) {
    const TemporaryDirectory directory;
    const auto faults = std::make_shared<test::DiskFaults>();
    faults->fail_from = failing;
    faults->half_writes = half_writes;
    faults->error = error;
    std::set<std::uint64_t> kept;
    {
      test::FaultyDisk disk(faults);
      Segments segments(directory.path("journal"), 1, disk);  // the smallest segments: rotates
      (void)segments.open({});
      for (std::uint64_t sequence = 1; sequence <= 6; ++sequence) {
        if (segments.append(record(sequence, 30'000), sequence)) {
          kept.insert(sequence);
        }
      }
    }
    calls = faults->calls;
    const Found found = read_back(directory.path("journal"));
    const std::set<std::uint64_t> there(found.sequences.begin(), found.sequences.end());
    INFO("failing call " << failing);
    REQUIRE(kept.size() >= 5);  // one failure costs one append at most
    REQUIRE(found.last == *kept.rbegin());
    // The last two segments hold the end of the story; within them nothing that was kept is
    // missing.
    for (const std::uint64_t sequence : kept) {
      if (!there.empty() && sequence > *there.begin()) {
        REQUIRE(there.count(sequence) == 1);
      }
    }
    REQUIRE(there.count(*kept.rbegin()) == 1);
    REQUIRE(std::is_sorted(found.sequences.begin(), found.sequences.end()));
  }
  CHECK(calls > 30);
}

TEST_CASE("a failed fsync is a failure, and the record that follows does not build on it") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  {
    test::FaultyDisk disk(faults);
    Segments segments(directory.path(), kLarge, disk);
    REQUIRE(segments.open({}));
    faults->fail_sync = true;
    CHECK_FALSE(segments.append(record(1), 1));
    faults->fail_sync = false;
    CHECK(segments.append(record(2), 2));
  }
  CHECK(read_back(directory.path()).sequences == std::vector<std::uint64_t>{2});
}

TEST_CASE("a disk that fails for a while is used again when it works, without a restart") {
  const TemporaryDirectory directory;
  const auto faults = std::make_shared<test::DiskFaults>();
  faults->half_writes = true;
  faults->fail(true);
  {
    test::FaultyDisk disk(faults);
    Segments segments(directory.path("journal"), kLarge, disk);
    CHECK_FALSE(segments.open({}));
    CHECK_FALSE(segments.append(record(1), 1));
    faults->fail(false);
    CHECK(segments.append(record(2), 2));
    faults->fail(true);
    CHECK_FALSE(segments.append(record(3), 3));
    CHECK_FALSE(segments.append(record(4), 4));
    faults->fail(false);
    CHECK(segments.append(record(5), 5));
  }
  const Found found = read_back(directory.path("journal"));
  CHECK(found.sequences == std::vector<std::uint64_t>{2, 5});
  CHECK(found.report.skipped == 0);
  CHECK(found.report.cut_bytes == 0);
}
