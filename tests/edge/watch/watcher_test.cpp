#include "edge/watch/watcher.hpp"

#include <gtest/gtest.h>

#include "tests/edge/watch/frames.hpp"
#include "tests/support/sip_text.hpp"

namespace stormdoor::edge::watch {
namespace {

using test::challenge_header;
using test::digest_header;
using test::ethernet;
using test::ipv4;
using test::SipRequestText;

const IpAddress kAttacker = test::ip("192.0.2.7");
const IpAddress kRegistrar = test::ip("198.51.100.1");

class WatcherTest : public testing::Test {
 protected:
  void hear(const std::string& packet) {
    watcher_.on_frame(LinkType::Ethernet, test::bytes_of(ethernet(0x0800, packet)), 1, 1'000'000);
  }
  // A datagram in one piece, or in as many as pieces of `size` make.
  void send(const IpAddress& from, const IpAddress& to, const std::string& text,
            size_t size = 65'528) {
    const std::string datagram = test::udp(5060, 5060, text);
    for (size_t at = 0; at < datagram.size(); at += size) {
      const uint32_t more = at + size < datagram.size() ? 0x2000 : 0;
      hear(ipv4({.source = from, .destination = to, .fragment = uint32_t(at / 8) | more},
                datagram.substr(at, size)));
    }
  }

  std::vector<SipOutcome> outcomes_;
  Watcher watcher_{16, {.servers = {IpPrefix(kRegistrar, 32)}}, [this](const WatchReport& report) {
                     if (const auto* outcome = std::get_if<SipOutcome>(&report))
                       outcomes_.push_back(*outcome);
                   }};
};

TEST_F(WatcherTest, ALoginThatComesInFragmentsIsSeen) {
  SipRequestText request;
  send(kAttacker, kRegistrar, request.text());
  send(kRegistrar, kAttacker, request.answer(401, challenge_header("n1")));
  for (const size_t size : {8U, 64U, 504U}) {
    ++request.cseq;
    request.headers = digest_header("n1", "guess " + std::to_string(size));
    send(kAttacker, kRegistrar, request.text(), size);
    send(kRegistrar, kAttacker, request.answer(403), size);
    ASSERT_EQ(outcomes_.back().result, SipOutcome::Result::Refused) << size;
    EXPECT_EQ(outcomes_.back().response, "guess " + std::to_string(size));
    EXPECT_TRUE(outcomes_.back().nonce_was_sent_there);
  }
  EXPECT_EQ(watcher_.counters().malformed, 0U);
  EXPECT_GT(watcher_.counters().fragments, 50U);
}

}  // namespace
}  // namespace stormdoor::edge::watch
