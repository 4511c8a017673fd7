// Against a SIP stack that is not ours: sipp as a phone.
#include "edge/notifier.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <optional>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;

class NotifierTest : public testing::Test {
 protected:
  // An address of ours at which nobody is.
  static Endpoint free_port(const IpAddress& address) {
    return loop::UdpSocket::bind({address, 0}, {})->local();
  }
  std::optional<SipAnswer> outcome_of(const SipNotify& notify, const Endpoint& to) {
    Notifier notifier(*loop_);
    std::optional<SipAnswer> answer;
    bool done = false;
    const auto sent = notifier.send(notify, to, [&](const std::optional<SipAnswer>& came) {
      answer = came;
      done = true;
    });
    EXPECT_TRUE(sent) << sent.error().message();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!done && std::chrono::steady_clock::now() < deadline) loop_->run_once(100ms);
    EXPECT_TRUE(done);
    return answer;
  }

  std::unique_ptr<loop::EventLoop> loop_ = *loop::EventLoop::create();
};

class NotifierOverEither : public NotifierTest, public testing::WithParamInterface<const char*> {};

TEST_P(NotifierOverEither, ARealSipStackTakesItAndSaysSo) {
  if (!test::program_exists("sipp")) GTEST_SKIP() << "sipp is not installed";
  const test::TempDir directory;
  const Endpoint phone = free_port(*IpAddress::parse(GetParam()));
  const std::string scenario =
      std::string(STORMDOOR_SOURCE_DIR) + "/tests/support/phone_takes_notify.xml";
  test::ChildProcess sipp({"/usr/bin/env", "sipp", "-sf", scenario, "-i", GetParam(), "-p",
                           std::to_string(phone.port), "-m", "1", "-nostdin"},
                          {{"TERM", "dumb"}}, directory.file("sipp"));
  SipNotify notify{.user = "2041", .host = phone.to_string(), .event = "check-sync;reboot=true"};
  const auto answer = outcome_of(notify, phone);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(sipp.wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(Families, NotifierOverEither, testing::Values("127.0.0.1", "::1"),
                         [](const auto& test) {
                           return std::string(test.param) == "::1" ? "V6" : "V4";
                         });

TEST_F(NotifierTest, ManyAtOnceEachHearTheirOwnAnswer) {
  auto phone = *loop::UdpSocket::bind(*Endpoint::parse("127.0.0.1:0"), {});
  Notifier notifier(*loop_);
  std::map<int, int> heard;  // account to status
  for (int i = 0; i < 300; ++i) {
    SipNotify notify{.user = std::to_string(i), .host = "h", .event = "check-sync"};
    ASSERT_TRUE(notifier.send(notify, phone.local(), [&heard, i](const auto& answer) {
      heard[i] = answer ? answer->status : 0;
    }));
  }
  loop::UdpInbox inbox(64, 4096);
  loop::UdpOutbox outbox(1, 4096);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (heard.size() < 300 && std::chrono::steady_clock::now() < deadline) {
    loop_->run_once(10ms);
    for (const auto& datagram : phone.receive(inbox)) {
      const std::string text(reinterpret_cast<const char*>(datagram.payload.data()),
                             datagram.payload.size());
      const int number = std::stoi(text.substr(text.find("sip:") + 4));
      const std::string answer =
          "SIP/2.0 " + std::to_string(200 + number) + " x" + text.substr(text.find("\r\n"));
      std::memcpy(outbox.room().data(), answer.data(), answer.size());
      outbox.add({datagram.peer, {}}, answer.size());
      phone.send(outbox);
    }
  }
  ASSERT_EQ(heard.size(), 300U);
  for (const auto& [number, status] : heard) EXPECT_EQ(status, 200 + number);
}

}  // namespace
}  // namespace stormdoor::edge
