// Finding cgroup2 among the mounts of pure, hybrid and contained hosts.
#include "cgroup/mount.h"

#include "support/catch.h"

using cgsentry::cgroup::parse_mountinfo;

TEST_CASE("a pure host has cgroup2 and no v1") {
  const auto mount = parse_mountinfo(
      "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  REQUIRE(mount);
  CHECK(mount->path == "/sys/fs/cgroup");
  CHECK(mount->root == "/");
  CHECK_FALSE(mount->hybrid);
}

TEST_CASE("a hybrid host has its controllers elsewhere") {
  const auto mount = parse_mountinfo(
      "31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  REQUIRE(mount);
  CHECK(mount->path == "/sys/fs/cgroup/unified");
  CHECK(mount->hybrid);
}

TEST_CASE("a container sees its own part of the tree, and odd mount points are unescaped") {
  const auto mount =
      parse_mountinfo("30 22 0:26 /docker/abc /host\\040cgroup rw - cgroup2 cgroup rw\n");
  REQUIRE(mount);
  CHECK(mount->root == "/docker/abc");
  CHECK(mount->path == "/host cgroup");
}

TEST_CASE("no cgroup2, no mount, and cut lines are survived") {
  CHECK_FALSE(parse_mountinfo("31 30 0:27 / /sys/fs/cgroup rw - cgroup cgroup rw,memory\n"));
  CHECK_FALSE(parse_mountinfo(""));
  CHECK_FALSE(parse_mountinfo("30 22 0:26 / /sys/fs/cgroup"));
  CHECK_FALSE(parse_mountinfo(" - cgr"));
}
