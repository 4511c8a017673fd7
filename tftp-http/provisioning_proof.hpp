#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "acl/guard.hpp"
#include "base/clock.hpp"
#include "hotdesk/phone_view.hpp"
#include "tftp-http/credentials.hpp"
#include "tftp-http/file_source.hpp"
#include "tftp-http/identify.hpp"

// Promise 7 in one place: is a request from the phone whose file it names? Pure, but for the
// nonces that Credentials remembers.
namespace stormdoor::http {

enum class Proof : uint8_t {
  None,
  Network,       // identity = "none": the MAC in the path is believed
  Wire,          // identity = "wire": that MAC is behind the source's address
  Token,         // in the path
  Certificate,   // names the MAC
  Login,         // the MAC as HTTP user, the token as password
  FirstContact,  // none, but the phone was never given a token and may come in
  WrongToken,
  WrongLogin,
  OtherPhone,   // the certificate names another
  OtherOnWire,  // identity = "wire": another MAC is behind the source's address
};

struct Proven {
  Proof proof = Proof::None;
  bool login_is_stale = false;     // a right login with an old nonce: ask again
  uint64_t login_fingerprint = 0;  // WrongLogin only
  [[nodiscard]] bool is_that_phone() const {
    return proof != Proof::None && proof < Proof::WrongToken;
  }
};

// What there is to judge by. `what.mac` is set; `view` is that of this MAC.
struct Evidence {
  const FileRequest& request;
  const acl::Admission& admission;
  const Identified& what;
  const hotdesk::PhoneView& view;
  Credentials* credentials;  // may be null: no logins
  Now now;
  // Who is behind the source's address, when that is sure enough to prove it; may be unset.
  const std::function<std::optional<MacAddress>(const IpAddress&, Now)>& mac_on_the_wire;
};
[[nodiscard]] Proven prove(const Evidence& evidence);

}  // namespace stormdoor::http
