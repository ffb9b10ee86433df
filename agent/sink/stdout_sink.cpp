#include "sink/stdout_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/setup_error.h"
#include "sink/json_line.h"
#include "sink/queued_sink.h"

namespace cgsentry::sink {

namespace {

// What a pipe takes in one piece once poll() calls it writable; more could block.
constexpr std::size_t kPieceBytes = 4096;

class LineTeller final : public Teller {
 public:
  LineTeller(std::string name, Fd output, Fd wake, bool is_socket)
      : name_(std::move(name)),
        output_(std::move(output)),
        wake_(std::move(wake)),
        is_socket_(is_socket) {}

  Outcome tell(const Transition& transition, SinkCounters& /*counters*/) override {
    write_json_line(transition, line_);
    if (torn_) {
      line_.insert(line_.begin(), '\n');  // the next line must not be glued to half a line
    }
    return write(line_);
  }

  void interrupt() override {
    const std::uint64_t one = 1;
    // Fails only if the counter is at its end, and then the thread is awake anyway.
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  }

 private:
  Outcome write(std::string_view rest) {
    const std::size_t whole = rest.size();
    while (!rest.empty()) {
      pollfd ready[] = {{output_.get(), POLLOUT, 0}, {wake_.get(), POLLIN, 0}};
      if (::poll(ready, 2, -1) < 0) {
        continue;  // EINTR at most: both descriptors are ours and valid
      }
      if (ready[0].revents == 0) {
        torn_ = torn_ || rest.size() != whole;
        return Outcome::interrupted;
      }
      const ssize_t written = write_piece(rest.substr(0, kPieceBytes));
      if (written >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EAGAIN && errno != EINTR) {
        log::error("sink {}: {}; alert lines are lost", name_, std::strerror(errno));
        torn_ = torn_ || rest.size() != whole;
        return Outcome::failed;
      }
    }
    torn_ = false;
    return Outcome::delivered;
  }

  // On a socket (systemd's journal) without blocking or SIGPIPE. Elsewhere poll() has said that a
  // piece fits, and this thread has SIGPIPE blocked.
  ssize_t write_piece(std::string_view piece) {
    return is_socket_
               ? ::send(output_.get(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
               : ::write(output_.get(), piece.data(), piece.size());
  }

  std::string name_;
  Fd output_;
  Fd wake_;
  bool is_socket_;
  bool torn_ = false;  // the last line was not written to its end
  std::string line_;
};

[[noreturn]] void fail(const std::string& name) {
  throw SetupError("sink " + name + ": " + std::strerror(errno),
                   "start the agent with an open stdout, or switch the sink off");
}

}  // namespace

std::unique_ptr<Sink> make_stdout_sink(const StdoutOptions& options, Fd output) {
  struct stat about {};
  if (::fstat(output.get(), &about) != 0) {
    fail(options.name);
  }
  Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) {
    fail(options.name);
  }
  auto teller = std::make_unique<LineTeller>(options.name, std::move(output), std::move(wake),
                                             S_ISSOCK(about.st_mode));
  return std::make_unique<QueuedSink>(options.name, options.queue, std::move(teller));
}

}  // namespace cgsentry::sink
