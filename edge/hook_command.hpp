#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace stormdoor::edge {

// `words` with every {name} of `values` filled in, each word by itself: what a value holds is never
// split, and no shell sees it. Other braces stay.
[[nodiscard]] std::vector<std::string> filled_in(const std::vector<std::string>& words,
                                                 const std::map<std::string, std::string>& values);

// Runs a program without a shell, with nothing on its standard input and its output thrown away,
// and waits for its end: for a thread that may wait, never for a loop. An error if it cannot be
// run, ends with another status than 0, or is not done after `most`; then it and its process group
// are killed.
Result<void> run_command(const std::vector<std::string>& arguments, milliseconds most);

}  // namespace stormdoor::edge
