// Tests alert/journal_segments with random lives: appends of any size, failing calls, half writes,
// crashes that tear off what was not synced, and restarts.
#include "alert/journal_segments.h"

#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "support/catch.h"
#include "support/faulty_disk.h"
#include "support/transitions.h"

using namespace cgsentry;
using alert::Segments;

namespace {

struct Step {
  int kind = 0;  // 0-5 append, 6 fail a call soon, 7 fail the next sync, 8 restart, 9 crash
  std::size_t amount = 0;  // note bytes, calls until the failure, bytes torn off
};

void showValue(const Step& step, std::ostream& out) {
  out << step.kind << ':' << step.amount;
}

std::string record(std::uint64_t sequence, std::size_t note_bytes) {
  alert::JournalRecord one{test::firing(), 1};
  one.transition.sequence = sequence;
  one.transition.alert.annotations.set("note", std::string(note_bytes, 'x'));
  std::string out;
  RC_ASSERT(alert::append_record(out, one));
  return out;
}

/// A life: the files, the faults, and what append() has called kept.
class Life {
 public:
  void append(std::size_t note_bytes) {
    const std::uint64_t sequence = std::max(last_, segments_->last_sequence()) + 1;
    if (segments_->append(record(sequence, note_bytes), sequence)) {
      kept_.push_back(sequence);
    }
    faults_->fail_sync = false;
    last_ = sequence;
  }

  void fail_next_sync() { faults_->fail_sync = true; }

  void fail_soon(std::size_t calls) {
    faults_->fail_from = faults_->calls + calls;
    faults_->half_writes = calls % 2 == 0;
  }

  /// Ends without a word; when it is a crash, up to `torn` bytes that were not synced are lost.
  void restart(std::size_t torn) {
    segments_.reset();
    faults_->fail_sync = false;
    const std::size_t unsynced = size() - std::min(size(), faults_->synced_bytes);
    if (torn > 0 && unsynced > 0) {
      std::filesystem::resize_file(directory_.path("journal/current"),
                                   size() - torn % (unsynced + 1));
    }
    faults_->fail_from = std::numeric_limits<std::size_t>::max();
    std::vector<std::uint64_t> found;
    segments_.emplace(directory_.path("journal"), 1, disk_);
    RC_ASSERT(
        segments_
            ->open([&](std::uint64_t sequence, std::string_view) { found.push_back(sequence); })
            .has_value());
    check(found);
  }

 private:
  [[nodiscard]] std::size_t size() const {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(directory_.path("journal/current"), none);
    return none ? 0 : static_cast<std::size_t>(bytes);
  }

  // Within the two segments that are left nothing that was kept is missing, and the order holds.
  void check(const std::vector<std::uint64_t>& found) const {
    RC_ASSERT(std::is_sorted(found.begin(), found.end()));
    RC_ASSERT(std::adjacent_find(found.begin(), found.end()) == found.end());
    if (kept_.empty()) {
      return;
    }
    RC_ASSERT(segments_->last_sequence() >= kept_.back());
    RC_ASSERT(!found.empty());
    const auto first = std::lower_bound(kept_.begin(), kept_.end(), found.front());
    RC_ASSERT(first != kept_.end());
    RC_ASSERT(std::includes(found.begin(), found.end(), first, kept_.end()));
  }

  test::TemporaryDirectory directory_;
  std::shared_ptr<test::DiskFaults> faults_ = std::make_shared<test::DiskFaults>();
  test::FaultyDisk disk_{faults_};
  std::optional<Segments> segments_{std::in_place, directory_.path("journal"), 1, disk_};
  std::vector<std::uint64_t> kept_;
  std::uint64_t last_ = 0;
};

}  // namespace

namespace rc {
template <>
struct Arbitrary<Step> {
  static Gen<Step> arbitrary() {
    return gen::build<Step>(gen::set(&Step::kind, gen::inRange(0, 10)),
                            gen::set(&Step::amount, gen::inRange<std::size_t>(0, 40'000)));
  }
};
}  // namespace rc

TEST_CASE("whatever fails and whenever it crashes, what was called kept is there afterwards") {
  const bool holds = rc::check([](const std::vector<Step>& steps) {
    Life life;
    for (const Step& step : steps) {
      if (step.kind <= 5) {
        life.append(step.amount);
      } else if (step.kind == 6) {
        life.fail_soon(step.amount % 24);
      } else if (step.kind == 7) {
        life.fail_next_sync();
      } else {
        life.restart(step.kind == 9 ? step.amount : 0);
      }
    }
    life.restart(0);
  });
  CHECK(holds);
}
