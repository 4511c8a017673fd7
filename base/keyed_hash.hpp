#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace stormdoor {

// A 128-bit key for tables whose keys strangers choose.
struct HashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;

  // From the kernel; a different one at every start.
  static HashKey random();
  // The process's own, drawn once: what std::hash of IpAddress and Endpoint use, so that nobody
  // outside can choose addresses that collide.
  static const HashKey& of_this_process();
};

// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"), the variant that hash
// tables use. Not for credentials: those are compared by HMAC (base/crypto).
[[nodiscard]] uint64_t keyed_hash(const HashKey& key, std::span<const std::byte> bytes);
[[nodiscard]] uint64_t keyed_hash(const HashKey& key, std::string_view text);

}  // namespace stormdoor
