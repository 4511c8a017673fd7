#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "edge/config.hpp"

// What access rules are, would have done and did, as the shell and the API tell it.
namespace stormdoor::edge {

// Which blocks, of which phones, would have appeared or vanished under a configuration's rules.
// Reads the journal: takes its time.
Result<nlohmann::json> replay_rows(const Config& config, const std::string& journal,
                                   WallTime since);
// Who would have been turned away by the blocks that the journal tells of.
Result<nlohmann::json> shadow_rows(const std::string& journal, WallTime since);

// A configuration, or only access rules, as a text: {"valid", "errors": [{"line", "column", "key",
// "message"}], "warnings", "expectations"}. It includes no other files.
struct CheckedText {
  Config config;  // if it is valid
  nlohmann::json report;
  [[nodiscard]] bool valid() const { return report["valid"] == true; }
};
[[nodiscard]] CheckedText check_text(std::string_view toml);

}  // namespace stormdoor::edge
