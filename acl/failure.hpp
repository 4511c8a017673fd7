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

// How sure it is that the device is the one it says.
enum class DeviceProof : uint8_t {
  Claimed,      // it says so: a path, a User-Agent
  Wire,         // the MAC seen behind this address on an attached link
  Token,        // its provisioning token
  Certificate,  // a client certificate that names it
  Digest,       // a digest made with a secret that was that phone's alone
};

// What a SIP digest was made with, as far as the secrets that we hold tell (promise 3).
enum class Standing : uint8_t {
  Unknown,         // it fits nothing we hold, or we hold nothing for that account
  Current,         // right: the PBX refused for other reasons
  Stale,           // a previous secret that was this very phone's own: not a guesser
  StaleElsewhere,  // a previous secret of another extension, or one that several phones shared
};

enum class FailureKind : uint8_t {
  WrongPassword,  // HTTP Basic or Digest that does not fit
  WrongToken,     // a provisioning token that is not that phone's
  ForeignFile,    // a file of another phone than the one it proved to be
  UnknownMac,     // a file of a MAC that nobody registered
  MacSweep,       // many different MACs from one source
  WrongPin,       // desk login (later issue)
  SipRefused,     // an answered SIP challenge that was refused
  DecoyMac,       // a file of a MAC that was set out as a decoy
  WireMismatch,   // a file of another MAC than the one on the wire
};
[[nodiscard]] std::string_view to_string(FailureKind kind);
// Whether it is a request for a file; then the phone it names is the phone whose file it is.
[[nodiscard]] constexpr bool asks_for_a_file(FailureKind kind) {
  return kind == FailureKind::ForeignFile || kind == FailureKind::UnknownMac ||
         kind == FailureKind::WireMismatch || kind == FailureKind::DecoyMac;
}

// One failed attempt; not a packet, not a challenge, not an ordinary 404.
struct Failure {
  Service service = Service::Provisioning;
  FailureKind kind = FailureKind::WrongPassword;
  IpAddress source;
  PathProof proof = PathProof::None;
  std::optional<MacAddress> device;  // the phone it claims, or proves, to be
  DeviceProof device_proof = DeviceProof::Claimed;
  Standing standing = Standing::Unknown;  // of a SIP digest
  uint16_t port = 0;                      // of the source, where there is a flow; 0: not known
  bool tcp = false;                       // the flow's protocol
  std::string account;                    // user name or extension it named; may be foreign text
  // Keyed hash of the credential or file it tried, 0 when there is none to compare. The same one
  // again from the same source is the same mistake (promise 3) and is recorded, not scored.
  uint64_t fingerprint = 0;
};

}  // namespace stormdoor::acl
