#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config_reader.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::edge {

// [watch]: what stormdoor-watch listens to. Needs a restart.
struct WatchConfig {
  // Interfaces by name, "eth0"; empty: nothing is watched.
  std::vector<std::string> interfaces;
  std::vector<uint16_t> sip_ports = {5060};
  // The PBXs whose answers are believed, at most 16; empty: any address on one of the ports.
  std::vector<IpPrefix> sip_servers;
  size_t bindings = 65'536;  // addresses that are remembered
  // A call without a session timer that is not heard of for so long is taken to be over.
  milliseconds call_silence = std::chrono::hours(4);
  bool operator==(const WatchConfig&) const = default;
};

// What a blocked source gets from the kernel.
enum class Refusal : uint8_t {
  Drop,    // nothing
  Reject,  // a TCP reset or an ICMP port unreachable: phones stop sending again
};

// [enforcement]: how stormdoor-enforce writes enforce = "kernel" into nftables. Needs a restart.
struct EnforcementConfig {
  Refusal refusal = Refusal::Drop;
  // Also what passes through this machine to a PBX behind it, not only what is for it.
  bool forward = true;
  // Packets of addresses that healthy phones share with a blamed account are judged one by one;
  // needs [watch]. Otherwise, and while nobody judges, they are metered.
  bool judge_contested = true;
  uint16_t queue = 5060;
  // Metered sources: new SIP packets per minute, and how many at once.
  uint32_t metered_per_minute = 60;
  uint32_t metered_burst = 30;
  bool operator==(const EnforcementConfig&) const = default;
};

[[nodiscard]] WatchConfig read_watch_config(const ConfigTable& watch);
[[nodiscard]] EnforcementConfig read_enforcement_config(const ConfigTable& enforcement);

}  // namespace stormdoor::edge
