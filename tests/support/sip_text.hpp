#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"
#include "edge/watch/sip_packet.hpp"

namespace stormdoor::test {

// SIP as phones and registrars write it, for tests of what reads it.
struct SipRequestText {
  std::string method = "REGISTER";
  std::string account = "301";
  std::string branch = "z9hG4bK1";
  std::string call_id = "call@phone";
  uint32_t cseq = 1;
  std::string headers{};  // whole lines

  [[nodiscard]] std::string text() const {
    return fmt::format(
        "{0} sip:pbx.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch={2};rport\r\n"
        "From: <sip:{1}@pbx.example>;tag=f1\r\nTo: <sip:{1}@pbx.example>\r\nCall-ID: {3}\r\n"
        "CSeq: {4} {0}\r\n{5}Content-Length: 0\r\n\r\n",
        method, account, branch, call_id, cseq, headers);
  }
  [[nodiscard]] std::string answer(int status, std::string_view lines = {}) const {
    return fmt::format(
        "SIP/2.0 {6} Whatever\r\nVia: SIP/2.0/UDP "
        "192.0.2.7:5060;branch={2};rport=5060;received=192.0.2.7\r\n"
        "From: <sip:{1}@pbx.example>;tag=f1\r\nTo: <sip:{1}@pbx.example>;tag=t1\r\nCall-ID: {3}\r\n"
        "CSeq: {4} {0}\r\n{5}Content-Length: 0\r\n\r\n",
        method, account, branch, call_id, cseq, lines, status);
  }
};

inline std::string digest_header(std::string_view nonce, std::string_view response = "r1",
                                 std::string_view user = "301", std::string_view realm = "pbx",
                                 std::string_view header = "Authorization") {
  return fmt::format(
      "{}: Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"sip:pbx.example\", qop=auth, "
      "nc=00000001, cnonce=\"c\", algorithm=MD5, response=\"{}\"\r\n",
      header, user, realm, nonce, response);
}

inline std::string challenge_header(std::string_view nonce, std::string_view more = {},
                                    std::string_view realm = "pbx",
                                    std::string_view header = "WWW-Authenticate") {
  return fmt::format("{}: Digest realm=\"{}\", nonce=\"{}\", algorithm=MD5{}\r\n", header, realm,
                     nonce, more);
}

// A datagram, or a segment, which borrows `payload`.
inline edge::watch::SipPacket sip_packet(const Endpoint& from, const Endpoint& to,
                                         std::string_view payload, int64_t time_us = 0) {
  edge::watch::SipPacket packet;
  packet.source = from.address;
  packet.source_port = from.port;
  packet.destination = to.address;
  packet.destination_port = to.port;
  packet.payload = std::as_bytes(std::span(payload.data(), payload.size()));
  packet.time_us = time_us;
  return packet;
}

}  // namespace stormdoor::test
