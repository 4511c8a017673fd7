#include "edge/watch/frame.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/edge/watch/frames.hpp"

namespace stormdoor::edge::watch {
namespace {

using namespace test;
using Kind = FrameView::Kind;

// A view borrows its frame, so frames are kept until the end.
FrameView parse(const std::string& frame, LinkType link = LinkType::Ethernet) {
  static std::deque<std::string> kept;
  return parse_frame(link, bytes_of(kept.emplace_back(frame)));
}
std::string text(Bytes bytes) {
  return std::string(as_text(bytes));
}
const std::string kDatagram = udp(5060, 5062, "hello");

void expect_hello(const FrameView& view) {
  EXPECT_EQ(view.kind, Kind::Udp);
  EXPECT_EQ(view.source_port, 5060);
  EXPECT_EQ(view.destination_port, 5062);
  EXPECT_EQ(text(view.payload), "hello");
}

TEST(Frame, AUdpDatagramIsReadWithoutTheLinksPadding) {
  const auto view = parse(ethernet(0x0800, ipv4({}, kDatagram) + std::string(9, 'p')));
  expect_hello(view);
  EXPECT_EQ(view.source, ip("10.20.0.7"));
  EXPECT_EQ(view.destination, ip("10.20.0.1"));
  EXPECT_EQ(view.link_source, kPhoneMac);
  EXPECT_EQ(view.vlan, 0);
  EXPECT_FALSE(view.first_fragment);
}

TEST(Frame, ATcpSegmentIsReadBehindItsOptions) {
  const std::string segment = tcp(5060, 40000, 0xfffffff0, 0x18, "\1\1\1\1hello", 6);
  const auto view = parse(ethernet(0x0800, ipv4({.protocol = 6}, segment)));
  EXPECT_EQ(view.kind, Kind::Tcp);
  EXPECT_EQ(view.seq, 0xfffffff0);
  EXPECT_EQ(view.tcp_flags, 0x18);
  EXPECT_EQ(text(view.payload), "hello");
}

TEST(Frame, TheInnerOfTwoTagsIsTheVlanAndThreeAreTooMany) {
  const std::string packet = ipv4({}, kDatagram);
  const auto one = parse(ethernet(0x8100, vlan(20, 0x0800, packet)));
  expect_hello(one);
  EXPECT_EQ(one.vlan, 20);
  const std::string two = vlan(7, 0x8100, vlan(4094, 0x0800, packet));
  const auto view = parse(ethernet(0x88a8, two));
  expect_hello(view);
  EXPECT_EQ(view.vlan, 4094);
  EXPECT_EQ(parse(ethernet(0x88a8, vlan(1, 0x8100, two))).kind, Kind::Other);
}

TEST(Frame, CookedCapturesNameTheSender) {
  const std::string packet = ipv4({}, kDatagram);
  const std::string address = wire(kPhoneMac) + std::string(2, '\0');
  const auto one =
      parse(be16(0) + be16(1) + be16(6) + address + be16(0x0800) + packet, LinkType::LinuxCooked);
  expect_hello(one);
  EXPECT_EQ(one.link_source, kPhoneMac);
  const auto two =
      parse(be16(0x0800) + be16(0) + be32(7) + be16(1) + raw({0, 6}) + address + packet,
            LinkType::LinuxCooked2);
  expect_hello(two);
  EXPECT_EQ(two.link_source, kPhoneMac);
  EXPECT_EQ(two.interface, 7U);
  const auto tunnel =
      parse(be16(0) + be16(65534) + be16(0) + std::string(8, '\0') + be16(0x0800) + packet,
            LinkType::LinuxCooked);
  expect_hello(tunnel);
  EXPECT_FALSE(tunnel.link_source);
}

TEST(Frame, RawAndLoopbackCapturesBeginWithIp) {
  expect_hello(parse(ipv4({}, kDatagram), LinkType::RawIp));
  expect_hello(parse(ipv6(ip("fd00::7"), ip("fd00::1"), 17, kDatagram), LinkType::RawIp));
  expect_hello(parse(raw({2, 0, 0, 0}) + ipv4({}, kDatagram), LinkType::Loopback));
}

TEST(Frame, Ipv4OptionsAreSkipped) {
  expect_hello(parse(ethernet(0x0800, ipv4({.options = raw({1, 1, 1, 0})}, kDatagram))));
  expect_hello(parse(ethernet(0x0800, ipv4({.options = std::string(40, '\1')}, kDatagram))));
}

TEST(Frame, OnlyTheFirstFragmentHasPorts) {
  const std::string long_one = udp(5060, 5062, "hello", 3000);
  const auto first = parse(ethernet(0x0800, ipv4({.fragment = 0x2000}, long_one)));
  expect_hello(first);
  EXPECT_TRUE(first.first_fragment);
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({.fragment = 0x2001}, long_one))).kind,
            Kind::LaterFragment);
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({.fragment = 0x0001}, long_one))).kind,
            Kind::LaterFragment);
  const auto six = [&](uint32_t offset_and_more) {
    return parse(ethernet(0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 44,
                                       raw({17, 0}) + be16(offset_and_more) + be32(1) + long_one)));
  };
  expect_hello(six(1));
  EXPECT_EQ(six(8).kind, Kind::LaterFragment);
}

TEST(Frame, AFragmentWithinAFragmentIsMalformedAndAPieceOfTheOuterOne) {
  const auto nested = parse(ethernet(
      0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 44,
                   raw({44, 0}) + be16(1) + be32(1) + raw({17, 0}) + be16(9) + be32(2) + "piece")));
  EXPECT_EQ(nested.kind, Kind::Malformed);
  ASSERT_TRUE(nested.piece);
  EXPECT_EQ(nested.piece->id, 1U);
}

TEST(Frame, ADatagramThatClaimsToBeLongerThanItIsIsMalformed) {
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({}, udp(1, 2, "hello", 13)))).kind, Kind::Udp);
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({}, udp(1, 2, "hello", 14)))).kind, Kind::Malformed);
  EXPECT_EQ(text(parse(ethernet(0x0800, ipv4({}, udp(1, 2, "hello", 12)))).payload), "hell");
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({}, udp(1, 2, "hello", 8)))).kind, Kind::Udp);
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({}, udp(1, 2, "hello", 7)))).kind, Kind::Malformed);
}

TEST(Frame, WhatTheCaptureCutIsReadAsFarAsItGoes) {
  const std::string frame = ethernet(0x0800, ipv4({}, kDatagram));
  EXPECT_EQ(text(parse(frame.substr(0, frame.size() - 2)).payload), "hel");
  EXPECT_EQ(parse(frame.substr(0, 14 + 20 + 8)).kind, Kind::Udp);
  EXPECT_EQ(parse(frame.substr(0, 14 + 20 + 7)).kind, Kind::Malformed);
  for (size_t size = 0; size < 14 + 20 + 8; ++size)
    EXPECT_EQ(parse(frame.substr(0, size)).kind, Kind::Malformed) << size;
}

TEST(Frame, ALengthOfZeroWasLeftToTheNetworkCard) {
  expect_hello(parse(ethernet(0x0800, ipv4({.total = 0}, kDatagram))));
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({.total = 19}, kDatagram))).kind, Kind::Malformed);
}

TEST(Frame, Ipv6ExtensionHeadersAreFollowedUpToEight) {
  const auto with = [](int count) {
    std::string chain;
    for (int i = 0; i < count; ++i)
      chain += raw({i + 1 < count ? 60 : 17, 0}) + std::string(6, '\0');
    return parse(ethernet(
        0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), count > 0 ? 60 : 17, chain + kDatagram)));
  };
  for (const int count : {0, 1, 8}) expect_hello(with(count));
  EXPECT_EQ(with(9).kind, Kind::Malformed);
  const std::string authentication = raw({17, 4}) + std::string(22, '\0');
  expect_hello(
      parse(ethernet(0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 51, authentication + kDatagram))));
  EXPECT_EQ(parse(ethernet(0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 0,
                                        raw({17, 255}) + std::string(22, '\0'))))
                .kind,
            Kind::Malformed)
      << "an extension that runs over the end";
}

TEST(Frame, NeighbourDiscoveryInFragmentsIsNotLookedAt) {
  const std::string message = raw({44, 0});
  EXPECT_EQ(parse(ethernet(0x86dd, ipv6(ip("fe80::7"), ip("ff02::1"), 44,
                                        raw({58, 0}) + be16(0) + be32(1) + message)))
                .kind,
            Kind::Other);
  EXPECT_EQ(parse(ethernet(0x86dd, ipv6(ip("fe80::7"), ip("ff02::1"), 58, message))).kind,
            Kind::Icmp6);
}

TEST(Frame, LengthsThatContradictEachOtherAreMalformed) {
  EXPECT_EQ(parse(ethernet(0x0800, raw({0x44}) + ipv4({}, kDatagram).substr(1))).kind,
            Kind::Malformed)
      << "a header of 16 bytes";
  EXPECT_EQ(parse(ethernet(0x0800, raw({0x65}) + ipv4({}, kDatagram).substr(1))).kind,
            Kind::Malformed)
      << "version 6 in IPv4";
  for (const int words : {0, 4, 15})
    EXPECT_EQ(parse(ethernet(0x0800, ipv4({.protocol = 6}, tcp(1, 2, 3, 0, "hello", words)))).kind,
              Kind::Malformed)
        << words;
}

TEST(Frame, WhatIsNotOursIsOther) {
  EXPECT_EQ(parse(ethernet(0x88cc, "lldp")).kind, Kind::Other);
  EXPECT_EQ(parse(ethernet(60, "spanning tree")).kind, Kind::Other);
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({.protocol = 1}, "ping"))).kind, Kind::Other);
  EXPECT_EQ(parse(ethernet(0x0800, ipv4({.protocol = 58}, "icmp6"))).kind, Kind::Other);
}

}  // namespace
}  // namespace stormdoor::edge::watch
