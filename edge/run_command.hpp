#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace stormdoor::edge {

// Runs an administrator's command to its end and waits for it; for threads that may. No shell: the
// words are its argv, the first is looked for in the usual folders. `input` is its standard input
// (handed over in memory, never on a command line or a disk); it gets none of our descriptors, and
// of our environment HOME and TMPDIR only. After `patience`, or as soon as `stop` is true, it and
// what it started in its process group are killed. The answer is its standard output, at most
// kMostOutput bytes. Errors: Unavailable with how it ended and the last line of its standard error,
// made printable; Timeout.
inline constexpr size_t kMostOutput = size_t{64} * 1024;
Result<std::string> run_command(const std::vector<std::string>& words, std::string_view input,
                                milliseconds patience, const std::atomic<bool>& stop);

}  // namespace stormdoor::edge
