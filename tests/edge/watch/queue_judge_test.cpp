#include "edge/watch/queue_judge.hpp"

#include <gtest/gtest.h>

#include "tests/support/sip_text.hpp"

namespace stormdoor::edge::watch {
namespace {

using test::digest_header;
using test::sip_packet;
using test::SipRequestText;
using Verdict = QueueJudge::Verdict;

constexpr int64_t kSecond = 1'000'000;
const Endpoint kOffice{*IpAddress::parse("192.0.2.7"), 40'000};
const Endpoint kElsewhere{*IpAddress::parse("203.0.113.7"), 40'000};
const Endpoint kPbx{*IpAddress::parse("198.51.100.1"), 5060};

struct QueueJudgeTest : testing::Test {
  QueueJudgeTest() { judge.blame(IpPrefix(kOffice.address, 32), "301"); }
  Verdict datagram(std::string_view text, const Endpoint& from = kOffice) {
    return judge.judge(sip_packet(from, kPbx, text, now));
  }
  Verdict segment(std::string_view text) {
    SipPacket packet = sip_packet(kOffice, kPbx, text, now);
    packet.tcp = true;
    return judge.judge(packet);
  }
  void empty_the_bucket() {
    while (datagram("no SIP") == Verdict::Accept) {
    }
  }
  int64_t now = 1000 * kSecond;
  QueueJudge judge{{}};
};

TEST_F(QueueJudgeTest, RefusesWhatNamesABlamedAccountAnywhere) {
  EXPECT_EQ(datagram(SipRequestText{}.text()), Verdict::Refuse);
  SipRequestText other{.account = "302"};
  EXPECT_EQ(datagram(other.text()), Verdict::Accept);
  other.headers = digest_header("n", "r", "301");
  EXPECT_EQ(datagram(other.text()), Verdict::Refuse);
  other.headers = digest_header("n", "r", "301@pbx.example");
  EXPECT_EQ(datagram(other.text()), Verdict::Refuse);
  other.headers = "Contact: <sip:999@x>, <sip:%33%30%31@192.0.2.7>\r\n";
  EXPECT_EQ(datagram(other.text()), Verdict::Refuse);
  other.headers = {};
  std::string called = other.text();
  called.replace(called.find("sip:pbx.example"), 15, "sip:301@pbx.example");
  EXPECT_EQ(datagram(called), Verdict::Refuse);
}

TEST_F(QueueJudgeTest, ComparesWithoutRegardToCase) {
  judge.blame(IpPrefix(kOffice.address, 32), "Alice");
  EXPECT_EQ(datagram(SipRequestText{.account = "aLICE"}.text()), Verdict::Refuse);
}

TEST_F(QueueJudgeTest, OthersMayUseTheNameElsewhere) {
  EXPECT_EQ(datagram(SipRequestText{}.text(), kElsewhere), Verdict::Accept);
  judge.blame(*IpPrefix::parse("203.0.113.0/24"), "301");
  EXPECT_EQ(datagram(SipRequestText{}.text(), kElsewhere), Verdict::Refuse);
}

TEST_F(QueueJudgeTest, ForgivesWhenTold) {
  judge.forgive(IpPrefix(kOffice.address, 32), "301");
  EXPECT_EQ(judge.blamed(), 0U);
  EXPECT_EQ(datagram(SipRequestText{}.text()), Verdict::Accept);
}

TEST_F(QueueJudgeTest, WholeMessagesPassHoweverMany) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(datagram(SipRequestText{.account = "302"}.text()), Verdict::Accept);
    EXPECT_EQ(datagram(SipRequestText{}.answer(200)), Verdict::Accept) << "an answer cannot log in";
  }
}

TEST_F(QueueJudgeTest, PacketsWithoutPayloadAndKeepAlivesPass) {
  empty_the_bucket();
  EXPECT_EQ(segment({}), Verdict::Accept);
  EXPECT_EQ(segment("\r\n\r\n"), Verdict::Accept);
  EXPECT_EQ(datagram("\r\n\r\n"), Verdict::Accept);
}

TEST_F(QueueJudgeTest, WhatIsUnreadablePassesAtTheMeteredRate) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(datagram("no SIP"), Verdict::Accept) << i;
  EXPECT_EQ(datagram("no SIP"), Verdict::Refuse);
  EXPECT_EQ(datagram("no SIP", kElsewhere), Verdict::Accept) << "each source has its own";
  now += kSecond / 10 - 1;
  EXPECT_EQ(datagram("no SIP"), Verdict::Refuse);
  now += 1;
  EXPECT_EQ(datagram("no SIP"), Verdict::Accept);
  EXPECT_EQ(datagram("no SIP"), Verdict::Refuse);
}

TEST_F(QueueJudgeTest, WhatOthersMayReadDifferentlyIsMetered) {
  empty_the_bucket();
  SipRequestText request{.account = "302"};
  request.headers = "To: <sip:303@pbx.example>\r\n";
  EXPECT_EQ(datagram(request.text()), Verdict::Refuse);
  EXPECT_EQ(datagram(SipRequestText{.account = "302"}.text() + "REGISTER"), Verdict::Refuse);
}

TEST_F(QueueJudgeTest, PiecesOfAStreamAreMetered) {
  empty_the_bucket();
  const std::string text = SipRequestText{.account = "302"}.text();
  EXPECT_EQ(segment(text), Verdict::Accept);
  EXPECT_EQ(segment(text + text), Verdict::Accept);
  EXPECT_EQ(segment(std::string_view(text).substr(0, 100)), Verdict::Refuse);
  EXPECT_EQ(segment(std::string_view(text).substr(100)), Verdict::Refuse);
  EXPECT_EQ(segment(text + "REGISTER"), Verdict::Refuse);
  EXPECT_EQ(segment(text + SipRequestText{}.text()), Verdict::Refuse);
}

TEST(Promise12_Bounded, AFloodOfBlameForgetsItsOwn) {
  QueueJudge judge({.blamed = 8, .blamed_per_source = 4});
  judge.blame(IpPrefix(kOffice.address, 32), "301");
  for (int i = 0; i < 4; ++i) judge.blame(IpPrefix(kElsewhere.address, 32), std::to_string(i));
  EXPECT_EQ(judge.blamed(), 5U);
  for (int i = 4; i < 100; ++i) judge.blame(IpPrefix(kElsewhere.address, 32), std::to_string(i));
  EXPECT_EQ(judge.blamed(), 5U);
  EXPECT_EQ(judge.judge(sip_packet(kOffice, kPbx, SipRequestText{}.text())), Verdict::Refuse);
}

}  // namespace
}  // namespace stormdoor::edge::watch
