#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"

typedef struct x509_store_ctx_st X509_STORE_CTX;

namespace stormdoor::http {

// The client certificate chains that were verified before, by what they say, so that a phone's next
// connection costs one signature less. Belongs to one TlsContext, and so to one set of authorities.
// Only chains that hold are remembered, for as long as all their certificates are valid, at most
// `kMost`; the one used longest ago goes first. Any thread.
class VerifiedChains {
 public:
  static constexpr size_t kMost = 8192;

  // Verifies what the client sent, or remembers that it did. True when the chain holds; false
  // leaves OpenSSL's reason in the store. Never throws.
  bool verify(X509_STORE_CTX* store, WallTime now) noexcept;
  [[nodiscard]] uint64_t remembered() const;  // how often a signature was saved

 private:
  using Fingerprint = std::array<uint8_t, 32>;
  struct FingerprintHash {
    size_t operator()(const Fingerprint& fingerprint) const noexcept;
  };
  struct Validity {
    WallTime from{};
    WallTime until{};
  };
  struct Held {
    BoundedMap<Fingerprint, Validity, FingerprintHash> chains{kMost};
    uint64_t remembered = 0;
  };
  static std::optional<Fingerprint> fingerprint_of(X509_STORE_CTX* store);
  static std::optional<Validity> validity_of(X509_STORE_CTX* store);

  Guarded<Held> held_;
};

}  // namespace stormdoor::http
