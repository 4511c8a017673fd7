#include "edge/watch/capture.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/edge/watch/frames.hpp"
#include "tests/edge/watch/pcap_file.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge::watch {
namespace {

using namespace test;

class CaptureTest : public testing::Test {
 protected:
  // How many of the frames pass the filter.
  size_t count_passing(const std::vector<std::string>& frames, uint32_t link = kPcapEthernet,
                       const std::vector<uint16_t>& ports = {5060}) {
    write_pcap(path_, frames, link);
    auto capture = Capture::open_file(path_, ports);
    EXPECT_TRUE(capture) << (capture ? "" : capture.error().message());
    if (!capture) return 0;
    size_t count = 0;
    while (*capture->read(10, [&](Bytes, int64_t) { ++count; }) > 0) {
    }
    return count;
  }

  TempDir folder_;
  std::string path_ = folder_.path() + "/some.pcap";
};

const std::string kSip = ipv4({}, udp(40000, 5060, "x"));
const std::string kArp = arp(1, kPhoneMac, ip("10.20.0.7"), ip("10.20.0.1"));

TEST_F(CaptureTest, HandsOverWhatWasCapturedAndWhen) {
  write_pcap(path_, {ethernet(0x0806, kArp), ethernet(0x0800, kSip)});
  auto capture = Capture::open_file(path_, {5060});
  ASSERT_TRUE(capture);
  EXPECT_EQ(capture->link_type(), LinkType::Ethernet);
  std::vector<std::string> frames;
  std::vector<int64_t> times;
  const auto use = [&](Bytes frame, int64_t time_us) {
    frames.emplace_back(as_text(frame));
    times.push_back(time_us);
  };
  EXPECT_EQ(*capture->read(1, use), 1U);
  EXPECT_EQ(*capture->read(9, use), 1U);
  EXPECT_EQ(*capture->read(9, use), 0U);
  EXPECT_EQ(frames, (std::vector{ethernet(0x0806, kArp), ethernet(0x0800, kSip)}));
  EXPECT_EQ(times[1] - times[0], 1000) << "a millisecond apart, as the file says";
}

TEST_F(CaptureTest, LetsThroughWhatIsReadAndNothingElse) {
  EXPECT_EQ(
      count_passing(
          {ethernet(0x0806, kArp), ethernet(0x0800, kSip),
           ethernet(0x0800, ipv4({.protocol = 6}, tcp(5060, 40000, 1, 2, ""))),
           ethernet(0x0800, ipv4({}, udp(67, 68, "x"))),
           ethernet(0x0800, ipv4({}, udp(68, 67, "x"))),
           ethernet(0x0800, ipv4({.fragment = 5}, "later")),
           ethernet(0x0800, ipv4({.protocol = 6, .fragment = 5}, "later")),
           ethernet(0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 44, raw({17, 0}) + "later...")),
           ethernet(0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 60, raw({17, 0}) + "options")),
           ethernet(0x86dd, ipv6(ip("fd00::7"), ip("fd00::1"), 17, udp(5060, 5060, "x"))),
           ethernet(0x86dd, ipv6(ip("fe80::7"), ip("fe80::1"), 58, solicit(ip("fe80::1"), ""))),
           ethernet(0x86dd, ipv6(ip("fe80::7"), ip("fe80::1"), 58, advert(ip("fe80::7"), "")))}),
      12U);
  EXPECT_EQ(count_passing({ethernet(0x0800, ipv4({}, udp(40000, 5061, "x"))),
                           ethernet(0x0800, ipv4({.protocol = 6}, tcp(443, 40000, 1, 2, ""))),
                           ethernet(0x0800, ipv4({.protocol = 6}, tcp(67, 68, 1, 2, ""))),
                           ethernet(0x86dd, ipv6(ip("fe80::7"), ip("fe80::1"), 58, raw({128, 0}))),
                           ethernet(0x88cc, "lldp")}),
            0U);
}

TEST_F(CaptureTest, LooksBehindTwoTags) {
  const std::string one = vlan(20, 0x0800, kSip);
  EXPECT_EQ(count_passing({ethernet(0x8100, one), ethernet(0x88a8, vlan(7, 0x8100, one)),
                           ethernet(0x8100, vlan(20, 0x0806, kArp)),
                           ethernet(0x8100, vlan(20, 0x0800, ipv4({}, udp(1, 2, "x"))))}),
            3U);
}

TEST_F(CaptureTest, FollowsThePortsItIsGiven) {
  const std::string other = ethernet(0x0800, ipv4({}, udp(40000, 5062, "x")));
  EXPECT_EQ(count_passing({other}, kPcapEthernet, {5060, 5062}), 1U);
  EXPECT_EQ(count_passing({other}, kPcapEthernet, {}), 0U);
  EXPECT_EQ(count_passing({ethernet(0x0806, kArp)}, kPcapEthernet, {}), 1U);
}

TEST_F(CaptureTest, ReadsTheOtherKindsOfLink) {
  const std::string cooked = be16(0) + be16(1) + be16(6) + wire(kPhoneMac) + std::string(2, '\0');
  EXPECT_EQ(count_passing({cooked + be16(0x0800) + kSip}, kPcapCooked), 1U);
  EXPECT_EQ(count_passing({kSip}, kPcapRaw), 1U);
  EXPECT_EQ(count_passing({raw({2, 0, 0, 0}) + kSip}, kPcapLoopback), 1U);
}

TEST_F(CaptureTest, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(Capture::open_file("/nowhere/x.pcap", {}).error().code(), ErrorCode::InvalidArgument);
  write_pcap(path_, {}, 105);  // wireless LAN
  EXPECT_FALSE(Capture::open_file(path_, {}));
  std::ofstream(path_) << "this is no capture at all, whatever its name";
  EXPECT_FALSE(Capture::open_file(path_, {}));
}

TEST_F(CaptureTest, AFileCutInTheMiddleOfAFrameIsAnError) {
  write_pcap(path_, {ethernet(0x0806, kArp)});
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  auto capture = Capture::open_file(path_, {5060});
  ASSERT_TRUE(capture);
  EXPECT_FALSE(capture->read(10, [](Bytes, int64_t) {}));
}

}  // namespace
}  // namespace stormdoor::edge::watch
