#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/blame.hpp"
#include "acl/evidence_book.hpp"
#include "acl/probe_meter.hpp"
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

  std::vector<store::LeaseRecord> leases;  // of phones that are known to be there
  std::vector<std::string> well;           // accounts and phones that are healthy there
  size_t flows = 0;                        // that are registered, and keep passing
  ProbeMeter::State probes;
  uint32_t probe_limit = 0;
  bool shadow = false;
};

// Promise 13: the verdict, then the rule, the counts, what ends it, and the events, newest first;
// one line each, in an administrator's words.
[[nodiscard]] std::vector<std::string> explain(const Findings& findings, Now now);

// The reason of an automatic block: "20 failures of provisioning within 10m (limit 20); the last:
// wrong password for \"301\"".
[[nodiscard]] std::string reason_of_limit(Service service, uint32_t failures, const Limit& limit,
                                          const Failure& last);
[[nodiscard]] std::string reason_of_sweep(uint32_t macs, const Limit& limit, const Failure& last);
[[nodiscard]] std::string reason_of_decoy(const Failure& failure);
// Of a block below the address, where healthy phones share it.
[[nodiscard]] std::string reason_of_blame(Service service, const Blame& blame, uint32_t failures,
                                          const Limit& limit, const Failure& last);
// Of a source at which so many unknown accounts were refused that it is refused itself.
[[nodiscard]] std::string reason_of_strangers(Service service, size_t strangers, uint32_t failures,
                                              const Limit& limit, const Failure& last);
// Of a device that is over the limit wherever it went.
[[nodiscard]] std::string reason_of_device(Service service, const Limit& limit,
                                           const Failure& last);
// Of an old account whose lease is spent or past its deadline.
[[nodiscard]] std::string reason_of_lease(const MacAddress& phone, const std::string& account);

// "phone 00:0F:D3:05:48:48 is excused until ...".
[[nodiscard]] std::string sentence_of(const store::LeaseRecord& lease, Now now);

}  // namespace stormdoor::acl
