#include "bench/storm/tftp_fetch.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace stormdoor::storm {
namespace {

using std::chrono::seconds;

const Endpoint kServer{IpAddress::v4(0x7f000001), 69, 0};
const Endpoint kTransfer{IpAddress::v4(0x7f000001), 40000, 0};
const Endpoint kStranger{IpAddress::v4(0x7f000001), 50000, 0};

std::string ack(uint16_t block) {
  return {0, 4, char(block >> 8), char(block)};
}

std::string data(uint16_t block, size_t size, char fill = 'x') {
  return std::string{0, 3, char(block >> 8), char(block)} + std::string(size, fill);
}

std::string option_ack(std::initializer_list<std::string> words) {
  std::string packet{0, 6};
  for (const std::string& word : words) packet += word + '\0';
  return packet;
}

// A fetch with its clock and its room.
struct Fetch {
  explicit Fetch(const TftpOptions& options = {}, const TftpPatience& patience = {})
      : fetch(kServer, "a.cfg", options, patience, true) {}

  std::string start() { return said(fetch.start(now, room)); }
  std::string hear(const std::string& packet, const Endpoint& from = kTransfer) {
    return said(fetch.on_packet(from, std::as_bytes(std::span(packet)), now, room));
  }
  std::string wait(milliseconds time) {
    now += time;
    return said(fetch.on_deadline(now, room));
  }
  std::string said(const TftpFetch::Reply& reply) {
    to = reply.to;
    return {reinterpret_cast<const char*>(room.data()), reply.bytes};
  }

  SteadyTime now{seconds(1000)};
  std::array<std::byte, TftpFetch::kMostReply> room{};
  Endpoint to;
  TftpFetch fetch;
};

TEST(TftpFetch, AsksForTheFileWithTheOptionsOfThePhone) {
  Fetch plain;
  EXPECT_EQ(plain.start(), std::string("\0\1a.cfg\0octet\0", 14));
  EXPECT_EQ(plain.to, kServer);
  Fetch full({.block_size = 1428, .size = true, .window = 8, .timeout = 3});
  EXPECT_EQ(full.start(),
            std::string("\0\1a.cfg\0octet\0blksize\0001428\0tsize\0000\0timeout\0003\0"
                        "windowsize\0008\0",
                        58));
}

TEST(TftpFetch, AcknowledgesEachBlockAndEndsWithAShortOne) {
  Fetch f;
  f.start();
  EXPECT_EQ(f.hear(data(1, 512, 'a')), ack(1));
  EXPECT_EQ(f.to, kTransfer);
  EXPECT_FALSE(f.fetch.ended());
  EXPECT_EQ(f.hear(data(2, 511, 'b')), ack(2));
  ASSERT_TRUE(f.fetch.ended());
  const FetchResult result = f.fetch.take_result();
  EXPECT_EQ(result.outcome, FetchResult::Outcome::Found);
  EXPECT_EQ(result.body.text(), std::string(512, 'a') + std::string(511, 'b'));
  EXPECT_EQ(result.retries, 0U);
}

TEST(TftpFetch, AnEmptyFileIsAFile) {
  Fetch f;
  f.start();
  EXPECT_EQ(f.hear(data(1, 0)), ack(1));
  const FetchResult result = f.fetch.take_result();
  EXPECT_EQ(result.outcome, FetchResult::Outcome::Found);
  EXPECT_EQ(result.body.sha256(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(TftpFetch, CountsBlocksPast65535) {
  Fetch f;
  f.start();
  for (uint32_t block = 1; block <= 65'536; ++block)
    ASSERT_EQ(f.hear(data(uint16_t(block), 512)), ack(uint16_t(block)));
  EXPECT_EQ(f.hear(data(1, 1)), ack(1));
  EXPECT_EQ(f.fetch.take_result().body.bytes(), 65'536U * 512 + 1);
}

TEST(TftpFetch, AcknowledgesAWindowOnce) {
  Fetch f({.block_size = 0, .size = false, .window = 3, .timeout = 0});
  f.start();
  EXPECT_EQ(f.hear(option_ack({"windowsize", "3"})), ack(0));
  EXPECT_EQ(f.hear(data(1, 512)), "");
  EXPECT_EQ(f.hear(data(2, 512)), "");
  EXPECT_EQ(f.hear(data(3, 512)), ack(3));
  EXPECT_EQ(f.hear(data(4, 10)), ack(4));
  EXPECT_TRUE(f.fetch.ended());
}

TEST(TftpFetch, TellsAGapInAWindowOnceAndGoesOnFromThere) {
  Fetch f({.block_size = 0, .size = false, .window = 4, .timeout = 0});
  f.start();
  f.hear(option_ack({"windowsize", "4"}));
  EXPECT_EQ(f.hear(data(1, 512)), "");
  EXPECT_EQ(f.hear(data(3, 512)), ack(1));
  EXPECT_EQ(f.hear(data(4, 512)), "");
  EXPECT_EQ(f.hear(data(2, 512)), "");
  EXPECT_EQ(f.hear(data(3, 5)), ack(3));
  EXPECT_TRUE(f.fetch.ended());
}

TEST(TftpFetch, AcknowledgesARepeatedBlockAgainWithoutTakingItTwice) {
  Fetch f;
  f.start();
  f.hear(data(1, 512));
  EXPECT_EQ(f.hear(data(1, 512)), ack(1));
  EXPECT_EQ(f.hear(data(2, 0)), ack(2));
  EXPECT_EQ(f.fetch.take_result().body.bytes(), 512U);
}

TEST(TftpFetch, SendsAgainAsOftenAsItsPatienceSaysAndNoOftener) {
  Fetch f({}, {.tries = 3, .wait = seconds(2), .total = std::chrono::minutes(1)});
  const std::string request = f.start();
  EXPECT_EQ(f.wait(milliseconds(1999)), "");
  EXPECT_EQ(f.wait(milliseconds(1)), request);
  EXPECT_EQ(f.wait(seconds(2)), request);
  EXPECT_FALSE(f.fetch.ended());
  EXPECT_EQ(f.wait(seconds(2)), "");
  ASSERT_TRUE(f.fetch.ended());
  const FetchResult result = f.fetch.take_result();
  EXPECT_EQ(result.reason, "no answer");
  EXPECT_EQ(result.retries, 2U);
  EXPECT_TRUE(result.hung_up);
}

TEST(TftpFetch, RepeatsItsLastAcknowledgementAndStartsCountingAfreshWithEachBlock) {
  Fetch f({}, {.tries = 2, .wait = seconds(1), .total = std::chrono::minutes(1)});
  f.start();
  for (uint16_t block = 1; block <= 5; ++block) {
    f.hear(data(block, 512));
    EXPECT_EQ(f.wait(seconds(1)), ack(block));
  }
  EXPECT_EQ(f.wait(seconds(1)), "");
  const FetchResult result = f.fetch.take_result();
  EXPECT_EQ(result.reason, "transfer stalled");
  EXPECT_EQ(result.retries, 5U);
  EXPECT_FALSE(result.hung_up);
}

TEST(TftpFetch, TellsTheMostTriesThatOnePacketTook) {
  Fetch fetch({}, {.tries = 5, .wait = milliseconds(1000)});
  fetch.start();
  fetch.wait(milliseconds(1000));
  fetch.wait(milliseconds(1000));
  fetch.hear(data(1, 512));
  fetch.wait(milliseconds(1000));
  fetch.hear(data(1, 512));  // answered again, which is no try of its own
  fetch.hear(data(2, 10));
  const FetchResult result = fetch.fetch.take_result();
  EXPECT_EQ(result.retries, 3U);
  EXPECT_EQ(result.most_tries, 3U);
}

TEST(TftpFetch, GivesUpWhenTheWholeTimeIsOver) {
  Fetch f({}, {.tries = 1000, .wait = seconds(4), .total = seconds(10)});
  f.start();
  EXPECT_NE(f.wait(seconds(4)), "");
  EXPECT_NE(f.wait(seconds(4)), "");
  EXPECT_FALSE(f.fetch.ended());
  EXPECT_EQ(f.wait(seconds(2)), "");
  EXPECT_TRUE(f.fetch.ended());
}

TEST(TftpFetch, AStrangersPacketGetsError5AndHarmsNothing) {
  Fetch f;
  f.start();
  f.hear(data(1, 512));
  const std::string answer = f.hear(data(2, 0), kStranger);
  EXPECT_EQ(answer.substr(0, 4), std::string("\0\5\0\5", 4));
  EXPECT_EQ(f.to, kStranger);
  EXPECT_FALSE(f.fetch.ended());
  f.hear(std::string("\0\5\0\1gone\0", 9), kStranger);
  EXPECT_FALSE(f.fetch.ended());
}

TEST(TftpFetch, AMissingFileIsMissingAndARefusedOneRefused) {
  Fetch missing;
  missing.start();
  missing.hear(std::string("\0\5\0\1no\0", 7));
  const FetchResult gone = missing.fetch.take_result();
  EXPECT_EQ(gone.outcome, FetchResult::Outcome::Missing);
  EXPECT_EQ(gone.reason, "TFTP error 1: no");
  Fetch refused;
  refused.start();
  refused.hear(std::string("\0\5\0\2no\0", 7));
  EXPECT_EQ(refused.fetch.take_result().outcome, FetchResult::Outcome::Refused);
}

TEST(TftpFetch, OptionsThatWereNotAskedForAreRefused) {
  for (const auto& answer :
       {option_ack({"blksize", "1429"}), option_ack({"blksize", "7"}),
        option_ack({"windowsize", "2"}), option_ack({"blksize"}), option_ack({"blksize", "x"})}) {
    Fetch f({.block_size = 1428, .size = false, .window = 0, .timeout = 0});
    f.start();
    EXPECT_EQ(f.hear(answer).substr(0, 4), std::string("\0\5\0\10", 4));
    EXPECT_EQ(f.fetch.take_result().reason, "options not as asked");
  }
}

TEST(TftpFetch, OptionsThatAreLeftOutFallBack) {
  Fetch f({.block_size = 1428, .size = true, .window = 8, .timeout = 0});
  f.start();
  EXPECT_EQ(f.hear(option_ack({"blksize", "1000"})), ack(0));
  EXPECT_EQ(f.hear(data(1, 1000)), ack(1));
  EXPECT_EQ(f.hear(data(2, 999)), ack(2));
  EXPECT_TRUE(f.fetch.ended());
}

TEST(TftpFetch, AServerWithoutOptionsJustSendsData) {
  Fetch f({.block_size = 1428, .size = true, .window = 8, .timeout = 0});
  f.start();
  EXPECT_EQ(f.hear(data(1, 512)), ack(1));
  EXPECT_EQ(f.hear(data(2, 100)), ack(2));
  EXPECT_TRUE(f.fetch.ended());
}

TEST(TftpFetch, AFileThatIsNotAsLongAsAnnouncedIsAFailure) {
  Fetch f({.block_size = 0, .size = true, .window = 0, .timeout = 0});
  f.start();
  f.hear(option_ack({"tsize", "101"}));
  f.hear(data(1, 100));
  EXPECT_EQ(f.fetch.take_result().reason, "file not as long as announced");
}

TEST(TftpFetch, ABlockThatIsTooLongIsAFailure) {
  Fetch f;
  f.start();
  f.hear(data(1, 513));
  EXPECT_EQ(f.fetch.take_result().reason, "block too long");
}

TEST(TftpFetch, PacketsTooShortToBeAnythingAreIgnored) {
  Fetch f;
  f.start();
  for (const auto& packet : {std::string(), std::string("\0\3\0", 3), std::string(4, '\0')})
    EXPECT_EQ(f.hear(packet), "");
  EXPECT_FALSE(f.fetch.ended());
}

}  // namespace
}  // namespace stormdoor::storm
