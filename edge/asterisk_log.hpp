#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "acl/failure.hpp"
#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "edge/source_memory.hpp"

namespace stormdoor::edge {

// One line of Asterisk's security log (main/security_events.c, res/res_security_log.c), for those
// events that a login is made of. All views point into the line.
struct SecurityEvent {
  enum class Kind : uint8_t {
    InvalidAccount,  // an account that nobody has; comes before any proof
    ChallengeSent,
    ChallengeFailed,  // PJSIP: an answered challenge that is wrong
    InvalidPassword,  // chan_sip: the same
    Success,
  };
  Kind kind = Kind::ChallengeSent;
  std::string_view account;  // foreign text, unless it is an endpoint's name
  std::string_view session;  // the Call-ID: foreign text
  IpAddress source;
  uint16_t port = 0;
  bool tcp = false;                // TCP, TLS or a web socket
  std::string_view challenge;      // the nonce that was sent, or that was answered
  std::string_view received;       // InvalidPassword: the nonce that was answered
  std::string_view response;       // the digest
  bool used_password = true;       // Success: not a peer that needs none
  std::optional<WallTime> time{};  // EventTV in either of its forms
};

// Reads one line, without its line end. Nothing for other lines and events, for other services than
// PJSIP and SIP, and for a line that is not whole.
//
// Asterisk escapes nothing: AccountID (the From user) and SessionID (the Call-ID) may hold quotes
// and a forged `",LocalAddress="...",RemoteAddress="..."`. The address is therefore the last pair
// of LocalAddress and RemoteAddress, which stand side by side behind both; what follows them (nonce
// and digest) cannot hold a bare quote, since SIP's parsers end or escape the value there. A line
// break cannot be forged into a whole line: the From user is cut at 36 bytes, and a header ends at
// its line.
[[nodiscard]] std::optional<SecurityEvent> parse_security_event(std::string_view line);

// A login that a PBX's log tells of.
struct LoggedLogin {
  bool success = false;
  IpAddress source;
  uint16_t port = 0;
  bool tcp = false;
  acl::PathProof proof = acl::PathProof::None;
  std::string account;       // at most 64 bytes; may be foreign text
  std::string session;       // at most 64 bytes; foreign text
  uint64_t fingerprint = 0;  // keyed hash of nonce and digest: equal for a retransmission
  WallTime time{};
};

// The failure that it is, for the guard.
[[nodiscard]] acl::Failure to_failure(const LoggedLogin& login);

// Turns lines of Asterisk's security log into logins. Pure; used by one thread.
//
// What counts: ChallengeResponseFailed and InvalidPassword, each once per answered challenge (its
// nonce and digest are the fingerprint), and SuccessfulAuth. InvalidAccountID alone never: Asterisk
// writes it for the first, unauthenticated request of a phone whose account was removed, and
// anybody can cause it in another's name; it only teaches which account a session means, because
// ChallengeResponseFailed says "<unknown>" for those.
//
// What proves the path (promise 4): TCP, TLS and web sockets have shaken hands. Over UDP it is the
// nonce, and only if we know that the PBX sent it to that address: PJSIP compares the digest even
// when the nonce is made up, and writes the same line then, so that line by itself can be caused in
// anybody's name. A success with a password proves it (a stale nonce is none), chan_sip's
// InvalidPassword shows both nonces, and ChallengeSent tells the nonce with chan_sip but is left
// empty by PJSIP (res_pjsip/security_events.c compares "digest" with "Digest"). So failures of
// PJSIP over UDP come with PathProof::None: they are told and never block; stormdoor-watch sees
// them with proof. `Options::believe_udp` is for a network on which no address can be forged.
//
// Bounds: SourceMemory's, once for sessions and once for nonces.
class AsteriskLog {
 public:
  struct Options {
    bool believe_udp = false;
  };
  struct Counters {
    uint64_t lines = 0, failures = 0, successes = 0;
    uint64_t unproven = 0;  // failures over UDP without a nonce that we know was sent
  };

  AsteriskLog() : AsteriskLog(Options()) {}
  explicit AsteriskLog(Options options) : options_(options) {}

  // `now` is for a line that does not tell its own time.
  std::optional<LoggedLogin> read(std::string_view line, WallTime now);
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  [[nodiscard]] acl::PathProof proof_of(const SecurityEvent& event) const;
  [[nodiscard]] std::string_view account_of(const SecurityEvent& event) const;

  Options options_;
  SourceMemory accounts_;  // by session
  SourceMemory nonces_;    // that were sent
  Counters counters_;
};

}  // namespace stormdoor::edge
