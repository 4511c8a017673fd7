#pragma once

#include <string>
#include <string_view>

#include "base/crypto/digest_auth.hpp"
#include "base/secret.hpp"
#include "hotdesk/sip_standing.hpp"

namespace stormdoor::hotdesk {

// A REGISTER's digest as a phone makes it; owns the response.
class PhonesDigest {
 public:
  PhonesDigest(std::string_view username, std::string_view password)
      : username_(username),
        response_(crypto::digest_response(input(), Secret(std::string(password)))) {}

  [[nodiscard]] SipDigest digest() const {
    const auto signed_text = input();
    return {.username = username_,
            .realm = signed_text.realm,
            .nonce = signed_text.nonce,
            .uri = signed_text.uri,
            .method = signed_text.method,
            .response = response_,
            .algorithm = "MD5",
            .qop = "auth",
            .nc = signed_text.nonce_count,
            .cnonce = signed_text.cnonce};
  }

 private:
  [[nodiscard]] crypto::DigestInput input() const {
    return {.algorithm = {},
            .username = username_,
            .realm = "asterisk",
            .nonce = "1700000000/d41d8cd98f00b204e9800998ecf8427e",
            .method = "REGISTER",
            .uri = "sip:pbx.example",
            .qop_auth = true,
            .nonce_count = "00000001",
            .cnonce = "f2wE4q74E6z"};
  }

  std::string username_;
  std::string response_;
};

}  // namespace stormdoor::hotdesk
