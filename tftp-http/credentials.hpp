#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "tftp-http/credentials_nonces.hpp"

namespace stormdoor::http {

// How a client may log in. Which of them a phone is offered is the caller's choice.
enum class LoginScheme : uint8_t { Basic, DigestMd5, DigestSha256 };

// What a request brought. Views live as long as the call.
struct LoginAttempt {
  std::string_view authorization;  // the Authorization header's value, empty if none
  std::string_view method;
  std::string_view target;  // the request target as sent
  IpAddress source;
};

enum class LoginOutcome : uint8_t {
  None,   // no credentials, or none that could be tested: challenge; not a failure
  Stale,  // right form, but the nonce is not (or no longer) good: challenge; not a failure
  Wrong,  // tested and wrong: a failure
  Correct,
};

struct LoginResult {
  LoginOutcome outcome = LoginOutcome::None;
  std::string user;  // as sent, when there is one; foreign text until Correct
  // Wrong only: keyed hash of what was tried, for "the same mistake again". Basic: user and
  // password. Digest: nonce and response, which a client that tries again changes.
  uint64_t fingerprint = 0;
};

// Checks HTTP Basic (RFC 7617) and Digest (RFC 7616 with MD5 or SHA-256 and qop=auth; without qop
// as in RFC 2069, for old phones). Nonces are ours (HMAC over time and source), good for one source
// and five minutes; a digest is accepted once: the request counter, or without qop the response
// itself, is remembered per nonce (credentials_nonces.hpp). Not offered: -sess, auth-int, userhash.
//
// Any thread; one for all workers. Keys are of this process: after a restart nonces are stale.
class Credentials {
 public:
  explicit Credentials(std::string realm, size_t remembered_nonces = 65'536);

  // The password that this user should have; nothing for a user that does not exist.
  using LookUp = std::function<std::optional<Secret>(std::string_view user)>;
  [[nodiscard]] LoginResult check(const LoginAttempt& attempt,
                                  const std::vector<LoginScheme>& offered, const LookUp& look_up,
                                  Now now);

  // WWW-Authenticate values in the order of `offered`.
  [[nodiscard]] std::vector<std::string> challenges(const std::vector<LoginScheme>& offered,
                                                    const IpAddress& source, bool stale,
                                                    Now now) const;

  [[nodiscard]] const std::string& realm() const { return realm_; }

 private:
  LoginResult check_basic(std::string_view encoded, const LookUp& look_up) const;
  LoginResult check_digest(std::string_view parameters, const LoginAttempt& attempt,
                           const std::vector<LoginScheme>& offered, const LookUp& look_up, Now now);
  [[nodiscard]] uint64_t fingerprint(std::string_view kind, std::string_view a,
                                     std::string_view b) const;

  std::string realm_;
  Secret fingerprint_key_;
  CredentialNonces nonces_;
};

}  // namespace stormdoor::http
