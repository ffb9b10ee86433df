#include "alert/journal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "alert/journal_record.h"
#include "alert/journal_segments.h"
#include "base/log.h"
#include "base/named_thread.h"
#include "base/setup_error.h"

namespace cgsentry::alert {

namespace {

constexpr std::size_t kBatch = 256;  // records per fsync at most
constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();

// What may get better by itself. Anything else at setup is for the user to mend.
bool may_pass(const Error& error) {
  constexpr std::array kNumbers{EIO, ENOSPC, EDQUOT, EROFS, ENOMEM, EMFILE, ENFILE};
  return std::find(kNumbers.begin(), kNumbers.end(), error.number) != kNumbers.end();
}

SetupError setup_error(const Error& error, const std::string& directory) {
  if (error.number == EWOULDBLOCK) {
    return {"alert journal: another cgsentry uses " + directory,
            "stop it, or give each its own journal directory"};
  }
  return {"alert journal: " + error.describe(),
          "give the agent a directory of its own that only it can write to"};
}

using Queue = std::deque<std::shared_ptr<const JournalRecord>>;

}  // namespace

struct Journal::Shared {
  Shared(JournalOptions its_options, std::unique_ptr<Disk> its_disk, Release its_release)
      : options(std::move(its_options)),
        disk(std::move(its_disk)),
        release(std::move(its_release)) {
    if (!options.directory.empty()) {
      segments.emplace(options.directory, options.max_bytes, *disk);
    }
  }

  void open();
  bool write(const Queue& batch);
  void note(const Status& status);
  void release_through(std::uint64_t last, bool kept);

  const JournalOptions options;
  const std::unique_ptr<Disk> disk;
  const Release release;
  std::optional<Segments> segments;  // the journal thread's, once it runs

  std::mutex release_mutex;  // held while releasing, so that the order is the queue's; taken first
  mutable std::mutex mutex;  // everything below
  std::condition_variable changed;
  Queue queue;  // not yet released, in the order of their sequence
  JournalStats stats;
  bool closing = false;
  bool ended = false;

  // The loop's alone.
  std::thread thread;
  std::uint64_t watched = 0;
  Timestamp watched_since{};
};

Journal::Journal(JournalOptions options, std::unique_ptr<Disk> disk, Release release)
    : shared_(std::make_shared<Shared>(std::move(options), std::move(disk), std::move(release))) {
  if (shared_->segments) {
    shared_->open();
  }
  shared_->thread = start_thread("journal", [shared = shared_] { run(*shared); });
}

Journal::~Journal() {
  stop({});
}

void Journal::Shared::open() {
  const auto opened = segments->open({});
  if (!opened) {
    if (!may_pass(opened.error())) {
      throw setup_error(opened.error(), options.directory);
    }
    note(tl::unexpected(opened.error()));
    return;
  }
  stats.last_sequence = segments->last_sequence();
  if (opened->cut_bytes > 0 || opened->skipped > 0 || opened->set_aside) {
    log::warning("alert journal: {} records read, {} damaged, a tail of {} bytes cut{}",
                 opened->records, opened->skipped, opened->cut_bytes,
                 opened->set_aside ? ", a file that is none of ours set aside" : "");
  }
}

// Logs when it begins to fail and when it works again, not in between.
void Journal::Shared::note(const Status& status) {
  bool changes = false;
  {
    const std::lock_guard lock(mutex);
    stats.errors += status ? 0 : 1;
    changes = std::exchange(stats.healthy, status.has_value()) != status.has_value();
  }
  if (changes && !status) {
    log::error("alert journal: {}; alerts go out without it", status.error().describe());
  } else if (changes) {
    log::info("alert journal: works again");
  }
}

void Journal::append(std::vector<Transition>& transitions) {
  bool overdue = false;
  {
    const std::lock_guard lock(shared_->mutex);
    for (Transition& transition : transitions) {
      transition.sequence = ++shared_->stats.last_sequence;
      JournalRecord record{transition, transition.rule != nullptr ? transition.rule->identity : 0};
      record.transition.rule = nullptr;
      shared_->queue.push_back(std::make_shared<const JournalRecord>(std::move(record)));
    }
    overdue = shared_->queue.size() > shared_->options.queue_capacity || shared_->ended;
  }
  shared_->changed.notify_all();
  if (overdue) {
    shared_->release_through(kAll, false);
  }
}

void Journal::watch(Timestamp now) {
  std::optional<std::uint64_t> oldest;
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->queue.empty()) {
      oldest = shared_->queue.front()->transition.sequence;
    }
  }
  if (!oldest || *oldest != shared_->watched) {
    shared_->watched = oldest.value_or(0);
    shared_->watched_since = now;
  } else if (now - shared_->watched_since >= shared_->options.stall_limit) {
    shared_->release_through(kAll, false);
  }
}

bool Journal::stop(std::chrono::steady_clock::time_point deadline) {
  std::thread& thread = shared_->thread;
  if (!thread.joinable()) {
    return true;
  }
  std::unique_lock lock(shared_->mutex);
  shared_->closing = true;
  shared_->changed.notify_all();
  const bool ended = shared_->changed.wait_until(lock, deadline, [this] { return shared_->ended; });
  lock.unlock();
  if (ended) {
    thread.join();
  } else {
    shared_->release_through(kAll, false);
    thread.detach();  // it finds nothing to release when it comes back
  }
  return ended;
}

JournalStats Journal::stats() const {
  const std::lock_guard lock(shared_->mutex);
  JournalStats stats = shared_->stats;
  stats.queued = shared_->queue.size();
  return stats;
}

void Journal::run(Shared& shared) {
  std::unique_lock lock(shared.mutex);
  while (true) {
    shared.changed.wait(lock, [&] { return shared.closing || !shared.queue.empty(); });
    if (shared.queue.empty()) {
      break;
    }
    const auto count = std::min(shared.queue.size(), kBatch);
    const Queue batch(shared.queue.begin(), shared.queue.begin() + static_cast<long>(count));
    lock.unlock();
    const bool kept = shared.write(batch);
    shared.release_through(batch.back()->transition.sequence, kept);
    lock.lock();
  }
  shared.ended = true;
  shared.changed.notify_all();
}

// True when the batch is on the disk, or is not meant to be.
bool Journal::Shared::write(const Queue& batch) {
  if (!segments) {
    return true;
  }
  std::string records;
  bool all_fit = true;
  for (const auto& record : batch) {
    all_fit = append_record(records, *record) && all_fit;
  }
  const Status status = segments->append(records, batch.back()->transition.sequence);
  note(status);
  // A journal that could not be read at the start may know higher numbers than ours.
  const std::lock_guard lock(mutex);
  stats.last_sequence = std::max(stats.last_sequence, segments->last_sequence());
  return status.has_value() && all_fit;
}

// Tells of everything in the queue up to the sequence number `last`.
void Journal::Shared::release_through(std::uint64_t last, bool kept) {
  const std::lock_guard releasing(release_mutex);
  Queue due;
  {
    const std::lock_guard lock(mutex);
    while (!queue.empty() && queue.front()->transition.sequence <= last) {
      due.push_back(std::move(queue.front()));
      queue.pop_front();
    }
    if (segments) {
      (kept ? stats.journaled : stats.unjournaled) += due.size();
    }
  }
  for (const auto& record : due) {
    Transition transition = record->transition;
    transition.unjournaled = segments.has_value() && !kept;
    release(transition);
  }
}

}  // namespace cgsentry::alert
