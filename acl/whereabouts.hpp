#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounded_map.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::acl {

// Where a phone or an account (by name) was last well: up to four addresses, the newest first. Only
// who proved to be it gets in. Used by one thread at a time; Guard holds one, behind a lock. Holds
// at most `capacity` names; the one seen longest ago goes first.
class Whereabouts {
 public:
  static constexpr size_t kMostAddresses = 4;
  explicit Whereabouts(size_t capacity) : places_(capacity) {}

  void seen(std::string_view name, const IpAddress& address) {
    auto& places = places_[std::string(name)];
    std::erase(places, address);
    places.insert(places.begin(), address);
    if (places.size() > kMostAddresses) places.pop_back();
  }
  [[nodiscard]] std::vector<IpAddress> of(std::string_view name) const {
    const auto* places = places_.peek(std::string(name));
    return places == nullptr ? std::vector<IpAddress>{} : *places;
  }

 private:
  BoundedMap<std::string, std::vector<IpAddress>> places_;
};

}  // namespace stormdoor::acl
