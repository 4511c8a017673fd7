#include "base/loop/udp_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "base/loop/poll_set.hpp"
#include "base/loop/socket_address.hpp"

namespace stormdoor::loop {
namespace {

Endpoint on(std::string_view text) {
  return *Endpoint::parse(text);
}

UdpSocket bound(std::string_view text) {
  auto socket = UdpSocket::bind(on(text), {});
  EXPECT_TRUE(socket.has_value());
  return std::move(*socket);
}

void put(UdpOutbox& outbox, const UdpFlow& flow, std::string_view text) {
  std::memcpy(outbox.room().data(), text.data(), text.size());
  outbox.add(flow, text.size());
}

std::string text_of(const Datagram& datagram) {
  return {reinterpret_cast<const char*>(datagram.payload.data()), datagram.payload.size()};
}

// Loopback delivers before send returns: no waiting.
std::vector<std::string> all_texts(UdpSocket& socket) {
  UdpInbox inbox(100, 2048);
  std::vector<std::string> texts;
  for (auto got = socket.receive(inbox); !got.empty(); got = socket.receive(inbox))
    for (const Datagram& datagram : got) texts.push_back(text_of(datagram));
  return texts;
}

TEST(UdpSocket, TellsWhichAddressWasAskedAndAnswersFromIt) {
  UdpSocket server = bound("0.0.0.0:0");
  UdpSocket client = bound("127.0.0.9:0");
  UdpOutbox outbox(4, 100);
  put(outbox, {{*IpAddress::parse("127.0.0.77"), server.local().port}, {}}, "ask");
  client.send(outbox);
  UdpInbox inbox(4, 100);
  const auto got = server.receive(inbox);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].asked.to_string(), "127.0.0.77");
  EXPECT_TRUE(got[0].to_one_host);
  EXPECT_EQ(got[0].peer, client.local());

  put(outbox, {got[0].peer, got[0].asked}, "answer");
  server.send(outbox);
  UdpInbox answers(4, 100);
  const auto back = client.receive(answers);
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].peer.address.to_string(), "127.0.0.77");
  EXPECT_EQ(text_of(back[0]), "answer");
}

TEST(UdpSocket, SpeaksIpv6AndTakesNoIpv4There) {
  auto server = UdpSocket::bind(on("[::]:0"), {});
  if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().message();
  auto client = UdpSocket::bind(on("[::1]:0"), {});
  if (!client) GTEST_SKIP() << "no IPv6 here: " << client.error().message();
  UdpOutbox outbox(4, 100);
  put(outbox, {{*IpAddress::parse("::1"), server->local().port}, {}}, "six");
  client->send(outbox);
  UdpSocket four = bound("127.0.0.1:0");
  put(outbox, {{*IpAddress::parse("127.0.0.1"), server->local().port}, {}}, "four");
  four.send(outbox);
  UdpInbox inbox(4, 100);
  const auto got = server->receive(inbox);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(text_of(got[0]), "six");
  EXPECT_EQ(got[0].asked.to_string(), "::1");
}

TEST(UdpSocket, SaysThatALongDatagramWasCut) {
  UdpSocket server = bound("127.0.0.1:0");
  UdpSocket client = bound("127.0.0.1:0");
  UdpOutbox outbox(4, 100);
  put(outbox, {server.local(), {}}, std::string(10, 'a'));
  put(outbox, {server.local(), {}}, std::string(11, 'b'));
  client.disable_segmentation_for_test();
  client.send(outbox);
  UdpInbox inbox(4, 10);
  const auto got = server.receive(inbox);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_FALSE(got[0].truncated);
  EXPECT_TRUE(got[1].truncated);
}

// One alone goes by another system call, bound to an address or not.
TEST(UdpSocket, TellsOfOneDatagramWhatItTellsOfMany) {
  for (const char* local : {"127.0.0.1:0", "0.0.0.0:0"}) {
    UdpSocket server = bound(local);
    UdpSocket client = bound("127.0.0.1:0");
    UdpOutbox outbox(4, 100);
    const UdpFlow flow{{*IpAddress::parse("127.0.0.1"), server.local().port}, {}};
    put(outbox, flow, std::string(10, 'a'));
    client.send(outbox);
    put(outbox, flow, std::string(11, 'b'));
    client.send(outbox);
    UdpInbox inbox(4, 10);
    for (const bool truncated : {false, true}) {
      const auto got = server.receive(inbox, 1);
      ASSERT_EQ(got.size(), 1U) << local;
      EXPECT_EQ(got[0].truncated, truncated);
      EXPECT_EQ(got[0].payload.size(), 10U);
      EXPECT_EQ(got[0].peer, client.local());
      EXPECT_EQ(got[0].asked.to_string(), "127.0.0.1");
      EXPECT_TRUE(got[0].to_one_host);
    }
    EXPECT_TRUE(server.receive(inbox, 1).empty());
  }
}

// Runs, peers and sizes mixed; with and without the kernel's segmentation the peers see the same.
void sends_each_datagram_as_written(bool segmentation) {
  UdpSocket server = bound("127.0.0.1:0");
  if (!segmentation) server.disable_segmentation_for_test();
  UdpSocket one = bound("127.0.0.2:0");
  UdpSocket two = bound("127.0.0.3:0");
  UdpOutbox outbox(100, 1500);
  std::vector<std::string> for_one;
  std::vector<std::string> for_two;
  const auto to_one = [&](const std::string& text) {
    put(outbox, {one.local(), {}}, text);
    for_one.push_back(text);
  };
  const auto to_two = [&](const std::string& text) {
    put(outbox, {two.local(), {}}, text);
    for_two.push_back(text);
  };
  to_one("");
  for (int i = 0; i < 70; ++i) to_one(std::string(700, static_cast<char>('A' + i % 26)));
  to_one("short end");
  to_one("after it!");
  for (int i = 0; i < 5; ++i) to_two(std::string(1400, static_cast<char>('a' + i)));
  to_one("once more, longer than before");
  to_two("");
  EXPECT_EQ(outbox.count(), 80U);
  server.send(outbox);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(all_texts(one), for_one);
  EXPECT_EQ(all_texts(two), for_two);
  EXPECT_EQ(server.counters().sent, 80U);
  EXPECT_EQ(server.counters().dropped, 0U);
}

TEST(UdpSocket, SendsEachDatagramAsWrittenWithSegmentation) {
  sends_each_datagram_as_written(true);
}
TEST(UdpSocket, SendsEachDatagramAsWrittenWithoutSegmentation) {
  sends_each_datagram_as_written(false);
}

TEST(UdpSocket, CountsWhatItCouldNotSendAndSendsTheRest) {
  UdpSocket server = bound("127.0.0.1:0");
  UdpSocket client = bound("127.0.0.2:0");
  UdpOutbox outbox(4, 100);
  put(outbox, {client.local(), {}}, "before");
  put(outbox, {on("127.0.0.2:0"), {}}, "nowhere");  // port 0 is refused
  put(outbox, {client.local(), {}}, "after");
  server.send(outbox);
  EXPECT_EQ(all_texts(client), (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(server.counters().dropped, 1U);
}

TEST(UdpSocket, AdoptsABoundSocketAndRefusesAnotherKind) {
  auto opened = bind_socket(SOCK_DGRAM, on("127.0.0.1:0"), false);
  ASSERT_TRUE(opened.has_value());
  const auto adopted = UdpSocket::adopt(std::move(*opened), {});
  ASSERT_TRUE(adopted.has_value());
  EXPECT_NE(adopted->local().port, 0);
  auto stream = bind_socket(SOCK_STREAM, on("127.0.0.1:0"), false);
  ASSERT_TRUE(stream.has_value());
  EXPECT_FALSE(UdpSocket::adopt(std::move(*stream), {}).has_value());
}

TEST(UdpSocket, GivesAQueueNoSmallerThanTheKernelsOwn) {
  const UdpSocket plain = bound("127.0.0.1:0");
  const auto large = UdpSocket::bind(on("127.0.0.1:0"), {.receive_queue_bytes = 8 << 20});
  ASSERT_TRUE(large.has_value());
  EXPECT_GE(large->receive_queue_bytes(), plain.receive_queue_bytes());
}

TEST(UdpSocket, NeverMakesAQueueSmallerThanItIs) {
  const UdpSocket socket = bound("127.0.0.1:0");
  const int before = socket.receive_queue_bytes();
  enlarge_receive_queue(socket.fd(), 4096);
  EXPECT_EQ(socket.receive_queue_bytes(), before);
  enlarge_receive_queue(socket.fd(), before / 2);
  EXPECT_EQ(socket.receive_queue_bytes(), before);
}

TEST(UdpSocket, SharesAPortAmongWorkersOnlyWhenAsked) {
  const auto first = UdpSocket::bind(on("127.0.0.1:0"), {.reuse_port = true});
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(UdpSocket::bind(first->local(), {.reuse_port = true}).has_value());
  const auto refused = UdpSocket::bind(first->local(), {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message().find("127.0.0.1:"), std::string::npos);
}

TEST(PollSet, ReportsAllThatAreReadableTogether) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop.has_value());
  UdpSocket a = bound("127.0.0.1:0");
  UdpSocket b = bound("127.0.0.1:0");
  UdpSocket c = bound("127.0.0.1:0");
  UdpInbox inbox(4, 100);
  std::vector<std::vector<uint32_t>> reports;
  auto set = PollSet::create(**loop, 8, [&](std::span<const uint32_t> tags) {
    reports.emplace_back(tags.begin(), tags.end());
    for (const uint32_t tag : tags) (tag == 1 ? a : c).receive(inbox);
  });
  ASSERT_TRUE(set.has_value());
  ASSERT_TRUE((*set)->add(a.fd(), 1).has_value());
  ASSERT_TRUE((*set)->add(b.fd(), 2).has_value());
  ASSERT_TRUE((*set)->add(c.fd(), 3).has_value());
  UdpOutbox outbox(4, 100);
  put(outbox, {a.local(), {}}, "a");
  put(outbox, {c.local(), {}}, "c");
  b.send(outbox);
  (*loop)->run_once(milliseconds(100));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0], (std::vector<uint32_t>{1, 3}));
}

}  // namespace
}  // namespace stormdoor::loop
