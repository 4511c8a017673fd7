#include "edge/enforce/saved_state.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge::enforce {
namespace {

const Now kNow{SteadyTime{seconds{1'000}}, WallTime{seconds{1'700'000'000}}};

EnforceSettings office() {
  EnforceSettings settings;
  settings.services[2] = {{5060}, {5061}};
  return settings;
}

Contents contents_of(uint32_t elements) {
  Contents contents;
  for (uint32_t i = 0; i < elements; ++i)
    contents.set(Entry::of(SetKind::BlockedSip, IpPrefix(IpAddress::v4(i), 32)),
                 kNow.steady + seconds{i + 1});
  contents.set(Entry::of(SetKind::Contested, *IpPrefix::parse("fd00::/64")), kForever);
  contents.set(Entry::of(SetKind::ContestedRate, *IpPrefix::parse("fd00::/64")), kForever);
  contents.set(Entry::of(EnforceFlow{*IpAddress::parse("fd00::1"), 5060, true, 0}),
               kNow.steady + seconds{50});
  return contents;
}

TEST(SavedState, ComesBackLessWhatHasEnded) {
  const auto bytes = encode_state(office(), contents_of(100), kNow);
  const auto at_once = decode_state(bytes, kNow.wall);
  ASSERT_TRUE(at_once);
  EXPECT_EQ(at_once->settings, office());
  EXPECT_EQ(at_once->elements.size(), 101U);
  EXPECT_EQ(at_once->flows.size(), 1U);
  const auto later = decode_state(bytes, kNow.wall + seconds{49});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->elements.size(), 52U);  // those of 50 to 100 seconds, and the lasting one
  ASSERT_EQ(later->flows.size(), 1U);
  EXPECT_EQ(later->flows[0].timeout_seconds, 1U);
  EXPECT_TRUE(decode_state(bytes, kNow.wall + seconds{50})->flows.empty());
}

TEST(SavedState, MayBeLargerThanAPacket) {
  const auto state = decode_state(encode_state(office(), contents_of(10'000), kNow), kNow.wall);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->elements.size(), 10'001U);
}

TEST(SavedState, AClockThatIsBehindEndsNothing) {
  const auto state =
      decode_state(encode_state(office(), contents_of(3), kNow), WallTime{seconds{60}});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->elements.size(), 4U);
  EXPECT_EQ(state->flows[0].timeout_seconds, 50U);
}

TEST(SavedState, ATornOneIsCorrupt) {
  const auto bytes = encode_state(office(), contents_of(3), kNow);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_state(bytes.substr(0, size), kNow.wall)) << size;
  for (size_t i = 20; i < bytes.size(); ++i) {
    auto bad = bytes;
    bad[i] = char(bad[i] ^ 1);
    EXPECT_FALSE(decode_state(bad, kNow.wall)) << i;
  }
}

TEST(SavedState, TheNewestWholeFileIsTaken) {
  const test::TempDir directory;
  const auto path = directory.file("state");
  EXPECT_FALSE(StateFiles::read(path, kNow.wall));
  {
    auto files = StateFiles::open(path);
    ASSERT_TRUE(files);
    EXPECT_FALSE(StateFiles::read(path, kNow.wall));
    for (int i = 1; i <= 3; ++i)
      ASSERT_TRUE(files->write(encode_state(office(), contents_of(10U * i), kNow + seconds{i})));
  }
  EXPECT_EQ(StateFiles::read(path, kNow.wall + seconds{3})->elements.size(), 28U);
  {
    auto files = StateFiles::open(path);  // goes on with the older of the two
    ASSERT_TRUE(files);
    ASSERT_TRUE(files->write("torn"));
  }
  EXPECT_EQ(StateFiles::read(path, kNow.wall + seconds{3})->elements.size(), 28U);
}

}  // namespace
}  // namespace stormdoor::edge::enforce
