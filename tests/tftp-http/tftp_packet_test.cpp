#include "tftp-http/tftp_packet.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace stormdoor::tftp {
namespace {

using namespace std::string_literals;

std::optional<TftpPacket> parse(const std::string& bytes) {
  static std::string kept;  // what is parsed points into it
  kept = bytes;
  return parse_packet(std::as_bytes(std::span(kept)));
}

Request request(const std::string& bytes) {
  const auto packet = parse(bytes);
  if (!packet || !std::holds_alternative<Request>(*packet)) {
    ADD_FAILURE() << "not a request";
    return {};
  }
  return std::get<Request>(*packet);
}

std::string rrq(const std::string& options) {
  return "\0\1a.cfg\0octet\0"s + options;
}

TEST(TftpPacket, ReadsAReadRequest) {
  const Request r = request("\0\1sub/000fd3054848.cfg\0octet\0"s);
  EXPECT_FALSE(r.write);
  EXPECT_EQ(r.file, "sub/000fd3054848.cfg");
  EXPECT_EQ(r.mode, Mode::Octet);
  EXPECT_FALSE(r.options.any());
}

TEST(TftpPacket, ReadsAWriteRequest) {
  EXPECT_TRUE(request("\0\2a\0octet\0"s).write);
}

TEST(TftpPacket, TakesModesInAnyCase) {
  EXPECT_EQ(request("\0\1a\0OcTeT\0"s).mode, Mode::Octet);
  EXPECT_EQ(request("\0\1a\0NETASCII\0"s).mode, Mode::Netascii);
  EXPECT_EQ(request("\0\1a\0Mail\0"s).mode, Mode::Mail);
  EXPECT_EQ(request("\0\1a\0binary\0"s).mode, Mode::Unknown);
}

TEST(TftpPacket, TakesOptionsInAnyCaseAndOrder) {
  const Request r = request(
      rrq("WindowSize\0"s + "16\0tsize\0"s + "0\0BLKSIZE\0"s + "1428\0Timeout\0"s + "3\0"s));
  EXPECT_EQ(r.options, (Options{1428U, 0U, uint8_t{3}, uint16_t{16}}));
}

TEST(TftpPacket, HoldsEachOptionToItsRange) {
  EXPECT_FALSE(request(rrq("blksize\0"s + "7\0"s)).options.any());
  EXPECT_EQ(request(rrq("blksize\0"s + "8\0"s)).options.block_size, 8U);
  EXPECT_EQ(request(rrq("blksize\0"s + "65464\0"s)).options.block_size, 65464U);
  EXPECT_FALSE(request(rrq("blksize\0"s + "65465\0"s)).options.any());
  EXPECT_FALSE(request(rrq("timeout\0"s + "0\0"s)).options.any());
  EXPECT_EQ(request(rrq("timeout\0"s + "1\0"s)).options.timeout_seconds, 1);
  EXPECT_EQ(request(rrq("timeout\0"s + "255\0"s)).options.timeout_seconds, 255);
  EXPECT_FALSE(request(rrq("timeout\0"s + "256\0"s)).options.any());
  EXPECT_FALSE(request(rrq("windowsize\0"s + "0\0"s)).options.any());
  EXPECT_EQ(request(rrq("windowsize\0"s + "1\0"s)).options.window_size, 1);
  EXPECT_EQ(request(rrq("windowsize\0"s + "65535\0"s)).options.window_size, 65535);
  EXPECT_FALSE(request(rrq("windowsize\0"s + "65536\0"s)).options.any());
  EXPECT_EQ(request(rrq("tsize\0"s + "18446744073709551615\0"s)).options.transfer_size,
            18446744073709551615U);
  EXPECT_FALSE(request(rrq("tsize\0"s + "18446744073709551616\0"s)).options.any());
}

TEST(TftpPacket, IgnoresValuesThatAreNoPlainNumbers) {
  for (const char* value : {"", "+512", "-1", " 512", "512 ", "0x200", "512k"})
    EXPECT_FALSE(request(rrq("blksize\0"s + value + "\0"s)).options.any()) << value;
}

TEST(TftpPacket, CountsTheFirstOfADuplicateOption) {
  EXPECT_EQ(request(rrq("blksize\0"s + "600\0blksize\0"s + "700\0"s)).options.block_size, 600U);
  EXPECT_FALSE(request(rrq("blksize\0"s + "bad\0blksize\0"s + "700\0"s)).options.any());
}

TEST(TftpPacket, IgnoresUnknownOptionsAndPadding) {
  const Request r = request(rrq("multicast\0\0blksize\0"s + "600\0"s));
  EXPECT_EQ(r.options.block_size, 600U);
  EXPECT_FALSE(request(rrq(std::string(100, '\0'))).options.any());
}

TEST(TftpPacket, RefusesWhatHasNoEnd) {
  EXPECT_FALSE(parse("\0\1a.cfg"s));
  EXPECT_FALSE(parse("\0\1a.cfg\0octet"s));
  EXPECT_FALSE(parse(rrq("blksize")));
  EXPECT_FALSE(parse(rrq("blksize\0"s)));
  EXPECT_FALSE(parse(rrq("blksize\0"s + "600")));
  EXPECT_FALSE(parse(rrq("\0\0junk\0"s)));
}

TEST(TftpPacket, RefusesWhatIsTooShortTooLongOrUnknown) {
  EXPECT_FALSE(parse(""s));
  EXPECT_FALSE(parse("\0\4\0"s));
  EXPECT_TRUE(parse("\0\4\0\1"s));
  EXPECT_FALSE(parse("\0\0\0\0"s));
  EXPECT_FALSE(parse("\0\7\0\0"s));
  EXPECT_FALSE(parse("\1\1a\0octet\0"s));
  const auto of_size = [](size_t size) {
    return "\0\1"s + std::string(size - 2 - 7, 'a') + "\0octet\0"s;
  };
  EXPECT_TRUE(parse(of_size(512)));
  EXPECT_FALSE(parse(of_size(513)));
}

TEST(TftpPacket, ReadsDataAcksAndErrors) {
  const auto data = parse("\0\3\x12\x34hello"s);
  ASSERT_TRUE(data && std::holds_alternative<Data>(*data));
  EXPECT_EQ(std::get<Data>(*data).block, 0x1234);
  EXPECT_EQ(std::get<Data>(*data).bytes.size(), 5U);
  const auto ack = parse("\0\4\xff\xff"s);
  ASSERT_TRUE(ack && std::holds_alternative<Ack>(*ack));
  EXPECT_EQ(std::get<Ack>(*ack).block, 65535);
  const auto error = parse("\0\5\0\1not here\0trailing"s);
  ASSERT_TRUE(error && std::holds_alternative<ErrorMessage>(*error));
  EXPECT_EQ(std::get<ErrorMessage>(*error).number, 1);
  EXPECT_EQ(std::get<ErrorMessage>(*error).text, "not here");
}

TEST(TftpPacket, ReadsBackTheRequestsAndOptionAcksThatItWrites) {
  std::array<std::byte, kMostRequestBytes> room;
  const Options options{1428U, 12345678901U, uint8_t{7}, uint16_t{64}};
  const size_t size = write_request(room, {false, "x/y.cfg", Mode::Netascii, options});
  const auto packet = parse_packet(std::span(room).first(size));
  ASSERT_TRUE(packet && std::holds_alternative<Request>(*packet));
  EXPECT_EQ(std::get<Request>(*packet).file, "x/y.cfg");
  EXPECT_EQ(std::get<Request>(*packet).mode, Mode::Netascii);
  EXPECT_EQ(std::get<Request>(*packet).options, options);
  const size_t ack_size = write_option_ack(room, options);
  const auto ack = parse_packet(std::span(room).first(ack_size));
  ASSERT_TRUE(ack && std::holds_alternative<OptionAck>(*ack));
  EXPECT_EQ(std::get<OptionAck>(*ack).options, options);
}

TEST(TftpPacket, FitsTheLongestOptionAckIntoItsRoom) {
  std::array<std::byte, kMostOptionAckBytes> room;
  EXPECT_LT(write_option_ack(room, {65464U, ~uint64_t{0}, uint8_t{255}, uint16_t{65535}}),
            room.size());
}

TEST(TftpPacket, WritesNoRequestThatIsTooLong) {
  std::array<std::byte, 600> room;
  const std::string fits(512 - 2 - 7, 'a');
  EXPECT_EQ(write_request(room, {.file = fits}), 512U);
  EXPECT_EQ(write_request(room, {.file = fits + "a"}), 0U);
}

TEST(TftpPacket, CutsALongErrorTextAtACharacter) {
  std::array<std::byte, 16> room;  // 11 characters and the end
  const auto text_of = [&](std::string_view text) {
    const size_t size = write_error(room, ErrorNumber::FileNotFound, text);
    EXPECT_EQ(room[size - 1], std::byte{0});
    return std::string(reinterpret_cast<const char*>(room.data()) + 4, size - 5);
  };
  EXPECT_EQ(text_of("elevenchars"), "elevenchars");
  EXPECT_EQ(text_of("twelve chars"), "twelve c...");
  EXPECT_EQ(text_of("seven__\xc3\xa4\xc3\xa4\xc3\xa4"), "seven__...");
  EXPECT_EQ(text_of(""), "");
}

}  // namespace
}  // namespace stormdoor::tftp
