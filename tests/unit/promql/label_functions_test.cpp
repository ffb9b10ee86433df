// label_replace and label_join.
#include "support/promql.h"

using namespace cgsentry;
using namespace cgsentry::test;

namespace {

Values result(const std::string& text) {
  ScriptedSamples samples;
  samples.set("usage", samples.add_row({{"id", "/kube/pod-7"}, {"zone", "a"}}), 3);
  return at_once(text, samples);
}

}  // namespace

TEST_CASE("label_replace sets what the groups matched") {
  CHECK(result(R"q(label_replace(usage, "pod", "$1-of-${2}", "id", "/(.*)/pod-(\\d+)"))q") ==
        Values{{R"(usage{id="/kube/pod-7", pod="kube-of-7", zone="a"})", 3}});
  CHECK(result(R"q(label_replace(usage, "pod", "$n!$$", "id", ".*(?P<n>\\d)"))q") ==
        Values{{R"(usage{id="/kube/pod-7", pod="7!$", zone="a"})", 3}});
}

TEST_CASE("label_replace leaves what does not match, and can remove") {
  CHECK(result(R"q(label_replace(usage, "pod", "$1", "id", "pod-(.*)"))q") ==
        Values{{R"(usage{id="/kube/pod-7", zone="a"})", 3}});
  CHECK(result(R"q(label_replace(usage, "zone", "", "id", ".*"))q") ==
        Values{{R"(usage{id="/kube/pod-7"})", 3}});
}

TEST_CASE("label_join puts values together") {
  CHECK(result(R"q(label_join(usage, "both", ":", "zone", "nothing", "id"))q") ==
        Values{{R"(usage{both="a::/kube/pod-7", id="/kube/pod-7", zone="a"})", 3}});
}
