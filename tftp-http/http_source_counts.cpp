#include "tftp-http/http_source_counts.hpp"

namespace stormdoor::http {
namespace {

// One subscriber usually has a whole /64.
IpAddress source_key(const IpAddress& source) {
  return source.is_v4() ? source : IpPrefix(source, 64).address();
}

}  // namespace

bool HttpSourceCounts::try_add(const IpAddress& source, size_t most) {
  const IpAddress key = source_key(source);
  return shard(key).with([&](Counts& counts) {
    const auto found = counts.find(key);
    if (found == counts.end()) return most > 0 && counts.emplace(key, 1).second;
    if (found->second >= most) return false;
    ++found->second;
    return true;
  });
}

void HttpSourceCounts::remove(const IpAddress& source) {
  const IpAddress key = source_key(source);
  shard(key).with([&](Counts& counts) {
    const auto found = counts.find(key);
    STORMDOOR_CHECK(found != counts.end(), "every connection that ends was counted when it began");
    if (--found->second == 0) counts.erase(found);
  });
}

size_t HttpSourceCounts::count(const IpAddress& source) const {
  const IpAddress key = source_key(source);
  return shard(key).with([&](const Counts& counts) {
    const auto found = counts.find(key);
    return found == counts.end() ? size_t{0} : found->second;
  });
}

Guarded<HttpSourceCounts::Counts>& HttpSourceCounts::shard(const IpAddress& key) {
  return shards_[std::hash<IpAddress>{}(key) % kShards];
}
const Guarded<HttpSourceCounts::Counts>& HttpSourceCounts::shard(const IpAddress& key) const {
  return shards_[std::hash<IpAddress>{}(key) % kShards];
}

}  // namespace stormdoor::http
