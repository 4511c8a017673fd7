#include "base/crypto/digest_auth.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.hpp"

namespace stormdoor::crypto {
namespace {

// H(A1) of RFC 7616 section 3.4.2: as good as the password for whoever knows it.
Secret account_hash(const DigestInput& input, const Secret& password) {
  const Secret account(fmt::format("{}:{}:{}", input.username, input.realm, password.reveal()));
  Secret hash(hash_hex(input.algorithm.hash, account.reveal()));
  if (!input.algorithm.session) return hash;
  const Secret bound(fmt::format("{}:{}:{}", hash.reveal(), input.nonce, input.cnonce));
  return Secret(hash_hex(input.algorithm.hash, bound.reveal()));
}

}  // namespace

std::optional<DigestAlgorithm> parse_digest_algorithm(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, DigestAlgorithm>, 5> kNames = {{
      {"", {Hash::Md5, false}},
      {"MD5", {Hash::Md5, false}},
      {"MD5-sess", {Hash::Md5, true}},
      {"SHA-256", {Hash::Sha256, false}},
      {"SHA-256-sess", {Hash::Sha256, true}},
  }};
  for (const auto& [known, algorithm] : kNames)
    if (equals_ignoring_case(name, known)) return algorithm;
  return {};
}

std::string digest_response(const DigestInput& input, const Secret& password) {
  const Hash hash = input.algorithm.hash;
  const Secret account = account_hash(input, password);
  const std::string request = hash_hex(hash, fmt::format("{}:{}", input.method, input.uri));
  const Secret all(input.qop_auth
                       ? fmt::format("{}:{}:{}:{}:auth:{}", account.reveal(), input.nonce,
                                     input.nonce_count, input.cnonce, request)
                       : fmt::format("{}:{}:{}", account.reveal(), input.nonce, request));
  return hash_hex(hash, all.reveal());
}

bool digest_matches(const DigestInput& input, const Secret& password, std::string_view response) {
  return equal_in_constant_time(ascii_lower(response), digest_response(input, password));
}

}  // namespace stormdoor::crypto
