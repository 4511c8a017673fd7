#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/store/records.hpp"

namespace stormdoor::edge {

// Phones that were seen from a network that is not their location's: an emergency call from there
// would send help to the wrong place. Each stays listed until it is seen at home again, or until an
// administrator has taken note of it; seen at yet another address, it is news again. Locations
// without networks expect their phones anywhere. Forgotten at a restart: the phone's next fetch
// tells again. Main thread only; at most `capacity`, the one seen longest ago goes.
class Misplaced {
 public:
  struct Entry {
    MacAddress phone;
    std::string location;  // where it should be
    IpAddress address;     // where it is
    WallTime since;
    bool acknowledged = false;
  };
  explicit Misplaced(size_t capacity = 10'000) : capacity_(capacity) {}

  // The entry if that is news.
  std::optional<Entry> note(const MacAddress& phone, const IpAddress& address,
                            const store::LocationRecord& location, WallTime now);
  // False: it is not listed.
  bool acknowledge(const MacAddress& phone);
  [[nodiscard]] std::vector<Entry> list() const;  // those not acknowledged, by MAC
  [[nodiscard]] std::optional<Entry> find(const MacAddress& phone) const;

 private:
  size_t capacity_;
  std::map<MacAddress, Entry> entries_;
};

}  // namespace stormdoor::edge
