#pragma once

#include <array>
#include <cstddef>
#include <unordered_map>

#include "base/guarded.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::http {

// How many connections each source has open over all workers. Shared on purpose: the kernel spreads
// one source's connections over the workers. A source is an IPv4 address or an IPv6 /64. Holds one
// entry per source with an open connection, so it is bounded by HttpConfig::connections.
class HttpSourceCounts {
 public:
  // Counts one more, unless the source has `most` already.
  [[nodiscard]] bool try_add(const IpAddress& source, size_t most);
  void remove(const IpAddress& source);
  [[nodiscard]] size_t count(const IpAddress& source) const;

 private:
  using Counts = std::unordered_map<IpAddress, size_t>;
  static constexpr size_t kShards = 16;

  [[nodiscard]] Guarded<Counts>& shard(const IpAddress& key);
  [[nodiscard]] const Guarded<Counts>& shard(const IpAddress& key) const;

  std::array<Guarded<Counts>, kShards> shards_;
};

}  // namespace stormdoor::http
