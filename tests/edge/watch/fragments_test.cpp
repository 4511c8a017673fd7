#include "edge/watch/fragments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/edge/watch/frames.hpp"

namespace stormdoor::edge::watch {
namespace {

using namespace test;
using Kind = FrameView::Kind;

const std::string kText = "sixteen bytes...and seventeen more";
const std::string kDatagram = udp(5060, 5062, kText);

// Of `packet`, which IPv4 or IPv6 carries, the bytes from `offset` on.
struct Cut {
  std::string packet = kDatagram;
  size_t offset = 0;
  size_t size = 16;
  uint32_t id = 1;
  uint32_t protocol = 17;
  bool six = false;
  IpAddress source = ip("10.20.0.7");
};
std::string frame_of(const Cut& cut) {
  const std::string piece = cut.packet.substr(cut.offset, cut.size);
  const bool more = cut.offset + cut.size < cut.packet.size();
  if (!cut.six)
    return ethernet(0x0800, ipv4({.source = cut.source,
                                  .protocol = cut.protocol,
                                  .fragment = uint32_t(cut.offset / 8) | (more ? 0x2000U : 0U),
                                  .id = cut.id},
                                 piece));
  return ethernet(0x86dd,
                  ipv6(ip("fd00::7"), ip("fd00::1"), 44,
                       raw({int(cut.protocol), 0}) + be16(uint32_t(cut.offset) | (more ? 1U : 0U)) +
                           be32(cut.id) + piece));
}

class FragmentsTest : public testing::Test {
 protected:
  // What became whole with it: the payload of its datagram or segment.
  std::optional<std::string> add(const Cut& cut) { return add_frame(frame_of(cut)); }
  std::optional<std::string> add_frame(const std::string& frame) {
    const FrameView view = parse_frame(LinkType::Ethernet, bytes_of(frame));
    EXPECT_TRUE(view.piece);
    if (!view.piece) return {};
    const auto whole = fragments_.add(view, now_us_);
    if (!whole) return {};
    EXPECT_TRUE(whole->kind == Kind::Udp || whole->kind == Kind::Tcp);
    EXPECT_FALSE(whole->piece);
    EXPECT_EQ(whole->source_port, 5060);
    return std::string(as_text(whole->payload));
  }

  int64_t now_us_ = 1;
  Fragments fragments_{16, 4};
};

TEST_F(FragmentsTest, PutsADatagramTogetherInAnyOrder) {
  for (const bool six : {false, true}) {
    std::vector<size_t> order{0, 16, 32};
    do {
      EXPECT_FALSE(add({.offset = order[0], .six = six}));
      EXPECT_FALSE(add({.offset = order[1], .six = six}));
      EXPECT_EQ(add({.offset = order[2], .six = six}), kText);
    } while (std::ranges::next_permutation(order).found);
  }
}

TEST_F(FragmentsTest, ASegmentAsWell) {
  const std::string segment = tcp(5060, 40'000, 7, 0x18, kText);
  EXPECT_FALSE(add({.packet = segment, .size = 32, .protocol = 6}));
  EXPECT_EQ(add({.packet = segment, .offset = 32, .size = 100, .protocol = 6}), kText);
}

TEST_F(FragmentsTest, OnlyTheFirstPieceOfAnIpv6PacketSaysWhatItCarries) {
  EXPECT_FALSE(add({.offset = 16, .size = 100, .protocol = 6, .six = true}));
  EXPECT_EQ(add({.offset = 0, .six = true}), kText);
}

TEST_F(FragmentsTest, APieceThatComesAgainIsIgnored) {
  EXPECT_FALSE(add({.offset = 0}));
  EXPECT_FALSE(add({.offset = 0}));
  EXPECT_FALSE(add({.offset = 0, .size = 8}));
  EXPECT_EQ(add({.offset = 16, .size = 100}), kText);
}

TEST_F(FragmentsTest, APieceThatOverlapsEndsItsPacket) {
  EXPECT_FALSE(add({.offset = 0}));
  EXPECT_FALSE(add({.offset = 8}));
  EXPECT_FALSE(add({.offset = 16, .size = 100})) << "the others are gone";
}

TEST_F(FragmentsTest, APieceThatContradictsTheEndEndsItsPacket) {
  const std::string shorter = kDatagram.substr(0, 32);
  EXPECT_FALSE(add({.offset = 32}));
  EXPECT_FALSE(add({.packet = shorter, .offset = 16}));
  EXPECT_FALSE(add({.offset = 0, .size = 32}));
  EXPECT_EQ(add({.offset = 32}), kText) << "begun anew";
}

TEST_F(FragmentsTest, PiecesOfOthersDoNotBelong) {
  EXPECT_FALSE(add({.offset = 0}));
  EXPECT_FALSE(add({.offset = 16, .size = 100, .id = 2}));
  EXPECT_FALSE(add({.offset = 16, .size = 100, .protocol = 6}));
  EXPECT_FALSE(add({.offset = 16, .size = 100, .source = ip("10.20.0.8")}));
  EXPECT_EQ(add({.offset = 16, .size = 100}), kText);
}

TEST_F(FragmentsTest, APacketIsWaitedForForHalfAMinute) {
  EXPECT_FALSE(add({.offset = 0}));
  now_us_ += Fragments::kLifeUs;
  EXPECT_EQ(add({.offset = 16, .size = 100}), kText);
  EXPECT_FALSE(add({.offset = 0}));
  now_us_ += Fragments::kLifeUs + 1;
  EXPECT_FALSE(add({.offset = 16, .size = 100}));
}

TEST_F(FragmentsTest, OfALongPacketTheBeginningIsKept) {
  const std::string text(60'000, 'x');
  const std::string datagram = udp(5060, 5062, text);
  std::optional<std::string> whole;
  for (size_t at = 0; at < datagram.size(); at += 1'480)
    whole = add({.packet = datagram, .offset = at, .size = 1'480});
  EXPECT_EQ(whole, text.substr(0, Fragments::kKept - 8));
}

TEST_F(FragmentsTest, APieceThatTheCaptureCutMakesNoPacketUnlessItsBeginningIsThere) {
  const std::string long_one = udp(5060, 5062, std::string(20'000, 'x'));
  const std::string frame = frame_of({.packet = long_one, .size = 16'000});
  EXPECT_FALSE(add_frame(frame.substr(0, 14 + 20 + Fragments::kKept)));
  EXPECT_TRUE(add({.packet = long_one, .offset = 16'000, .size = 10'000}));
  EXPECT_FALSE(add_frame(frame.substr(0, 14 + 20 + Fragments::kKept - 1)));
  EXPECT_FALSE(add({.packet = long_one, .offset = 16'000, .size = 10'000}));
}

TEST_F(FragmentsTest, APieceBeyondTheLongestPacketIsNone) {
  const std::string beyond(65'536, 'x');
  EXPECT_FALSE(add({.packet = beyond, .offset = 65'528}));
  EXPECT_FALSE(add({.packet = beyond, .size = 65'528 - 40}));
}

TEST_F(FragmentsTest, Promise12ASourceHasSoManyUnderWayAndNoMore) {
  for (uint32_t id = 1; id <= 5; ++id) EXPECT_FALSE(add({.offset = 0, .id = id}));
  EXPECT_EQ(fragments_.evictions(), 1U);
  EXPECT_FALSE(add({.offset = 16, .size = 100, .id = 1})) << "forgotten, and the next one for it";
  for (uint32_t id = 3; id <= 5; ++id)
    EXPECT_EQ(add({.offset = 16, .size = 100, .id = id}), kText) << id;
}

}  // namespace
}  // namespace stormdoor::edge::watch
