// What the agent measures, second by second, as a file: series_recorder OUTPUT RULE_FILE...
//
// Stands up the agent's own collector on this host and ticks once a second on a grid, until
// SIGTERM. Recorded are the metrics whose names stand in the rule files, of every row and table.
// Only changes are written, so that hours of hundreds of containers stay small:
//
//   tick 12.031 full              seconds since boot; "blind" when something was lost
//   series 7 11.2 NAME{…}         from here on the series has number 7; its row was born at 11.2,
//                                 "-" when the agent did not see that
//   7 1.25                        its value from this tick on
//   7 -                           absent from this tick on
//
// A row that is used by another container gives new numbers, so no number mixes two lives.
// tests/rules/scenarios/replay_files.py turns it into unit test files of rules. Used by
// tests/kernel/scenarios/record_memory.sh and those beside it.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "kernel/host/host.h"
#include "sampler/collector.h"

namespace {

using namespace cgsentry;

/// The text of the rule files, asked for whole words.
class Rules {
 public:
  void add(const char* path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty()) {
      throw std::runtime_error(fmt::format("{} cannot be read", path));
    }
    text_ += text;
  }

  [[nodiscard]] bool read(std::string_view metric) const {
    for (auto at = text_.find(metric); at != text_.npos; at = text_.find(metric, at + 1)) {
      const std::size_t end = at + metric.size();
      if ((at == 0 || !in_name(text_[at - 1])) && (end == text_.size() || !in_name(text_[end]))) {
        return true;
      }
    }
    return false;
  }

 private:
  static bool in_name(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }
  std::string text_;
};

class Recording {
 public:
  Recording(const char* path, const Rules& rules)
      : file_(std::fopen(path, "w"), &std::fclose), rules_(rules) {
    if (file_ == nullptr) {
      throw std::runtime_error(fmt::format("{} cannot be written", path));
    }
  }

  /// `since_boot` is the time of the tick, and `boot` that of the boot on the agent's time line.
  void write(const Sample& sample, Duration since_boot) {
    boot_ = sample.time - since_boot;
    fmt::print(file_.get(), "tick {:.3f} {}\n", to_seconds(since_boot),
               sample.blind ? "blind" : "full");
    ++tick_;
    for (std::size_t t = 0; t < sample.tables.size(); ++t) {
      for (std::size_t c = 0; c < sample.tables[t].columns.size(); ++c) {
        if (wanted(sample.tables[t].columns[c].metric)) {
          write_column(sample.tables[t], t, c);
        }
      }
    }
    end_what_is_gone();
    std::fflush(file_.get());
  }

 private:
  /// Table, column and the row's serial.
  using Key = std::tuple<std::size_t, std::size_t, std::uint64_t>;
  struct Series {
    std::size_t number = 0;
    double value = 0;
    std::uint64_t seen = 0;  // in which tick it had a value last
  };

  bool wanted(const std::string& metric) {
    const auto [found, is_new] = wanted_.try_emplace(metric, false);
    if (is_new) {
      found->second = rules_.read(metric);
    }
    return found->second;
  }

  void write_column(const Table& table, std::size_t t, std::size_t c) {
    const Column& column = table.columns[c];
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      if (!table.rows[r].live() || column.present[r] == 0) {
        continue;
      }
      const auto [found, is_new] = series_.try_emplace({t, c, table.rows[r].serial});
      Series& series = found->second;
      if (is_new) {
        series.number = ++last_number_;
        introduce(series.number, table.rows[r], column);
      }
      if (is_new || series.value != column.values[r]) {
        fmt::print(file_.get(), "{} {}\n", series.number, column.values[r]);
      }
      series.value = column.values[r];
      series.seen = tick_;
    }
  }

  void introduce(std::size_t number, const Row& row, const Column& column) {
    Labels labels = row.labels;
    labels.complete(column.labels);
    labels.set(kMetricName, column.metric);
    const std::string born =
        row.seen_born ? fmt::format("{:.3f}", to_seconds(row.born_at - boot_)) : "-";
    fmt::print(file_.get(), "series {} {} {}\n", number, born, labels.to_string());
  }

  void end_what_is_gone() {
    std::erase_if(series_, [&](const auto& entry) {
      const bool gone = entry.second.seen != tick_;
      if (gone) {
        fmt::print(file_.get(), "{} -\n", entry.second.number);
      }
      return gone;
    });
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  const Rules& rules_;
  std::map<std::string, bool> wanted_;
  std::map<Key, Series> series_;
  std::size_t last_number_ = 0;
  std::uint64_t tick_ = 0;
  Timestamp boot_{};
};

/// False when SIGTERM came meanwhile.
bool wait_until(std::chrono::steady_clock::time_point deadline) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  const Duration left = std::max(Duration{}, deadline - std::chrono::steady_clock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec time{seconds.count(), (left - seconds).count()};
  return ::sigtimedwait(&ends, nullptr, &time) != SIGTERM;
}

void record(const char* path, const Rules& rules) {
  constexpr std::chrono::seconds kInterval{1};
  Recording recording(path, rules);
  const SystemClock clock;
  sampler::Collector collector({test::cgroup_root(), 1024, {}}, clock.now());
  for (const std::string& note : collector.notes()) {
    log::warning("{}", note);
  }
  auto deadline = std::chrono::steady_clock::now();
  do {
    const Timestamp now = clock.now();
    const Duration monotonic = clock.monotonic_at(now);
    collector.sampler().note(
        collector.data_path().events().drain(now.time_since_epoch() - monotonic));
    recording.write(collector.sampler().take(now, monotonic), monotonic);
    do {
      deadline += kInterval;
    } while (deadline < std::chrono::steady_clock::now());
  } while (wait_until(deadline));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 3) {
      throw std::runtime_error("usage: series_recorder OUTPUT RULE_FILE...");
    }
    Rules rules;
    for (int i = 2; i < argc; ++i) {
      rules.add(argv[i]);
    }
    record(argv[1], rules);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "series_recorder: {}\n", error.what());
    return 1;
  }
}
