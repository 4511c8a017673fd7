#include "edge/pbx_config.hpp"

namespace stormdoor::edge {

PbxConfig read_pbx_config(const ConfigTable& pbx) {
  PbxConfig config;
  config.asterisk_security_log = pbx.path("asterisk_security_log", config.asterisk_security_log);
  config.believe_udp_sources = pbx.boolean("believe_udp_sources", config.believe_udp_sources);
  return config;
}

}  // namespace stormdoor::edge
