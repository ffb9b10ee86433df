// Which line of a verifier's log a person should see.
#include "kernel/libbpf_log.h"

#include "support/catch.h"

using cgsentry::kernel::telling_line;

TEST_CASE("the reason is the last line before the statistics") {
  CHECK(telling_line("libbpf: prog 'x': BPF program load failed: Permission denied\n"
                     "libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n"
                     "0: R1=ctx\n"
                     "calling kernel function cgroup_rstat_flush is not allowed\n"
                     "processed 12 insns (limit 1000000) max_states_per_insn 0\n"
                     "-- END PROG LOAD LOG --\n"
                     "libbpf: prog 'x': failed to load: -22\n"
                     "libbpf: failed to load object 'cgsentry_bpf'\n") ==
        "calling kernel function cgroup_rstat_flush is not allowed");
}

TEST_CASE("a log of noise alone, or none, gives no line") {
  CHECK(telling_line("").empty());
  CHECK(telling_line("\n\n-- END PROG LOAD LOG --").empty());
}
