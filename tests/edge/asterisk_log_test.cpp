#include "edge/asterisk_log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using Kind = SecurityEvent::Kind;
using acl::PathProof;

constexpr WallTime kNow{milliseconds{1'700'000'000'000}};
constexpr std::string_view kFilePrefix =
    "[2026-03-01 08:15:30] SECURITY[4583] res_security_log.c: ";

struct LineParts {
  std::string event = "ChallengeResponseFailed";
  std::string time = "2026-03-01T08:15:30.296+0300";
  std::string service = "PJSIP";
  std::string account = "<unknown>";
  std::string session = "session-1";
  std::string remote = "IPV4/UDP/198.51.100.7/5060";
  std::string tail = ",Challenge=\"1432446136/6d16\",Response=\"849d\",ExpectedResponse=\"\"";
};

std::string line_of(const LineParts& parts, std::string_view prefix = kFilePrefix) {
  return fmt::format(
      "{}SecurityEvent=\"{}\",EventTV=\"{}\",Severity=\"Error\",Service=\"{}\",EventVersion=\"1\","
      "AccountID=\"{}\",SessionID=\"{}\",LocalAddress=\"IPV4/UDP/192.0.2.1/5060\","
      "RemoteAddress=\"{}\"{}",
      prefix, parts.event, parts.time, parts.service, parts.account, parts.session, parts.remote,
      parts.tail);
}

std::string unknown_account(const std::string& account, const std::string& session,
                            const std::string& remote = "IPV4/UDP/198.51.100.7/5060") {
  return line_of({.event = "InvalidAccountID",
                  .account = account,
                  .session = session,
                  .remote = remote,
                  .tail = ""});
}

std::string challenge_sent(const std::string& nonce) {
  return line_of({.event = "ChallengeSent",
                  .service = "SIP",
                  .account = "301",
                  .tail = ",Challenge=\"" + nonce + "\""});
}

std::string source_of(const std::string& line) {
  const auto event = parse_security_event(line);
  return event ? event->source.to_string() : "nothing";
}

TEST(SecurityEvent, ReadsTheFileForm) {
  const std::string line = line_of({});
  const auto event = parse_security_event(line);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::ChallengeFailed);
  EXPECT_EQ(event->account, "<unknown>");
  EXPECT_EQ(event->session, "session-1");
  EXPECT_EQ(event->source.to_string(), "198.51.100.7");
  EXPECT_EQ(event->port, 5060);
  EXPECT_FALSE(event->tcp);
  EXPECT_EQ(event->challenge, "1432446136/6d16");
  EXPECT_EQ(event->response, "849d");
  EXPECT_EQ(format_time(event->time.value()), "2026-03-01T05:15:30Z");
}

TEST(SecurityEvent, ReadsTheSyslogFormAndACallNumber) {
  EXPECT_EQ(source_of(line_of({},
                              "Mar  1 08:15:30 pbx asterisk[812]: SECURITY[830]: "
                              "res_security_log.c:114 in security_event_stasis_cb: ")),
            "198.51.100.7");
  EXPECT_EQ(source_of(line_of({},
                              "[Mar  1 08:15:30] SECURITY[830][C-0000002a]: "
                              "res_security_log.c:114 security_event_stasis_cb: ")),
            "198.51.100.7");
}

TEST(SecurityEvent, ReadsBothFormsOfTheTime) {
  const std::string old = line_of({.time = "1373098165-824497"});
  EXPECT_EQ(parse_security_event(old)->time, WallTime(milliseconds(1'373'098'165'824)));
  const std::string west = line_of({.time = "2019-09-20T19:12:43.659-0530"});
  EXPECT_EQ(format_time(parse_security_event(west)->time.value()), "2019-09-21T00:42:43Z");
  for (const char* broken : {"", "yesterday", "2019-13-20T19:12:43.659-0500", "1373098165",
                             "2019-09-20T24:12:43.659-0500", "2019-09-20T19:12:43.659"}) {
    const std::string line = line_of({.time = broken});
    EXPECT_FALSE(parse_security_event(line)->time) << broken;
  }
}

TEST(SecurityEvent, ReadsIpv6AndEveryTransport) {
  const std::string v6 = line_of({.remote = "IPV6/TLS/2001:db8::7/5061"});
  EXPECT_EQ(source_of(v6), "2001:db8::7");
  EXPECT_TRUE(parse_security_event(v6)->tcp);
  EXPECT_EQ(source_of(line_of({.remote = "IPV6/TCP/[2001:db8::7]/5061"})), "2001:db8::7");
  for (const char* transport : {"TCP", "TLS", "WS", "WSS"}) {
    const std::string line =
        line_of({.remote = fmt::format("IPV4/{}/198.51.100.7/5060", transport)});
    EXPECT_TRUE(parse_security_event(line)->tcp) << transport;
  }
  EXPECT_EQ(source_of(line_of({.remote = "IPV4/SMOKE/198.51.100.7/5060"})), "nothing");
}

TEST(SecurityEvent, LeavesOtherEventsServicesAndLinesAlone) {
  EXPECT_EQ(source_of(line_of({.event = "FailedACL", .tail = ""})), "nothing");
  EXPECT_EQ(source_of(line_of({.event = "RequestNotSupported", .tail = ""})), "nothing");
  EXPECT_EQ(source_of(line_of({.event = "InvalidPassword", .service = "AMI"})), "nothing");
  EXPECT_EQ(source_of(""), "nothing");
  EXPECT_EQ(source_of("[2026-03-01 08:15:30] NOTICE[19388] res_pjsip/pjsip_distributor.c: Request "
                      "'REGISTER' from '<sip:301@pbx>' failed for '203.0.113.9:5060' (callid: x) - "
                      "Failed to authenticate"),
            "nothing");
}

TEST(SecurityEvent, ALineThatIsNotWholeIsNone) {
  const std::string whole = line_of({});
  const size_t needed = whole.find(",Challenge");
  for (size_t length = 0; length < needed; ++length)
    EXPECT_EQ(source_of(whole.substr(0, length)), "nothing") << length;
}

// A quoted event in another message, say a NOTICE with a forged From, is that message's text.
TEST(Promise4, AnEventThatAnotherMessageQuotesIsNone) {
  const std::string event = line_of({}, "SECURITY[1] res_security_log.c: ");
  EXPECT_NE(source_of(event), "nothing");
  EXPECT_EQ(source_of("[2026-03-01 08:15:30] NOTICE[1] pjsip_distributor.c: Request 'REGISTER' "
                      "from '\"" +
                      event),
            "nothing");
  EXPECT_EQ(source_of("[2026-03-01 08:15:30] NOTICE[1] x.c: <sip:" + event), "nothing");
}

TEST(Promise4, AForgedAddressInForeignFieldsNeverWins) {
  const std::string forged =
      "\",LocalAddress=\"IPV4/UDP/127.0.0.1/5060\",RemoteAddress=\"IPV4/UDP/203.0.113.1/1111";
  EXPECT_EQ(source_of(line_of({.session = forged})), "198.51.100.7");
  EXPECT_EQ(source_of(line_of({.session = forged + "\""})), "198.51.100.7");
  EXPECT_EQ(source_of(line_of({.account = forged})), "198.51.100.7");
  EXPECT_EQ(source_of(line_of({.account = "x\",SessionID=\"y" + forged + "\",Challenge=\""})),
            "198.51.100.7");
  EXPECT_EQ(source_of(line_of({.session = "\",RemoteAddress=\"IPV4/UDP/203.0.113.1/1111"})),
            "198.51.100.7");
}

// SIP escapes a quote within a nonce, and Asterisk keeps the escape.
TEST(Promise4, AForgedAddressInTheNonceNeverWins) {
  EXPECT_EQ(source_of(line_of({.tail = ",Challenge=\"x\\\",LocalAddress=\\\"IPV4/UDP/127.0.0.1/"
                                       "5060\\\",RemoteAddress=\\\"IPV4/UDP/203.0.113.1/1111\\\""
                                       "\",Response=\"849d\",ExpectedResponse=\"\""})),
            "198.51.100.7");
  EXPECT_EQ(
      source_of(line_of({.tail = ",Challenge=\"x\",RemoteAddress=\"IPV4/UDP/203.0.113.1/1\""})),
      "nothing");
}

TEST(AsteriskLog, CountsAnAnsweredChallengeAndNothingBeforeIt) {
  AsteriskLog log;
  EXPECT_FALSE(log.read(unknown_account("2041", "session-1"), kNow));
  EXPECT_FALSE(log.read(challenge_sent("n1"), kNow));
  const auto login = log.read(line_of({}), kNow);
  ASSERT_TRUE(login);
  EXPECT_FALSE(login->success);
  EXPECT_EQ(login->account, "2041");
  EXPECT_EQ(login->session, "session-1");
  EXPECT_EQ(log.counters().failures, 1U);
  EXPECT_EQ(log.counters().lines, 3U);
}

TEST(AsteriskLog, JoinsAccountsBySessionAndSourceOnly) {
  AsteriskLog log;
  (void)log.read(unknown_account("2041", "session-1", "IPV4/UDP/203.0.113.1/5060"), kNow);
  (void)log.read(unknown_account("2042", "session-2"), kNow);
  EXPECT_EQ(log.read(line_of({}), kNow)->account, "");
  EXPECT_EQ(log.read(line_of({.session = "session-2"}), kNow)->account, "2042");
  EXPECT_EQ(log.read(line_of({.account = "301", .session = "session-2"}), kNow)->account, "301");
}

TEST(AsteriskLog, CutsForeignTextAndTakesTheTimeOfReadingIfThereIsNone) {
  AsteriskLog log;
  const auto login = log.read(
      line_of({.time = "?", .account = std::string(500, 'a'), .session = std::string(500, 's')}),
      kNow);
  EXPECT_EQ(login->account.size(), 64U);
  EXPECT_EQ(login->session.size(), 64U);
  EXPECT_EQ(login->time, kNow);
}

TEST(AsteriskLog, KnowsASuccess) {
  AsteriskLog log;
  const auto login = log.read(
      line_of({.event = "SuccessfulAuth", .account = "301", .tail = ",UsingPassword=\"1\""}), kNow);
  ASSERT_TRUE(login);
  EXPECT_TRUE(login->success);
  EXPECT_EQ(login->account, "301");
  EXPECT_EQ(login->proof, PathProof::Acknowledged);
  EXPECT_EQ(log.counters().successes, 1U);
}

TEST(Promise3, ARetransmissionInTheLogIsTheSameMistake) {
  AsteriskLog log;
  const auto fingerprint = [&](const std::string& nonce, const std::string& digest) {
    return log
        .read(line_of({.tail = ",Challenge=\"" + nonce + "\",Response=\"" + digest +
                               "\",ExpectedResponse=\"\""}),
              kNow)
        ->fingerprint;
  };
  EXPECT_EQ(fingerprint("n1", "d1"), fingerprint("n1", "d1"));
  EXPECT_NE(fingerprint("n1", "d1"), fingerprint("n1", "d2"));
  EXPECT_NE(fingerprint("n1", "d1"), fingerprint("n2", "d1"));
  EXPECT_EQ(fingerprint("n1", ""), 0U);
}

// PJSIP answers a made-up nonce from a forged address with this very line.
TEST(Promise4, AFailureOverUdpProvesNothingUnlessItsNonceWasSent) {
  AsteriskLog log;
  EXPECT_EQ(log.read(line_of({}), kNow)->proof, PathProof::None);
  EXPECT_EQ(log.counters().unproven, 1U);
  (void)log.read(challenge_sent("1432446136/6d16"), kNow);
  EXPECT_EQ(log.read(line_of({}), kNow)->proof, PathProof::Acknowledged);
  // Sent to somebody else.
  EXPECT_EQ(log.read(line_of({.remote = "IPV4/UDP/203.0.113.1/5060"}), kNow)->proof,
            PathProof::None);
}

TEST(Promise4, AnEmptyNonceIsNoNonce) {
  AsteriskLog log;
  (void)log.read(challenge_sent(""), kNow);
  EXPECT_EQ(log.read(line_of({.tail = ",Challenge=\"\",Response=\"\",ExpectedResponse=\"\""}), kNow)
                ->proof,
            PathProof::None);
  EXPECT_EQ(
      log.read(line_of({.event = "InvalidPassword",
                        .service = "SIP",
                        .tail = ",Challenge=\"\",ReceivedChallenge=\"\",ReceivedHash=\"7a\""}),
               kNow)
          ->proof,
      PathProof::None);
}

TEST(Promise4, ChanSipShowsBothNonces) {
  AsteriskLog log;
  const auto proof = [&](const std::string& received) {
    return log
        .read(line_of({.event = "InvalidPassword",
                       .service = "SIP",
                       .account = "301",
                       .tail = ",Challenge=\"41d26de5\",ReceivedChallenge=\"" + received +
                               "\",ReceivedHash=\"7a6a\""}),
              kNow)
        ->proof;
  };
  EXPECT_EQ(proof("41d26de5"), PathProof::Acknowledged);
  EXPECT_EQ(proof("41d26de6"), PathProof::None);
}

TEST(Promise4, AConnectionProvesThePathAndAPeerWithoutPasswordDoesNot) {
  AsteriskLog log;
  EXPECT_EQ(log.read(line_of({.remote = "IPV4/TLS/198.51.100.7/5061"}), kNow)->proof,
            PathProof::Connected);
  EXPECT_EQ(
      log.read(line_of({.event = "SuccessfulAuth", .tail = ",UsingPassword=\"0\""}), kNow)->proof,
      PathProof::None);
}

TEST(Promise4, AnAdministratorMayBelieveUdp) {
  AsteriskLog log({.believe_udp = true});
  EXPECT_EQ(log.read(line_of({}), kNow)->proof, PathProof::Acknowledged);
}

TEST(AsteriskLog, BecomesAFailureOfSip) {
  AsteriskLog log;
  (void)log.read(unknown_account("2041", "session-1", "IPV4/TLS/198.51.100.7/5061"), kNow);
  const auto failure =
      to_failure(log.read(line_of({.remote = "IPV4/TLS/198.51.100.7/5061"}), kNow).value());
  EXPECT_EQ(failure.service, acl::Service::Sip);
  EXPECT_EQ(failure.kind, acl::FailureKind::SipRefused);
  EXPECT_EQ(failure.account, "2041");
  EXPECT_EQ(failure.port, 5061);
  EXPECT_TRUE(failure.tcp);
  EXPECT_FALSE(failure.device);
}

}  // namespace
}  // namespace stormdoor::edge
