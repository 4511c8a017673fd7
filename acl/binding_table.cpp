#include "acl/binding_table.hpp"

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"

namespace stormdoor::acl {
namespace {

constexpr size_t kMostShards = 16;
constexpr size_t kLeastPerShard = 256;
constexpr size_t kMostVendorBytes = 64;
constexpr size_t kMostRelayBytes = 128;

// What evicts each other first: the neighbours on a link.
IpAddress link_of(const IpAddress& address) {
  return IpPrefix(address, address.is_v4() ? 24 : 48).address();
}

bool can_teach(const Sighting& sighting) {
  const IpAddress& address = sighting.address;
  if (sighting.mac.is_zero() || sighting.mac.is_multicast()) return false;
  if (address.is_unspecified() || address.is_loopback()) return false;
  if (address.is_v4()) {
    const uint32_t value = address.v4_value();
    return value >> 28 != 0xE && value != 0xFFFFFFFF;
  }
  return address.bytes()[0] != 0xff;
}

struct Claim {
  BindingTable::Holder holder;
  SteadyTime last;
  SteadyTime foreign_until = SteadyTime::min();
};

struct Entry {
  std::vector<Claim> claims;                     // newest first
  SteadyTime handed_over = SteadyTime::min();    // what was claimed before disputes nothing
  std::list<IpAddress>::iterator place_in_link;  // newest first
};

struct Seen {
  IpAddress address;
  SteadyTime last;
};

class Shard {
 public:
  void configure(size_t capacity, milliseconds fit_for) {
    capacity_ = capacity;
    fit_for_ = fit_for;
  }

  BindingTable::Learned learn(const Sighting& sighting, Now now) {
    ++counters_.sightings;
    Entry& entry = entry_of(sighting.address);
    const bool was_fit = is_fit(entry, now.steady);
    const bool was_foreign = !entry.claims.empty() && is_foreign(entry.claims.front(), now.steady);
    BindingTable::Learned learned = claim(entry, sighting, now);
    remember_address(sighting.mac, sighting.address, now.steady);
    const bool disputed = in_conflict(entry, now.steady) ||
                          (!was_foreign && is_foreign(entry.claims.front(), now.steady));
    learned.conflict = was_fit && disputed;
    if (learned.conflict) ++counters_.conflicts;
    return learned;
  }

  [[nodiscard]] std::optional<MacAddress> proven_mac(const IpAddress& address,
                                                     SteadyTime now) const {
    const auto found = entries_.find(address);
    if (found == entries_.end() || !is_fit(found->second, now)) return {};
    return found->second.claims.front().holder.mac;
  }

  [[nodiscard]] std::optional<BindingTable::Binding> find(const IpAddress& address,
                                                          SteadyTime now) const {
    const auto found = entries_.find(address);
    if (found == entries_.end()) return {};
    return shown(found->first, found->second, now);
  }

  void add_first(std::vector<BindingTable::Binding>& all, size_t most, SteadyTime now) const {
    for (const auto& [address, entry] : entries_) {
      if (most-- == 0) return;
      all.push_back(shown(address, entry, now));
    }
  }

  void add_addresses_of(const MacAddress& mac, std::vector<Seen>& seen) const {
    const auto found = by_mac_.find(mac);
    if (found != by_mac_.end()) seen.insert(seen.end(), found->second.begin(), found->second.end());
  }

  void add_counters(BindingTable::Counters& sum) const {
    sum.addresses += entries_.size();
    sum.sightings += counters_.sightings;
    sum.conflicts += counters_.conflicts;
    sum.evictions += counters_.evictions;
  }

 private:
  // The entry, now the newest of its link; may evict another.
  Entry& entry_of(const IpAddress& address) {
    const IpAddress link = link_of(address);
    if (const auto found = entries_.find(address); found != entries_.end()) {
      auto& order = links_[link];
      order.splice(order.begin(), order, found->second.place_in_link);
      return found->second;
    }
    if (entries_.size() >= capacity_) evict_from_largest_link();
    auto& order = links_[link];
    change_size(link, order.size(), order.size() + 1);
    order.push_front(address);
    Entry& entry = entries_[address];
    entry.place_in_link = order.begin();
    return entry;
  }

  void evict_from_largest_link() {
    const IpAddress link = sizes_.rbegin()->second;
    auto& order = links_[link];
    const IpAddress oldest = order.back();
    change_size(link, order.size(), order.size() - 1);
    order.pop_back();
    if (order.empty()) links_.erase(link);
    const auto found = entries_.find(oldest);
    for (const Claim& claim : found->second.claims) forget_address(claim.holder.mac, oldest);
    entries_.erase(found);
    ++counters_.evictions;
  }

  void change_size(const IpAddress& link, size_t before, size_t after) {
    if (before > 0) sizes_.erase({before, link});
    if (after > 0) sizes_.emplace(after, link);
  }

  BindingTable::Learned claim(Entry& entry, const Sighting& sighting, Now now) {
    auto& claims = entry.claims;
    BindingTable::Learned learned;
    learned.is_new = claims.empty() || claims.front().holder.mac != sighting.mac;
    if (learned.is_new && !claims.empty()) learned.before = claims.front().holder.mac;
    auto known =
        std::ranges::find(claims, sighting.mac, [](const Claim& c) { return c.holder.mac; });
    // To a newcomer only: else the true holder's renewals would hide somebody who takes turns.
    const bool newcomer = known == claims.end() || !is_young(known->last, now.steady);
    if (sighting.source == BindingSource::Dhcp && newcomer) entry.handed_over = now.steady;
    if (known == claims.end()) {
      if (claims.size() == BindingTable::kHistory) {
        forget_address(claims.back().holder.mac, sighting.address);
        claims.pop_back();
      }
      claims.insert(claims.begin(), Claim{});
      claims.front().holder.mac = sighting.mac;
      claims.front().holder.first = now.wall;
    } else {
      std::rotate(claims.begin(), known, known + 1);
    }
    refresh(claims.front(), sighting, now);
    return learned;
  }

  void refresh(Claim& claim, const Sighting& sighting, Now now) const {
    BindingTable::Holder& holder = claim.holder;
    claim.last = now.steady;
    holder.last = now.wall;
    holder.source = std::max(holder.source, sighting.source);
    if (sighting.foreign_frame) claim.foreign_until = now.steady + fit_for_;
    if (!sighting.vendor_class.empty())
      holder.vendor_class = sighting.vendor_class.substr(0, kMostVendorBytes);
    if (!sighting.relay.empty()) holder.relay = sighting.relay.substr(0, kMostRelayBytes);
    holder.interface = sighting.interface;
    // The kernel names an interface, no tag.
    if (sighting.source != BindingSource::Kernel) holder.vlan = sighting.vlan;
  }

  void remember_address(const MacAddress& mac, const IpAddress& address, SteadyTime now) {
    auto& seen = by_mac_[mac];
    std::erase_if(seen, [&](const Seen& s) { return s.address == address; });
    if (seen.size() == BindingTable::kMostAddressesOfMac) seen.pop_back();
    seen.insert(seen.begin(), Seen{address, now});
  }

  void forget_address(const MacAddress& mac, const IpAddress& address) {
    const auto found = by_mac_.find(mac);
    if (found == by_mac_.end()) return;
    std::erase_if(found->second, [&](const Seen& s) { return s.address == address; });
    if (found->second.empty()) by_mac_.erase(found);
  }

  [[nodiscard]] bool is_young(SteadyTime last, SteadyTime now) const {
    return now - last < fit_for_;
  }
  [[nodiscard]] static bool is_foreign(const Claim& claim, SteadyTime now) {
    return now < claim.foreign_until;
  }
  [[nodiscard]] bool in_conflict(const Entry& entry, SteadyTime now) const {
    return std::any_of(entry.claims.begin() + 1, entry.claims.end(), [&](const Claim& other) {
      return is_young(other.last, now) && other.last >= entry.handed_over;
    });
  }
  [[nodiscard]] bool is_fit(const Entry& entry, SteadyTime now) const {
    return !entry.claims.empty() && is_young(entry.claims.front().last, now) &&
           !is_foreign(entry.claims.front(), now) && !in_conflict(entry, now);
  }

  [[nodiscard]] BindingTable::Binding shown(const IpAddress& address, const Entry& entry,
                                            SteadyTime now) const {
    BindingTable::Binding binding{address, {}, in_conflict(entry, now), is_fit(entry, now)};
    for (const Claim& claim : entry.claims) {
      binding.holders.push_back(claim.holder);
      binding.holders.back().foreign_frame = is_foreign(claim, now);
    }
    return binding;
  }

  size_t capacity_ = 0;
  milliseconds fit_for_{};
  std::map<IpAddress, Entry> entries_;  // ordered, so that the first ones are found quickly
  std::unordered_map<IpAddress, std::list<IpAddress>> links_;
  std::set<std::pair<size_t, IpAddress>> sizes_;  // of the links
  // Only of what stands in entries_, so that it is bounded with them.
  std::unordered_map<MacAddress, std::vector<Seen>> by_mac_;  // newest first
  BindingTable::Counters counters_;
};

}  // namespace

std::string_view to_string(BindingSource source) {
  switch (source) {
    case BindingSource::Arp:
      return "ARP";
    case BindingSource::GratuitousArp:
      return "gratuitous ARP";
    case BindingSource::NeighborSolicit:
      return "neighbour solicitation";
    case BindingSource::NeighborAdvert:
      return "neighbour advertisement";
    case BindingSource::Dhcp:
      return "DHCP";
    case BindingSource::Kernel:
      return "kernel";
  }
  return "unknown";
}

struct BindingTable::State {
  explicit State(size_t shard_count) : shards(shard_count) {}
  Guarded<Shard>& shard_of(const IpAddress& address) {
    return shards[std::hash<IpAddress>{}(address) % shards.size()];
  }
  std::vector<Guarded<Shard>> shards;
};

BindingTable::BindingTable(size_t capacity, milliseconds fit_for) {
  STORMDOOR_CHECK(capacity > 0, "a table without room holds nothing");
  const size_t shards = std::clamp<size_t>(capacity / kLeastPerShard, 1, kMostShards);
  state_ = std::make_unique<State>(shards);
  for (auto& guarded : state_->shards)
    guarded.with([&](Shard& shard) { shard.configure(capacity / shards, fit_for); });
}

BindingTable::~BindingTable() = default;

BindingTable::Learned BindingTable::learn(const Sighting& sighting, Now now) {
  if (!can_teach(sighting)) return {};
  return state_->shard_of(sighting.address).with([&](Shard& shard) {
    return shard.learn(sighting, now);
  });
}

std::optional<MacAddress> BindingTable::proven_mac(const IpAddress& address, Now now) const {
  return state_->shard_of(address).with(
      [&](const Shard& shard) { return shard.proven_mac(address, now.steady); });
}

std::optional<BindingTable::Binding> BindingTable::find(const IpAddress& address, Now now) const {
  return state_->shard_of(address).with(
      [&](const Shard& shard) { return shard.find(address, now.steady); });
}

std::vector<IpAddress> BindingTable::addresses_of(const MacAddress& mac) const {
  std::vector<Seen> seen;
  for (const auto& guarded : state_->shards)
    guarded.with([&](const Shard& shard) { shard.add_addresses_of(mac, seen); });
  std::ranges::stable_sort(seen, std::greater{}, &Seen::last);
  if (seen.size() > kMostAddressesOfMac) seen.resize(kMostAddressesOfMac);
  std::vector<IpAddress> addresses;
  for (const Seen& each : seen) addresses.push_back(each.address);
  return addresses;
}

std::vector<BindingTable::Binding> BindingTable::all(size_t most, Now now) const {
  std::vector<Binding> bindings;
  for (const auto& guarded : state_->shards)
    guarded.with([&](const Shard& shard) { shard.add_first(bindings, most, now.steady); });
  std::ranges::sort(bindings, {}, &Binding::address);
  if (bindings.size() > most) bindings.resize(most);
  return bindings;
}

BindingTable::Counters BindingTable::counters() const {
  Counters sum;
  for (const auto& guarded : state_->shards)
    guarded.with([&](const Shard& shard) { shard.add_counters(sum); });
  return sum;
}

}  // namespace stormdoor::acl
