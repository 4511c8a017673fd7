#pragma once

#include <string>

#include "base/config_reader.hpp"

namespace stormdoor::edge {

// [pbx]: what we learn from the PBX itself. Needs a restart.
struct PbxConfig {
  std::string asterisk_security_log;  // empty: none is followed
  bool believe_udp_sources = false;   // of that log; see asterisk_log.hpp

  bool operator==(const PbxConfig&) const = default;
};

[[nodiscard]] PbxConfig read_pbx_config(const ConfigTable& pbx);

}  // namespace stormdoor::edge
