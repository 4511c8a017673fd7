#include "edge/sip_notify.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/restarter.hpp"

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const NotifyIdentity kIdentity{.local = *Endpoint::parse("10.20.0.1:40000"),
                               .branch = "the-branch",
                               .call_id = "the-call",
                               .tag = "the-tag"};

SipNotify to_phone(SipNotify notify) {
  notify.user = "2041";
  notify.host = "10.20.0.7:5062";
  return notify;
}

std::string message(const std::string& event, const std::string& rest) {
  return "NOTIFY sip:2041@10.20.0.7:5062 SIP/2.0\r\n"
         "Via: SIP/2.0/UDP 10.20.0.1:40000;rport;branch=z9hG4bKthe-branch\r\n"
         "Max-Forwards: 70\r\n"
         "From: <sip:stormdoor@10.20.0.1:40000>;tag=the-tag\r\n"
         "To: <sip:2041@10.20.0.7:5062>\r\n"
         "Call-ID: the-call\r\n"
         "CSeq: 1 NOTIFY\r\n"
         "Contact: <sip:stormdoor@10.20.0.1:40000>\r\n"
         "Event: " +
         event +
         "\r\n"
         "Subscription-State: terminated\r\n"
         "User-Agent: stormdoor\r\n" +
         rest;
}

std::string cisco_body(const std::string& action) {
  return "Content-Type: text/plain\r\n"
         "Content-Length: 155\r\n\r\n"
         "action=" +
         action +
         "\r\nRegisterCallId={}\r\n"
         "ConfigVersionStamp={0000000000000000}\r\n"
         "DialplanVersionStamp={0000000000000000}\r\n"
         "SoftkeyVersionStamp={0000000000000000}\r\n";
}

// facts/phones.md, B4 and E to L.
TEST(SipNotify, SaysToEveryVendorsPhonesWhatTheyUnderstand) {
  http::ProvisioningConfig config;
  config.profiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";
  const auto set = http::ProfileSet::load(config);
  ASSERT_TRUE(set) << set.error().message();
  struct Expected {
    std::string reload, reboot;
  };
  const std::string nothing = "Content-Length: 0\r\n\r\n";
  const std::map<std::string, Expected> expected = {
      {"aastra", {message("check-sync", nothing), message("check-sync", nothing)}},
      {"cisco",
       {message("service-control", cisco_body("restart")),
        message("service-control",
                "Content-Type: text/plain\r\nContent-Length: 153\r\n\r\n" +
                    cisco_body("reset").substr(cisco_body("reset").find("action")))}},
      {"grandstream", {message("resync", nothing), message("check-sync;reboot=true", nothing)}},
      {"polycom", {message("check-sync", nothing), message("check-sync", nothing)}},
      {"sangoma", {message("check-sync", nothing), message("check-sync;reboot=true", nothing)}},
      {"snom",
       {message("check-sync;reboot=false", nothing), message("check-sync;reboot=true", nothing)}},
      {"yealink",
       {message("check-sync;reboot=false", nothing), message("check-sync;reboot=true", nothing)}}};
  EXPECT_THAT((*set)->profiles(), SizeIs(expected.size()));
  for (const auto& profile : (*set)->profiles()) {
    const auto& wanted = expected.at(profile->vendor);
    for (const auto& [how, text] : {std::pair(RestartHow::Reload, wanted.reload),
                                    std::pair(RestartHow::Reboot, wanted.reboot)}) {
      const auto notify = notify_for(profile->reprovision, how);
      EXPECT_TRUE(is_event(notify.event)) << profile->vendor;
      EXPECT_EQ(write_notify(to_phone(notify), kIdentity), text) << profile->vendor;
    }
    EXPECT_FALSE(profile->reprovision.listens)
        << profile->vendor << ": no source confirms that it takes a NOTIFY from anybody";
  }
}

TEST(SipNotify, AnAccountCannotEndTheRequestLine) {
  SipNotify notify{.user = "a b@c\r\nX: y", .host = "pbx.example.com", .event = "check-sync"};
  const std::string text = write_notify(notify, kIdentity);
  EXPECT_THAT(text, HasSubstr("NOTIFY sip:a%20b%40c%0D%0AX%3A%20y@pbx.example.com SIP/2.0\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nX:")));
}

TEST(SipNotify, KnowsWhatAnEventIs) {
  EXPECT_TRUE(is_event("check-sync"));
  EXPECT_TRUE(is_event("check-sync;reboot=true"));
  EXPECT_FALSE(is_event(""));
  EXPECT_FALSE(is_event("check sync"));
  EXPECT_FALSE(is_event("check-sync\r\nX: y"));
  EXPECT_FALSE(is_event(";reboot=true"));
  EXPECT_FALSE(is_event(std::string(101, 'a')));
}

std::string answer(const std::string& status, const std::string& branch = "the-branch",
                   const std::string& method = "NOTIFY") {
  return "SIP/2.0 " + status + "\r\nVia: SIP/2.0/UDP 10.20.0.1:40000;rport=40000;branch=z9hG4bK" +
         branch +
         ";received=10.20.0.1\r\nFrom: <sip:stormdoor@10.20.0.1:40000>;tag=the-tag\r\n"
         "To: <sip:2041@10.20.0.7:5062>;tag=x\r\nCall-ID: the-call\r\nCSeq: 1 " +
         method + "\r\nContent-Length: 0\r\n\r\n";
}

TEST(SipNotify, ReadsAnAnswer) {
  const auto ok = read_answer(answer("200 OK"));
  ASSERT_TRUE(ok);
  EXPECT_EQ(ok->status, 200);
  EXPECT_EQ(ok->branch, "the-branch");
  EXPECT_EQ(ok->reason, "OK");
  EXPECT_EQ(read_answer(answer("489 Bad Event"))->reason, "Bad Event");
  EXPECT_EQ(read_answer("SIP/2.0 200 OK\nv: x;branch=z9hG4bKa\r\nCSeq: 1 NOTIFY\r\n\r\n"),
            std::nullopt)
      << "the status line ends with CR LF";
  EXPECT_TRUE(
      read_answer("SIP/2.0 200\r\nv: SIP/2.0/UDP h;BRANCH=z9hG4bKa\r\ncseq:1  NOTIFY\r\n\r\n"));
}

TEST(SipNotify, StrangersBytesAreNoAnswer) {
  EXPECT_FALSE(read_answer(""));
  EXPECT_FALSE(read_answer("SIP/2.0 "));
  EXPECT_FALSE(read_answer("SIP/2.0 99 Low\r\n\r\n"));
  EXPECT_FALSE(read_answer(answer("099 Low")));
  EXPECT_FALSE(read_answer(answer("700 High")));
  EXPECT_FALSE(read_answer(answer("2000 Long")));
  EXPECT_FALSE(read_answer(answer("-20 Minus")));
  EXPECT_FALSE(read_answer(answer("200 OK", "the-branch", "REGISTER")));
  EXPECT_FALSE(read_answer(answer("200 OK", std::string(101, 'b'))));
  EXPECT_FALSE(read_answer(answer("200 OK", "")));
  const std::string whole = answer("200 OK");
  for (size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_FALSE(read_answer(whole.substr(0, cut))) << cut;
  std::string two_hops = whole;
  two_hops.insert(two_hops.find("From:"), "Via: SIP/2.0/UDP other;branch=z9hG4bKx\r\n");
  EXPECT_FALSE(read_answer(two_hops));
  EXPECT_FALSE(read_answer(whole + std::string(kMostAnswerBytes, ' ')));
  EXPECT_EQ(read_answer(answer("200 \x1b[2J" + std::string(200, 'x')))->reason.find('\x1b'),
            std::string::npos);
}

// ---- transactions, under a clock of our own ----

class Transactions : public testing::Test {
 protected:
  static constexpr SteadyTime kStart{1000s};
  void start(const std::string& branch = "the-branch") {
    ASSERT_TRUE(transactions_.start(branch, phone_, "bytes of " + branch, kStart));
  }
  // When each datagram goes out, until nothing is due any more.
  std::vector<milliseconds> schedule() {
    std::vector<milliseconds> times;
    while (const auto next = transactions_.next()) {
      for (size_t i = transactions_.take_due(*next).size(); i > 0; --i)
        times.push_back(std::chrono::duration_cast<milliseconds>(*next - kStart));
      last_ = std::chrono::duration_cast<milliseconds>(*next - kStart);
    }
    return times;
  }

  Endpoint phone_ = *Endpoint::parse("10.20.0.7:5062");
  NotifyTransactions transactions_{3};
  milliseconds last_{0};
};

TEST_F(Transactions, WithoutAnAnswerItIsSentElevenTimesInHalfAMinute) {
  start();
  EXPECT_THAT(schedule(), ElementsAre(0ms, 500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms, 19500ms,
                                      23500ms, 27500ms, 31500ms));
  EXPECT_EQ(last_, 32s);
  const auto outcomes = transactions_.take_outcomes();
  ASSERT_THAT(outcomes, SizeIs(1));
  EXPECT_EQ(outcomes[0].branch, "the-branch");
  EXPECT_FALSE(outcomes[0].answer);
  EXPECT_EQ(transactions_.size(), 0U);
}

TEST_F(Transactions, AFinalAnswerEndsIt) {
  for (const std::string status : {"200 OK", "481 No Subscription", "503 Busy", "302 Moved"}) {
    start();
    EXPECT_THAT(transactions_.take_due(kStart), SizeIs(1));
    transactions_.on_datagram(answer(status), kStart + 20ms);
    const auto outcomes = transactions_.take_outcomes();
    ASSERT_THAT(outcomes, SizeIs(1)) << status;
    EXPECT_EQ(fmt::format("{} {}", outcomes[0].answer->status, outcomes[0].answer->reason), status);
    EXPECT_FALSE(transactions_.next());
    transactions_.on_datagram(answer(status), kStart + 30ms);  // sent again by the network
    EXPECT_THAT(transactions_.take_outcomes(), IsEmpty());
  }
}

TEST_F(Transactions, AProvisionalAnswerMakesItWaitButNotForEver) {
  start();
  (void)transactions_.take_due(kStart);
  transactions_.on_datagram(answer("100 Trying"), kStart + 100ms);
  transactions_.on_datagram(answer("180 Again"), kStart + 200ms);
  EXPECT_THAT(transactions_.take_outcomes(), IsEmpty());
  EXPECT_THAT(schedule(), ElementsAre(4100ms, 8100ms, 12100ms, 16100ms, 20100ms, 24100ms, 28100ms));
  EXPECT_EQ(last_, 32s);
  EXPECT_THAT(transactions_.take_outcomes(), SizeIs(1));
}

TEST_F(Transactions, TheAnswerOfAnotherBranchIsNone) {
  start();
  transactions_.on_datagram(answer("200 OK", "another"), kStart);
  transactions_.on_datagram("nonsense", kStart);
  EXPECT_THAT(transactions_.take_outcomes(), IsEmpty());
  EXPECT_EQ(transactions_.size(), 1U);
}

TEST_F(Transactions, OneMoreThanItHoldsIsRefused) {
  start("a"), start("b"), start("c");
  const auto refused = transactions_.start("d", phone_, "bytes", kStart);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::ResourceExhausted);
  transactions_.on_datagram(answer("200 OK", "b"), kStart);
  EXPECT_TRUE(transactions_.start("d", phone_, "bytes", kStart));
}

}  // namespace
}  // namespace stormdoor::edge
