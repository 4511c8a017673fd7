#include "edge/source_memory.hpp"

#include <algorithm>

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
  Bucket& bucket = buckets_[network % kBuckets];
  const size_t place = room_in(bucket, network, hash);
  bucket.keys[place] = hash;
  bucket.networks[place] = network;
  bucket.since[place] = ++clock_;
  bucket.texts[place].assign(text.substr(0, kMostText));
}

const std::string* SourceMemory::find(const IpAddress& source, std::string_view key) const {
  const Bucket& bucket = buckets_[network_of(source) % kBuckets];
  const auto found = std::ranges::find(bucket.keys, key_of(source, key));
  return found == bucket.keys.end() ? nullptr : &bucket.texts[size_t(found - bucket.keys.begin())];
}

size_t SourceMemory::room_in(const Bucket& bucket, uint64_t network, uint64_t key) {
  const auto known = std::ranges::find(bucket.keys, key);
  if (known != bucket.keys.end()) return size_t(known - bucket.keys.begin());
  if (size_t(std::ranges::count(bucket.networks, network)) < kPerSource)
    return size_t(std::ranges::min_element(bucket.since) - bucket.since.begin());
  size_t oldest_own = kPerBucket;
  for (size_t i = 0; i < kPerBucket; ++i)
    if (bucket.networks[i] == network &&
        (oldest_own == kPerBucket || bucket.since[i] < bucket.since[oldest_own]))
      oldest_own = i;
  return oldest_own;
}

}  // namespace stormdoor::edge
