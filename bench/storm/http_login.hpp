#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stormdoor::storm {

struct HttpLogin {
  enum class Scheme : uint8_t { Basic, Digest, Best };  // Best: Digest where it is offered
  std::string user;
  std::string password;
  Scheme scheme = Scheme::Best;
};

// The Authorization header for a GET of `target` that was answered with these WWW-Authenticate
// values (RFC 7617; RFC 7616 with MD5 or SHA-256 and qop=auth); empty when none of them can be
// answered. `cnonce` should be random.
[[nodiscard]] std::string answer_challenge(const HttpLogin& login,
                                           const std::vector<std::string_view>& challenges,
                                           std::string_view target, std::string_view cnonce);

}  // namespace stormdoor::storm
