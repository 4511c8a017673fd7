#include "edge/misplaced.hpp"

#include <algorithm>

namespace stormdoor::edge {

std::optional<Misplaced::Entry> Misplaced::note(const MacAddress& phone, const IpAddress& address,
                                                const store::LocationRecord& location,
                                                WallTime now) {
  const bool at_home = location.networks.empty() ||
                       std::ranges::any_of(location.networks, [&](const IpPrefix& network) {
                         return network.contains(address);
                       });
  const auto known = entries_.find(phone);
  if (at_home) {
    if (known != entries_.end()) entries_.erase(known);
    return {};
  }
  if (known != entries_.end() && known->second.address == address &&
      known->second.location == location.name)
    return {};
  if (known == entries_.end() && entries_.size() >= capacity_)
    entries_.erase(std::ranges::min_element(entries_, {},
                                            [](const auto& entry) { return entry.second.since; }));
  const Entry entry{phone, location.name, address, now, false};
  entries_.insert_or_assign(phone, entry);
  return entry;
}

bool Misplaced::acknowledge(const MacAddress& phone) {
  const auto known = entries_.find(phone);
  if (known == entries_.end()) return false;
  known->second.acknowledged = true;
  return true;
}

std::vector<Misplaced::Entry> Misplaced::list() const {
  std::vector<Entry> all;
  for (const auto& [phone, entry] : entries_)
    if (!entry.acknowledged) all.push_back(entry);
  return all;
}

std::optional<Misplaced::Entry> Misplaced::find(const MacAddress& phone) const {
  const auto known = entries_.find(phone);
  if (known == entries_.end()) return {};
  return known->second;
}

}  // namespace stormdoor::edge
