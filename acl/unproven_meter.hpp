#pragma once

#include <cstdint>
#include <optional>

#include "acl/acl_config.hpp"
#include "acl/source_key.hpp"
#include "base/bounded_map.hpp"
#include "base/clock.hpp"

namespace stormdoor::acl {

// Counts TFTP failures of sources that have proved nothing, and says when TFTP rests for one of
// them or for its whole neighbourhood. Whatever it says concerns TFTP only (promise 4): anybody can
// write any address into a UDP packet. Apart from everything that is held against proven sources,
// so that a flood in other people's names cannot push that out.
//
// Used by one thread at a time; Guard holds one per shard, chosen by neighbourhood. A window begins
// with its first failure. Holds at most `capacity` sources and as many neighbourhoods, and forgets
// the one that failed longest ago.
class UnprovenMeter {
 public:
  explicit UnprovenMeter(size_t capacity);

  // One failure; the same mistake as the source's last one is not counted again. True when this is
  // the one that begins a throttle.
  bool report(const SourceKey& source, uint64_t fingerprint, const TftpThrottle& rules,
              SteadyTime now);

  struct Throttle {
    std::optional<SteadyTime> source_until;         // this source rests
    std::optional<SteadyTime> neighbourhood_until;  // all around it rest
    uint32_t failures = 0;                          // of the source, in its present window
  };
  [[nodiscard]] Throttle throttle(const SourceKey& source, SteadyTime now) const;

 private:
  struct Meter {
    SteadyTime window_began;
    SteadyTime throttled_until;
    uint32_t failures = 0;
    uint64_t last_fingerprint = 0;
  };
  static bool count(Meter& meter, uint32_t most, const TftpThrottle& rules, SteadyTime now);

  BoundedMap<IpAddress, Meter> sources_;
  BoundedMap<IpAddress, Meter> neighbourhoods_;
};

}  // namespace stormdoor::acl
