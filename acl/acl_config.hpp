#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "acl/expectation.hpp"
#include "acl/service.hpp"
#include "base/clock.hpp"
#include "base/config_reader.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::acl {

// One [[network]]: where phones and people are, what they may use there and how phones prove who
// they are. The most specific prefix decides, whichever network it stands in; there is no adding
// up.
struct Network {
  std::string name;                // unique
  std::vector<IpPrefix> prefixes;  // each in one network only
  ServiceSet services;             // empty: nothing, a hole in a wider network
  Identity identity = Identity::Token;
  FirstContact first_contact = FirstContact::Stub;
  // Failures of provisioning and sip never lead to a block here; those of desk-login, portal and
  // api still do.
  bool never_block = false;
  bool operator==(const Network&) const = default;
};

// One [[limit]]: `failures` different mistakes within `within` lead to a block for `block_for`: of
// the source, or, where healthy phones share it, of the account or MAC that failed most; of the
// source all the same when `distinct_identities` unknown ones failed (promise 5). Each further
// block of the same source lasts `repeat_factor` times the one before, `repeat_max` at most; a
// source that kept out of trouble for `repeat_max` after its last block starts afresh.
struct Limit {
  static constexpr uint32_t kMostFailures = 64;  // of which FailureTracker keeps exact times

  uint32_t failures = 10;
  milliseconds within = std::chrono::minutes(10);
  milliseconds block_for = std::chrono::hours(1);
  uint32_t repeat_factor = 2;
  milliseconds repeat_max = std::chrono::days(7);
  uint32_t distinct_identities = 4;
  bool operator==(const Limit&) const = default;
};

// [tftp_throttle]: what holds against sources that have proved nothing (promise 4). So many
// failures within the window stop TFTP for a while, for one source or for a whole neighbourhood
// (/24, /48); nothing else of theirs is touched.
struct TftpThrottle {
  uint32_t failures = 20;
  uint32_t failures_per_neighbourhood = 400;
  milliseconds within = std::chrono::minutes(1);
  milliseconds throttle_for = std::chrono::minutes(1);
  bool operator==(const TftpThrottle&) const = default;
};

// enforce = "...": where blocks are refused.
enum class EnforceMode : uint8_t {
  Kernel,     // in nftables by stormdoor-enforce, and at our own listeners
  Listeners,  // at our own listeners
  Shadow,     // nowhere: everything is decided and written down, nothing refused
  Off,        // nowhere, and nothing is decided
};

// [sip_probes]: requests without credentials whose challenge nobody answers, or that name nobody:
// so many answers within the window, and the source is metered for a while; never blocked.
struct ProbeRules {
  uint32_t answers = 60;
  milliseconds within = std::chrono::minutes(1);
  milliseconds meter_for = std::chrono::minutes(10);
  bool operator==(const ProbeRules&) const = default;
};

[[nodiscard]] constexpr bool refuses_nothing(EnforceMode mode) {
  return mode == EnforceMode::Shadow || mode == EnforceMode::Off;
}

// What the guard decides by. A reload replaces it whole.
struct AclRules {
  EnforceMode enforce = EnforceMode::Listeners;
  // Without any [[network]]: private and link-local addresses get what phones need, this machine
  // everything, the rest of the world nothing.
  std::vector<Network> networks = default_networks();
  // By service. A [[limit]] replaces the default of its service.
  std::array<Limit, kAllServices.size()> limits = default_limits();
  // [mac_sweep]: files of so many different unknown or foreign phones are a sweep, however slow.
  Limit mac_sweep = {.failures = 30,
                     .within = std::chrono::hours(24),
                     .block_for = std::chrono::hours(24),
                     .repeat_factor = 2,
                     .repeat_max = std::chrono::days(30)};
  // MACs that no phone has, set out where only a sweep finds them: asking for the file of one, over
  // a proven path, is a sweep at once.
  std::vector<MacAddress> decoys = {};  // sorted
  TftpThrottle tftp_throttle;
  ProbeRules sip_probes;

  [[nodiscard]] const Limit& limit(Service service) const {
    return limits[static_cast<size_t>(service)];
  }
  static std::vector<Network> default_networks();
  static std::array<Limit, kAllServices.size()> default_limits();
  bool operator==(const AclRules&) const = default;
};

// [guard]: sizes and keys, which need a restart. What happens when one is reached stands at
// FailureTracker, BlockList and EvidenceBook.
struct GuardSizes {
  // Each service of a source is tracked apart.
  size_t tracked_sources = 100'000;
  size_t blocks = 100'000;
  size_t evidence_per_source = 16;
  // What counts as one source: failures are counted and blocks made by addresses cut to this
  // length.
  int source_prefix_v4 = 32;
  int source_prefix_v6 = 64;
  bool operator==(const GuardSizes&) const = default;
};

struct AclConfig {
  AclRules rules;                         // a reload applies them
  GuardSizes sizes;                       // these need a restart
  std::vector<Expectation> expectations;  // what must come of it: prove_expectations()
  bool operator==(const AclConfig&) const = default;
};

// Reads [[network]], [[limit]], [mac_sweep], [tftp_throttle], [sip_probes] and [guard] below
// `root`, and checks what spans keys. Errors are noted at `root`'s reader with their positions;
// what is allowed but most likely not meant is added to `warnings`, "file:line:column: key:
// sentence".
[[nodiscard]] AclConfig read_acl_config(const ConfigTable& root,
                                        std::vector<std::string>& warnings);

}  // namespace stormdoor::acl
