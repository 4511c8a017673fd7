#include "edge/watch/binding_watch.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/edge/watch/frames.hpp"

namespace stormdoor::edge::watch {
namespace {

using namespace test;
using Source = BindingSeen::Source;

constexpr int64_t kStart = 1'700'000'000'000'000;
const IpAddress kPhone = ip("10.20.0.7");
const IpAddress kNobody = ip("0.0.0.0");
const IpAddress kSix = ip("fe80::7");

class BindingWatchTest : public testing::Test {
 protected:
  // What the frame taught; nothing when it taught nothing.
  std::optional<BindingSeen> see(const std::string& frame, int64_t after_us = 0) {
    told_.clear();
    well_formed_ =
        watch_.on_frame(parse_frame(LinkType::Ethernet, bytes_of(frame)), 3, kStart + after_us);
    EXPECT_LE(told_.size(), 1U);
    return told_.empty() ? std::nullopt : std::optional(told_.back());
  }
  std::optional<BindingSeen> see_arp(const MacAddress& mac, const IpAddress& address,
                                     int64_t after_us = 0) {
    return see(ethernet(0x0806, arp(2, mac, address, ip("10.20.0.1")), mac), after_us);
  }
  std::optional<BindingSeen> see_icmp6(const IpAddress& source, const IpAddress& destination,
                                       const std::string& message, int hop_limit = 255) {
    return see(ethernet(
        0x86dd, ipv6(source, destination, 58, icmp6(source, destination, message), hop_limit)));
  }
  std::optional<BindingSeen> see_dhcp(const Dhcp& message, uint32_t from = 67, uint32_t to = 68) {
    return see(ethernet(0x0800, ipv4({}, udp(from, to, dhcp(message))), kOtherMac));
  }

  std::vector<BindingSeen> told_;
  bool well_formed_ = false;
  BindingWatch watch_{64, [this](const BindingSeen& seen) { told_.push_back(seen); }};
};

TEST_F(BindingWatchTest, ArpRequestsAndRepliesTeachTheirSender) {
  for (const uint32_t operation : {1U, 2U}) {
    const IpAddress address = IpAddress::v4(0x0A140000 + operation);
    const auto seen =
        see(ethernet(0x8100, vlan(20, 0x0806, arp(operation, kPhoneMac, address, kPhone))));
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->mac, kPhoneMac);
    EXPECT_EQ(seen->address, address);
    EXPECT_EQ(seen->source, Source::Arp);
    EXPECT_EQ(seen->interface, 3U);
    EXPECT_EQ(seen->vlan, 20);
    EXPECT_FALSE(seen->foreign_frame);
  }
  EXPECT_FALSE(see(ethernet(0x0806, arp(3, kPhoneMac, kPhone, kPhone)))) << "reverse ARP";
  EXPECT_TRUE(well_formed_);
}

TEST_F(BindingWatchTest, AnAnnouncementIsGratuitous) {
  EXPECT_EQ(see(ethernet(0x0806, arp(1, kPhoneMac, kPhone, kPhone)))->source,
            Source::GratuitousArp);
}

TEST_F(BindingWatchTest, AProbeForAFreeAddressTeachesNothing) {
  EXPECT_FALSE(see(ethernet(0x0806, arp(1, kPhoneMac, kNobody, kPhone))));
  EXPECT_TRUE(well_formed_);
}

TEST_F(BindingWatchTest, SomebodyElsesEthernetAddressIsNoticed) {
  EXPECT_TRUE(see(ethernet(0x0806, arp(2, kPhoneMac, kPhone, kPhone), kOtherMac))->foreign_frame);
}

TEST_F(BindingWatchTest, ArpOfOtherSizesIsMalformed) {
  const std::string right = arp(2, kPhoneMac, kPhone, kPhone);
  for (const size_t at : {1U, 2U, 4U, 5U}) {  // hardware, protocol and their sizes
    std::string wrong = right;
    wrong[at] = '\xff';
    EXPECT_FALSE(see(ethernet(0x0806, wrong))) << at;
    EXPECT_FALSE(well_formed_);
  }
  EXPECT_FALSE(see(ethernet(0x0806, right.substr(0, 27))));
  EXPECT_FALSE(well_formed_);
}

TEST_F(BindingWatchTest, GroupAddressesTeachNothing) {
  EXPECT_FALSE(see_arp(mac("01:00:5e:00:00:01"), kPhone));
  EXPECT_FALSE(see_arp(mac("00:00:00:00:00:00"), kPhone));
  EXPECT_FALSE(see_arp(kPhoneMac, ip("224.0.0.1")));
  EXPECT_FALSE(see_arp(kPhoneMac, ip("255.255.255.255")));
}

TEST_F(BindingWatchTest, NeighboursTeachByTheirLinkLayerAddress) {
  const auto asked = see_icmp6(kSix, ip("ff02::1:ff00:1"),
                               solicit(ip("fe80::1"), link_layer_option(1, kPhoneMac)));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->address, kSix);
  EXPECT_EQ(asked->source, Source::NeighborSolicit);
  const auto answered = see_icmp6(ip("fe80::8"), ip("fe80::1"),
                                  advert(ip("fd00::8"), link_layer_option(2, kOtherMac)));
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->address, ip("fd00::8"));
  EXPECT_EQ(answered->mac, kOtherMac);
  EXPECT_EQ(answered->source, Source::NeighborAdvert);
  EXPECT_TRUE(answered->foreign_frame);
}

TEST_F(BindingWatchTest, NeighboursWithoutALinkLayerAddressTeachNothing) {
  EXPECT_FALSE(see_icmp6(kSix, ip("fe80::1"), solicit(ip("fe80::1"), "")));
  EXPECT_TRUE(well_formed_);
  EXPECT_FALSE(see_icmp6(kSix, ip("fe80::1"), advert(kSix, link_layer_option(1, kPhoneMac))));
  EXPECT_TRUE(well_formed_) << "the source's address does not belong there";
  EXPECT_FALSE(see_icmp6(ip("::"), ip("ff02::1:ff00:7"), solicit(kSix, "")));
  EXPECT_TRUE(well_formed_) << "asks whether the address is free";
}

TEST_F(BindingWatchTest, WhatRfc4861Section7RefusesTeachesNothing) {
  const std::string option_of_phone = link_layer_option(1, kPhoneMac);
  const std::string right = solicit(ip("fe80::1"), option_of_phone);
  const auto expect_refused = [&](const std::optional<BindingSeen>& seen, const char* why) {
    EXPECT_FALSE(seen) << why;
    EXPECT_FALSE(well_formed_) << why;
  };
  expect_refused(see_icmp6(kSix, ip("fe80::1"), right, 254), "came through a router");
  std::string code = right;
  code[1] = 1;
  expect_refused(see_icmp6(kSix, ip("fe80::1"), code), "code");
  std::string checksum = icmp6(kSix, ip("fe80::1"), right);
  checksum[3] = char(checksum[3] ^ 1);
  expect_refused(see(ethernet(0x86dd, ipv6(kSix, ip("fe80::1"), 58, checksum))), "checksum");
  expect_refused(see_icmp6(kSix, ip("fe80::1"), right.substr(0, 23)), "short");
  expect_refused(see_icmp6(kSix, ip("fe80::1"), solicit(ip("ff02::1"), option_of_phone)), "target");
  expect_refused(see_icmp6(kSix, ip("fe80::1"), right + raw({14, 0, 0, 0, 0, 0, 0, 0})),
                 "an option without length");
  expect_refused(see_icmp6(kSix, ip("fe80::1"), right + raw({14, 2, 0, 0, 0, 0, 0, 0})),
                 "an option over the end");
  expect_refused(see_icmp6(ip("::"), ip("ff02::1:ff00:1"), right), "nobody has no link layer");
  expect_refused(see_icmp6(ip("::"), ip("ff02::1"), solicit(ip("fe80::1"), "")), "to all nodes");
  const std::string answer = advert(kSix, link_layer_option(2, kPhoneMac), 0x60);
  expect_refused(see_icmp6(kSix, ip("ff02::1"), answer), "solicited by all");
  EXPECT_TRUE(see_icmp6(kSix, ip("ff02::1"), advert(kSix, link_layer_option(2, kPhoneMac), 0x20)));
}

TEST_F(BindingWatchTest, ADhcpAcknowledgementTeachesWhatTheClientGot) {
  const auto seen = see_dhcp(
      {.relay = ip("10.20.0.1"), .options = option(53, "\5") + option(82, option(1, "port 7"))});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->mac, kPhoneMac);
  EXPECT_EQ(seen->address, kPhone);
  EXPECT_EQ(seen->source, Source::Dhcp);
  EXPECT_EQ(seen->relay, "via 10.20.0.1 circuit port 7");
  EXPECT_FALSE(seen->foreign_frame) << "a server's frame is the server's";
  EXPECT_TRUE(see_dhcp({.your = ip("10.20.0.8")}, 67, 67)) << "to a relay";
}

TEST_F(BindingWatchTest, OtherDhcpMessagesTeachNothing) {
  EXPECT_FALSE(see_dhcp({.options = option(53, raw({2}))})) << "an offer";
  EXPECT_FALSE(see_dhcp({.options = option(53, raw({6}))})) << "a refusal";
  EXPECT_FALSE(see_dhcp({.your = kNobody})) << "the answer to an inform";
  EXPECT_FALSE(see_dhcp({.operation = 1}, 68, 67)) << "a client that acknowledges itself";
  EXPECT_FALSE(see_dhcp({}, 68, 67)) << "not from a server's port";
  EXPECT_FALSE(see_dhcp({}, 67, 5060)) << "not to a client's or relay's port";
  EXPECT_TRUE(well_formed_);
}

TEST_F(BindingWatchTest, WhatTheClientSaidOfItselfIsKeptForTheAcknowledgement) {
  see_dhcp({.operation = 1, .options = option(53, raw({3})) + option(60, "yealink")}, 68, 67);
  EXPECT_EQ(see_dhcp({})->vendor_class, "yealink");
  EXPECT_EQ(see_dhcp({.client = kOtherMac, .your = ip("10.20.0.8")})->vendor_class, "");
}

TEST_F(BindingWatchTest, AnUnchangedBindingIsToldOnceInThirtySeconds) {
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone));
  EXPECT_FALSE(see_arp(kPhoneMac, kPhone, 29'999'999));
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone, 30'000'000));
  EXPECT_FALSE(see_arp(kPhoneMac, kPhone, 30'000'001));
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone, -1)) << "the clock was set back";
}

TEST_F(BindingWatchTest, WhatIsNewIsToldAtOnce) {
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone));
  EXPECT_TRUE(see_arp(kOtherMac, kPhone, 1));
  EXPECT_TRUE(see(ethernet(0x0806, arp(2, kOtherMac, kPhone, kPhone), kPhoneMac), 2)) << "foreign";
  EXPECT_TRUE(see_dhcp({.client = kOtherMac})) << "a server confirms it";
  EXPECT_FALSE(see_dhcp({.client = kOtherMac}));
}

TEST_F(BindingWatchTest, ADisputeIsToldEightTimesInThirtySeconds) {
  int times = 0;
  for (int i = 0; i < 100; ++i)
    times += see_arp(i % 2 == 0 ? kPhoneMac : kOtherMac, kPhone, i).has_value();
  EXPECT_EQ(times, 8);
  EXPECT_FALSE(see_arp(kPhoneMac, kPhone, 29'999'999));
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone, 30'000'000));
}

TEST_F(BindingWatchTest, Promise12_WhatItToldIsBounded) {
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone));
  for (uint32_t i = 0; i < 63; ++i) see_arp(kOtherMac, IpAddress::v4(0x0B000000 + i));
  EXPECT_EQ(watch_.evictions(), 0U);
  EXPECT_FALSE(see_arp(kPhoneMac, kPhone));
  for (uint32_t i = 0; i < 64; ++i) see_arp(kOtherMac, IpAddress::v4(0x0C000000 + i));
  EXPECT_EQ(watch_.evictions(), 64U);
  EXPECT_TRUE(see_arp(kPhoneMac, kPhone)) << "told again, as its entry was forgotten";
}

}  // namespace
}  // namespace stormdoor::edge::watch
