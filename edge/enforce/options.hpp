#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "edge/messages_enforce.hpp"

namespace stormdoor::edge::enforce {

// What stormdoor-enforce was asked to do on its command line.
struct Options {
  enum class Mode : uint8_t { Serve, PrintRuleset, Restore, Flush, Help, Version };
  Mode mode = Mode::Help;
  int channel = -1;
  int watch_channel = -1;  // none: contested sources are metered
  std::string user;
  std::string state;         // path of the saved state, without ".a" and ".b"
  EnforceSettings settings;  // for PrintRuleset
};

// `arguments` without the program's name.
Result<Options> parse_options(const std::vector<std::string>& arguments);
[[nodiscard]] std::string_view usage();

}  // namespace stormdoor::edge::enforce
