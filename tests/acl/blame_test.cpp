#include "acl/blame.hpp"

#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

Blamed blamed(std::string name, uint32_t failures, bool known = false) {
  const IdentityTag tag = identity_tag(name);
  return {{.identity = tag, .failures = failures, .known = known}, std::move(name)};
}

TEST(Promise5, TheIdentityThatFailedMostIsBlamedBelowASharedAddress) {
  const Blame blame = blame_for({blamed("301", 7), blamed("302", 2), blamed("303", 1)}, 4);
  EXPECT_FALSE(blame.whole);
  EXPECT_EQ(blame.identity.name, "301");
  EXPECT_EQ(blame.identity.share.failures, 7U);
  EXPECT_EQ(blame.unknown_identities, 3U);
}

TEST(Promise5, TheAddressFallsAsAWholeToSoManyUnknownIdentitiesAndNotToOneFewer) {
  std::vector<Blamed> all = {blamed("901", 3), blamed("902", 2), blamed("903", 1)};
  EXPECT_FALSE(blame_for(all, 4).whole);
  all.push_back(blamed("301", 4, true));
  EXPECT_FALSE(blame_for(all, 4).whole) << "a known one does not count";
  all.push_back(blamed("904", 1));
  EXPECT_TRUE(blame_for(all, 4).whole);
}

TEST(Promise5, WhatNamesNobodyIsNoIdentity) {
  std::vector<Blamed> all(8, Blamed{{.identity = kNobody, .failures = 1}, ""});
  all.push_back(blamed("301", 1));
  const Blame blame = blame_for(all, 4);
  EXPECT_FALSE(blame.whole);
  EXPECT_EQ(blame.identity.name, "301");
}

TEST(Blame, WithoutANameThatCanBeRefusedItIsTheSource) {
  EXPECT_TRUE(blame_for({}, 4).whole);
  EXPECT_TRUE(blame_for({Blamed{{.identity = 7, .failures = 9}, ""}}, 4).whole);
  EXPECT_TRUE(blame_for({blamed(std::string(kMostIdentityBytes + 1, 'a'), 9)}, 4).whole);
  EXPECT_FALSE(blame_for({blamed(std::string(kMostIdentityBytes, 'a'), 9)}, 4).whole);
}

TEST(Blame, EvidenceIsReadAsItWasWritten) {
  const BlockEvidence evidence{
      .rule = BlockEvidence::Rule::Sweep,
      .blamed = {blamed("301", 7, true), blamed("a \"b\" \\ \n\xff", 2),
                 blamed("00:0F:D3:05:48:48", 1), Blamed{{.identity = 77, .failures = 3}, ""}}};
  const std::string text = format_evidence(evidence);
  EXPECT_EQ(text.substr(0, text.find('\n', 8)), "1 sweep\n7 known \"301\"");
  const auto read = parse_evidence(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->rule, BlockEvidence::Rule::Sweep);
  ASSERT_EQ(read->blamed.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(read->blamed[i].name, evidence.blamed[i].name);
    EXPECT_EQ(read->blamed[i].share.identity, evidence.blamed[i].share.identity);
    EXPECT_EQ(read->blamed[i].share.failures, evidence.blamed[i].share.failures);
    EXPECT_EQ(read->blamed[i].share.known, evidence.blamed[i].share.known);
  }
}

TEST(Blame, EvidenceKeepsEveryCountWhenNamesDoNotFit) {
  BlockEvidence evidence;
  for (int i = 0; i < int(FailureTracker::kMostMistakes); ++i)
    evidence.blamed.push_back(
        blamed(std::to_string(i) + std::string(kMostIdentityBytes - 4, '\x01'), 1));
  const std::string text = format_evidence(evidence);
  EXPECT_LE(text.size(), kMostEvidenceBytes);
  const auto read = parse_evidence(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->blamed.size(), FailureTracker::kMostMistakes);
  EXPECT_EQ(read->blamed.front().name, evidence.blamed.front().name) << "the first keep theirs";
  EXPECT_EQ(read->blamed.back().name, "");
}

TEST(Blame, EvidenceThatIsNotExactlyOursIsNone) {
  for (const char* text : {"",
                           "1",
                           "1 limit",
                           "2 limit\n",
                           "1 limits\n",
                           "1 limit\n7 known \"301\"",
                           "1 limit\n\n",
                           "1 limit\n0 known \"301\"\n",
                           "1 limit\n07 known \"301\"\n",
                           "1 limit\n7 known \"\"\n",
                           "1 limit\n7  known \"301\"\n",
                           "1 limit\n7 knows \"301\"\n",
                           "1 limit\n7 known 301\n",
                           "1 limit\n7 known \"3\\x30\"\n",
                           "1 limit\n7 known \"3\\x0g\"\n",
                           "1 limit\n7 known \"\\x0\n",
                           "1 limit\n116 known \"301\"\n",
                           "1 limit\n7 known #32768\n",
                           "1 limit\n7 known #\n",
                           "1 limit\n-1 known #1\n",
                           "1 limit\n99999999999 known #1\n"})
    EXPECT_FALSE(parse_evidence(text)) << text;
  EXPECT_TRUE(parse_evidence("1 limit\n"));
  EXPECT_FALSE(parse_evidence("1 limit\n1 known \"" + std::string(65, 'a') + "\"\n"));
  EXPECT_TRUE(parse_evidence("1 limit\n1 known \"" + std::string(64, 'a') + "\"\n"));
  EXPECT_FALSE(parse_evidence("1 limit\n" + std::string(kMostEvidenceBytes, 'a')));
}

}  // namespace
}  // namespace stormdoor::acl
