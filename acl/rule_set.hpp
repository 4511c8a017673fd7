#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/prefix_table.hpp"

namespace stormdoor::acl {

// The access rules in the form that answers questions: which network does this address belong to,
// what does it allow, how many failures are too many? Immutable, so any thread may read it without
// a lock for as long as it holds the pointer; a reload makes a new one. Keeps the names, so that
// explanations can say them.
class RuleSet {
 public:
  // Of rules that passed their checks. A prefix that stands twice belongs to the later network.
  static std::shared_ptr<const RuleSet> from(AclRules rules);

  // Where the address belongs by its most specific prefix.
  struct Match {
    const Network* network;  // never null: an address of no network has one that offers nothing
    const IpPrefix* prefix;  // null when no network claims the address
  };
  [[nodiscard]] Match match(const IpAddress& address) const;

  [[nodiscard]] const Limit& limit(Service service) const { return rules_.limit(service); }
  [[nodiscard]] bool is_decoy(const MacAddress& mac) const {
    return std::binary_search(rules_.decoys.begin(), rules_.decoys.end(), mac);
  }
  [[nodiscard]] const AclRules& rules() const { return rules_; }

 private:
  explicit RuleSet(AclRules rules);

  struct Claim {
    IpPrefix prefix;
    const Network* network;
  };
  AclRules rules_;
  Network elsewhere_;
  std::vector<Claim> claims_;
  PrefixTable table_;  // address -> index in claims_
};

// Whether failures of `service` from `network` can never lead to a block.
[[nodiscard]] inline bool never_blocks(const Network& network, Service service) {
  return network.never_block && (service == Service::Provisioning || service == Service::Sip);
}

}  // namespace stormdoor::acl
