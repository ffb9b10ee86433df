// The configuration file: defaults, every key, and mistakes that say where they are.
#include "config/config.h"

#include "support/catch.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using config::Config;

namespace {

std::vector<std::string> mistakes(std::string_view text) {
  const auto config = config::parse(text, "c.yaml");
  std::vector<std::string> told;
  if (!config) {
    for (const yaml::Mistake& mistake : config.error()) {
      told.push_back(mistake.to_string());
    }
  }
  return told;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("an empty file is a good configuration") {
  const auto config = config::parse("", "c.yaml");
  REQUIRE(config);
  CHECK(config->interval == 1s);
  CHECK(config->stdout_enabled);
  CHECK(config->webhooks.empty());
  CHECK(config->journal_path.empty());
}

TEST_CASE("every key is read") {
  const auto config = config::parse(R"(interval: 2s
node_name: n1
cgroup_root: /host/cgroup
containers: 500
rules: [/etc/cgsentry/rules]
external_labels: {cluster: blue}
series_labels: {job: kubelet}
log_level: debug
probes: {disabled: [network]}
alerts: {per_rule: 10, total: 20}
journal: {path: /var/lib/cgsentry, max_bytes: 1000000}
sinks:
  stdout: false
  webhooks:
    - url: http://localhost:9000/
      headers: {X-Team: blue}
      timeout: 2s
    - url: https://example.com/hook
      name: pager
      bearer_token_file: /run/token
)",
                                    "c.yaml");
  REQUIRE(config);
  CHECK(config->interval == 2s);
  CHECK(config->node_name == "n1");
  CHECK(config->cgroup_root == "/host/cgroup");
  CHECK(config->containers == 500);
  CHECK(config->rules == Told{"/etc/cgsentry/rules"});
  CHECK(config->external_labels.at("cluster") == "blue");
  CHECK(config->series_labels.at("job") == "kubelet");
  CHECK(config->log_level == "debug");
  CHECK(config->disabled_probes == Told{"network"});
  CHECK(config->alerts_per_rule == 10);
  CHECK(config->alerts_total == 20);
  CHECK(config->journal_path == "/var/lib/cgsentry");
  CHECK(config->journal_bytes == 1'000'000);
  CHECK_FALSE(config->stdout_enabled);
  REQUIRE(config->webhooks.size() == 2);
  CHECK(config->webhooks[0].name == "webhook");
  CHECK(config->webhooks[0].headers.at("X-Team") == "blue");
  CHECK(config->webhooks[0].timeout == 2s);
  CHECK(config->webhooks[1].name == "pager");
  CHECK(config->webhooks[1].bearer_token_file == "/run/token");
}

TEST_CASE("mistakes are told all at once, with their places") {
  CHECK(mistakes("intervall: 1s\ncontainers: 5\nlog_level: loud\n"
                 "probes:\n  disabled: [shed]\nsinks:\n  webhooks:\n    - name: x\n") ==
        Told{"c.yaml:2:13: `containers` must be a whole number from 64 to 100000, not `5`",
             "c.yaml:3:12: must be one of debug, info, warning, error",
             "c.yaml:5:14: must be one of lifecycle, sched, network, processes, oom, walk",
             "c.yaml:8:7: key `url` is missing",
             "c.yaml:1:1: unknown key `intervall`, did you mean `interval`?"});
}

TEST_CASE("a series label needs a name that rules can write") {
  CHECK(mistakes("series_labels: {ok_1: a, 1st: b, __name__: c, a-b: d}\n") ==
        Told{"c.yaml:1:26: `1st` is no name of a label",
             "c.yaml:1:34: `__name__` is no name of a label",
             "c.yaml:1:47: `a-b` is no name of a label"});
}

TEST_CASE("two webhooks need two names") {
  CHECK(mistakes("sinks:\n  webhooks:\n    - {url: http://a/, name: x}\n"
                 "    - {url: http://b/, name: x}\n") ==
        Told{"c.yaml:4:7: two webhooks have this name"});
}

TEST_CASE("a file that cannot be read is a mistake") {
  const auto config = config::load("/nonexistent/c.yaml");
  REQUIRE_FALSE(config);
  CHECK(config.error()[0].to_string() == "/nonexistent/c.yaml:1:1: No such file or directory");
}
