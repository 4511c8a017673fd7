#include "edge/watch/dhcp.hpp"

#include <gtest/gtest.h>

#include "tests/edge/watch/frames.hpp"

namespace stormdoor::edge::watch {
namespace {

using namespace test;

std::optional<DhcpMessage> parse(const std::string& message) {
  return parse_dhcp(bytes_of(message));
}
std::optional<DhcpMessage> with_options(const std::string& options) {
  return parse(dhcp({.options = options}));
}
const std::string kAck = option(53, "\5");

TEST(Dhcp, AnAcknowledgementNamesClientAddressAndRelay) {
  const auto message =
      parse(dhcp({.relay = ip("10.20.0.1"),
                  .options = kAck + option(60, "yealink") +
                             option(82, option(1, raw({0, 4, 0, 20})) + option(2, "switch 3"))}));
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_reply);
  EXPECT_EQ(message->type, DhcpMessage::Type::Ack);
  EXPECT_EQ(message->transaction, 0x3d11U);
  EXPECT_EQ(message->client, kPhoneMac);
  EXPECT_EQ(message->your_address, ip("10.20.0.7"));
  EXPECT_EQ(message->relay_address, ip("10.20.0.1"));
  EXPECT_EQ(message->vendor_class, "yealink");
  EXPECT_EQ(message->circuit, "00040014");
  EXPECT_EQ(message->remote, "switch 3");
}

TEST(Dhcp, OptionsInTheFileAndServerNameFieldsAreRead) {
  const auto overloaded = [](int which) {
    return parse(dhcp({.file = option(60, "in file") + raw({255}),
                       .server_name = kAck + option(60, "in name") + raw({255}),
                       .options = option(52, raw({which})) + (which < 2 ? kAck : "")}));
  };
  EXPECT_EQ(overloaded(1)->vendor_class, "in file");
  EXPECT_EQ(overloaded(2)->vendor_class, "in name");
  EXPECT_EQ(overloaded(3)->vendor_class, "in file") << "the file's come first";
  EXPECT_EQ(overloaded(0)->vendor_class, "");
  EXPECT_FALSE(overloaded(4));
}

TEST(Dhcp, OptionsThatRunOverTheEndOrRepeatTheTypeAreRefused) {
  EXPECT_TRUE(with_options(raw({0, 0, 0}) + kAck + raw({255}) + "behind the end"));
  EXPECT_FALSE(with_options(kAck + kAck));
  EXPECT_FALSE(with_options(option(53, "\5\5")));
  EXPECT_FALSE(with_options(option(53, "")));
  EXPECT_FALSE(with_options(kAck + raw({60, 200}) + "short"));
  EXPECT_FALSE(with_options(""));
  std::string no_end = dhcp({});
  no_end.pop_back();
  EXPECT_TRUE(parse(no_end)) << "the end mark may be missing";
  EXPECT_FALSE(parse(no_end + raw({60})));
  EXPECT_FALSE(with_options(kAck + option(82, raw({1, 9, 9}))));
}

TEST(Dhcp, OnlyKnownTypesAndEthernetClients) {
  EXPECT_TRUE(with_options(option(53, raw({1}))));
  EXPECT_TRUE(with_options(option(53, raw({8}))));
  EXPECT_FALSE(with_options(option(53, raw({0}))));
  EXPECT_FALSE(with_options(option(53, raw({9}))));
  for (const size_t at : {0U, 1U, 2U, 236U}) {  // operation, kind and length of address, cookie
    std::string message = dhcp({});
    message[at] = 7;
    EXPECT_FALSE(parse(message)) << at;
  }
  const std::string message = dhcp({});
  for (size_t size = 0; size < 240 + 3; ++size)
    EXPECT_FALSE(parse(message.substr(0, size))) << size;
}

TEST(Dhcp, LongTextsAreCutAndOthersShownAsDigits) {
  const auto message = with_options(
      kAck + option(60, std::string(65, 'v')) +
      option(82, option(1, std::string(49, 'c')) + option(2, std::string(49, '\xff'))));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->vendor_class, std::string(64, 'v'));
  EXPECT_EQ(message->circuit, std::string(48, 'c'));
  EXPECT_EQ(message->remote, std::string(48, 'f'));
}

}  // namespace
}  // namespace stormdoor::edge::watch
