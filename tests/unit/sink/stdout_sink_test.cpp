// Tests sink/stdout_sink on real pipes, sockets and devices: whole lines, and never a blocked
// agent.
#include "sink/stdout_sink.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "base/setup_error.h"
#include "support/catch.h"
#include "support/transitions.h"

using namespace cgsentry;
using sink::Deadline;

namespace {

struct Pipe {
  Fd reader;
  Fd writer;

  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    reader = Fd(ends[0]);
    writer = Fd(ends[1]);
  }

  /// Fills the pipe so that not one more byte fits.
  void fill() const {
    const int flags = ::fcntl(writer.get(), F_GETFL);
    ::fcntl(writer.get(), F_SETFL, flags | O_NONBLOCK);
    const std::string zeros(4096, '\n');
    while (::write(writer.get(), zeros.data(), zeros.size()) > 0) {
    }
    ::fcntl(writer.get(), F_SETFL, flags);
  }
};

/// Everything until the last writer has closed.
std::string read_all(const Fd& reader) {
  std::string out;
  char bytes[8192];
  for (ssize_t count = 0; (count = ::read(reader.get(), bytes, sizeof bytes)) > 0;) {
    out.append(bytes, static_cast<std::size_t>(count));
  }
  return out;
}

std::vector<nlohmann::json> parse_lines(const std::string& text) {
  std::vector<nlohmann::json> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) {
      out.push_back(nlohmann::json::parse(line));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("each transition is one line, in order") {
  Pipe pipe;
  {
    const auto sink = sink::make_stdout_sink({}, std::move(pipe.writer));
    sink->deliver(test::firing());
    sink->deliver(test::resolved());
    sink->close();
    sink->join(test::far());
    CHECK(sink->stats().delivered == 2);
  }
  const auto lines = parse_lines(read_all(pipe.reader));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].at("status") == "firing");
  CHECK(lines[1].at("status") == "resolved");
}

TEST_CASE("a full pipe holds up the sink alone, and its lines come when the reader does") {
  Pipe pipe;
  pipe.fill();
  auto sink = sink::make_stdout_sink({"stdout", {2}}, std::move(pipe.writer));
  for (int i = 0; i < 10; ++i) {
    sink->deliver(test::firing());  // returns at once, or the test hangs
  }
  CHECK(sink->stats().delivered == 0);
  CHECK(sink->stats().dropped >= 7);  // two wait, one may be under way
  std::thread reader([&] { read_all(pipe.reader); });
  CHECK(test::await([&] { return sink->stats().delivered >= 2; }));
  sink->close();
  sink->join(test::far());
  const auto stats = sink->stats();
  CHECK(stats.accepted == stats.delivered + stats.dropped);
  sink.reset();  // the last writer: the reader comes to its end
  reader.join();
}

TEST_CASE("the agent ends although nobody reads its full pipe") {
  Pipe pipe;
  pipe.fill();
  const auto sink = sink::make_stdout_sink({}, std::move(pipe.writer));
  sink->deliver(test::firing());
  sink->deliver(test::resolved());
  sink->close();
  sink->join(Deadline{});
  CHECK(sink->stats().dropped == 2);
}

TEST_CASE("a reader that has gone costs lines, not the process") {
  Pipe pipe;
  pipe.reader.reset();
  const auto sink = sink::make_stdout_sink({}, std::move(pipe.writer));
  sink->deliver(test::firing());
  sink->deliver(test::resolved());
  sink->close();
  sink->join(test::far());
  CHECK(sink->stats().failed == 2);
  CHECK(sink->stats().delivered == 0);
}

TEST_CASE("a full disk costs lines and is counted") {
  const auto sink = sink::make_stdout_sink({}, Fd(::open("/dev/full", O_WRONLY | O_CLOEXEC)));
  sink->deliver(test::firing());
  sink->close();
  sink->join(test::far());
  CHECK(sink->stats().failed == 1);
}

TEST_CASE("a line longer than a pipe's page arrives whole") {
  Pipe pipe;
  Transition transition = test::firing();
  for (int i = 0; i < 12; ++i) {
    transition.alert.annotations.set("note" + std::to_string(i), std::string(1000, 'x'));
  }
  {
    const auto sink = sink::make_stdout_sink({}, std::move(pipe.writer));
    for (int i = 0; i < 3; ++i) {
      sink->deliver(transition);
    }
    sink->close();
    sink->join(test::far());
  }
  const auto lines = parse_lines(read_all(pipe.reader));
  REQUIRE(lines.size() == 3);
  CHECK(lines[2].at("annotations").at("note11").get<std::string>().size() == 1000);
}

TEST_CASE("a long line into a pipe with little room does not get stuck in the kernel") {
  Pipe pipe;
  pipe.fill();
  std::string page(4096, '\0');
  REQUIRE(::read(pipe.reader.get(), page.data(), page.size()) == 4096);
  Transition transition = test::firing();
  for (int i = 0; i < 12; ++i) {
    transition.alert.annotations.set("note" + std::to_string(i), std::string(1000, 'x'));
  }
  const auto sink = sink::make_stdout_sink({}, std::move(pipe.writer));
  sink->deliver(transition);
  CHECK(test::await([&] { return sink->stats().queued == 0; }));
  sink->close();
  sink->join(Deadline{});
  CHECK(sink->stats().dropped == 1);  // it came back: a thread left behind counts nothing
}

TEST_CASE("after a line that was cut off by a full disk the next one begins on its own line") {
  std::string path = (std::filesystem::temp_directory_path() / "cgsentry-XXXXXX").string();
  Fd file(::mkostemp(path.data(), O_APPEND | O_CLOEXEC));
  REQUIRE(file.valid());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit tight{100, before.rlim_max};
  {
    const auto sink = sink::make_stdout_sink({}, std::move(file));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    sink->deliver(test::firing());
    CHECK(test::await([&] { return sink->stats().failed == 1; }));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    sink->deliver(test::resolved());
    sink->close();
    sink->join(test::far());
    CHECK(sink->stats().delivered == 1);
  }
  std::ifstream lines(path);
  std::string first;
  std::string second;
  std::getline(lines, first);
  std::getline(lines, second);
  std::filesystem::remove(path);
  CHECK(first.size() == 100);
  CHECK(nlohmann::json::parse(second).at("status") == "resolved");
}

TEST_CASE("a socket, as systemd gives it, is written without blocking and without SIGPIPE") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const Fd reader(ends[0]);
  {
    const auto sink = sink::make_stdout_sink({}, Fd(ends[1]));
    sink->deliver(test::firing());
    sink->close();
    sink->join(test::far());
    CHECK(sink->stats().delivered == 1);
  }
  CHECK(parse_lines(read_all(reader)).size() == 1);
}

TEST_CASE("a socket whose reader stands still does not keep the agent from ending") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const Fd reader(ends[0]);
  const auto sink = sink::make_stdout_sink({}, Fd(ends[1]));
  for (int i = 0; i < 5'000; ++i) {
    sink->deliver(test::firing());
  }
  sink->close();
  sink->join(Deadline{});
  const auto stats = sink->stats();
  CHECK(stats.dropped > 0);
  CHECK(stats.accepted == stats.delivered + stats.dropped);
}

TEST_CASE("a descriptor that is not open is a mistake at setup") {
  CHECK_THROWS_AS(sink::make_stdout_sink({}, Fd()), SetupError);
}
