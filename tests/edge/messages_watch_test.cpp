#include "edge/messages_watch.hpp"

#include <gtest/gtest.h>

#include "edge/messages_codec.hpp"

namespace stormdoor::edge {
namespace {

SipOutcome some_outcome() {
  SipOutcome outcome;
  outcome.result = SipOutcome::Result::Probed;
  outcome.client = *IpAddress::parse("198.51.100.7");
  outcome.client_port = 5060;
  outcome.server = *IpAddress::parse("fd00::1");
  outcome.server_port = 5062;
  outcome.tcp = outcome.connected = outcome.nonce_was_sent_there = true;
  outcome.status = 401;
  outcome.cseq = 4'000'000'000;
  outcome.expires_seconds = 3600;
  outcome.time_us = 1'700'000'000'123'456;
  outcome.method = "REGISTER";
  outcome.account = "2041";
  outcome.fingerprint = 0x0123'4567'89ab'cdef;
  outcome.alone = true;
  outcome.username = "2041-x";
  outcome.realm = "asterisk";
  outcome.nonce = "n";
  outcome.uri = "sip:pbx";
  outcome.qop = "auth";
  outcome.nc = "00000001";
  outcome.cnonce = "c";
  outcome.algorithm = "MD5";
  outcome.response = std::string(64, 'a');
  outcome.user_agent = std::string("a\0b", 3);
  outcome.call_id = "id";
  return outcome;
}

CallSeen some_call() {
  return {CallSeen::What::Over,
          *IpAddress::parse("10.0.0.7"),
          5062,
          *IpAddress::parse("fd00::1"),
          5060,
          true,
          1'700'000'000'123'456,
          1'700'001'800'123'456,
          "2041",
          "911",
          std::string(128, 'c')};
}

BindingSeen some_binding() {
  return {*MacAddress::parse("00:0f:d3:05:48:48"),
          *IpAddress::parse("10.0.0.7"),
          BindingSeen::Source::Dhcp,
          7,
          4094,
          true,
          "yealink",
          "0106abcd"};
}

TEST(WatchMessages, ReportsSurviveTheWay) {
  for (const WatchReport& report :
       std::initializer_list<WatchReport>{some_binding(), some_outcome(), some_call(),
                                          WatchCounters{1, 2, 3, 4, 5, 6, 7, 8, 9}, WatchAlive{}}) {
    const auto again = decode_watch_report(encode(report));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, report);
  }
}

TEST(WatchMessages, OrdersSurviveTheWay) {
  for (const WatchOrder& order : std::initializer_list<WatchOrder>{
           WatchBlame{true, *IpPrefix::parse("10.1.0.0/16"), "2041"},
           WatchBlame{false, *IpPrefix::parse("0.0.0.0/0"), ""},
           WatchBlame{false, *IpPrefix::parse("::/0"), ""},
           WatchBlame{true, *IpPrefix::parse("fd00::/64"), std::string(64, 'a')},
           WatchSettings{{5060, 5062}}, WatchSettings{}}) {
    const auto again = decode_watch_order(encode(order));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, order);
  }
}

TEST(WatchMessages, LongTextsAreCutByTheSenderAndRefusedFromOne) {
  SipOutcome outcome = some_outcome();
  outcome.uri = std::string(257, 'u');
  const std::string packet = encode(outcome);
  const auto again = decode_watch_report(packet);
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<SipOutcome>(*again).uri, std::string(256, 'u'));
  PacketWriter blame;
  blame.number(uint8_t{65});
  blame.number(uint8_t{1});
  blame.address(IpAddress::v4(0x0A000007));
  blame.number(uint8_t{32});
  blame.text(std::string(65, 'a'), 65);
  EXPECT_FALSE(decode_watch_order(blame.bytes()));
}

TEST(WatchMessages, WhatIsTooShortOrTooLongOrOfTheOtherDirectionIsCorrupt) {
  for (const std::string& packet : {encode(some_binding()), encode(some_outcome()),
                                    encode(WatchReport(WatchCounters{})), encode(WatchAlive{})}) {
    for (size_t size = 0; size < packet.size(); ++size)
      EXPECT_FALSE(decode_watch_report(packet.substr(0, size))) << size;
    EXPECT_FALSE(decode_watch_report(packet + '\0'));
    EXPECT_FALSE(decode_watch_order(packet));
  }
  const std::string order = encode(WatchSettings{{5060}});
  for (size_t size = 0; size < order.size(); ++size)
    EXPECT_FALSE(decode_watch_order(order.substr(0, size)));
  const auto refused = decode_watch_report(order);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Corrupt);
}

TEST(WatchMessages, ValuesThatNobodyWouldSendAreCorrupt) {
  std::string binding = encode(some_binding());
  binding[1 + 6 + 16] = 5;  // the source; there are 0 to 4
  EXPECT_FALSE(decode_watch_report(binding));
  std::string blame = encode(WatchBlame{true, *IpPrefix::parse("10.0.0.0/8"), "1"});
  for (const char length : {'\x09', '\x20'}) {
    blame[2 + 16] = length;
    EXPECT_TRUE(decode_watch_order(blame)) << int(length);
  }
  blame[2 + 16] = 33;
  EXPECT_FALSE(decode_watch_order(blame)) << "no such length";
  blame[2 + 16] = 4;
  EXPECT_FALSE(decode_watch_order(blame)) << "bits beyond the length";
  blame[2 + 16] = 8;
  blame[1] = 2;
  EXPECT_FALSE(decode_watch_order(blame)) << "neither yes nor no";
  std::string settings = encode(WatchSettings{std::vector<uint16_t>(kMostWatchPorts, 5060)});
  EXPECT_TRUE(decode_watch_order(settings));
  settings[1] = char(kMostWatchPorts + 1);
  EXPECT_FALSE(decode_watch_order(settings + "ab"));
}

}  // namespace
}  // namespace stormdoor::edge
