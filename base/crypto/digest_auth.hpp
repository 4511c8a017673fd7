#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/crypto.hpp"
#include "base/secret.hpp"

// Digest access authentication as HTTP and SIP share it: the arithmetic only, no parsing and no
// nonces. RFC 7616 with MD5 or SHA-256 (for SIP RFC 8760), their -sess forms, and qop=auth or
// none (RFC 2069). Not here: auth-int, userhash, SHA-512-256. All functions: any thread.
namespace stormdoor::crypto {

struct DigestAlgorithm {
  Hash hash = Hash::Md5;
  bool session = false;  // "-sess": the account's hash is bound to nonce and cnonce
  bool operator==(const DigestAlgorithm&) const = default;
};
// By its name in a header, in either case; none is MD5. Nothing for others.
[[nodiscard]] std::optional<DigestAlgorithm> parse_digest_algorithm(std::string_view name);

// What a client signed, its quoting undone. Borrows everything.
struct DigestInput {
  DigestAlgorithm algorithm = {};
  std::string_view username, realm, nonce;
  std::string_view method, uri;
  bool qop_auth = false;
  std::string_view nonce_count = {};  // as sent; with qop=auth
  std::string_view cnonce = {};       // the same, and with -sess
};

// The response that this password makes, in lower case.
[[nodiscard]] std::string digest_response(const DigestInput& input, const Secret& password);

// Whether `response` is that, in either case; takes the same time wherever they differ.
[[nodiscard]] bool digest_matches(const DigestInput& input, const Secret& password,
                                  std::string_view response);

}  // namespace stormdoor::crypto
