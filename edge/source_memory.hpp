#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"

namespace stormdoor::edge {

// Remembers a short text per source and key, for lines of a log that have to be joined. Used by one
// thread.
//
// Bounds: 4,096 entries in 64 buckets chosen by source (/32 or /64, keyed), texts cut at 64 bytes,
// under half a megabyte. A source has at most 48 of the 64 entries of its bucket: beyond that it
// loses its own oldest. Else the oldest of the bucket goes, so a flood from many sources costs
// others the join, never us the memory.
class SourceMemory {
 public:
  static constexpr size_t kBuckets = 64;
  static constexpr size_t kPerBucket = 64;
  static constexpr size_t kPerSource = 48;
  static constexpr size_t kMostText = 64;

  SourceMemory();

  // Replaces what was known under that key.
  void remember(const IpAddress& source, std::string_view key, std::string_view text);
  // Nothing when it is not known. Valid until the next remember().
  [[nodiscard]] const std::string* find(const IpAddress& source, std::string_view key) const;

 private:
  // Apart, so that looking for a key touches keys only.
  struct Bucket {
    std::array<uint64_t, kPerBucket> keys{};      // hash of the source and the key; 0: free
    std::array<uint64_t, kPerBucket> networks{};  // hash of the source's /32 or /64
    std::array<uint64_t, kPerBucket> since{};     // 0: free
    std::array<std::string, kPerBucket> texts;
  };

  static size_t room_in(const Bucket& bucket, uint64_t network, uint64_t key);

  std::vector<Bucket> buckets_;
  uint64_t clock_ = 0;
};

}  // namespace stormdoor::edge
