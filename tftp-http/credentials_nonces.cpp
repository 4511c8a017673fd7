#include "tftp-http/credentials_nonces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/crypto/crypto.hpp"

namespace stormdoor::http {
namespace {

// A nonce: 16 hex digits of milliseconds, 16 of a random number, 32 of HMAC.
constexpr size_t kTimeDigits = 16;
constexpr size_t kStampDigits = 32;
constexpr size_t kNonceDigits = 64;
constexpr size_t kMostResponses = 32;

uint64_t milliseconds_of(Now now) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<milliseconds>(now.steady.time_since_epoch()).count());
}

// Only for nonces whose HMAC has been checked, or whose time is about to be.
uint64_t issue_time(std::string_view nonce) {
  uint64_t time = 0;
  std::from_chars(nonce.data(), nonce.data() + kTimeDigits, time, 16);
  return time;
}

}  // namespace

CredentialNonces::CredentialNonces(size_t capacity)
    : capacity_per_shard_(std::max<size_t>(capacity / kShards, 1)),
      key_(crypto::random_bytes(32)),
      hash_key_(HashKey::random()) {}

std::string CredentialNonces::issue(const IpAddress& source, Now now) const {
  const std::string stamp =
      fmt::format("{:016x}{}", milliseconds_of(now), crypto::hex_encode(crypto::random_bytes(8)));
  return stamp + sign(stamp, source);
}

bool CredentialNonces::is_good(std::string_view nonce, const IpAddress& source, Now now) const {
  if (nonce.size() != kNonceDigits) return false;
  const std::string_view stamp = nonce.substr(0, kStampDigits);
  if (!crypto::equal_in_constant_time(nonce.substr(kStampDigits), sign(stamp, source)))
    return false;
  const uint64_t issued = issue_time(nonce);
  const uint64_t lifetime = static_cast<uint64_t>(milliseconds(kLifetime).count());
  return issued <= milliseconds_of(now) && milliseconds_of(now) - issued <= lifetime;
}

bool CredentialNonces::use(std::string_view nonce, std::optional<uint32_t> counter,
                           std::string_view response) {
  const uint64_t id = keyed_hash(hash_key_, nonce);
  const uint64_t issued = issue_time(nonce);
  const uint64_t response_id = keyed_hash(hash_key_, response);
  return shards_[id % kShards].with([&](Shard& shard) {
    const auto known = shard.uses.find(id);
    if (known != shard.uses.end()) return use_in(known->second, counter, response_id);
    if (issued <= shard.forgotten_until) return false;
    if (shard.uses.size() >= capacity_per_shard_) {
      const auto [oldest, oldest_issued] = shard.order.front();
      shard.forgotten_until = std::max(shard.forgotten_until, oldest_issued);
      shard.uses.erase(oldest);
      shard.order.pop_front();
      if (issued <= shard.forgotten_until) return false;
    }
    shard.order.emplace_back(id, issued);
    return use_in(shard.uses[id], counter, response_id);
  });
}

std::string CredentialNonces::sign(std::string_view stamp, const IpAddress& source) const {
  std::string text(stamp);
  text.append(reinterpret_cast<const char*>(source.bytes().data()), source.bytes().size());
  const crypto::Mac256 mac = crypto::hmac_sha256(key_.reveal(), text);
  return crypto::hex_encode(
      std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size() / 2));
}

bool CredentialNonces::use_in(Use& use, std::optional<uint32_t> counter, uint64_t response) {
  constexpr uint32_t kWindow = 64;
  if (!counter) {
    if (use.responses.size() >= kMostResponses ||
        std::ranges::find(use.responses, response) != use.responses.end())
      return false;
    use.responses.push_back(response);
    return true;
  }
  if (*counter == 0) return false;
  if (*counter > use.highest) {
    const uint32_t ahead = *counter - use.highest;
    use.window = ahead >= kWindow ? 0 : use.window << ahead;
    use.window |= 1;
    use.highest = *counter;
    return true;
  }
  const uint32_t behind = use.highest - *counter;
  if (behind >= kWindow || (use.window >> behind & 1) != 0) return false;
  use.window |= uint64_t{1} << behind;
  return true;
}

}  // namespace stormdoor::http
