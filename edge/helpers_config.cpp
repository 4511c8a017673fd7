#include "edge/helpers_config.hpp"

#include <algorithm>
#include <set>

namespace stormdoor::edge {

WatchConfig read_watch_config(const ConfigTable& watch) {
  WatchConfig config;
  config.interfaces = watch.strings("interfaces");
  for (const auto& name : config.interfaces)
    if (name.empty() || name.size() > 15 || name.find_first_of("/ ") != std::string::npos)
      watch.error_at("interfaces", "\"" + name +
                                       "\" cannot be an interface's name; write something like "
                                       "[\"eth0\"]");
  if (std::set(config.interfaces.begin(), config.interfaces.end()).size() !=
      config.interfaces.size())
    watch.error_at("interfaces", "an interface stands there twice; name each once");
  config.sip_ports = watch.ports("sip_ports", config.sip_ports);
  config.bindings = size_t(watch.integer("bindings", int64_t(config.bindings), 1'024, 4'000'000));
  config.sip_servers = watch.prefixes("sip_servers");
  config.call_silence = watch.duration("call_silence", config.call_silence, std::chrono::minutes(1),
                                       std::chrono::days(7));
  constexpr size_t kMostServers = 16;
  if (config.sip_servers.size() > kMostServers)
    watch.error_at("sip_servers", "these are more than 16 prefixes; write larger ones");
  constexpr size_t kMostPorts = 16;
  if (config.sip_ports.empty() || config.sip_ports.size() > kMostPorts)
    watch.error_at("sip_ports", "these are not 1 to 16 ports; write something like [5060]");
  return config;
}

EnforcementConfig read_enforcement_config(const ConfigTable& enforcement) {
  EnforcementConfig config;
  config.refusal = enforcement.choice("refusal", config.refusal,
                                      {{"drop", Refusal::Drop}, {"reject", Refusal::Reject}});
  config.forward = enforcement.boolean("forward", config.forward);
  config.judge_contested = enforcement.boolean("judge_contested", config.judge_contested);
  config.queue = uint16_t(enforcement.integer("queue", config.queue, 0, 65'535));
  config.metered_per_minute =
      uint32_t(enforcement.integer("metered_per_minute", config.metered_per_minute, 1, 100'000));
  config.metered_burst =
      uint32_t(enforcement.integer("metered_burst", config.metered_burst, 1, 100'000));
  return config;
}

}  // namespace stormdoor::edge
