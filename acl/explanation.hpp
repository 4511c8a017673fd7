#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/evidence_book.hpp"
#include "acl/unproven_meter.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

// Everything the guard knows about one source at one moment.
struct Findings {
  IpAddress address;
  IpPrefix source;  // as failures are counted
  Network network;
  std::optional<IpPrefix> network_prefix;  // by which it belongs there
  std::array<Limit, kAllServices.size()> limits{};
  Limit mac_sweep;
  TftpThrottle tftp_rules;

  std::vector<store::BlockRecord> blocks;  // in force, of the source or of a prefix around it
  std::array<uint32_t, kAllServices.size()> failures{};
  uint32_t swept_macs = 0;
  UnprovenMeter::Throttle throttle;
  std::vector<Event> events;  // oldest first
  std::optional<Success> success;
};

// Promise 13: the verdict, then the rule, the counts, what ends it, and the events, newest first;
// one line each, in an administrator's words.
[[nodiscard]] std::vector<std::string> explain(const Findings& findings, Now now);

// The reason of an automatic block: "20 failures of provisioning within 10m (limit 20); the last:
// wrong password for \"301\"".
[[nodiscard]] std::string reason_of_limit(Service service, uint32_t failures, const Limit& limit,
                                          const Failure& last);
[[nodiscard]] std::string reason_of_sweep(uint32_t macs, const Limit& limit, const Failure& last);

}  // namespace stormdoor::acl
