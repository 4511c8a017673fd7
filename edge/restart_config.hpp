#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config_reader.hpp"

namespace stormdoor::edge {

// [restart]: how phones are told to fetch their configuration again. Needs a restart.
struct RestartConfig {
  bool notify = true;                // by SIP NOTIFY, where that reaches them
  unsigned retries = 2;              // after the first time
  milliseconds again_after{60'000};  // when it is not back by then
  std::vector<std::string> command;  // argv with {mac}, {account}, {address}; empty: none
  milliseconds command_timeout{10'000};

  bool operator==(const RestartConfig&) const = default;
};

[[nodiscard]] RestartConfig read_restart_config(const ConfigTable& restart);

}  // namespace stormdoor::edge
