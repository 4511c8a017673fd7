#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/crypto.hpp"
#include "base/secret.hpp"

namespace stormdoor::http {

// The parameters of an Authorization: Digest header (RFC 7616 section 3.4; without qop RFC 2069),
// their quoting undone.
struct DigestParameters {
  std::string username, realm, nonce, uri, response, cnonce;
  crypto::Hash algorithm = crypto::Hash::Md5;
  std::optional<uint32_t> counter;  // nc; present exactly with qop=auth
  std::string counter_text;         // as sent: eight digits
};

// Nothing for what is broken, has a parameter twice, or asks for what is not offered here: -sess,
// auth-int, userhash, other algorithms. Reads at most 4 KiB and 32 parameters.
[[nodiscard]] std::optional<DigestParameters> parse_digest(std::string_view parameters);

// What `response` must be for that password and method.
[[nodiscard]] std::string expected_digest(const DigestParameters& digest, std::string_view method,
                                          const Secret& password);

}  // namespace stormdoor::http
