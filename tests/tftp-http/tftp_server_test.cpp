#include "tftp-http/tftp_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/loop/socket_address.hpp"
#include "tests/tftp-http/tftp_client.hpp"
#include "tests/tftp-http/tftp_fakes.hpp"

namespace stormdoor::tftp {
namespace {

using Packets = std::vector<TestClient::Packet>;
using acl::PathProof;

struct Office {
  std::unique_ptr<loop::EventLoop> loop = std::move(*loop::EventLoop::create());
  Metrics metrics{1};
  FakeFiles files;
  Endpoint address;
  std::unique_ptr<TftpServer> server;

  explicit Office(const TftpConfig& config = small(), const char* listen = "0.0.0.0:0") {
    files.add("a.cfg", patterned(1300));
    files.add("big.bin", patterned(100'000));
    auto fd = loop::bind_socket(SOCK_DGRAM, *Endpoint::parse(listen), true);
    if (!fd) return;  // no IPv6 here
    const uint16_t port = loop::local_endpoint(fd->get())->port;
    address = {*IpAddress::parse("127.0.0.1"), port, 0};
    std::vector<UniqueFd> listeners;
    listeners.push_back(std::move(*fd));
    auto made = TftpServer::create(*loop, config, files, metrics.worker(0), std::move(listeners));
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message());
    server = std::move(*made);
  }
  static TftpConfig small() {
    TftpConfig config;
    config.sizes.transfer_ports = 64;
    return config;
  }
  static TftpConfig single_port() {
    TftpConfig config;
    config.sizes.single_port = true;
    return config;
  }
  TestClient phone(const char* ip = "127.0.0.2") { return {*loop, ip}; }
  [[nodiscard]] double requests(const char* result) const {
    return *metrics.value("stormdoor_tftp_requests_total", {{"result", result}});
  }
  [[nodiscard]] double ended(const char* how) const {
    return *metrics.value("stormdoor_tftp_transfers_total", {{"end", how}});
  }
  // Turns the loop for a while of real time: for timed repeats.
  void wait(milliseconds duration) {
    const auto end = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < end) loop->run_once(milliseconds(5));
  }
};

uint16_t block_of(const TestClient::Packet& packet) {
  const auto data = packet.as<Data>();
  return data ? data->block : uint16_t{0};
}
std::string text_of(const TestClient::Packet& packet) {
  const auto error = packet.as<ErrorMessage>();
  return !error ? "" : std::to_string(error->number) + " " + std::string(error->text);
}

// Fetches a whole file, window by window.
std::string fetch(TestClient& phone, const Endpoint& server, std::string_view file,
                  const Options& options = {}) {
  const size_t block_size = options.block_size.value_or(512);
  std::string bytes;
  Packets got = phone.request(server, file, options);
  if (got.size() == 1 && got[0].as<OptionAck>()) got = phone.ack(got[0].from, 0);
  while (!got.empty()) {
    for (auto& packet : got) bytes += packet.bytes.substr(4);
    const bool last = got.back().bytes.size() < block_size + 4;
    got = phone.ack(got.back().from, block_of(got.back()));
    EXPECT_TRUE(!last || got.empty());
  }
  return bytes;
}

TEST(TftpServer, ServesAFileBlockByBlockFromAnotherPort) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(block_of(got[0]), 1);
  EXPECT_NE(got[0].from.port, office.address.port);
  const Endpoint transfer = got[0].from;
  got = phone.ack(transfer, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(block_of(got[0]), 2);
  EXPECT_EQ(got[0].from, transfer);
  phone.ack(transfer, 2);
  EXPECT_EQ(office.server->active_transfers(), 1U);
  EXPECT_TRUE(phone.ack(transfer, 3).empty());
  EXPECT_EQ(office.server->active_transfers(), 0U);
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_EQ(office.files.deliveries[0].path, "a.cfg");
  EXPECT_TRUE(office.files.deliveries[0].complete);
  EXPECT_EQ(office.files.deliveries[0].proof, PathProof::Acknowledged);
}

// Each has one place among the large transfers of a turn, however often it acknowledges.
TEST(TftpServer, Promise12RepeatedAcknowledgementsHoldUpNobodyElse) {
  Office office;
  struct Reader {
    explicit Reader(Office& office)
        : phone(office.phone()), transfer(phone.request(office.address, "big.bin").at(0).from) {}
    TestClient phone;
    Endpoint transfer;
  };
  std::deque<Reader> readers;
  for (int i = 0; i < 50; ++i) {
    Reader& reader = readers.emplace_back(office);
    ASSERT_EQ(reader.phone.ack(reader.transfer, 1).size(), 1U);  // the second block
  }
  std::array<std::byte, 4> bytes;
  const auto acknowledge = [&](Reader& reader, uint16_t block) {
    write_ack(bytes, block);
    reader.phone.send(reader.transfer, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  for (int i = 0; i < 40; ++i)
    for (int times = 0; times < 50; ++times) acknowledge(readers[i], 1);
  for (int i = 40; i < 50; ++i) acknowledge(readers[i], 2);
  for (int i = 40; i < 50; ++i) EXPECT_EQ(readers[i].phone.received().size(), 1U) << i;
}

TEST(TftpServer, ServesWindowsWithAndWithoutOptions) {
  Office office;
  TestClient phone = office.phone();
  EXPECT_TRUE(fetch(phone, office.address, "big.bin") == patterned(100'000));
  EXPECT_TRUE(fetch(phone, office.address, "big.bin", {.block_size = 1428}) == patterned(100'000));
  EXPECT_TRUE(fetch(phone, office.address, "big.bin",
                    {.block_size = 1000, .transfer_size = 0, .window_size = 16}) ==
              patterned(100'000));
  EXPECT_EQ(office.ended("complete"), 3);
  EXPECT_EQ(*office.metrics.value("stormdoor_tftp_retransmissions_total"), 0);
  EXPECT_EQ(*office.metrics.value("stormdoor_tftp_transfers"), 0);
}

TEST(TftpServer, AnswersFromTheAddressThatWasAsked) {
  Office office;
  TestClient phone = office.phone();
  const Endpoint other{*IpAddress::parse("127.0.0.99"), office.address.port, 0};
  Packets got = phone.request(other, "a.cfg");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].from.address, other.address);
  got = phone.request(other, "missing");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].from.address, other.address);
}

TEST(TftpServer, ServesIpv6) {
  Office office(Office::small(), "[::]:0");
  if (!office.server) GTEST_SKIP() << "no IPv6 on this machine";
  if (!loop::UdpSocket::bind(*Endpoint::parse("[::1]:0"), {}))
    GTEST_SKIP() << "no IPv6 loopback on this machine";
  TestClient phone = office.phone("::1");
  const Endpoint server{*IpAddress::parse("::1"), office.address.port, 0};
  EXPECT_TRUE(fetch(phone, server, "big.bin", {.block_size = 1448, .window_size = 4}) ==
              patterned(100'000));
}

TEST(TftpServer, SendsOnePacketUntilTheOptionsAreAcknowledgedAtTheRightPort) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "big.bin", {.window_size = 8});
  ASSERT_EQ(got.size(), 1U);
  ASSERT_TRUE(got[0].as<OptionAck>());
  EXPECT_EQ(phone.ack(got[0].from, 0).size(), 8U);
}

TEST(TftpServer, EndsATransferThatIsAcknowledgedAtAWrongPort) {
  Office office;
  TestClient phone = office.phone();
  const Packets got = phone.request(office.address, "big.bin", {.window_size = 8});
  ASSERT_EQ(got.size(), 1U);
  // Another phone's transfer shows another port of the pool.
  Endpoint wrong = got[0].from;
  while (wrong == got[0].from) {
    TestClient other = office.phone("127.0.0.3");
    wrong = other.request(office.address, "a.cfg").at(0).from;
  }
  Packets answer = phone.ack(wrong, 0);
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(text_of(answer[0]), "5 unknown transfer");
  EXPECT_EQ(office.ended("wrong-port"), 1);
  answer = phone.ack(got[0].from, 0);
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(text_of(answer[0]), "5 unknown transfer");
  ASSERT_FALSE(office.files.deliveries.empty());
  EXPECT_EQ(office.files.deliveries.back().proof, PathProof::None);
  EXPECT_FALSE(office.files.deliveries.back().complete);
  // That address is served on, but in lock-step for a while.
  const Packets again = phone.request(office.address, "big.bin", {.window_size = 8});
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(phone.ack(again[0].from, 0).size(), 1U);
}

// Many boot programs fetch their files one after another from one port, and the server reads
// requests first: the last acknowledgement of the file before comes to a port that is no longer
// theirs.
TEST(TftpServer, TheLastAcknowledgementOfTheFileBeforeHarmsNothing) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  const Endpoint before = got.at(0).from;
  phone.ack(before, 1);
  got = phone.ack(before, 2);
  ASSERT_EQ(block_of(got.at(0)), 3) << "the last one, which is not acknowledged yet";
  Packets next = phone.request(office.address, "big.bin", {.block_size = 1428});
  ASSERT_TRUE(next.at(0).as<OptionAck>());
  if (next[0].from == before) GTEST_SKIP() << "the same port by chance";
  EXPECT_TRUE(phone.ack(before, 3).empty());
  EXPECT_EQ(office.ended("wrong-port"), 0);
  next = phone.ack(next[0].from, 0);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(block_of(next[0]), 1);
}

TEST(TftpServer, AFileIsCompleteWhenItsEndWasAcknowledgedBeforeTheNextRequest) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  const Endpoint before = got.at(0).from;
  phone.ack(before, 1);
  phone.ack(before, 2);
  phone.send(before, TestClient::ack_bytes(3));
  got = phone.request(office.address, "big.bin");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(block_of(got[0]), 1);
  EXPECT_EQ(office.ended("complete"), 1);
  EXPECT_EQ(office.ended("evicted"), 0);
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_TRUE(office.files.deliveries[0].complete);
  EXPECT_EQ(office.files.deliveries[0].proof, PathProof::Acknowledged);
  EXPECT_EQ(office.server->active_transfers(), 1U);
  EXPECT_EQ(block_of(phone.ack(got[0].from, 1).at(0)), 2) << "the next file goes on as ever";
}

TEST(TftpServer, APhoneThatGaveUpBeforeItsNextRequestDidSo) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  const Endpoint before = got.at(0).from;
  phone.ack(before, 1);
  phone.ack(before, 2);
  phone.send(before, std::string("\0\5\0\x08no\0", 7));
  got = phone.request(office.address, "big.bin");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(block_of(got[0]), 1);
  EXPECT_EQ(office.ended("given-up-by-peer"), 1);
  EXPECT_FALSE(office.files.deliveries.at(0).complete);
}

TEST(TftpServer, TakesTheWellKnownPortForAWrongOneToo) {
  Office office;
  TestClient phone = office.phone();
  phone.request(office.address, "big.bin", {.window_size = 8});
  phone.ack(office.address, 0);
  EXPECT_EQ(office.ended("wrong-port"), 1);
  EXPECT_EQ(office.server->active_transfers(), 0U);
}

TEST(TftpServer, AnswersStraysWithError5AndHarmsNoTransfer) {
  Office office;
  TestClient phone = office.phone();
  const Packets got = phone.request(office.address, "a.cfg");
  TestClient stranger = office.phone("127.0.0.66");
  Packets answer = stranger.ack(got[0].from, 1);
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(text_of(answer[0]), "5 unknown transfer");
  answer = stranger.exchange(got[0].from, std::string("\0\3\0\1data", 8));
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_TRUE(text_of(answer[0]).starts_with("5 "));
  EXPECT_TRUE(stranger.exchange(got[0].from, std::string("\0\5\0\0stop\0", 9)).empty());
  const Packets next = phone.ack(got[0].from, 1);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(block_of(next[0]), 2);
}

TEST(TftpServer, StaysSilentAtLateCopiesOfAFinishedTransfer) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  const Endpoint transfer = got[0].from;
  for (const uint16_t block : std::vector<uint16_t>{1, 2, 3}) phone.ack(transfer, block);
  EXPECT_TRUE(phone.ack(transfer, 3).empty());
}

TEST(TftpServer, IsRestartedByNoDuplicateRequest) {
  Office office;
  TestClient phone = office.phone();
  const Packets got = phone.request(office.address, "a.cfg");
  phone.ack(got[0].from, 1);
  EXPECT_TRUE(phone.request(office.address, "a.cfg").empty());
  // Nor by another request from that endpoint, which anybody could have forged.
  EXPECT_TRUE(phone.request(office.address, "big.bin").empty());
  const Packets next = phone.ack(got[0].from, 2);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(block_of(next[0]), 3);
  EXPECT_EQ(office.files.asked.size(), 1U);
  EXPECT_EQ(office.requests("repeated"), 2);
}

TEST(TftpServer, TakesANewRequestOfAnEndpointWhoseLastBlockIsUnderWay) {
  Office office;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  phone.ack(got[0].from, 1);
  phone.ack(got[0].from, 2);  // its last acknowledgement gets lost
  got = phone.request(office.address, "big.bin");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(block_of(got[0]), 1);
  EXPECT_EQ(got[0].bytes.size(), 516U);
  EXPECT_EQ(office.server->active_transfers(), 1U);
  EXPECT_FALSE(office.files.deliveries.at(0).complete) << "nobody knows whether it has the end";
}

TEST(TftpServer, EndsATransferWhenThePeerSendsAnError) {
  Office office;
  TestClient phone = office.phone();
  const Packets got = phone.request(office.address, "a.cfg", {.block_size = 600});
  EXPECT_TRUE(phone.exchange(got[0].from, std::string("\0\5\0\x08no\0", 7)).empty());
  EXPECT_EQ(office.server->active_transfers(), 0U);
  EXPECT_EQ(office.ended("given-up-by-peer"), 1);
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_FALSE(office.files.deliveries[0].complete);
}

TEST(TftpServer, RefusesWithTheErrorThatFits) {
  Office office;
  const auto answers = [&](const char* name, http::FileAnswer::Outcome outcome, const char* text) {
    office.files.answers[name].outcome = outcome;
    office.files.answers[name].message = text;
  };
  using Outcome = http::FileAnswer::Outcome;
  answers("gone", Outcome::NotFound, "");
  answers("other", Outcome::Refused, "not the file of this phone");
  answers("login", Outcome::Unauthorized, "");
  answers("later", Outcome::Busy, "come back in a minute");
  TestClient phone = office.phone();
  const auto error_for = [&](std::string_view file) {
    Packets got = phone.request(office.address, file);
    return got.size() == 1 ? text_of(got[0]) : std::to_string(got.size()) + " packets";
  };
  EXPECT_EQ(error_for("gone"), "1 no such file");
  EXPECT_EQ(error_for("missing"), "1 no such file");
  EXPECT_EQ(error_for("other"), "2 not the file of this phone");
  EXPECT_EQ(error_for("login"), "2 not for this phone");
  EXPECT_EQ(error_for("later"), "0 come back in a minute");
  EXPECT_EQ(text_of(phone.request(office.address, "a.cfg", {}, Mode::Octet, true).at(0)),
            "2 this server takes no uploads");
  EXPECT_EQ(text_of(phone.request(office.address, "a.cfg", {}, Mode::Mail).at(0)),
            "4 mode must be octet or netascii");
  EXPECT_EQ(office.server->active_transfers(), 0U);
}

TEST(TftpServer, AnswersErrorsGarbageAndStrangeOpcodesWithSilence) {
  Office office;
  TestClient phone = office.phone();
  for (const std::string& bytes :
       {std::string("\0\5\0\1stop\0", 9), std::string("garbage"), std::string(),
        std::string("\0\1no end", 8), std::string("\0\7\0\0", 4), std::string(1500, 'x')})
    EXPECT_TRUE(phone.exchange(office.address, bytes).empty());
}

// Promise 6: who is refused can read the whole sentence.
TEST(TftpServer, SaysAWholeSentenceWhenItRefuses) {
  Office office;
  const auto refused_with = [&](size_t length) {
    office.files.answers["x"].outcome = http::FileAnswer::Outcome::Refused;
    office.files.answers["x"].message = std::string(length, 'm');
    return text_of(office.phone().request(office.address, "x").at(0));
  };
  EXPECT_EQ(refused_with(60), "2 " + std::string(60, 'm'));
  EXPECT_EQ(refused_with(511), "2 " + std::string(511, 'm'));
  EXPECT_EQ(refused_with(512), "2 " + std::string(508, 'm') + "...") << "no more than a block";
}

// Promise 4: what an error is longer than its request counts like any other unproven byte.
TEST(TftpServer, CutsErrorsToStrangersWhenTheirBudgetIsSpent) {
  TftpConfig config = Office::small();
  config.sizes.unproven.burst_bytes = 700;
  config.sizes.unproven.bytes_per_second = 1;
  Office office(config);
  office.files.answers["x"].outcome = http::FileAnswer::Outcome::Refused;
  office.files.answers["x"].message = std::string(600, 'm');
  TestClient phone = office.phone();
  std::vector<size_t> sizes;
  for (Packets got = phone.request(office.address, "x"); !got.empty();
       got = phone.request(office.address, "x"))
    sizes.push_back(got.at(0).bytes.size());
  // A request has 10 bytes: 506 of 700 for the whole block, then 54 three times, then silence.
  EXPECT_EQ(sizes, (std::vector<size_t>{516, 64, 64, 64}));
}

// Promise 4.
TEST(TftpServer, GivesAnUnprovenSourceTheOptionAcknowledgementOnly) {
  TftpConfig config = Office::small();
  config.rules.first_timeout = milliseconds(50);
  Office office(config);
  TestClient phone = office.phone();
  EXPECT_EQ(phone.request(office.address, "big.bin", {.block_size = 1428}).size(), 1U);
  office.wait(milliseconds(500));
  EXPECT_TRUE(phone.received().empty());
  // Each further request pays for one more.
  EXPECT_EQ(phone.request(office.address, "big.bin", {.block_size = 1428}).size(), 1U);
}

TEST(TftpServer, GivesAnUnprovenSourceOneBlockAndAtMostTwoRepeats) {
  TftpConfig config = Office::small();
  config.rules.first_timeout = milliseconds(30);
  Office office(config);
  TestClient phone = office.phone();
  EXPECT_EQ(phone.request(office.address, "big.bin").size(), 1U);
  office.wait(milliseconds(600));
  EXPECT_EQ(phone.received().size(), 2U);
  EXPECT_TRUE(phone.request(office.address, "big.bin").empty());
}

TEST(TftpServer, RepeatsTheOptionAcknowledgementToAPhoneThatAnsweredLately) {
  TftpConfig config = Office::small();
  config.rules.first_timeout = milliseconds(30);
  Office office(config);
  TestClient first = office.phone();
  EXPECT_EQ(fetch(first, office.address, "a.cfg").size(), 1300U);
  TestClient phone = office.phone();
  EXPECT_EQ(phone.request(office.address, "big.bin", {.block_size = 1428}).size(), 1U);
  office.wait(milliseconds(600));
  EXPECT_EQ(phone.received().size(), 2U);
}

TEST(TftpServer, SpendsOnUnprovenSourcesNoMoreThanTheBudgetOfTheirGroup) {
  TftpConfig config = Office::small();
  config.sizes.unproven.burst_bytes = size_t{10} * 516;
  config.sizes.unproven.bytes_per_second = 1;
  Office office(config);
  size_t bytes = 0;
  for (int i = 0; i < 50; ++i)
    for (const auto& packet : office.phone("127.0.9.1").request(office.address, "big.bin"))
      bytes += packet.bytes.size();
  const size_t request_bytes = TestClient::request_bytes("big.bin").size();
  EXPECT_GT(bytes, 9 * 516U);
  EXPECT_LE(bytes, size_t{10} * 516 + 11 * request_bytes);
  EXPECT_GT(office.requests("silenced"), 0);
  // Another group has its own.
  EXPECT_EQ(office.phone("127.0.10.1").request(office.address, "big.bin").size(), 1U);
}

TEST(TftpServer, GivesTheBudgetBackToPhonesThatAnswer) {
  TftpConfig config = Office::small();
  config.sizes.unproven.burst_bytes = size_t{2} * 516;
  config.sizes.unproven.bytes_per_second = 1;
  Office office(config);
  for (int i = 0; i < 50; ++i) {
    TestClient phone = office.phone("127.0.9.1");
    EXPECT_EQ(fetch(phone, office.address, "a.cfg").size(), 1300U) << i;
  }
}

// Promise 12.
TEST(TftpServer, EvictsTheFloodsOwnTransfersFirst) {
  TftpConfig config = Office::small();
  config.sizes.transfers.unproven_per_source = 5;
  Office office(config);
  TestClient victim = office.phone("127.0.0.2");
  const Packets got = victim.request(office.address, "big.bin", {.block_size = 600});
  std::deque<TestClient> flood;
  for (int i = 0; i < 30; ++i) {
    flood.emplace_back(*office.loop, "127.0.0.66");
    flood.back().request(office.address, "big.bin", {.block_size = 600});
  }
  EXPECT_EQ(office.server->active_transfers(), 6U);
  EXPECT_EQ(office.ended("evicted"), 25);
  EXPECT_EQ(victim.ack(got[0].from, 0).size(), 1U);
}

TEST(TftpServer, SaysBusyWhenASourceHasAllItsTransfers) {
  TftpConfig config = Office::small();
  config.sizes.transfers.per_source = 2;
  Office office(config);
  std::deque<TestClient> phones;
  for (int i = 0; i < 2; ++i) {
    phones.emplace_back(*office.loop, "127.0.0.2");
    const Packets got = phones.back().request(office.address, "big.bin");
    EXPECT_EQ(phones.back().ack(got.at(0).from, 1).size(), 1U);
  }
  const Packets refused = office.phone().request(office.address, "big.bin");
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(text_of(refused[0]), "0 busy, please try again");
  EXPECT_EQ(office.phone("127.0.0.3").request(office.address, "big.bin").size(), 1U);
}

TEST(TftpServer, SpreadsTransfersOverItsPorts) {
  Office office;
  std::set<uint16_t> ports;
  for (int i = 0; i < 200; ++i) {
    TestClient phone = office.phone();
    for (const auto& packet : phone.request(office.address, "a.cfg"))
      ports.insert(packet.from.port);
  }
  EXPECT_GT(ports.size(), 50U);  // of 64
  EXPECT_LE(ports.size(), 64U);
}

TEST(TftpServer, SinglePortModeUsesOnePortWindowsOfOneAndProvesNothing) {
  Office office(Office::single_port());
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "big.bin", {.block_size = 1000, .window_size = 8});
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].from, office.address);
  const auto options = got[0].as<OptionAck>();
  ASSERT_TRUE(options);
  EXPECT_EQ(options->options.window_size, 1);
  EXPECT_EQ(phone.ack(office.address, 0).size(), 1U);
  TestClient other = office.phone("127.0.0.3");
  EXPECT_TRUE(fetch(other, office.address, "a.cfg") == patterned(1300));
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_TRUE(office.files.deliveries[0].complete);
  EXPECT_EQ(office.files.deliveries[0].proof, PathProof::None);
}

TEST(TftpServer, RetransmitsALostBlockWithoutBeingAsked) {
  TftpConfig config = Office::small();
  config.rules.least_timeout = milliseconds(20);
  Office office(config);
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "a.cfg");
  got = phone.ack(got.at(0).from, 1);
  ASSERT_EQ(got.size(), 1U);
  office.wait(milliseconds(200));
  got = phone.received();
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(block_of(got[0]), 2);
}

TEST(TftpServer, GivesUpOnASilentPeerAndTellsTheFileSource) {
  TftpConfig config = Office::small();
  config.rules.first_timeout = milliseconds(20);
  config.rules.least_timeout = milliseconds(20);
  config.rules.give_up = milliseconds(300);
  Office office(config);
  TestClient phone = office.phone();
  const Packets got = phone.request(office.address, "a.cfg");
  phone.ack(got.at(0).from, 1);
  office.wait(milliseconds(500));
  EXPECT_EQ(office.server->active_transfers(), 0U);
  EXPECT_EQ(office.ended("timed-out"), 1);
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_FALSE(office.files.deliveries[0].complete);
  EXPECT_EQ(office.files.deliveries[0].proof, PathProof::Acknowledged);
}

TEST(TftpServer, SaysWhenAFileCannotBeRead) {
  Office office;
  auto content = content_of(patterned(2000), true);
  content->fails_at = 512;
  office.files.add("torn", "");
  office.files.answers["torn"].content = content;
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "torn");
  got = phone.ack(got.at(0).from, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(text_of(got[0]), "0 the file could not be read");
  EXPECT_EQ(office.ended("unreadable"), 1);
}

TEST(TftpServer, EndsItsTransfersWhenItIsDestroyed) {
  Office office;
  TestClient phone = office.phone();
  phone.request(office.address, "a.cfg");
  office.server.reset();
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_FALSE(office.files.deliveries[0].complete);
}

TEST(TftpServer, AnswersABurstThatFillsItsQueueWithoutLosingOne) {
  TftpConfig config = Office::small();
  Office office(config);
  std::deque<TestClient> phones;
  const std::string request = TestClient::request_bytes("a.cfg", {.block_size = 1428});
  for (int i = 0; i < 1000; ++i) {
    phones.emplace_back(*office.loop,
                        "127.0." + std::to_string(i / 200) + "." + std::to_string(2 + i % 200));
    phones.back().send(office.address, request);
  }
  size_t answered = 0;
  for (TestClient& phone : phones) answered += phone.received().size();
  EXPECT_EQ(answered, 1000U);
}

TEST(TftpServer, GoesOnWithAgreedBlocksAfterAReloadWithASmallerPath) {
  TftpConfig config = Office::small();
  config.rules.path_mtu = 1500;
  Office office(config);
  TestClient phone = office.phone();
  Packets got = phone.request(office.address, "big.bin", {.block_size = 1468});
  config.rules.path_mtu = 600;
  office.server->apply(config.rules);
  got = phone.ack(got.at(0).from, 0);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].bytes.size(), 1472U);
  TestClient later = office.phone("127.0.0.3");
  got = later.request(office.address, "big.bin", {.block_size = 1468});
  ASSERT_TRUE(got.at(0).as<OptionAck>());
  EXPECT_EQ(got[0].as<OptionAck>()->options.block_size, 568U);
}

TEST(TftpServer, SaysWhichLimitItsPortsExceed) {
  auto loop = std::move(*loop::EventLoop::create());
  Metrics metrics{1};
  FakeFiles files;
  auto stream = loop::bind_socket(SOCK_STREAM, *Endpoint::parse("127.0.0.1:0"), false);
  std::vector<UniqueFd> listeners;
  listeners.push_back(std::move(*stream));
  const auto made =
      TftpServer::create(*loop, Office::small(), files, metrics.worker(0), std::move(listeners));
  ASSERT_FALSE(made.has_value());
  EXPECT_TRUE(made.error().message().starts_with("TFTP listener: "));
}

TEST(TftpServer, ARequestThatCameTwiceBeforeItWasReadIsAnsweredOnce) {
  Office office;
  TestClient phone = office.phone();
  const std::string request = TestClient::request_bytes("a.cfg", {.block_size = 1000});
  phone.send(office.address, request);
  phone.send(office.address, request);
  phone.send(office.address, request);
  EXPECT_EQ(phone.received().size(), 1U);
  EXPECT_EQ(office.requests("repeated"), 2);
  EXPECT_EQ(office.files.asked.size(), 1U);
  EXPECT_EQ(phone.exchange(office.address, request).size(), 1U);  // later it is
}

TEST(TftpServer, ConfigurationsGoOnBeforeFirmwareWhenManyAreAcknowledgedAtOnce) {
  Office office;
  office.files.add("tiny.cfg", "[phone]");
  const std::string ack("\0\4\0\1", 4);
  std::deque<TestClient> phones;
  std::vector<Endpoint> transfers;
  for (int i = 0; i < 150; ++i) {
    phones.emplace_back(*office.loop, "127.0.0.2");
    const auto got = phones.back().request(office.address, i < 149 ? "big.bin" : "tiny.cfg");
    ASSERT_EQ(got.size(), 1U);
    transfers.push_back(got[0].from);
  }
  const auto sent = [&] { return *office.metrics.value("stormdoor_tftp_sent_packets_total"); };
  const double before = sent();
  for (size_t i = 0; i < phones.size(); ++i) phones[i].send(transfers[i], ack);
  office.loop->run_once(milliseconds(0));
  EXPECT_LE(sent() - before, 64);
  ASSERT_EQ(office.files.deliveries.size(), 1U);
  EXPECT_EQ(office.files.deliveries[0].path, "tiny.cfg");
  for (int turn = 0; turn < 10; ++turn) office.loop->run_once(milliseconds(0));
  EXPECT_EQ(sent() - before, 149);
}

}  // namespace
}  // namespace stormdoor::tftp
