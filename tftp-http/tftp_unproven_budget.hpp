#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "tftp-http/tftp_book.hpp"

namespace stormdoor::tftp {

// How much we send to sources that have not shown that they receive it (promise 4). Each group
// (/24, /64) has a bucket of bytes that refills; what is sent beyond what was received is taken
// from it, and given back when the peer acknowledges. An empty bucket means silence. Also remembers
// for a while which addresses have answered, and which have answered at a wrong port. Holds
// `capacity` of each and forgets the one touched longest ago, which is then as good as new: whoever
// can forge more groups than that draws more, spread over as many victims. One thread.
class UnprovenBudget {
 public:
  struct Limits {
    uint64_t burst_bytes = uint64_t{256} * 1024;
    uint64_t bytes_per_second = uint64_t{16} * 1024;
    size_t capacity = size_t{16} * 1024;
    bool operator==(const Limits&) const = default;
  };
  explicit UnprovenBudget(const Limits& limits)
      : limits_(limits), buckets_(limits.capacity), standings_(limits.capacity) {}

  // Whether `bytes` may go out to this source now; takes them if so.
  bool take(const IpAddress& source, uint64_t bytes, SteadyTime now);
  void give_back(const IpAddress& source, uint64_t bytes);

  void note_proven(const IpAddress& source, SteadyTime now);
  [[nodiscard]] bool recently_proven(const IpAddress& source, SteadyTime now) const;
  // It acknowledged at a port that is not its transfer's: perhaps somebody guesses in its name.
  void note_wrong_port(const IpAddress& source, SteadyTime now);
  [[nodiscard]] bool suspect(const IpAddress& source, SteadyTime now) const;

  static constexpr seconds kRemembered{60};

 private:
  struct Bucket {
    SteadyTime filled_at{};
    uint64_t used_bytes = 0;
  };
  struct Standing {
    SteadyTime proven_until{};
    SteadyTime suspect_until{};
  };

  Limits limits_;
  BoundedMap<IpAddress, Bucket> buckets_;  // by group
  BoundedMap<IpAddress, Standing> standings_;
};

}  // namespace stormdoor::tftp
