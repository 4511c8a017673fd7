#include "tests/support/sip_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <random>

#include "base/crypto/digest_auth.hpp"

namespace stormdoor::test {
namespace {

constexpr const char* kServer = "203.0.113.1";
constexpr int kPatienceMs = 700;

std::string fresh_token() {
  static std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:016x}", random());
}

std::string register_text(const std::string& account, const std::string& branch,
                          const std::string& call, const std::string& header) {
  return fmt::format(
      "REGISTER sip:{0} SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{2};rport\r\n"
      "Max-Forwards: 70\r\n"
      "From: <sip:{1}@{0}>;tag=1\r\n"
      "To: <sip:{1}@{0}>\r\n"
      "Call-ID: {3}\r\n"
      "CSeq: 1 REGISTER\r\n"
      "Contact: <sip:{1}@192.0.2.1>\r\n"
      "{4}Content-Length: 0\r\n\r\n",
      kServer, account, branch, call, header);
}

std::string digest_header(const std::string& nonce, const std::string& account,
                          const std::string& password) {
  const std::string uri = std::string("sip:") + kServer;
  const auto response = crypto::digest_response({.username = account,
                                                 .realm = "office",
                                                 .nonce = nonce,
                                                 .method = "REGISTER",
                                                 .uri = uri,
                                                 .qop_auth = true,
                                                 .nonce_count = "00000001",
                                                 .cnonce = "c"},
                                                Secret(password));
  return fmt::format(
      "Authorization: Digest username=\"{}\", realm=\"office\", nonce=\"{}\", uri=\"{}\", "
      "response=\"{}\", qop=auth, nc=00000001, cnonce=\"c\", algorithm=MD5\r\n",
      account, nonce, uri, response);
}

sockaddr_in address_of(const std::string& text, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, text.c_str(), &address.sin_addr);
  return address;
}

void append_u16(std::string& bytes, uint16_t value) {
  bytes += char(value >> 8);
  bytes += char(value & 0xff);
}

}  // namespace

SipClient::SipClient(const OfficeNetwork& network, const std::string& place,
                     const std::string& address)
    : socket_(network.socket(place, AF_INET, SOCK_DGRAM, 0)) {
  if (!address.empty()) {
    const auto own = address_of(address, 0);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  }
  const auto server = address_of(kServer, 5060);
  EXPECT_EQ(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server), 0);
}

void SipClient::send(const std::string& account) const {
  const auto text = register_text(account, fresh_token(), fresh_token(), "");
  EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), 0), ssize_t(text.size()));
}

std::optional<int> SipClient::ask(const std::string& account) {
  return exchange(register_text(account, fresh_token(), fresh_token(), ""));
}

std::optional<int> SipClient::log_in(const std::string& account, const std::string& password) {
  const auto challenged = ask(account);
  if (challenged != 401) return {};
  return exchange(answering(nonce_, account, password, fresh_token()));
}

std::string SipClient::asking(const std::string& account, const std::string& branch) {
  return register_text(account, branch, branch, "");
}

std::string SipClient::challenging(const std::string& account, const std::string& branch,
                                   const std::string& nonce) {
  const std::string request = asking(account, branch);
  const size_t headers = request.find("\r\n") + 2;
  return "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"office\", nonce=\"" + nonce +
         "\"\r\n" + request.substr(headers);
}

std::string SipClient::answering(const std::string& nonce, const std::string& account,
                                 const std::string& password, const std::string& branch) {
  return register_text(account, branch, branch, digest_header(nonce, account, password));
}

std::optional<int> SipClient::exchange(const std::string& request) {
  EXPECT_EQ(::send(socket_.get(), request.data(), request.size(), 0), ssize_t(request.size()));
  pollfd readable{socket_.get(), POLLIN, 0};
  if (poll(&readable, 1, kPatienceMs) != 1) return {};
  std::string answer(4096, '\0');
  const ssize_t got = recv(socket_.get(), answer.data(), answer.size(), 0);
  answer.resize(size_t(std::max<ssize_t>(got, 0)));
  constexpr std::string_view kBegin = "SIP/2.0 ";
  int status = 0;
  if (!answer.starts_with(kBegin)) return {};
  std::from_chars(answer.data() + kBegin.size(), answer.data() + answer.size(), status);
  constexpr std::string_view kNonce = "nonce=\"";
  if (const size_t at = answer.find(kNonce); at != std::string::npos)
    nonce_ = answer.substr(at + kNonce.size(),
                           answer.find('"', at + kNonce.size()) - at - kNonce.size());
  return status;
}

// Without a UDP checksum, which IPv4 does not ask for (RFC 768).
std::string forged_datagram(const std::string& from, uint16_t from_port, const std::string& to,
                            uint16_t to_port, const std::string& text) {
  constexpr uint16_t kIpBytes = 20;
  constexpr uint16_t kUdpBytes = 8;
  const auto size = uint16_t(kIpBytes + kUdpBytes + text.size());
  std::string packet{"\x45\0", 2};
  append_u16(packet, size);
  packet.append("\0\1\0\0\x40\x11\0\0", 8);
  const auto source = address_of(from, from_port), target = address_of(to, to_port);
  packet.append(reinterpret_cast<const char*>(&source.sin_addr), 4);
  packet.append(reinterpret_cast<const char*>(&target.sin_addr), 4);
  uint32_t sum = 0;
  for (size_t i = 0; i < kIpBytes; i += 2)
    sum += uint32_t{uint8_t(packet[i])} << 8 | uint8_t(packet[i + 1]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  packet[10] = char(~sum >> 8 & 0xff);
  packet[11] = char(~sum & 0xff);
  append_u16(packet, from_port);
  append_u16(packet, to_port);
  append_u16(packet, uint16_t(kUdpBytes + text.size()));
  append_u16(packet, 0);
  return packet + text;
}

}  // namespace stormdoor::test
