#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ip_address.hpp"
#include "base/keyed_hash.hpp"
#include "base/secret.hpp"

namespace stormdoor::http {

// Makes nonces for Digest and sees that none is used twice. A nonce is its time of issue, a number
// and an HMAC over both and the source, so issuing one stores nothing and strangers cannot make
// this grow. What is stored is one entry per nonce with which somebody logged in *successfully*, at
// most `capacity`; when full the oldest is forgotten, and then every nonce issued no later than
// that one and not remembered is stale. Any thread; sharded, one short lock at a time.
class CredentialNonces {
 public:
  static constexpr seconds kLifetime{300};

  explicit CredentialNonces(size_t capacity);

  [[nodiscard]] std::string issue(const IpAddress& source, Now now) const;
  // Ours, for this source and not expired.
  [[nodiscard]] bool is_good(std::string_view nonce, const IpAddress& source, Now now) const;

  // Marks one use of a good nonce; false when it was used so before (or long before: of the request
  // counter only the last 64 numbers are told apart). `response` counts only without a counter:
  // each may be used once, 32 per nonce.
  bool use(std::string_view nonce, std::optional<uint32_t> counter, std::string_view response);

 private:
  struct Use {
    uint32_t highest = 0;
    uint64_t window = 0;  // bit i: highest - i was used
    std::vector<uint64_t> responses;
  };
  struct Shard {
    std::unordered_map<uint64_t, Use> uses;
    std::deque<std::pair<uint64_t, uint64_t>>
        order;  // nonce's hash and time of issue, oldest first
    uint64_t forgotten_until = 0;
  };
  static constexpr size_t kShards = 16;

  [[nodiscard]] std::string sign(std::string_view stamp, const IpAddress& source) const;
  static bool use_in(Use& use, std::optional<uint32_t> counter, uint64_t response);

  size_t capacity_per_shard_;
  Secret key_;
  HashKey hash_key_;
  std::array<Guarded<Shard>, kShards> shards_;
};

}  // namespace stormdoor::http
