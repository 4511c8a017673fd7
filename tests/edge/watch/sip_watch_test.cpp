#include "edge/watch/sip_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "edge/watch/sip_judgement.hpp"
#include "tests/support/sip_text.hpp"

namespace stormdoor::edge::watch {
namespace {

using Result = SipOutcome::Result;
using test::challenge_header;
using test::digest_header;
using test::sip_packet;
using test::SipRequestText;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000;
const Endpoint kPhone{*IpAddress::parse("192.0.2.7"), 40'000};
const Endpoint kOther{*IpAddress::parse("192.0.2.8"), 40'000};
const Endpoint kPbx{*IpAddress::parse("198.51.100.1"), 5060};

class SipWatchTest : public testing::Test {
 protected:
  void send(const Endpoint& from, const Endpoint& to, std::string_view text) {
    watch.on_packet(sip_packet(from, to, text, now));
  }
  // A request and its answer, in a transaction of its own.
  void exchange(SipRequestText request, int status, std::string_view lines = {},
                const Endpoint& phone = kPhone) {
    request.cseq = ++cseq;
    request.branch = "z9hG4bK" + std::to_string(cseq);
    send(phone, kPbx, request.text());
    send(kPbx, phone, request.answer(status, lines));
  }
  void challenge(std::string_view nonce, const Endpoint& phone = kPhone) {
    exchange({}, 401, challenge_header(nonce), phone);
    outcomes.clear();  // it was Probed
  }
  // A request that answers `nonce`.
  static SipRequestText answering(std::string_view nonce, std::string_view response = "r1",
                                  std::string method = "REGISTER") {
    SipRequestText request;
    request.method = std::move(method);
    request.headers = digest_header(nonce, response) + "Contact: <sip:301@192.0.2.7>\r\n";
    return request;
  }
  [[nodiscard]] std::vector<Result> results() const {
    std::vector<Result> all;
    for (const SipOutcome& outcome : outcomes) all.push_back(outcome.result);
    return all;
  }

  int64_t now = 1000 * kSecond;
  uint32_t cseq = 100;
  std::vector<SipOutcome> outcomes;
  SipWatch watch{{}, [this](const SipOutcome& outcome) { outcomes.push_back(outcome); }};
};

TEST_F(SipWatchTest, AFirstChallengeIsNoFailure) {
  exchange({}, 401, challenge_header("n1"));
  ASSERT_THAT(results(), ElementsAre(Result::Probed));
  EXPECT_EQ(outcomes[0].account, "301");
  EXPECT_EQ(outcomes[0].client, kPhone.address);
  EXPECT_FALSE(outcomes[0].nonce_was_sent_there);
}

TEST_F(SipWatchTest, APbxOnThisMachineIsNoClientOfThePhonesThatItAsks) {
  std::vector<SipOutcome> seen;
  SipWatchSettings settings;
  settings.own = {kPbx.address};
  SipWatch here(settings, [&](const SipOutcome& outcome) { seen.push_back(outcome); });
  const Endpoint phone{kPhone.address, 5060};
  SipRequestText options;
  options.method = "OPTIONS";
  here.on_packet(sip_packet(kPbx, phone, options.text(), now));
  here.on_packet(sip_packet(phone, kPbx, options.answer(404), now));
  EXPECT_THAT(seen, IsEmpty());
  here.on_packet(sip_packet(phone, kPbx, options.text(), now));
  here.on_packet(sip_packet(kPbx, phone, options.answer(404), now));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].client, phone.address);
}

TEST_F(SipWatchTest, AProxysFirstChallengeIsNoFailure) {
  SipRequestText invite;
  invite.method = "INVITE";
  exchange(invite, 407, challenge_header("n1", "", "pbx", "Proxy-Authenticate"));
  EXPECT_THAT(results(), ElementsAre(Result::Probed));
}

TEST_F(SipWatchTest, AnAnsweredChallengeThatIsChallengedAgainIsRefused) {
  challenge("n1");
  exchange(answering("n1"), 401, challenge_header("n2"));
  ASSERT_THAT(results(), ElementsAre(Result::Refused));
  const SipOutcome& outcome = outcomes[0];
  EXPECT_TRUE(outcome.nonce_was_sent_there);
  EXPECT_FALSE(outcome.connected);
  EXPECT_EQ(outcome.status, 401);
  EXPECT_EQ(outcome.method, "REGISTER");
  EXPECT_EQ(outcome.username, "301");
  EXPECT_EQ(outcome.realm, "pbx");
  EXPECT_EQ(outcome.nonce, "n1");
  EXPECT_EQ(outcome.response, "r1");
  EXPECT_EQ(outcome.qop, "auth");
  EXPECT_EQ(outcome.nc, "00000001");
  EXPECT_EQ(outcome.client_port, kPhone.port);
  EXPECT_EQ(outcome.server, kPbx.address);
  EXPECT_EQ(outcome.time_us, now);
}

TEST_F(SipWatchTest, StaleFalseIsRefused) {
  challenge("n1");
  exchange(answering("n1"), 401, challenge_header("n2", ", stale=false"));
  EXPECT_THAT(results(), ElementsAre(Result::Refused));
}

TEST_F(SipWatchTest, StaleTrueIsNoFailure) {
  challenge("n1");
  exchange(answering("n1"), 401, challenge_header("n2", ", stale=true"));
  exchange(answering("n2"), 401,
           challenge_header("n3", ", stale=\"TRUE\"") + challenge_header("n4"));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, ForbiddenAndNotFoundAreRefused) {
  challenge("n1");
  exchange(answering("n1", "r1"), 403);
  exchange(answering("n1", "r2"), 404);
  EXPECT_THAT(results(), ElementsAre(Result::Refused, Result::Refused));
}

TEST_F(SipWatchTest, NotFoundToACallIsAWrongNumber) {
  challenge("n1");
  exchange(answering("n1", "r1", "INVITE"), 404);
  EXPECT_THAT(outcomes, IsEmpty());
  exchange(answering("n1", "r2", "INVITE"), 403);
  EXPECT_THAT(results(), ElementsAre(Result::Refused));
}

TEST_F(SipWatchTest, OtherAnswersAreNoFailure) {
  challenge("n1");
  for (const int status : {302, 400, 408, 423, 480, 486, 500, 503, 603})
    exchange(answering("n1", std::to_string(status)), status);
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, NoAnswerIsNoFailure) {
  challenge("n1");
  send(kPhone, kPbx, answering("n1").text());
  now += 400 * kSecond;
  challenge("n2");
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, AnAcceptedRegistrationIsASuccess) {
  challenge("n1");
  exchange(answering("n1"), 200,
           "Contact: <sip:301@10.9.9.9>;expires=7, <sip:301@192.0.2.7>;expires=1200\r\n");
  ASSERT_THAT(results(), ElementsAre(Result::Registered));
  EXPECT_EQ(outcomes[0].expires_seconds, 1200U);
  exchange(answering("n1", "r2"), 200, "Expires: 90\r\n");
  EXPECT_EQ(outcomes.back().expires_seconds, 90U);
}

TEST_F(SipWatchTest, AnUnregisterIsOne) {
  challenge("n1");
  SipRequestText request = answering("n1", "r1");
  request.headers += "Expires: 0\r\n";
  exchange(request, 200);
  request.headers = digest_header("n1", "r2") + "Contact: <sip:301@192.0.2.7>;expires=0\r\n";
  exchange(request, 200, "Contact: <sip:301@10.9.9.9>;expires=77\r\n");
  request.headers = digest_header("n1", "r3") + "Contact: *\r\nExpires: 0\r\n";
  exchange(request, 200);
  EXPECT_THAT(results(),
              ElementsAre(Result::Unregistered, Result::Unregistered, Result::Unregistered));
}

TEST_F(SipWatchTest, AnUnregisterWithOldCredentialsIsRefusedLikeARegister) {
  challenge("n1");
  SipRequestText request = answering("n1");
  request.headers += "Expires: 0\r\n";
  exchange(request, 401, challenge_header("n2"));
  EXPECT_THAT(results(), ElementsAre(Result::Refused));
}

TEST_F(SipWatchTest, OneContactThatGoesAndOneThatStaysIsARegistration) {
  challenge("n1");
  SipRequestText request;
  request.headers = digest_header("n1") +
                    "Contact: <sip:301@192.0.2.9>;expires=0, <sip:301@192.0.2.7>;expires=60\r\n";
  exchange(request, 200, "Contact: <sip:301@192.0.2.7>;expires=60\r\n");
  EXPECT_THAT(results(), ElementsAre(Result::Registered));
}

TEST_F(SipWatchTest, AQueryForBindingsAndACallAreAccepted) {
  challenge("n1");
  SipRequestText request;
  request.headers = digest_header("n1");
  exchange(request, 200);
  exchange(answering("n1", "r2", "INVITE"), 200);
  exchange(answering("n1", "r3", "SUBSCRIBE"), 202);
  EXPECT_THAT(results(), ElementsAre(Result::Accepted, Result::Accepted, Result::Accepted));
}

TEST_F(SipWatchTest, ProvisionalAnswersMeanNothingYet) {
  challenge("n1");
  SipRequestText invite = answering("n1", "r1", "INVITE");
  send(kPhone, kPbx, invite.text());
  for (int i = 0; i < 20; ++i) {  // it rings for ten minutes
    send(kPbx, kPhone, invite.answer(180));
    now += 30 * kSecond;
  }
  EXPECT_THAT(outcomes, IsEmpty());
  send(kPbx, kPhone, invite.answer(200));
  send(kPbx, kPhone, invite.answer(200));  // forked, or sent again
  EXPECT_THAT(results(), ElementsAre(Result::Accepted));
}

TEST_F(SipWatchTest, Promise4WhoAnsweredANonceIsInACallAsSoonAsThePbxTries) {
  std::vector<CallSeen> calls;
  SipWatch both{{}, [](const SipOutcome&) {}, [&](const CallSeen& call) { calls.push_back(call); }};
  const auto hear = [&](const Endpoint& from, const Endpoint& to, const std::string& text) {
    both.on_packet(sip_packet(from, to, text, now));
  };
  SipRequestText invite = answering("n1", "r1", "INVITE");
  hear(kPhone, kPbx, invite.text());
  hear(kPbx, kPhone, invite.answer(100));
  EXPECT_THAT(calls, IsEmpty()) << "no nonce was sent there";
  hear(kPbx, kPhone, invite.answer(407, challenge_header("n1")));
  ++invite.cseq;
  hear(kPhone, kPbx, invite.text());
  hear(kPbx, kPhone, invite.answer(100));
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].caller, kPhone.address);
  EXPECT_EQ(calls[0].caller_port, kPhone.port);
}

TEST_F(SipWatchTest, AckAndCancelDoNotMatter) {
  challenge("n1");
  for (const char* method : {"ACK", "CANCEL"})
    exchange(answering("n1", "r1", method), 403, challenge_header("n2"));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, RetransmissionsCountOnce) {
  challenge("n1");
  const SipRequestText request = answering("n1");
  for (int i = 0; i < 11; ++i) send(kPhone, kPbx, request.text());
  for (int i = 0; i < 11; ++i) send(kPbx, kPhone, request.answer(403));
  send(kPhone, kPbx, request.text());
  send(kPbx, kPhone, request.answer(403));
  EXPECT_THAT(results(), ElementsAre(Result::Refused));
}

TEST_F(SipWatchTest, OtherCredentialsAreNoRetransmission) {
  challenge("n1");
  for (int i = 0; i < 50; ++i) {
    const SipRequestText request = answering("n1", "guess" + std::to_string(i));
    send(kPhone, kPbx, request.text());
    send(kPbx, kPhone, request.answer(401, challenge_header("n1")));
  }
  EXPECT_EQ(outcomes.size(), 50U);
  EXPECT_EQ(outcomes.back().response, "guess49");
}

TEST_F(SipWatchTest, PipelinedGuessesInOneTransactionAreAllCounted) {
  challenge("n1");
  for (int i = 0; i < 50; ++i) send(kPhone, kPbx, answering("n1", std::to_string(i)).text());
  for (int i = 0; i < 60; ++i)
    send(kPbx, kPhone, answering("n1").answer(401, challenge_header("n1")));
  EXPECT_EQ(outcomes.size(), 50U);
}

TEST_F(SipWatchTest, AnAnswerToAnotherPortBelongsToTheRequest) {
  challenge("n1");
  const SipRequestText request = answering("n1");
  send(kPhone, kPbx, request.text());
  send(kPbx, {kPhone.address, 5060}, request.answer(403));
  ASSERT_THAT(results(), ElementsAre(Result::Refused));
  EXPECT_EQ(outcomes[0].client_port, kPhone.port);
}

TEST_F(SipWatchTest, AnAnswerFromElsewhereIsNone) {
  challenge("n1");
  const SipRequestText request = answering("n1");
  send(kPhone, kPbx, request.text());
  send({kOther.address, 5060}, kPhone, request.answer(403));
  send({kPbx.address, 5061}, kPhone, request.answer(403));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, TheNextServersFirstChallengeIsNoFailure) {
  challenge("n1");
  exchange(answering("n1", "r1", "INVITE"), 401, challenge_header("n2", "", "gateway"));
  SipRequestText request = answering("n1", "r2", "INVITE");
  exchange(request, 407, challenge_header("n3", "", "pbx", "Proxy-Authenticate"));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, ALieAboutTheRealmDoesNotHide) {
  challenge("n1");
  SipRequestText request;
  request.headers = digest_header("n1", "r1", "301", "elsewhere");
  exchange(request, 401, challenge_header("n2"));
  EXPECT_THAT(results(), ElementsAre(Result::Refused));
}

TEST_F(SipWatchTest, ManyFalseDigestsDoNotHideTheTrueOne) {
  challenge("n1");
  SipRequestText request;
  for (int i = 0; i < 20; ++i) request.headers += digest_header("false", "x");
  request.headers += digest_header("n1", "guess");
  exchange(request, 401, challenge_header("n2"));
  ASSERT_THAT(results(), ElementsAre(Result::Refused));
  EXPECT_EQ(outcomes[0].response, "guess");
}

TEST_F(SipWatchTest, TheSameCredentialsHaveTheSameFingerprint) {
  challenge("n1");
  for (const char* response : {"r1", "r1", "r2"}) exchange(answering("n1", response), 403);
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_NE(outcomes[0].fingerprint, 0U);
  EXPECT_EQ(outcomes[0].fingerprint, outcomes[1].fingerprint);
  EXPECT_NE(outcomes[0].fingerprint, outcomes[2].fingerprint);
}

TEST_F(SipWatchTest, Promise3NoConstantDigestHidesTheGuessBesideIt) {
  challenge("n1");
  for (const char* nonce : {"n1", "false", ""}) {
    std::set<uint64_t> fingerprints;
    for (int i = 0; i < 20; ++i) {
      SipRequestText request;
      for (int j = 0; j < 5; ++j) request.headers += digest_header("n1", "constant");
      request.headers += digest_header(nonce, std::to_string(i));
      exchange(request, 401, challenge_header("n1"));
      fingerprints.insert(outcomes.back().fingerprint);
    }
    EXPECT_EQ(fingerprints.size(), 20U) << nonce;
  }
}

TEST_F(SipWatchTest, AGuessBesideOldDigestsIsNoRetransmission) {
  challenge("n1");
  for (int i = 0; i < 20; ++i) {
    SipRequestText request;
    for (int j = 0; j < 5; ++j) request.headers += digest_header("n1", "constant");
    request.headers += digest_header("n1", std::to_string(i));
    send(kPhone, kPbx, request.text());
    send(kPbx, kPhone, request.answer(401, challenge_header("n1")));
  }
  EXPECT_EQ(outcomes.size(), 20U);
}

TEST_F(SipWatchTest, SaysWhetherTheAnswerCanBeAboutOneDigestOnly) {
  challenge("n1");
  const std::string own = digest_header("n1");
  const std::string proxys = digest_header("n1", "r2", "302", "pbx", "Proxy-Authorization");
  const std::string empty = digest_header("", "");
  const auto alone = [&](const std::string& headers, int status) {
    SipRequestText request;
    request.headers = headers + "Contact: <sip:301@192.0.2.7>\r\n";
    exchange(request, status, status == 401 ? challenge_header("n1") : std::string());
    return outcomes.back().alone;
  };
  for (const int status : {200, 401, 403}) {
    EXPECT_TRUE(alone(own, status)) << status;
    EXPECT_TRUE(alone(own + empty, status)) << status;
    EXPECT_FALSE(alone(own + digest_header("n1", "r2", "302"), status)) << status;
    EXPECT_FALSE(alone(own + digest_header("", "r2", "302"), status)) << status;
    EXPECT_EQ(alone(own + proxys, status), status == 401) << status;
  }
}

TEST_F(SipWatchTest, AnEmptyDigestIsNoCredential) {
  SipRequestText request;
  request.headers = digest_header("", "");
  exchange(request, 401, challenge_header("n1"));
  EXPECT_THAT(results(), ElementsAre(Result::Probed));
}

TEST_F(SipWatchTest, RequestsWithinADialogDoNotProbe) {
  SipRequestText invite;
  invite.method = "INVITE";
  std::string text = invite.text();
  text.insert(text.find("\r\nCall-ID"), ";tag=dialog");
  send(kPhone, kPbx, text);
  send(kPbx, kPhone, invite.answer(401, challenge_header("n1")));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, AServersRequestsAreNotItsClientsFailures) {
  SipWatch strict({.servers = {IpPrefix(kPbx.address, 32)}},
                  [this](const SipOutcome& outcome) { outcomes.push_back(outcome); });
  SipRequestText options;
  options.method = "OPTIONS";
  const Endpoint phone{kPhone.address, 5060};
  strict.on_packet(sip_packet(kPbx, phone, options.text(), now));
  strict.on_packet(sip_packet(phone, kPbx, options.answer(404), now));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTest, PortsThatAreNotSipAreNotRead) {
  const Endpoint web{kPbx.address, 80};
  send(kPhone, web, SipRequestText{}.text());
  EXPECT_EQ(watch.counters().messages, 0U);
  watch.set_ports({80});
  send(kPhone, web, SipRequestText{}.text());
  EXPECT_EQ(watch.counters().messages, 1U);
}

// ---- promise 4 ----

using Promise4_AUdpSourceIsAClaim = SipWatchTest;

TEST_F(Promise4_AUdpSourceIsAClaim, ANonceThatWasNeverSentProvesNothing) {
  exchange(answering("invented"), 401, challenge_header("n1"));
  exchange(answering("invented"), 403);
  ASSERT_THAT(results(), ElementsAre(Result::Probed, Result::Probed));
  EXPECT_FALSE(outcomes[0].nonce_was_sent_there);
}

TEST_F(Promise4_AUdpSourceIsAClaim, ANonceSentToAnotherAddressProvesNothing) {
  challenge("n1", kOther);
  exchange(answering("n1"), 403);
  EXPECT_THAT(results(), ElementsAre(Result::Probed));
}

TEST_F(Promise4_AUdpSourceIsAClaim, ANonceThatNobodyAskedForProvesNothing) {
  send(kPbx, kPhone, SipRequestText{}.answer(401, challenge_header("n1")));
  exchange(answering("n1"), 403);
  EXPECT_THAT(results(), ElementsAre(Result::Probed));
}

TEST_F(Promise4_AUdpSourceIsAClaim, TheNonceOfTheRefusalItselfIsNoProof) {
  exchange(answering("n1"), 401, challenge_header("n1"));
  EXPECT_THAT(results(), ElementsAre(Result::Probed));
}

TEST_F(Promise4_AUdpSourceIsAClaim, ANonceFromAnotherPortOfThatAddressIsProof) {
  challenge("n1", {kPhone.address, 50'000});
  exchange(answering("n1"), 403);
  EXPECT_THAT(results(), ElementsAre(Result::Refused));
}

TEST_F(Promise4_AUdpSourceIsAClaim, ANonceIsProofForAnHourAfterItsLastUse) {
  challenge("n1");
  now += SipWatch::kNonceLifeUs;
  exchange(answering("n1"), 200);
  now += SipWatch::kNonceLifeUs;
  exchange(answering("n1", "r2"), 403);
  now += 1;
  exchange(answering("n1", "r3"), 403);
  EXPECT_THAT(results(), ElementsAre(Result::Registered, Result::Refused, Result::Probed));
}

// ---- TCP ----

class SipWatchTcp : public SipWatchTest {
 protected:
  void segment(const Endpoint& from, const Endpoint& to, uint32_t& seq, std::string_view text,
               uint8_t flags = kTcpAck) {
    SipPacket packet = sip_packet(from, to, text, now);
    packet.tcp = true;
    packet.seq = seq;
    packet.tcp_flags = flags;
    watch.on_packet(packet);
    seq += uint32_t(text.size()) + ((flags & kTcpSyn) != 0 ? 1 : 0);
  }
  void open(const Endpoint& phone) {
    segment(phone, kPbx, to_pbx, {}, kTcpSyn);
    segment(kPbx, phone, to_phone, {}, kTcpSyn | kTcpAck);
  }
  uint32_t to_pbx = 77;
  uint32_t to_phone = 99;
};

TEST_F(SipWatchTcp, AConnectionIsProofOfItsOwn) {
  open(kPhone);
  const std::string text = answering("seen before we started").text();
  segment(kPhone, kPbx, to_pbx, std::string_view(text).substr(0, 200));
  segment(kPhone, kPbx, to_pbx, std::string_view(text).substr(200));
  segment(kPbx, kPhone, to_phone, answering("").answer(403));
  ASSERT_THAT(results(), ElementsAre(Result::Refused));
  EXPECT_TRUE(outcomes[0].connected);
  EXPECT_TRUE(outcomes[0].tcp);
  EXPECT_FALSE(outcomes[0].nonce_was_sent_there);
}

TEST_F(SipWatchTcp, AnAnswerOnAnotherConnectionIsNone) {
  open(kPhone);
  segment(kPhone, kPbx, to_pbx, answering("n").text());
  segment(kPbx, {kPhone.address, 50'000}, to_phone, answering("").answer(403));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(SipWatchTcp, TheClientIsWhoOpenedTheConnection) {
  const Endpoint phone{kPhone.address, 5060};
  open(phone);
  segment(phone, kPbx, to_pbx, answering("n").text());
  segment(kPbx, phone, to_phone, answering("").answer(200));
  ASSERT_THAT(results(), ElementsAre(Result::Registered));
  EXPECT_EQ(outcomes[0].client, phone.address);
}

// ---- bounds ----

TEST(Promise12_Bounded, ANonceSurvivesAFloodFromElsewhere) {
  std::vector<SipOutcome> refused;
  SipWatch watch(
      {.transactions = 64, .transactions_per_source = 16, .nonces = 64, .nonces_per_source = 16},
      [&](const SipOutcome& outcome) {
        if (outcome.result == Result::Refused) refused.push_back(outcome);
      });
  const auto exchange = [&](const Endpoint& phone, const SipRequestText& request, int status,
                            std::string_view lines) {
    watch.on_packet(sip_packet(phone, kPbx, request.text()));
    watch.on_packet(sip_packet(kPbx, phone, request.answer(status, lines)));
  };
  exchange(kPhone, {}, 401, challenge_header("mine"));
  for (uint32_t i = 0; i < 5000; ++i) {
    SipRequestText request;
    request.branch = "z9hG4bK" + std::to_string(i);
    const IpAddress attacker = IpAddress::v4(0xcb007100 + i % 200);
    exchange({attacker, 5060}, request, 401, challenge_header("n" + std::to_string(i)));
  }
  SipRequestText request;
  request.cseq = 2;
  request.headers = digest_header("mine");
  exchange(kPhone, request, 403, {});
  EXPECT_EQ(refused.size(), 1U);
  EXPECT_GT(watch.counters().evictions, 9000U);
}

TEST(Promise12_Bounded, ASourceHasSoManyNoncesAndNoMore) {
  std::vector<Result> results;
  SipWatch watch({.nonces_per_source = 3},
                 [&](const SipOutcome& outcome) { results.push_back(outcome.result); });
  uint32_t cseq = 0;
  const auto exchange = [&](std::string_view headers, int status, std::string_view lines) {
    SipRequestText request;
    request.cseq = ++cseq;
    request.headers = headers;
    watch.on_packet(sip_packet(kPhone, kPbx, request.text()));
    watch.on_packet(sip_packet(kPbx, kPhone, request.answer(status, lines)));
  };
  for (const char* nonce : {"n1", "n2", "n3"}) exchange({}, 401, challenge_header(nonce));
  exchange(digest_header("n1"), 403, {});
  EXPECT_EQ(results.back(), Result::Refused);
  exchange({}, 401, challenge_header("n4"));
  exchange(digest_header("n2"), 403, {});
  EXPECT_EQ(results.back(), Result::Probed) << "the one used longest ago";
}

// ---- the explanation ----

TEST_F(SipWatchTest, ExplainsWhatCountsAndWhy) {
  challenge("n1");
  exchange(answering("n1"), 403);
  EXPECT_EQ(explain(outcomes.at(0)),
            "refused: REGISTER 102 of 301 from 192.0.2.7:40000 at 198.51.100.1:5060 (answer 403) "
            "counts: it answered a nonce that had been sent to that address, and the credentials "
            "of 301 were not accepted");
  exchange(answering("n1", "r2"), 200, "Expires: 60\r\n");
  EXPECT_THAT(explain(outcomes.at(1)), testing::StartsWith("registered: REGISTER 103"));
  exchange({}, 401, challenge_header("n2"));
  EXPECT_THAT(explain(outcomes.at(2)),
              testing::EndsWith("is no failure: it carried no credentials"));
}

TEST_F(SipWatchTest, AnExplanationIsFitForATerminal) {
  SipRequestText request;
  request.account = "%1b[2J%0a";
  exchange(request, 401, challenge_header("n1"));
  EXPECT_THAT(explain(outcomes.at(0)), testing::HasSubstr("of \\x1b[2J\\x0a from"));
}

}  // namespace
}  // namespace stormdoor::edge::watch
