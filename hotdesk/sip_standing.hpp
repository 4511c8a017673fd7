#pragma once

#include <optional>
#include <string_view>

#include "acl/failure.hpp"
#include "base/clock.hpp"
#include "base/mac_address.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::hotdesk {

// A digest seen in a SIP request, its quoting undone; a stranger's, and borrowed.
struct SipDigest {
  std::string_view username, realm, nonce, uri, method, response;
  std::string_view algorithm = {};  // empty: MD5
  std::string_view qop = {};        // empty: none, then nc and cnonce are, too
  std::string_view nc = {};
  std::string_view cnonce = {};
  // For whom the request is made: the user of To, in a REGISTER the address of record. Empty: as
  // the user name.
  std::string_view account = {};
};

struct SipStanding {
  acl::Standing standing = acl::Standing::Unknown;
  // Whose the secret is or was, when it is or was one phone's alone.
  std::optional<MacAddress> phone;
};

// Tests a digest against the secrets held for its user name (a domain after it is left out):
//  - the present one of the user, or of the phone whose device account it is: Current.
//  - one that a single phone had until it was changed: Stale, with that phone.
//  - one that several phones had, or right for the user name but used for another account:
//    StaleElsewhere, which counts like a guess (promise 3).
// Anything else is Unknown. Bounded: at most
// kMostStaleSecrets + 2 secrets are tried, the newest first. Any thread; no lock, no copy of a
// secret.
[[nodiscard]] SipStanding standing_of(const Registry& registry, const SipDigest& digest,
                                      WallTime now);

}  // namespace stormdoor::hotdesk
