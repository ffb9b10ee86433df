// Runs webhook_receiver.py as a child for one test and reads what it has received.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/fd.h"

namespace cgsentry::test {

class WebhookReceiver {
 public:
  /// `arguments`: the answers, see webhook_receiver.py. Ready to accept when it returns.
  explicit WebhookReceiver(std::vector<std::string> arguments) {
    int to_child[2];
    int from_child[2];
    if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe2");
    }
    stdin_ = Fd(to_child[1]);
    stdout_ = Fd(from_child[0]);
    const Fd child_stdin(to_child[0]);
    const Fd child_stdout(from_child[1]);
    spawn(std::move(arguments), child_stdin.get(), child_stdout.get());
    port_ = read_entry().at("port").get<int>();
  }

  WebhookReceiver(const WebhookReceiver&) = delete;
  WebhookReceiver& operator=(const WebhookReceiver&) = delete;

  ~WebhookReceiver() {
    stdin_.reset();  // its sign to end
    stdout_.reset();
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/hook?token=secret";
  }

  /// The next request, waited for. Throws when there is none within 30 s.
  nlohmann::json next_request() { return read_entry(); }

  /// Whether a request is there now, without waiting.
  bool has_request() { return buffer_.find('\n') != std::string::npos || fill(0); }

 private:
  void spawn(std::vector<std::string> arguments, int child_stdin, int child_stdout) {
    arguments.insert(arguments.begin(),
                     {"python3", CGSENTRY_TEST_DIR "/support/webhook_receiver.py"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, child_stdin, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, child_stdout, STDOUT_FILENO);
    const int failed = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
      throw std::runtime_error("python3 cannot be started");
    }
  }

  // True when something came within `timeout_ms`.
  bool fill(int timeout_ms) {
    pollfd ready{stdout_.get(), POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) <= 0) {
      return false;
    }
    char bytes[65536];
    const ssize_t count = ::read(stdout_.get(), bytes, sizeof bytes);
    if (count <= 0) {
      throw std::runtime_error("the receiver has ended");
    }
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  nlohmann::json read_entry() {
    while (buffer_.find('\n') == std::string::npos) {
      if (!fill(30'000)) {
        throw std::runtime_error("the receiver got no request");
      }
    }
    const auto end = buffer_.find('\n');
    const auto entry = nlohmann::json::parse(buffer_.substr(0, end));
    buffer_.erase(0, end + 1);
    return entry;
  }

  Fd stdin_;
  Fd stdout_;
  pid_t pid_ = -1;
  int port_ = 0;
  std::string buffer_;
};

}  // namespace cgsentry::test
