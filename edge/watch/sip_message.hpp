#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace stormdoor::edge::watch {

inline constexpr size_t kMostSipHeadBytes = 8192;
inline constexpr size_t kMostSipHeaders = 256;

// What a request knows about a secret: one Authorization or Proxy-Authorization of scheme Digest
// (RFC 3261 section 22.4, RFC 8760). Other schemes are left out.
struct SipDigest {
  bool proxy = false;
  std::string username, realm, nonce, uri, qop, nc, cnonce, algorithm, response;
};

// One WWW-Authenticate or Proxy-Authenticate of scheme Digest.
struct SipChallenge {
  bool proxy = false;
  bool stale = false;  // the secret was right, the nonce too old
  std::string realm, nonce, algorithm, qop;
};

struct SipContact {
  std::string_view uri;
  std::string user;
  std::optional<uint32_t> expires_seconds;
};

// What the watch needs of one SIP message (RFC 3261). The views borrow the bytes it was read from.
// Users of URIs are unescaped, quoted strings unquoted; all of it is a stranger's.
struct SipMessage {
  uint16_t status = 0;      // 0: a request
  std::string_view method;  // of an answer: of the request that it answers
  uint32_t cseq = 0;
  std::string_view call_id;
  std::string_view branch;   // of the topmost Via; empty from clients of RFC 2543
  std::string_view sent_by;  // of the topmost Via: "host" or "host:port"
  std::string request_user;  // of the Request-URI; of an emergency service (RFC 5031) all of it
  std::string from_user;
  std::string to_user;
  std::string_view from_tag;
  std::string_view to_tag;
  std::vector<SipContact> contacts;
  bool every_contact = false;  // Contact: *
  std::optional<uint32_t> expires_seconds;
  std::optional<uint32_t> session_expires_seconds;  // RFC 4028
  std::string_view user_agent;
  std::vector<SipDigest> digests;
  std::vector<SipChallenge> challenges;
  std::optional<size_t> content_length;
  size_t head_bytes = 0;  // with the empty line, and with line ends before the first line
  // Something in it may be read differently by another program: doubled headers, spaces where none
  // belong, lines that do not end in CR LF, a datagram longer or shorter than it says, another
  // method in CSeq.
  bool irregular = false;

  [[nodiscard]] bool is_request() const { return status == 0; }
};

enum class SipFraming : uint8_t {
  Datagram,  // the bytes are one message (RFC 3261 section 18.3)
  Stream,    // a message begins with the bytes; its body need not be there yet
};

// Reads a message as the most lenient PBX would: who listens to a login must not be blinded by a
// flaw that the PBX overlooks. Headers that do not concern us are not looked at; of those that may
// be only once, the first counts. Refused (InvalidArgument) is only what no PBX answers: no SIP/2.0
// start line, one of the mandatory From, To, Call-ID, CSeq and Via missing, a number out of its
// range, a Content-Length that is none or contradicts another; and a head of more than
// kMostSipHeadBytes or kMostSipHeaders. Strict readers look at `irregular` as well. Time and memory
// are linear in the head, which is all that is looked at.
Result<SipMessage> parse_sip(std::string_view bytes, SipFraming framing);

// Where the head that begins `bytes` (not with an empty line) ends, that empty line included;
// nothing if it does not yet. `from` is 0 at first and then where the next search goes on.
[[nodiscard]] std::optional<size_t> find_sip_head_end(std::string_view bytes, size_t& from);

}  // namespace stormdoor::edge::watch
