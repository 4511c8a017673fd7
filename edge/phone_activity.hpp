#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::edge {

// What a phone last asked us for.
struct PhoneSighting {
  WallTime time;
  IpAddress source;
  std::string file;
  bool complete = false;  // it has all of it
  uint64_t files = 0;     // served since we know it
};

// When each phone was last here, and from where. Main thread only. Knows the `capacity` phones that
// were here last; of an older one it says "never".
class PhoneActivity {
 public:
  explicit PhoneActivity(size_t capacity) : phones_(capacity) {}

  void note(const MacAddress& mac, const PhoneSighting& sighting) {
    auto& entry = phones_[mac];
    const uint64_t files = entry.files + (sighting.complete ? 1 : 0);
    entry = sighting;
    entry.files = files;
  }
  [[nodiscard]] const PhoneSighting* of(const MacAddress& mac) const { return phones_.peek(mac); }
  // The phones that were last seen at this address.
  [[nodiscard]] std::vector<MacAddress> at(const IpAddress& source) const {
    std::vector<MacAddress> found;
    phones_.for_each([&](const MacAddress& mac, const PhoneSighting& sighting) {
      if (sighting.source == source) found.push_back(mac);
    });
    return found;
  }

 private:
  BoundedMap<MacAddress, PhoneSighting> phones_;
};

}  // namespace stormdoor::edge
