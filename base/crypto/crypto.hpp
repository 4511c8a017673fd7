#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

// What we need of OpenSSL's libcrypto, and nothing of its types. All functions: any thread.
namespace stormdoor::crypto {

[[nodiscard]] std::string random_bytes(size_t count);
// `count` random bytes as base64url without padding (RFC 4648 section 5): for tokens, passwords and
// the names of tokens. Never begins with "-", which the shell would take for an option; that costs
// a fortieth of a bit.
[[nodiscard]] std::string random_token(size_t count = 18);

[[nodiscard]] std::string base64_encode(std::string_view bytes);
// RFC 4648 section 4, with its padding and nothing else: no white space, no second spelling.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
[[nodiscard]] std::string hex_encode(std::string_view bytes);  // lower case

enum class Hash { Md5, Sha256 };  // Md5 only where RFC 7616 and SIP still ask for it
[[nodiscard]] std::string hash_hex(Hash hash, std::string_view bytes);

using Mac256 = std::array<uint8_t, 32>;
[[nodiscard]] Mac256 hmac_sha256(std::string_view key, std::string_view bytes);

// Takes the same time wherever they differ. Different lengths are different.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

// The two keys that protect the store: one seals secrets, one hashes PINs.
struct MasterKeys {
  Secret sealing;  // 32 bytes
  Secret pins;     // 32 bytes

  // Reads the key file; makes it (mode 0600, synced, never over an existing file) when it does not
  // exist. A file that others may read or change, or of the wrong form, is an error that says so;
  // no error holds anything of the keys.
  static Result<MasterKeys> load_or_create(const std::string& path);
  // From an open descriptor or a systemd credential's text: the same form.
  static Result<MasterKeys> parse(std::string_view text);
};

// Seals secrets for the store: AES-256-GCM with a random nonce. `context` (say "user:2041") is
// authenticated, so that a sealed value cannot be moved to another row. A sealed value is binary (a
// BLOB), 29 bytes longer than the secret. With random nonces one key is good for 2^32 seals (NIST
// SP 800-38D 8.3): an office's changes in millennia.
class SecretBox {
 public:
  explicit SecretBox(const Secret& key);
  [[nodiscard]] std::string seal(const Secret& secret, std::string_view context) const;
  [[nodiscard]] Result<Secret> open(std::string_view sealed, std::string_view context) const;

 private:
  Secret key_;
};

// A PIN is kept only as HMAC-SHA-256(second key, user and PIN), in hexadecimal. An empty `hash` (no
// PIN set) matches nothing.
class PinHasher {
 public:
  explicit PinHasher(const Secret& key);
  [[nodiscard]] std::string hash(std::string_view extension, std::string_view pin) const;
  [[nodiscard]] bool matches(std::string_view hash, std::string_view extension,
                             std::string_view pin) const;

 private:
  Secret key_;
};

}  // namespace stormdoor::crypto
