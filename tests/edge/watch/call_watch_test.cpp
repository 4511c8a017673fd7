#include "edge/watch/call_watch.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stormdoor::edge::watch {
namespace {

using testing::IsEmpty;
using What = CallSeen::What;

const Endpoint kPhone = *Endpoint::parse("10.20.0.7:5062");
const Endpoint kPbx = *Endpoint::parse("10.20.0.5:5060");
const Endpoint kOther = *Endpoint::parse("10.20.0.9:5060");

class CallWatchTest : public testing::Test {
 protected:
  void hear(const std::string& text, const Endpoint& from, const Endpoint& to) {
    const auto message = parse_sip(text, SipFraming::Datagram);
    ASSERT_TRUE(message) << message.error().message();
    watch_.on_message(*message, {.from = from,
                                 .to = to,
                                 .tcp = false,
                                 .time_us = now_us_,
                                 .client = from == kPbx ? to.address : from.address,
                                 .proven = proven_});
  }
  static std::string headers(const std::string& method, const std::string& call_id,
                             const std::string& to_tag, const std::string& more) {
    return fmt::format(
        "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:2041@h>;tag=a\r\nTo: <sip:2042@h>{}\r\n"
        "Call-ID: {}\r\nCSeq: 1 {}\r\n{}\r\n",
        to_tag.empty() ? "" : ";tag=" + to_tag, call_id, method, more);
  }
  void request(const std::string& method, const Endpoint& from, const Endpoint& to,
               const std::string& uri = "sip:2042@h", const std::string& to_tag = "",
               const std::string& call_id = "one") {
    hear(fmt::format("{} {} SIP/2.0\r\n{}", method, uri, headers(method, call_id, to_tag, "")),
         from, to);
  }
  void answer(int status, const std::string& method, const Endpoint& from, const Endpoint& to,
              const std::string& more = "", const std::string& call_id = "one",
              const std::string& to_tag = "b") {
    hear(fmt::format("SIP/2.0 {} x\r\n{}", status, headers(method, call_id, to_tag, more)), from,
         to);
  }
  std::vector<CallSeen> take() { return std::exchange(seen_, {}); }

  int64_t now_us_ = 1'000'000'000;
  bool proven_ = false;
  std::vector<CallSeen> seen_;
  CallWatch watch_{8, 4, [this](const CallSeen& seen) { seen_.push_back(seen); }};
};

TEST_F(CallWatchTest, ACallBeginsWithItsFirstAnswerAndIsOverWithTheAnswerToBye) {
  request("INVITE", kPhone, kPbx, "sip:911@h");
  EXPECT_THAT(take(), IsEmpty()) << "an INVITE alone is a claim";
  answer(180, "INVITE", kPbx, kPhone);
  auto seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].what, What::Begun);
  EXPECT_EQ(seen[0].caller, kPhone.address);
  EXPECT_EQ(seen[0].caller_port, kPhone.port);
  EXPECT_EQ(seen[0].callee, kPbx.address);
  EXPECT_EQ(seen[0].from, "2041");
  EXPECT_EQ(seen[0].called, "911");
  EXPECT_EQ(seen[0].call_id, "one");
  EXPECT_EQ(seen[0].until_us, now_us_ + CallWatch::kRingingUs);
  answer(180, "INVITE", kPbx, kPhone);
  EXPECT_THAT(take(), IsEmpty()) << "it is told once that it rings";
  answer(200, "INVITE", kPbx, kPhone);
  seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].until_us, 0) << "no timer: nobody knows";
  request("BYE", kPbx, kPhone, "sip:2041@h", "b");
  EXPECT_THAT(take(), IsEmpty()) << "a BYE that nobody has answered may be lost";
  answer(200, "BYE", kPhone, kPbx);
  seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].what, What::Over);
  EXPECT_EQ(seen[0].call_id, "one");
}

TEST_F(CallWatchTest, Promise4ThatAnInviteCameBeginsACallOnlyOfWhoCanReceiveThere) {
  request("INVITE", kPhone, kPbx, "sip:911@h");
  answer(100, "INVITE", kPbx, kPhone);
  EXPECT_THAT(take(), IsEmpty()) << "anybody can have the PBX say so";
  proven_ = true;
  request("INVITE", kPhone, kPbx, "sip:911@h");
  answer(100, "INVITE", kPbx, kPhone);
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(CallWatchTest, Promise4AnswersToWhatNobodyAskedBeginNoCall) {
  answer(180, "INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPbx, kPhone, "", "another");
  answer(200, "UPDATE", kPbx, kPhone, "Session-Expires: 90\r\n", "another");
  EXPECT_THAT(take(), IsEmpty());
  request("INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPbx, kPhone);
  answer(200, "BYE", kPbx, kPhone);
  take();
  answer(200, "INVITE", kPbx, kPhone);
  EXPECT_THAT(take(), IsEmpty()) << "an answer that comes late does not wake the call";
}

TEST_F(CallWatchTest, WhoRingsForLongIsInACallAllThatTime) {
  request("INVITE", kPhone, kPbx);
  answer(180, "INVITE", kPbx, kPhone);
  take();
  now_us_ += CallWatch::kRingsOnUs - 1;
  answer(180, "INVITE", kPbx, kPhone);
  EXPECT_THAT(take(), IsEmpty());
  now_us_ += 1;
  answer(180, "INVITE", kPbx, kPhone);
  const auto seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].until_us, now_us_ + CallWatch::kRingingUs);
}

// RFC 3261 section 13.2.2.4: of the phones that a proxy lets ring at once, two may answer.
TEST_F(CallWatchTest, OneOfTwoAnswersMayBeHungUpAndTheCallGoesOn) {
  request("INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPbx, kPhone, "", "one", "b");
  answer(200, "INVITE", kPbx, kPhone, "", "one", "c");
  take();
  answer(200, "BYE", kPbx, kPhone, "", "one", "c");
  answer(200, "BYE", kPbx, kPhone, "", "one", "c");
  EXPECT_THAT(take(), IsEmpty());
  answer(200, "BYE", kPbx, kPhone, "", "one", "b");
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(CallWatchTest, WhoCannotSeeACallCannotEndIt) {
  request("INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPbx, kPhone);
  take();
  answer(200, "BYE", kOther, kPbx, "", "one", "guessed");
  answer(481, "INVITE", kPbx, kOther, "", "one", "guessed");
  answer(481, "UPDATE", kPbx, kOther, "", "one", "guessed");
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(CallWatchTest, AnAnswerMayGoToAnotherPortThanTheRequestCameFrom) {
  const Endpoint elsewhere{kPhone.address, 5999};
  request("INVITE", kPhone, kPbx);
  answer(180, "INVITE", kPbx, elsewhere);
  auto seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].caller_port, kPhone.port) << "where the phone is";
  answer(486, "INVITE", kPbx, elsewhere);
  seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].what, What::Over);
}

TEST_F(CallWatchTest, WhoIsAskedForCredentialsHasNoCallAndMayTryAgain) {
  request("INVITE", kPhone, kPbx);
  answer(407, "INVITE", kPbx, kPhone);
  EXPECT_THAT(take(), IsEmpty());
  request("INVITE", kPhone, kPbx);
  answer(183, "INVITE", kPbx, kPhone);
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(CallWatchTest, ARefusedCallIsOver) {
  for (const int status : {486, 487, 503, 603}) {
    request("INVITE", kPhone, kPbx);
    answer(180, "INVITE", kPbx, kPhone);
    answer(status, "INVITE", kPbx, kPhone);
    const auto seen = take();
    ASSERT_EQ(seen.size(), 2U) << status;
    EXPECT_EQ(seen[1].what, What::Over);
  }
}

TEST_F(CallWatchTest, AProxysOtherLegIsTheSameCallAndTheCallersLegIsTheLast) {
  request("INVITE", kPhone, kPbx);
  answer(183, "INVITE", kPbx, kPhone);
  request("INVITE", kPbx, kOther, "sip:2042@10.20.0.9:5060");
  answer(180, "INVITE", kOther, kPbx);
  auto seen = take();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].callee, kOther.address);
  answer(486, "INVITE", kOther, kPbx);
  EXPECT_THAT(take(), IsEmpty()) << "the proxy may ring at another phone";
  answer(486, "INVITE", kPbx, kPhone);
  seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].what, What::Over);
}

TEST_F(CallWatchTest, ASessionTimerSaysWhenItIsOverUnlessEitherSideRefreshes) {
  request("INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPbx, kPhone, "Session-Expires: 1800;refresher=uac\r\n");
  auto seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].until_us, now_us_ + 1'832'000'000);
  now_us_ += 900'000'000;
  request("INVITE", kPbx, kPhone, "sip:2041@h", "a");
  answer(200, "INVITE", kPhone, kPbx, "x: 600\r\n");
  seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].until_us, now_us_ + 632'000'000);
  EXPECT_EQ(seen[0].caller, kPhone.address) << "who called stays who called";
  request("UPDATE", kPhone, kPbx, "sip:2042@h", "b");
  answer(200, "UPDATE", kPbx, kPhone, "Session-Expires: 90\r\n");
  seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].until_us, now_us_ + 122'000'000);
}

TEST_F(CallWatchTest, AFailedReInviteChangesNothingUnlessTheOtherSideKnowsOfNoCall) {
  request("INVITE", kPhone, kPbx);
  answer(200, "INVITE", kPbx, kPhone);
  take();
  request("INVITE", kPhone, kPbx, "sip:2042@h", "b");
  answer(488, "INVITE", kPbx, kPhone);
  EXPECT_THAT(take(), IsEmpty());
  answer(481, "INVITE", kPbx, kPhone);
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(CallWatchTest, ACallThatBeganBeforeUsIsKnownFromItsNextReInviteAndItsEndIsTold) {
  request("INVITE", kPhone, kPbx, "sip:2042@h", "b");
  answer(200, "INVITE", kPbx, kPhone);
  const auto seen = take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].caller, kPhone.address);
  answer(481, "BYE", kPbx, kPhone, "", "another");
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(CallWatchTest, AnEmergencyServiceIsKnownByName) {
  request("INVITE", kPhone, kPbx, "urn:service:sos.fire");
  answer(180, "INVITE", kPbx, kPhone);
  EXPECT_EQ(take().at(0).called, "urn:service:sos.fire");
}

TEST_F(CallWatchTest, Promise12OneSourcesFloodForgetsItsOwnCallsOnly) {
  request("INVITE", kOther, kPbx, "sip:911@h", "", "theirs");
  for (int i = 0; i < 1000; ++i)
    request("INVITE", kPhone, kPbx, "sip:2042@h", "", fmt::format("flood {}", i));
  EXPECT_EQ(watch_.evictions(), 996U);
  answer(180, "INVITE", kPbx, kOther, "", "theirs");
  EXPECT_EQ(take().at(0).called, "911");
  const auto proxy = [](uint32_t number) {
    return Endpoint{IpAddress::v4(0x0a1e0000 + number), 5060};
  };
  for (uint32_t i = 0; i < 1000; ++i) request("INVITE", proxy(i), kPbx, "sip:911@h", "", "theirs");
  answer(200, "INVITE", kPbx, proxy(999), "", "theirs");
  EXPECT_THAT(take(), IsEmpty()) << "a call has few legs";
}

TEST_F(CallWatchTest, Promise12CallsThroughThePbxArePutDownToWhoIsCalled) {
  request("INVITE", kPbx, kOther, "sip:2042@h", "", "theirs");
  for (int i = 0; i < 1000; ++i)
    request("INVITE", kPbx, kPhone, "sip:2041@h", "", fmt::format("flood {}", i));
  answer(180, "INVITE", kOther, kPbx, "", "theirs");
  EXPECT_EQ(take().size(), 1U);
}

}  // namespace
}  // namespace stormdoor::edge::watch
