#include "edge/source_memory.hpp"

#include "base/keyed_hash.hpp"

namespace stormdoor::edge {
namespace {

uint64_t hash_of(std::string_view bytes) {
  return keyed_hash(HashKey::of_this_process(), bytes);
}

// Whoever has one IPv6 address has the /64 around it.
uint64_t network_of(const IpAddress& source) {
  const auto& bytes = source.bytes();
  return hash_of({reinterpret_cast<const char*>(bytes.data()), source.is_v4() ? 16U : 8U});
}

uint64_t key_of(const IpAddress& source, std::string_view key) {
  return hash_of(key) ^ (std::hash<IpAddress>{}(source) * 0x9e37'79b9'7f4a'7c15U);
}

}  // namespace

SourceMemory::SourceMemory() : buckets_(kBuckets) {}

void SourceMemory::remember(const IpAddress& source, std::string_view key, std::string_view text) {
  const uint64_t network = network_of(source);
  const uint64_t hash = key_of(source, key);
  Entry& entry = room_in(buckets_[network % kBuckets], network, hash);
  entry.network = network;
  entry.key = hash;
  entry.since = ++clock_;
  entry.text.assign(text.substr(0, kMostText));
}

const std::string* SourceMemory::find(const IpAddress& source, std::string_view key) const {
  const uint64_t hash = key_of(source, key);
  for (const Entry& entry : buckets_[network_of(source) % kBuckets])
    if (entry.key == hash && entry.since != 0) return &entry.text;
  return nullptr;
}

SourceMemory::Entry& SourceMemory::room_in(Bucket& bucket, uint64_t network, uint64_t key) {
  Entry* oldest = bucket.data();
  Entry* oldest_own = nullptr;
  size_t own = 0;
  for (Entry& entry : bucket) {
    if (entry.key == key && entry.since != 0) return entry;
    if (entry.since < oldest->since) oldest = &entry;
    if (entry.since == 0 || entry.network != network) continue;
    ++own;
    if (oldest_own == nullptr || entry.since < oldest_own->since) oldest_own = &entry;
  }
  return own >= kPerSource ? *oldest_own : *oldest;
}

}  // namespace stormdoor::edge
