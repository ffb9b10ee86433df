// Reading a file that may be anything.
#include "yaml/file.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "yaml/node.h"

using namespace cgsentry;

TEST_CASE("a file is read whole, and one that never ends as far as its mistake needs") {
  const auto path = std::filesystem::temp_directory_path() / "cgsentry_yaml_file_test";
  const std::string bytes("a: b\r\n\0x", 8);
  std::ofstream(path, std::ios::binary) << bytes;
  const auto read = yaml::read_file(path.string());
  std::filesystem::remove(path);
  REQUIRE(read);
  CHECK(*read == bytes);
  CHECK(yaml::read_file("/dev/null") == std::string());
  const auto endless = yaml::read_file("/dev/zero");
  REQUIRE(endless);
  CHECK(endless->size() == yaml::kMaxBytes + 1);
}

TEST_CASE("a file that cannot be read is an error with its reason") {
  CHECK(yaml::read_file("/nowhere/at/all").error() == "No such file or directory");
  CHECK(yaml::read_file("/").error() == "Is a directory");
}
