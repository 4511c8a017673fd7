#include "tftp-http/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"
#include "tftp-http/credentials_digest.hpp"

namespace stormdoor::http {
namespace {

// "Basic xyz" to its two parts.
std::pair<std::string_view, std::string_view> split_scheme(std::string_view authorization) {
  authorization = trim(authorization);
  const size_t blank = std::min(authorization.find(' '), authorization.size());
  return {authorization.substr(0, blank), trim(authorization.substr(blank))};
}

bool is_offered(const std::vector<LoginScheme>& offered, LoginScheme scheme) {
  return std::ranges::find(offered, scheme) != offered.end();
}

std::string_view path_of(std::string_view target) {
  const size_t scheme = target.find("://");
  if (!target.starts_with('/') && scheme != std::string_view::npos)
    target.remove_prefix(std::min(target.find('/', scheme + 3), target.size()));
  return target.substr(0, target.find('?'));
}

// Compares in constant time even when there is nothing to compare with.
bool equals_secret(std::string_view tried, const std::optional<Secret>& expected) {
  const bool equal =
      crypto::equal_in_constant_time(tried, expected ? expected->reveal() : std::string_view());
  return equal && expected && !expected->empty();
}

}  // namespace

Credentials::Credentials(std::string realm, size_t remembered_nonces)
    : realm_(std::move(realm)),
      fingerprint_key_(crypto::random_bytes(32)),
      nonces_(remembered_nonces) {
  STORMDOOR_CHECK(realm_.find_first_of("\"\\\r\n") == std::string::npos,
                  "the realm is ours and stands between quotes");
}

LoginResult Credentials::check(const LoginAttempt& attempt, const std::vector<LoginScheme>& offered,
                               const LookUp& look_up, Now now) {
  const auto [scheme, parameters] = split_scheme(attempt.authorization);
  if (equals_ignoring_case(scheme, "Basic") && is_offered(offered, LoginScheme::Basic))
    return check_basic(parameters, look_up);
  if (equals_ignoring_case(scheme, "Digest"))
    return check_digest(parameters, attempt, offered, look_up, now);
  return {};
}

LoginResult Credentials::check_basic(std::string_view encoded, const LookUp& look_up) const {
  constexpr size_t kMostBytes = 1024;
  if (encoded.size() > kMostBytes) return {};
  auto bytes = crypto::base64_decode(encoded);
  const size_t colon = bytes ? bytes->find(':') : std::string::npos;
  if (colon == std::string::npos) return {};
  const Secret decoded(std::move(*bytes));
  LoginResult result;
  result.user = decoded.reveal().substr(0, colon);
  const std::string_view password = decoded.reveal().substr(colon + 1);
  if (equals_secret(password, look_up(result.user))) {
    result.outcome = LoginOutcome::Correct;
  } else {
    result.outcome = LoginOutcome::Wrong;
    result.fingerprint = fingerprint("basic", result.user, password);
  }
  return result;
}

LoginResult Credentials::check_digest(std::string_view parameters, const LoginAttempt& attempt,
                                      const std::vector<LoginScheme>& offered,
                                      const LookUp& look_up, Now now) {
  LoginResult result;
  const auto digest = parse_digest(parameters);
  if (!digest) return result;
  result.user = digest->username;
  const LoginScheme scheme =
      digest->algorithm == crypto::Hash::Md5 ? LoginScheme::DigestMd5 : LoginScheme::DigestSha256;
  // Some old phones leave the query or the host out of the uri that they sign.
  const bool same_place =
      digest->uri == attempt.target || path_of(digest->uri) == path_of(attempt.target);
  if (!is_offered(offered, scheme) || digest->realm != realm_ || !same_place) return result;
  if (!nonces_.is_good(digest->nonce, attempt.source, now)) {
    result.outcome = LoginOutcome::Stale;
    return result;
  }
  const std::optional<Secret> password = look_up(digest->username);
  // Hashed for a user that does not exist as well: it takes as long.
  const std::string expected =
      expected_digest(*digest, attempt.method, password.value_or(Secret("no such user")));
  if (!password || password->empty() ||
      !crypto::equal_in_constant_time(digest->response, expected)) {
    result.outcome = LoginOutcome::Wrong;
    result.fingerprint = fingerprint("digest", digest->nonce, digest->response);
  } else {
    const bool first = nonces_.use(digest->nonce, digest->counter, digest->response);
    result.outcome = first ? LoginOutcome::Correct : LoginOutcome::Stale;
  }
  return result;
}

std::vector<std::string> Credentials::challenges(const std::vector<LoginScheme>& offered,
                                                 const IpAddress& source, bool stale,
                                                 Now now) const {
  std::vector<std::string> values;
  for (const LoginScheme scheme : offered) {
    if (scheme == LoginScheme::Basic) {
      values.push_back(fmt::format("Basic realm=\"{}\", charset=\"UTF-8\"", realm_));
      continue;
    }
    values.push_back(fmt::format("Digest realm=\"{}\", qop=\"auth\", algorithm={}, nonce=\"{}\"{}",
                                 realm_, scheme == LoginScheme::DigestMd5 ? "MD5" : "SHA-256",
                                 nonces_.issue(source, now), stale ? ", stale=true" : ""));
  }
  return values;
}

uint64_t Credentials::fingerprint(std::string_view kind, std::string_view a,
                                  std::string_view b) const {
  // The length keeps "ab" + "c" and "a" + "bc" apart.
  const Secret text(fmt::format("{} {} {}{}", kind, a.size(), a, b));
  const crypto::Mac256 mac = crypto::hmac_sha256(fingerprint_key_.reveal(), text.reveal());
  uint64_t value = 0;
  std::memcpy(&value, mac.data(), sizeof value);
  return value;
}

}  // namespace stormdoor::http
