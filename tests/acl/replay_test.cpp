#include "acl/replay.hpp"

#include <gtest/gtest.h>

#include <random>

#include "acl/shadow_report.hpp"
#include "tests/acl/journal_samples.hpp"

namespace stormdoor::acl {
namespace {

using test::kJournalStart;

std::shared_ptr<const RuleSet> rules_with(uint32_t failures, bool never_block = false) {
  AclRules rules;
  Network everywhere;
  everywhere.name = "everywhere";
  everywhere.prefixes = {*IpPrefix::parse("0.0.0.0/0"), *IpPrefix::parse("::/0")};
  everywhere.services = ServiceSet::all();
  everywhere.never_block = never_block;
  rules.networks = {everywhere};
  for (Limit& limit : rules.limits) limit.failures = failures;
  return RuleSet::from(rules);
}

// Keeps a journal of what a real guard is told and says, as the server does.
class Recorder {
 public:
  explicit Recorder(const std::shared_ptr<const RuleSet>& rules) : rules_(rules) { restart(); }

  void wait(milliseconds time) { now_ = now_ + time; }
  void restart() {
    guard_ = std::make_unique<Guard>(rules_, GuardSizes());
    guard_->restore(stored_, now_);
    events.push_back(journal_note(JournalKind::Started, "", now_.wall));
  }
  void fail(const Failure& failure) {
    const Verdict verdict = guard_->report_failure(failure, now_);
    events.push_back(journal_failure(failure, verdict, now_.wall));
    if (!verdict.block) return;
    stored_.push_back(*verdict.block);
    events.push_back(journal_block(*verdict.block, now_.wall));
  }
  void fail(const char* source, uint64_t mistake) {
    fail({.service = Service::Sip,
          .kind = FailureKind::SipRefused,
          .source = *IpAddress::parse(source),
          .proof = PathProof::Acknowledged,
          .device = MacAddress({0, 0x0f, 0xd3, 0, 0, 1}),
          .account = "2041",
          .fingerprint = mistake});
  }
  void succeed(const char* source, uint8_t phone) {
    events.push_back(journal_success(*IpAddress::parse(source), Service::Sip,
                                     MacAddress({0, 0x0f, 0xd3, 0, 0, phone}), now_.wall));
  }
  [[nodiscard]] JournalPlayer player() const {
    return [this](const JournalVisitor& visit) {
      for (const auto& event : events)
        if (!visit(event)) return;
    };
  }
  [[nodiscard]] ReplayReport replayed(const std::shared_ptr<const RuleSet>& rules) const {
    return replay(player(), rules, GuardSizes());
  }

  std::vector<JournalEvent> events;

 private:
  std::shared_ptr<const RuleSet> rules_;
  Now now_{SteadyTime(std::chrono::hours(7)), kJournalStart};
  std::unique_ptr<Guard> guard_;
  std::vector<store::BlockRecord> stored_;
};

TEST(Replay, TheSameRulesMakeTheSameBlocks) {
  const auto rules = rules_with(5);
  std::mt19937 random(1);
  Recorder recorder(rules);
  for (int i = 0; i < 20'000; ++i) {
    const std::string source = "10.0.0." + std::to_string(random() % 200);
    recorder.fail(source.c_str(), random() % 1000 + 1);
    recorder.wait(milliseconds(random() % 2'000));
    if (i % 5'000 == 4'999) recorder.restart();
  }
  const auto report = recorder.replayed(rules);
  EXPECT_GT(report.actual, 50U);
  EXPECT_EQ(report.simulated, report.actual);
  EXPECT_EQ(report.same, report.actual);
  EXPECT_EQ(report.appeared_count + report.vanished_count, 0U);
  EXPECT_EQ(report.failures, 20'000U);
}

TEST(Replay, AStricterLimitMakesBlocksAppearAndSaysWhose) {
  Recorder recorder(rules_with(4));
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  recorder.wait(seconds(5));
  recorder.succeed("10.20.0.7", 9);
  EXPECT_EQ(recorder.replayed(rules_with(4)).appeared_count, 0U);
  const auto report = recorder.replayed(rules_with(3));
  EXPECT_EQ(report.actual, 0U);
  ASSERT_EQ(report.appeared.size(), 1U);
  const BlockStory& story = report.appeared[0];
  EXPECT_EQ(story.block.source.to_string(), "10.20.0.7/32");
  EXPECT_EQ(story.block.since, kJournalStart);
  EXPECT_NE(story.block.reason.find("limit 3"), std::string::npos) << story.block.reason;
  EXPECT_EQ(story.accounts, std::vector<std::string>{"2041"});
  EXPECT_EQ(story.phones.size(), 2U);
  EXPECT_EQ(story.failures, 3U);
  EXPECT_EQ(story.successes, 1U);
}

TEST(Replay, AMilderLimitMakesBlocksVanish) {
  Recorder recorder(rules_with(3));
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  EXPECT_EQ(recorder.replayed(rules_with(3)).vanished_count, 0U);
  for (const auto& rules : {rules_with(4), rules_with(3, true)}) {
    const auto report = recorder.replayed(rules);
    EXPECT_EQ(report.vanished_count, 1U);
    EXPECT_EQ(report.appeared_count, 0U);
    EXPECT_EQ(report.simulated, 0U);
  }
}

TEST(Replay, ALaterBlockOfTheSameTroubleIsTheSame) {
  Recorder recorder(rules_with(3));
  for (uint64_t mistake = 1; mistake <= 6; ++mistake) {
    recorder.fail("10.20.0.7", mistake);
    recorder.wait(seconds(10));
  }
  const auto report = recorder.replayed(rules_with(6));
  EXPECT_EQ(report.same, 1U);
  EXPECT_EQ(report.appeared_count + report.vanished_count, 0U);
}

TEST(Replay, ARestartForgetsCountsButNotBlocks) {
  const auto rules = rules_with(4);
  Recorder recorder(rules);
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  recorder.restart();
  for (uint64_t mistake = 4; mistake <= 6; ++mistake) recorder.fail("10.20.0.7", mistake);
  EXPECT_EQ(recorder.replayed(rules).simulated, 0U);
  recorder.fail("10.20.0.7", 7);
  recorder.restart();
  recorder.wait(std::chrono::minutes(61));
  for (uint64_t mistake = 11; mistake <= 14; ++mistake) recorder.fail("10.20.0.7", mistake);
  const auto report = recorder.replayed(rules);
  EXPECT_EQ(report.same, 2U);
  EXPECT_EQ(report.simulated, 2U);
}

TEST(Replay, WhatALeaseForgaveStaysForgiven) {
  Recorder recorder(rules_with(100));
  for (uint64_t mistake = 1; mistake <= 5; ++mistake) recorder.fail("10.20.0.7", mistake);
  EXPECT_EQ(recorder.replayed(rules_with(5)).simulated, 1U);
  recorder.events[1].said.forgiven = true;
  EXPECT_EQ(recorder.replayed(rules_with(5)).simulated, 0U);
}

TEST(Replay, AnAdministratorsBlocksAreTakenAsTheyWereAndNotCounted) {
  Recorder recorder(rules_with(3));
  auto by_hand = journal_block({.source = *IpPrefix::parse("10.20.0.7/32"),
                                .service = uint8_t(Service::Sip),
                                .since = kJournalStart,
                                .until = WallTime::max(),
                                .repeats = 0,
                                .reason = "by hand",
                                .by_administrator = true},
                               kJournalStart);
  recorder.events.push_back(by_hand);
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  const auto report = recorder.replayed(rules_with(3));
  EXPECT_EQ(report.actual, 1U) << "the recorder's guard did not know of it";
  EXPECT_EQ(report.simulated, 0U);
  by_hand.kind = JournalKind::Unblock;
  recorder.events.insert(recorder.events.begin() + 2, by_hand);
  EXPECT_EQ(recorder.replayed(rules_with(3)).same, 1U);
}

TEST(Replay, AnAccountThatAnAdministratorLetInAgainCountsAgain) {
  Recorder recorder(rules_with(3));
  auto by_hand = journal_block({.source = *IpPrefix::parse("10.20.0.7/32"),
                                .service = uint8_t(Service::Sip),
                                .since = kJournalStart,
                                .until = WallTime::max(),
                                .repeats = 0,
                                .reason = "by hand",
                                .by_administrator = true,
                                .account = "2041"},
                               kJournalStart);
  recorder.events.push_back(by_hand);
  by_hand.kind = JournalKind::Unblock;
  recorder.events.push_back(by_hand);
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  EXPECT_EQ(recorder.replayed(rules_with(3)).same, 1U);
}

TEST(Replay, ABlockThatWasLiftedEndedThen) {
  Recorder recorder(rules_with(3));
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  JournalEvent lifted = recorder.events.back();
  lifted.kind = JournalKind::Unblock;
  lifted.by_administrator = true;
  lifted.time += seconds(1);
  recorder.events.push_back(lifted);
  recorder.wait(seconds(2));
  // Nobody told the recorder's guard: its own block still stands.
  recorder.succeed("10.20.0.7", 1);
  const auto report = recorder.replayed(rules_with(3));
  EXPECT_EQ(report.same, 1U);
}

TEST(Replay, AClockThatJumpsOrLiesIsEndured) {
  Recorder recorder(rules_with(3));
  for (uint64_t mistake = 1; mistake <= 9; ++mistake) recorder.fail("10.20.0.7", mistake);
  recorder.events[2].time = WallTime(milliseconds(253'402'300'799'999));
  recorder.events[4].time = WallTime();
  recorder.events.back().until = WallTime(milliseconds(1));
  const auto report = recorder.replayed(rules_with(3));
  EXPECT_EQ(report.failures, 9U);
  EXPECT_FALSE(report.until < report.from && report.events == 0);
}

TEST(Replay, AnEmptyJournalHasNothingToSay) {
  const auto report = replay([](const JournalVisitor&) {}, rules_with(3), GuardSizes());
  EXPECT_EQ(report.events, 0U);
  EXPECT_TRUE(report.appeared.empty() && report.vanished.empty());
}

TEST(Replay, NamesTheFirstDifferencesAndCountsAll) {
  Recorder recorder(rules_with(64));
  for (uint32_t i = 0; i < ReplayReport::kMostNamed + 1; ++i) {
    const std::string source = IpAddress::v4(0x0a00'0000 + i).to_string();
    recorder.fail(source.c_str(), 1);
  }
  const auto report = recorder.replayed(rules_with(1));
  EXPECT_EQ(report.appeared_count, ReplayReport::kMostNamed + 1);
  EXPECT_EQ(report.appeared.size(), ReplayReport::kMostNamed);
}

TEST(ShadowReport, SaysWhoWouldHaveBeenTurnedAway) {
  Recorder recorder(rules_with(3));
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("198.51.100.7", mistake);
  for (uint64_t mistake = 1; mistake <= 3; ++mistake) recorder.fail("10.20.0.7", mistake);
  recorder.succeed("10.20.0.8", 3);
  recorder.succeed("10.20.0.7", 2);
  recorder.wait(std::chrono::hours(1));
  recorder.succeed("10.20.0.7", 4);  // the block is over
  const auto report = shadow_report(recorder.player());
  EXPECT_EQ(report.blocks_count, 2U);
  ASSERT_EQ(report.blocks.size(), 2U);
  EXPECT_EQ(report.blocks[0].block.source.to_string(), "10.20.0.7/32");
  EXPECT_EQ(report.blocks[0].successes, 1U);
  EXPECT_EQ(report.blocks[1].successes, 0U);
  EXPECT_EQ(report.successes, 1U);
  EXPECT_EQ(report.failures, 6U);
  EXPECT_EQ(report.phones.size(), 2U);
}

}  // namespace
}  // namespace stormdoor::acl
