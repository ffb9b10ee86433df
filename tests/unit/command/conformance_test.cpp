// PromQL against files of cases: those of tests/golden/promql, and those of the folder that the
// environment names in CGSENTRY_PROMQL_CASES.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "command/unit_test_run.h"
#include "support/catch.h"

using namespace cgsentry;
using namespace cgsentry::command;

namespace {

std::vector<std::string> case_files() {
  std::vector<std::string> folders{std::string(CGSENTRY_TEST_DIR) + "/golden/promql"};
  if (const char* more = std::getenv("CGSENTRY_PROMQL_CASES")) {
    folders.emplace_back(more);
  }
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().string().ends_with(".test.yaml")) {
        files.push_back(entry.path().string());
      }
    }
  }
  std::ranges::sort(files);
  return files;
}

UnitTestFile read(const std::string& path) {
  std::ifstream stream(path);
  auto file = read_unit_test_file({std::istreambuf_iterator<char>(stream), {}}, path);
  if (!file) {
    FAIL(file.error().front().to_string());
  }
  return *std::move(file);
}

std::string text(const std::string& path, const Failure& failure) {
  std::string text = path + ":" + std::to_string(failure.place.line) + ": " + failure.message;
  for (const std::string& line : failure.lines) {
    text += "\n    " + line;
  }
  return text;
}

}  // namespace

TEST_CASE("every case of PromQL gives the value that its file expects") {
  for (const std::string& path : case_files()) {
    DYNAMIC_SECTION(path) {
      const UnitTestFile file = read(path);
      REQUIRE_FALSE(file.tests.empty());
      for (const UnitTest& test : file.tests) {
        const auto failures = run_unit_test(file, test, {});
        REQUIRE(failures);
        for (const Failure& failure : *failures) {
          FAIL_CHECK(text(path, failure));
        }
        CHECK(failures->empty());
      }
    }
  }
}
