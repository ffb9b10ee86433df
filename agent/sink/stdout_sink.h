// Writes alert lines to a file descriptor, normally stdout.
//
// A reader that has stopped (a full pipe) holds up this thread only: it waits in poll(), and the
// queue refuses what does not fit. A line is written whole or, when the agent has to end, cut; a
// descriptor that is broken (EPIPE, ENOSPC, EIO) costs the line, counted as failed.
// Tested by tests/unit/sink/stdout_sink_test.cpp.
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "sink/sink.h"

namespace cgsentry::sink {

struct StdoutOptions {
  std::string name = "stdout";
  QueueLimits queue;
};

/// Starts the thread. `output` is a duplicate of the descriptor; its flags are left alone because
/// other processes may share them. Throws SetupError.
[[nodiscard]] std::unique_ptr<Sink> make_stdout_sink(const StdoutOptions& options, Fd output);

}  // namespace cgsentry::sink
