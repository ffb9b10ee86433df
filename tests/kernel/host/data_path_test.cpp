// From a kernel hook to a Sample, on the kernel that runs the tests, in cgroups of the test's own.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include "base/fd.h"
#include "host.h"
#include "support/catch.h"
#include "support/own_cgroup.h"

using namespace cgsentry;
using test::Host;
using test::OwnCgroup;

namespace {

std::optional<double> value(const Sample& sample, const std::string& id, std::string_view metric,
                            const Labels& labels = {}) {
  const Table& table = sample.tables[0];
  for (const Column& column : table.columns) {
    if (column.metric != metric || column.labels != labels) {
      continue;
    }
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      if (table.rows[row].labels.get("id") == id && column.present[row] != 0) {
        return column.values[row];
      }
    }
  }
  return std::nullopt;
}

double agent_value(const Sample& sample, std::string_view metric) {
  for (const Column& column : sample.tables[2].columns) {
    if (column.metric == metric) {
      return column.values[0];
    }
  }
  FAIL("no such metric: " << metric);
  return 0;
}

Duration own_cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + Duration(used.tv_nsec);
}

/// Uses `wanted` of the CPU, besides what starting the process and moving it here has used.
int burn(Duration wanted) {
  const Duration end = own_cpu_time() + wanted;
  while (own_cpu_time() < end) {
  }
  return 0;
}

/// What the kernel's scheduler has charged to a process, in nanoseconds.
std::uint64_t run_ns_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  std::uint64_t run_ns = 0;
  file >> run_ns;
  return run_ns;
}

/// Times that the workload at `id` came back after a failure.
double restarts(const Sample& sample, const std::string& id) {
  const Table& table = sample.tables[1];
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (table.rows[row].labels.get("id") == id) {
      return table.columns[0].values[row];
    }
  }
  return -1;
}

/// Runs the first process of a PID namespace, which ends with `status` while another one still
/// runs.
int first_of_namespace(int status) {
  if (::unshare(CLONE_NEWPID) != 0) {
    return -1;
  }
  const pid_t first = ::fork();
  if (first == 0) {
    if (::fork() == 0) {
      ::pause();
    }
    ::_exit(status);
  }
  int result = 0;
  ::waitpid(first, &result, 0);
  return WEXITSTATUS(result);
}

/// Sends `count` datagrams of `bytes` to itself over loopback and receives them.
int talk_to_itself(int count, std::size_t bytes) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, length) != 0 ||
      ::getsockname(socket.get(), generic, &length) != 0) {
    return 1;
  }
  std::string datagram(bytes, 'x');
  for (int i = 0; i < count; ++i) {
    if (::sendto(socket.get(), datagram.data(), bytes, 0, generic, length) < 0 ||
        ::recv(socket.get(), datagram.data(), bytes, 0) < 0) {
      return 2;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("every probe loads and attaches on this kernel") {
  const Host host;
  for (const kernel::Probe& probe : host.path.probes()) {
    CAPTURE(probe.name, probe.reason);
    CHECK(probe.up);
  }
}

TEST_CASE("a cgroup that is made and removed between two ticks is sampled once, with its work") {
  Host host;
  host.tick();
  const std::string id = "/cgsentry-test-short";
  {
    OwnCgroup cgroup(test::cgroup_root(), id.substr(1));
    CHECK(cgroup.run([] { return burn(std::chrono::milliseconds(30)); }) == 0);
  }
  const Sample& last = host.tick();
  CHECK(value(last, id, "container_cpu_run_seconds_total").value_or(0) >= 0.030);
  CHECK(value(last, id, "container_cpu_usage_seconds_total", {{"cpu", "total"}}).value_or(0) >=
        0.030);
  CHECK(value(last, id, "container_start_time_seconds").has_value());
  CHECK_FALSE(value(host.tick(), id, "container_cpu_run_seconds_total").has_value());
}

TEST_CASE("a task that spins without a switch is accounted while it runs") {
  Host host;
  OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-spin");
  const pid_t spinner = cgroup.start([] { return burn(std::chrono::hours(1)); });
  host.tick();
  // Its own use of the CPU is the clock, so a slow machine makes the test longer, not wrong.
  // The task goes on while the rows are read, for as long as it pleases this test's own scheduler.
  double last_rows = 0;
  double last_least = 0;
  double last_most = 0;
  for (int second = 0; second <= 3; ++second) {
    const std::uint64_t until = run_ns_of(spinner) + 1'000'000'000;
    while (run_ns_of(spinner) < until) {
      ::usleep(1'000);
    }
    const double least = static_cast<double>(run_ns_of(spinner)) / 1e9;
    const double rows =
        value(host.tick(), "/cgsentry-test-spin", "container_cpu_run_seconds_total").value_or(0);
    const double most = static_cast<double>(run_ns_of(spinner)) / 1e9;
    if (second > 0) {
      CAPTURE(second);
      CHECK(rows - last_rows >= (least - last_most) * 0.98);
      CHECK(rows - last_rows <= (most - last_least) * 1.02);
    }
    last_rows = rows;
    last_least = least;
    last_most = most;
  }
}

TEST_CASE("the walk reads the same CPU time as cpu.stat") {
  Host host;
  OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-walk");
  cgroup.run([] { return burn(std::chrono::milliseconds(200)); });
  const auto usage = value(host.tick(), "/cgsentry-test-walk", "container_cpu_usage_seconds_total",
                           {{"cpu", "total"}});
  REQUIRE(usage);
  std::ifstream file(cgroup.path() + "/cpu.stat");
  std::string key;
  double usec = 0;
  file >> key >> usec;
  CHECK(*usage == Approx(usec / 1e6).epsilon(0.01));
}

TEST_CASE("datagrams are counted to the byte on both ways") {
  Host host;
  OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-net");
  constexpr int kCount = 500;
  constexpr std::size_t kBytes = 1'000;
  constexpr double kHeaders = 28;  // IPv4 and UDP
  REQUIRE(cgroup.run([] { return talk_to_itself(kCount, kBytes); }) == 0);
  const Sample& sample = host.tick();
  const Labels all{{"interface", "all"}};
  const auto read = [&](const char* metric) {
    return value(sample, "/cgsentry-test-net", metric, all).value_or(-1);
  };
  CHECK(read("container_network_transmit_bytes_total") == kCount * (kBytes + kHeaders));
  CHECK(read("container_network_receive_bytes_total") == kCount * (kBytes + kHeaders));
  CHECK(read("container_network_transmit_packets_total") == kCount);
  CHECK(read("container_network_receive_packets_total") == kCount);
}

TEST_CASE("processes are counted by how they ended") {
  Host host;
  OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-exits");
  cgroup.run([] { return 0; });
  cgroup.run([] { return 3; });
  cgroup.run([] { return ::raise(SIGKILL); });
  const Sample& sample = host.tick();
  const auto exits = [&](const char* cause) {
    return value(sample, "/cgsentry-test-exits", "container_processes_exited_total",
                 {{"cause", cause}});
  };
  CHECK(exits("ok") == 1);
  CHECK(exits("failed") == 1);
  CHECK(exits("signal") == 1);
}

TEST_CASE("a container whose first process ends well has not failed, whomever it takes with it") {
  const auto restarts_after = [](int status) {
    Host host;
    for (int life = 0; life < 2; ++life) {
      OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-namespace");
      host.tick();
      cgroup.run([&] { return first_of_namespace(status); });
      cgroup.remove();
      host.tick();
    }
    OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-namespace");
    return restarts(host.tick(), "/cgsentry-test-namespace");
  };
  CHECK(restarts_after(0) == 0);
  CHECK(restarts_after(3) == 2);
}

TEST_CASE("what runs below a container counts to it, whenever it was born") {
  Host host;
  OwnCgroup outer(test::cgroup_root(), "cgsentry-test-outer");
  OwnCgroup early(outer.path(), "early");  // before the agent has seen the outer one
  host.tick();
  OwnCgroup late(outer.path(), "late");
  early.run([] { return burn(std::chrono::milliseconds(20)); });
  late.run([] { return burn(std::chrono::milliseconds(20)); });
  const auto run = [&](const std::string& id) {
    return value(host.tick(), id, "container_cpu_run_seconds_total");
  };
  CHECK(run("/cgsentry-test-outer").value_or(0) >= 0.040);
  CHECK_FALSE(run("/cgsentry-test-outer/early").has_value());
  early.remove();
  CHECK(run("/cgsentry-test-outer").value_or(0) >= 0.040);
}

TEST_CASE("a probe that is switched off leaves its metrics absent and the others whole") {
  Host host({"network"});
  OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-partial");
  cgroup.run([] { return burn(std::chrono::milliseconds(5)); });
  const Sample& sample = host.tick();
  CHECK(value(sample, "/cgsentry-test-partial", "container_cpu_run_seconds_total").has_value());
  CHECK_FALSE(value(sample, "/cgsentry-test-partial", "container_network_receive_bytes_total",
                    {{"interface", "all"}}));
}

TEST_CASE("without the walk the same numbers come from files") {
  Host host({"walk"});
  OwnCgroup cgroup(test::cgroup_root(), "cgsentry-test-files");
  cgroup.run([] { return burn(std::chrono::milliseconds(50)); });
  const Sample& sample = host.tick();
  CHECK(
      value(sample, "/cgsentry-test-files", "container_cpu_usage_seconds_total", {{"cpu", "total"}})
          .value_or(0) >= 0.050);
  CHECK(value(sample, "/cgsentry-test-files", "container_frozen") == 0);
}

TEST_CASE("a storm of cgroups larger than the slots is refused, counted and survived") {
  Host host({}, 64);
  const double before = agent_value(host.tick(), "cgsentry_rows_refused_total");
  {
    std::vector<std::unique_ptr<OwnCgroup>> storm;
    for (int i = 0; i < 100; ++i) {
      storm.push_back(std::make_unique<OwnCgroup>(test::cgroup_root(),
                                                  "cgsentry-test-storm-" + std::to_string(i)));
    }
    CHECK(agent_value(host.tick(), "cgsentry_rows_refused_total") > before);
  }
  for (int i = 0; i < 6; ++i) {
    host.tick();
  }
  OwnCgroup after(test::cgroup_root(), "cgsentry-test-after");
  CHECK(value(host.tick(), "/cgsentry-test-after", "container_last_seen").has_value());
}
