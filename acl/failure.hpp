#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "acl/service.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::acl {

// What shows that the source address really is the sender's (promise 4).
enum class PathProof : uint8_t {
  None,          // a UDP source: a claim; may throttle, never blocks
  Acknowledged,  // it answered what only that address could have received
  Connected,     // it completed a TCP handshake
};

enum class FailureKind : uint8_t {
  WrongPassword,  // HTTP Basic or Digest that does not fit
  WrongToken,     // a provisioning token that is not that phone's
  ForeignFile,    // a file of another phone than the one it proved to be
  UnknownMac,     // a file of a MAC that nobody registered
  MacSweep,       // many different MACs from one source
  WrongPin,       // desk login (later issue)
  SipRefused,     // a refused SIP digest (later issue)
};
[[nodiscard]] std::string_view to_string(FailureKind kind);

// One failed attempt; not a packet, not a challenge, not an ordinary 404.
struct Failure {
  Service service = Service::Provisioning;
  FailureKind kind = FailureKind::WrongPassword;
  IpAddress source;
  PathProof proof = PathProof::None;
  std::optional<MacAddress> device;  // the phone it claims to be
  std::string account;               // user name or extension it named; may be foreign text
  // Keyed hash of the credential or file it tried, 0 when there is none to compare. The same one
  // again from the same source is the same mistake (promise 3) and is recorded, not scored.
  uint64_t fingerprint = 0;
};

}  // namespace stormdoor::acl
