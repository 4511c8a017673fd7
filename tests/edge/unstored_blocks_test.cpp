#include "edge/unstored_blocks.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

const Now kNow{SteadyTime(std::chrono::hours(10)), WallTime(seconds{1'800'000'000})};

store::BlockRecord block_of(const std::string& source, const std::string& account = {}) {
  return {.source = *IpPrefix::parse(source),
          .service = uint8_t(acl::Service::Sip),
          .since = kNow.wall,
          .until = kNow.wall + seconds{600},
          .repeats = 2,
          .reason = "why",
          .by_administrator = false,
          .account = account};
}

class UnstoredBlocksTest : public testing::Test {
 protected:
  // The rows of blocks that these changes leave.
  static std::string rows(const store::Change& change) {
    std::string text;
    for (const auto& operation : change.operations) {
      if (const auto* put = std::get_if<store::PutBlock>(&operation))
        text += "+" + put->row.source.to_string() + put->row.account + " ";
      else if (const auto* erase = std::get_if<store::EraseBlock>(&operation))
        text += "-" + erase->source.to_string() + erase->account + " ";
    }
    return text;
  }
  static store::Change put(const store::BlockRecord& block) { return {{store::PutBlock{block}}}; }
  static store::Change erase(const store::BlockRecord& block) {
    return {{store::EraseBlock{block.source, block.service, block.account}}};
  }

  const store::BlockRecord whole_ = block_of("10.0.0.7/32");
  const store::BlockRecord account_ = block_of("10.0.0.7/32", "2041");
  acl::Guard guard_{acl::RuleSet::from({}), {}};
  UnstoredBlocks unstored_{3};
};

TEST_F(UnstoredBlocksTest, WhatFailedIsStoredLaterAndOnce) {
  ASSERT_TRUE(guard_.add_block(whole_, kNow));
  ASSERT_TRUE(guard_.add_block(account_, kNow));
  EXPECT_TRUE(unstored_.note(put(whole_)));
  EXPECT_TRUE(unstored_.note(put(account_)));
  const auto change = unstored_.take(guard_, 10);
  EXPECT_EQ(rows(change), "+10.0.0.7/32 +10.0.0.7/322041 ");
  EXPECT_EQ(std::get<store::PutBlock>(change.operations[0]).row, whole_);
  EXPECT_TRUE(unstored_.take(guard_, 10).operations.empty());
  unstored_.note(change);
  EXPECT_EQ(rows(unstored_.take(guard_, 1)), "+10.0.0.7/32 ");
  EXPECT_EQ(rows(unstored_.take(guard_, 1)), "+10.0.0.7/322041 ");
}

TEST_F(UnstoredBlocksTest, ABlockThatIsForgottenMeanwhileIsErasedAndOneThatIsThereAgainIsPut) {
  unstored_.note(put(whole_));
  EXPECT_EQ(rows(unstored_.take(guard_, 10)), "-10.0.0.7/32 ");
  ASSERT_TRUE(guard_.add_block(whole_, kNow));
  unstored_.note(erase(whole_));
  EXPECT_EQ(rows(unstored_.take(guard_, 10)), "+10.0.0.7/32 ");
}

TEST_F(UnstoredBlocksTest, ABlockThatHasEndedAndStillLengthensTheNextIsKept) {
  ASSERT_EQ(guard_.restore({whole_}, kNow), 0U);
  unstored_.note(put(whole_));
  EXPECT_TRUE(guard_.blocks(kNow + seconds{600}).empty());
  EXPECT_EQ(rows(unstored_.take(guard_, 10)), "+10.0.0.7/32 ");
}

TEST_F(UnstoredBlocksTest, Promise12SoManyAreKnownAndOneMoreIsNot) {
  for (const char* source : {"10.0.0.1/32", "10.0.0.2/32", "10.0.0.0/8"})
    EXPECT_TRUE(unstored_.note(erase(block_of(source))));
  EXPECT_TRUE(unstored_.note(put(block_of("10.0.0.0/8")))) << "known";
  EXPECT_FALSE(unstored_.note(put(block_of("10.0.0.3/32"))));
  EXPECT_EQ(unstored_.take(guard_, 10).operations.size(), 3U);
}

}  // namespace
}  // namespace stormdoor::edge
