#include "acl/rule_set.hpp"

#include <utility>

namespace stormdoor::acl {

RuleSet::RuleSet(AclRules rules) : rules_(std::move(rules)) {
  elsewhere_.name = "no network";
  std::sort(rules_.decoys.begin(), rules_.decoys.end());
  std::vector<IpPrefix> prefixes;
  for (const Network& network : rules_.networks)
    for (const IpPrefix& prefix : network.prefixes) {
      claims_.push_back({prefix, &network});
      prefixes.push_back(prefix);
    }
  table_ = PrefixTable(prefixes);
}

std::shared_ptr<const RuleSet> RuleSet::from(AclRules rules) {
  return std::shared_ptr<const RuleSet>(new RuleSet(std::move(rules)));
}

RuleSet::Match RuleSet::match(const IpAddress& address) const {
  const uint32_t found = table_.find(address);
  if (found == PrefixTable::kNone) return {&elsewhere_, nullptr};
  return {claims_[found].network, &claims_[found].prefix};
}

}  // namespace stormdoor::acl
