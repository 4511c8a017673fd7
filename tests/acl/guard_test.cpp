#include "acl/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

const Now kStart{SteadyTime(1000h),
                 WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1))};

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
IpPrefix prefix(std::string_view text) {
  return *IpPrefix::parse(text);
}

Network network(std::string_view name, std::string_view prefix_text, ServiceSet services) {
  Network made;
  made.name = name;
  made.prefixes = {prefix(prefix_text)};
  made.services = services;
  return made;
}

// Three wrong passwords of one service within a minute block for ten minutes.
AclRules strict_rules() {
  AclRules rules;
  rules.networks = {network("everywhere", "0.0.0.0/0", ServiceSet::all()),
                    network("everywhere in six", "::/0", ServiceSet::all())};
  for (Limit& limit : rules.limits)
    limit = {.failures = 3,
             .within = 1min,
             .block_for = 10min,
             .repeat_factor = 2,
             .repeat_max = std::chrono::hours(1)};
  return rules;
}

Guard strict_guard(const GuardSizes& sizes = {}) {
  return {RuleSet::from(strict_rules()), sizes};
}

Failure wrong_password(std::string_view from, uint64_t fingerprint,
                       Service service = Service::Portal) {
  return {.service = service,
          .kind = FailureKind::WrongPassword,
          .source = ip(from),
          .proof = PathProof::Connected,
          .device = {},
          .account = "301",
          .fingerprint = fingerprint};
}

Failure unknown_mac(std::string_view from, uint64_t number, PathProof proof) {
  std::array<uint8_t, 6> mac{
      0, 0x0f, 0xd3, uint8_t(number >> 16), uint8_t(number >> 8), uint8_t(number)};
  return {.service = Service::Provisioning,
          .kind = FailureKind::UnknownMac,
          .source = ip(from),
          .proof = proof,
          .device = MacAddress(mac),
          .account = "",
          .fingerprint = 0};
}

TEST(Guard, BlocksAtTheLimitAndNotBelow) {
  Guard guard = strict_guard();
  EXPECT_FALSE(guard.report_failure(wrong_password("198.51.100.7", 1), kStart).block);
  const Verdict second = guard.report_failure(wrong_password("198.51.100.7", 2), kStart);
  EXPECT_FALSE(second.block);
  EXPECT_TRUE(second.counted);
  EXPECT_EQ(second.failures, 2U);
  EXPECT_EQ(second.limit, 3U);
  EXPECT_TRUE(guard.admit(ip("198.51.100.7"), Service::Portal, kStart).admitted());

  const Verdict third = guard.report_failure(wrong_password("198.51.100.7", 3), kStart);
  ASSERT_TRUE(third.block);
  EXPECT_EQ(third.block->source, prefix("198.51.100.7/32"));
  EXPECT_EQ(third.block->until, kStart.wall + 10min);
  EXPECT_EQ(third.block->service, uint8_t(Service::Portal));
  const Admission refused = guard.admit(ip("198.51.100.7"), Service::Portal, kStart + 1min);
  EXPECT_EQ(refused.decision, Decision::Blocked);
  EXPECT_EQ(refused.retry_after, 9min);
  EXPECT_TRUE(guard.admit(ip("198.51.100.8"), Service::Portal, kStart).admitted());
  EXPECT_FALSE(guard.admit(ip("198.51.100.7"), Service::Portal, kStart + (10min - 1ms)).admitted());
  EXPECT_TRUE(guard.admit(ip("198.51.100.7"), Service::Portal, kStart + 10min).admitted());
}

TEST(Guard, KeepsServicesApart) {
  Guard guard = strict_guard();
  for (uint64_t i = 1; i <= 3; ++i)
    guard.report_failure(wrong_password("198.51.100.7", i, Service::Sip), kStart);
  EXPECT_FALSE(guard.admit(ip("198.51.100.7"), Service::Sip, kStart).admitted());
  EXPECT_TRUE(guard.admit(ip("198.51.100.7"), Service::Provisioning, kStart).admitted())
      << "promise 6: a blocked phone can still be mended";
}

TEST(Guard, RefusesWhatTheNetworkDoesNotOffer) {
  AclRules rules = strict_rules();
  rules.networks = {network("phones", "10.20.0.0/16", {Service::Provisioning}),
                    network("hole", "10.20.9.0/24", {})};
  rules.networks[0].identity = Identity::Certificate;
  rules.networks[0].first_contact = FirstContact::Full;
  const Guard guard(RuleSet::from(rules), {});
  const Admission phone = guard.admit(ip("10.20.0.1"), Service::Provisioning, kStart);
  EXPECT_TRUE(phone.admitted());
  EXPECT_EQ(phone.identity, Identity::Certificate);
  EXPECT_EQ(phone.first_contact, FirstContact::Full);
  EXPECT_EQ(guard.admit(ip("10.20.0.1"), Service::Portal, kStart).decision, Decision::NotAllowed);
  EXPECT_EQ(guard.admit(ip("10.20.9.1"), Service::Provisioning, kStart).decision,
            Decision::NotAllowed);
  EXPECT_EQ(guard.admit(ip("10.21.0.1"), Service::Provisioning, kStart).decision,
            Decision::NotAllowed);
}

TEST(Guard, NothingCountsWhileABlockIsInForce) {
  Guard guard = strict_guard();
  for (uint64_t i = 1; i <= 3; ++i) guard.report_failure(wrong_password("198.51.100.7", i), kStart);
  for (uint64_t i = 10; i < 30; ++i) {
    const Verdict late = guard.report_failure(wrong_password("198.51.100.7", i), kStart + 1s);
    EXPECT_FALSE(late.counted);
    EXPECT_FALSE(late.block);
  }
  const Now after = kStart + 10min;
  EXPECT_EQ(guard.report_failure(wrong_password("198.51.100.7", 40), after).failures, 1U)
      << "when it is over the count begins at nothing";
}

TEST(Guard, EachFurtherBlockIsLongerUpToTheMost) {
  Guard guard = strict_guard();
  Now now = kStart;
  uint64_t mistake = 0;
  const auto next_block = [&] {
    for (int i = 0; i < 2; ++i)
      EXPECT_FALSE(guard.report_failure(wrong_password("198.51.100.7", ++mistake), now).block);
    const auto block = guard.report_failure(wrong_password("198.51.100.7", ++mistake), now).block;
    EXPECT_TRUE(block);
    const milliseconds length = block->until - block->since;
    now = now + length;
    return length;
  };
  EXPECT_EQ(next_block(), 10min);
  EXPECT_EQ(next_block(), 20min);
  EXPECT_EQ(next_block(), 40min);
  EXPECT_EQ(next_block(), 60min) << "repeat.max";
  EXPECT_EQ(next_block(), 60min);
  now = now + (60min - 1ms);
  EXPECT_EQ(next_block(), 60min) << "not quite quiet for repeat.max";
  now = now + 60min;
  EXPECT_EQ(next_block(), 10min) << "quiet for repeat.max: afresh";
}

TEST(Guard, NeverBlockHoldsForProvisioningAndSipOnly) {
  AclRules rules = strict_rules();
  rules.networks[0].never_block = true;
  Guard guard(RuleSet::from(rules), {});
  for (const Service service : {Service::Provisioning, Service::Sip})
    for (uint64_t i = 1; i <= 30; ++i) {
      const Verdict verdict = guard.report_failure(wrong_password("10.0.0.7", i, service), kStart);
      EXPECT_FALSE(verdict.block);
      EXPECT_FALSE(verdict.counted);
    }
  for (const Service service : {Service::DeskLogin, Service::Portal, Service::Api}) {
    for (uint64_t i = 1; i <= 2; ++i)
      EXPECT_FALSE(guard.report_failure(wrong_password("10.0.0.7", i, service), kStart).block);
    EXPECT_TRUE(guard.report_failure(wrong_password("10.0.0.7", 3, service), kStart).block);
  }
}

TEST(Guard, NewRulesLiftTheBlocksTheyForbidAndKeepTheOthers) {
  Guard guard = strict_guard();
  for (const Service service : {Service::Sip, Service::Portal})
    for (uint64_t i = 1; i <= 3; ++i)
      guard.report_failure(wrong_password("10.0.0.7", i, service), kStart);
  ASSERT_TRUE(guard.add_block({.source = prefix("10.0.0.8/32"),
                               .service = uint8_t(Service::Sip),
                               .since = kStart.wall,
                               .until = WallTime::max(),
                               .repeats = 0,
                               .reason = "by hand",
                               .by_administrator = true},
                              kStart));
  AclRules rules = strict_rules();
  rules.networks[0].never_block = true;
  guard.replace_rules(RuleSet::from(rules));
  EXPECT_TRUE(guard.admit(ip("10.0.0.7"), Service::Sip, kStart).admitted());
  EXPECT_FALSE(guard.admit(ip("10.0.0.7"), Service::Portal, kStart).admitted());
  EXPECT_FALSE(guard.admit(ip("10.0.0.8"), Service::Sip, kStart).admitted())
      << "what an administrator says stands";
  const auto lifted = guard.take_expired(kStart);
  ASSERT_THAT(lifted, SizeIs(1));
  EXPECT_EQ(lifted[0].source, prefix("10.0.0.7/32"));
  EXPECT_EQ(lifted[0].service, uint8_t(Service::Sip));
}

TEST(Guard, CountersStayWhenRulesAreReplaced) {
  Guard guard = strict_guard();
  guard.report_failure(wrong_password("198.51.100.7", 1), kStart);
  guard.report_failure(wrong_password("198.51.100.7", 2), kStart);
  guard.replace_rules(RuleSet::from(strict_rules()));
  EXPECT_TRUE(guard.report_failure(wrong_password("198.51.100.7", 3), kStart).block);
}

TEST(Guard, AnAdministratorBlocksAnyPrefixUntilHeRemovesIt) {
  Guard guard = strict_guard();
  for (const char* text :
       {"203.0.113.0/24", "2001:db8:bad::/48", "192.0.2.9/32", "2001:db8::1/128"})
    ASSERT_TRUE(guard.add_block({.source = prefix(text),
                                 .service = uint8_t(Service::Sip),
                                 .since = kStart.wall,
                                 .until = WallTime::max(),
                                 .repeats = 0,
                                 .reason = "by hand",
                                 .by_administrator = true},
                                kStart));
  const auto refused = [&](std::string_view address) {
    return guard.admit(ip(address), Service::Sip, kStart + 10000h).decision == Decision::Blocked;
  };
  for (const char* inside : {"203.0.113.5", "2001:db8:bad:7::1", "192.0.2.9", "2001:db8::1"})
    EXPECT_TRUE(refused(inside)) << inside;
  for (const char* outside : {"203.0.114.5", "2001:db8:bae::1", "192.0.2.8", "2001:db8::2"})
    EXPECT_FALSE(refused(outside)) << outside;
  EXPECT_TRUE(guard.admit(ip("203.0.113.5"), Service::Portal, kStart).admitted());
  EXPECT_EQ(guard.admit(ip("203.0.113.5"), Service::Sip, kStart).retry_after, milliseconds::max());
  EXPECT_THAT(guard.blocks(kStart), SizeIs(4));

  EXPECT_TRUE(guard.remove_block(prefix("203.0.113.0/24"), Service::Sip, kStart));
  EXPECT_FALSE(guard.remove_block(prefix("203.0.113.0/24"), Service::Sip, kStart));
  EXPECT_FALSE(guard.remove_block(prefix("192.0.2.9/32"), Service::Portal, kStart));
  EXPECT_FALSE(refused("203.0.113.5"));
  EXPECT_THAT(guard.blocks(kStart), SizeIs(3));
}

TEST(Guard, ABlockThatWasRemovedLengthensNothing) {
  Guard guard = strict_guard();
  const auto three_mistakes = [&](uint64_t first) {
    guard.report_failure(wrong_password("198.51.100.7", first), kStart);
    guard.report_failure(wrong_password("198.51.100.7", first + 1), kStart);
    return guard.report_failure(wrong_password("198.51.100.7", first + 2), kStart).block;
  };
  ASSERT_TRUE(three_mistakes(1));
  EXPECT_TRUE(guard.remove_block(prefix("198.51.100.7/32"), Service::Portal, kStart));
  const auto again = three_mistakes(10);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->until - again->since, 10min);
  EXPECT_THAT(guard.take_expired(kStart), SizeIs(0))
      << "the block that was removed is there again: erasing it would erase the new one";
}

TEST(Guard, RestoredBlocksHoldUntilTheirWallTimeAndTheirRepeatsCount) {
  std::vector<store::BlockRecord> stored;
  {
    Guard before = strict_guard();
    for (uint64_t i = 1; i <= 3; ++i)
      stored.push_back(before.report_failure(wrong_password("198.51.100.7", i), kStart)
                           .block.value_or(store::BlockRecord{}));
    stored = {stored.back()};
  }
  // The machine was off for four minutes; its steady clock began anew.
  const Now restart{SteadyTime(3s), kStart.wall + 4min};
  Guard guard = strict_guard();
  EXPECT_EQ(guard.restore(stored, restart), 0U);
  EXPECT_EQ(guard.admit(ip("198.51.100.7"), Service::Portal, restart).retry_after, 6min);
  EXPECT_TRUE(guard.admit(ip("198.51.100.7"), Service::Portal, restart + 6min).admitted());
  EXPECT_THAT(guard.take_expired(restart + 6min), SizeIs(0)) << "its repeats still count";
  std::optional<store::BlockRecord> second;
  for (uint64_t i = 11; i <= 13; ++i)
    second = guard.report_failure(wrong_password("198.51.100.7", i), restart + 7min).block;
  ASSERT_TRUE(second);
  EXPECT_EQ(second->until - second->since, 20min);
}

TEST(Guard, ARestoredBlockOfASweepIsRememberedAsLongAsSweepsAre) {
  AclRules rules;
  rules.mac_sweep.block_for = std::chrono::hours(24);
  rules.mac_sweep.repeat_max = std::chrono::days(30);
  rules.limits[size_t(Service::Provisioning)].repeat_max = std::chrono::hours(24);
  const MacAddress decoy({0x00, 0x0f, 0xd3, 0, 0, 0x99});
  rules.decoys = {decoy};
  const Failure asks{.service = Service::Provisioning,
                     .kind = FailureKind::DecoyMac,
                     .source = ip("10.20.0.7"),
                     .proof = PathProof::Connected,
                     .device = decoy,
                     .account = ""};
  std::optional<store::BlockRecord> first;
  {
    Guard before(RuleSet::from(rules), {});
    first = before.report_failure(asks, kStart).block;
  }
  ASSERT_TRUE(first);
  Guard guard(RuleSet::from(rules), {});
  EXPECT_EQ(guard.restore({*first}, kStart + 1h), 0U);
  const auto second = guard.report_failure(asks, kStart + 10 * 24h).block;
  ASSERT_TRUE(second);
  EXPECT_EQ(second->until - second->since, 48h);
}

TEST(Guard, AnEndedBlockIsErasedWhenItNoLongerLengthensTheNext) {
  Guard guard = strict_guard();
  for (uint64_t i = 1; i <= 3; ++i) guard.report_failure(wrong_password("198.51.100.7", i), kStart);
  EXPECT_THAT(guard.take_expired(kStart + (70min - 1ms)), SizeIs(0));
  EXPECT_THAT(guard.blocks(kStart + 10min), SizeIs(0));
  EXPECT_THAT(guard.take_expired(kStart + 70min), SizeIs(1));
  EXPECT_THAT(guard.take_expired(kStart + 70min), SizeIs(0));
}

TEST(Guard, RestoringGarbageFromTheStoreIsHarmless) {
  Guard guard = strict_guard();
  store::BlockRecord odd{.source = prefix("10.0.0.0/8"),
                         .service = 200,
                         .since = WallTime::min(),
                         .until = WallTime::min(),
                         .repeats = UINT32_MAX,
                         .reason = "",
                         .by_administrator = false};
  EXPECT_EQ(guard.restore({odd}, kStart), 0U);
  odd.service = 0;
  EXPECT_EQ(guard.restore({odd}, kStart), 0U);
  EXPECT_THAT(guard.take_expired(kStart), SizeIs(1)) << "long over: to be erased";
  odd.source = prefix("10.0.0.1/32");
  odd.until = kStart.wall;
  EXPECT_EQ(guard.restore({odd}, kStart), 0U);
  EXPECT_FALSE(guard.add_block(odd = {.source = prefix("::/0"),
                                      .service = 5,
                                      .since = {},
                                      .until = {},
                                      .repeats = 0,
                                      .reason = "",
                                      .by_administrator = true},
                               kStart));
}

TEST(Guard, CountsAnIpv6SourceByItsSlash64) {
  Guard guard = strict_guard();
  guard.report_failure(wrong_password("2001:db8:0:7::1", 1), kStart);
  guard.report_failure(wrong_password("2001:db8:0:7:ffff::2", 2), kStart);
  const Verdict third = guard.report_failure(wrong_password("2001:db8:0:7:8::3", 3), kStart);
  ASSERT_TRUE(third.block);
  EXPECT_EQ(third.block->source, prefix("2001:db8:0:7::/64"));
  EXPECT_FALSE(guard.admit(ip("2001:db8:0:7::99"), Service::Portal, kStart).admitted());
  EXPECT_TRUE(guard.admit(ip("2001:db8:0:8::1"), Service::Portal, kStart).admitted());
}

TEST(Guard, SourcePrefixLengthsAreTheAdministratorsChoice) {
  GuardSizes sizes;
  sizes.source_prefix_v4 = 24;
  sizes.source_prefix_v6 = 48;
  Guard guard = strict_guard(sizes);
  for (uint64_t i = 1; i <= 3; ++i)
    guard.report_failure(wrong_password(std::string("198.51.100.") + std::to_string(i), i), kStart);
  EXPECT_FALSE(guard.admit(ip("198.51.100.200"), Service::Portal, kStart).admitted());
  EXPECT_TRUE(guard.admit(ip("198.51.101.1"), Service::Portal, kStart).admitted());
}

TEST(Promise3, TheSameWrongPasswordAgainIsRecordedAndNotScored) {
  Guard guard = strict_guard();
  EXPECT_TRUE(guard.report_failure(wrong_password("10.0.0.7", 1), kStart).counted);
  for (int i = 1; i < 200; ++i) {
    const Verdict again = guard.report_failure(wrong_password("10.0.0.7", 1), kStart + i * 25s);
    EXPECT_TRUE(again.repeated);
    EXPECT_FALSE(again.counted);
    EXPECT_FALSE(again.block);
  }
  EXPECT_EQ(guard.counters().repeated_mistakes, 199U);
  EXPECT_THAT(guard.why(ip("10.0.0.7"), kStart + 200 * 25s), Contains(HasSubstr("199 times")));
}

TEST(Promise3, FilesOfOneUnknownPhoneAreOneMistakeWhateverTheServerMadeOfThem) {
  Guard guard = strict_guard();
  Failure failure = unknown_mac("10.0.0.7", 1, PathProof::Connected);
  EXPECT_TRUE(guard.report_failure(failure, kStart).counted);
  failure.kind = FailureKind::ForeignFile;
  failure.fingerprint = 4711;
  EXPECT_TRUE(guard.report_failure(failure, kStart).repeated);
}

TEST(Promise4, FailuresThatProveNothingNeverLeadToABlock) {
  Guard guard = strict_guard();
  for (uint64_t i = 0; i < 5000; ++i) {
    const Verdict verdict =
        guard.report_failure(unknown_mac("10.0.0.7", i, PathProof::None), kStart + i * 100ms);
    EXPECT_FALSE(verdict.counted);
    EXPECT_FALSE(verdict.block);
  }
  EXPECT_THAT(guard.blocks(kStart), SizeIs(0));
  EXPECT_EQ(guard.counters().unproven, 5000U);
  EXPECT_TRUE(guard.admit(ip("10.0.0.7"), Service::Provisioning, kStart + 500s).admitted())
      << "over TCP nothing is refused";
}

TEST(Promise4, TheyThrottleTftpAtTheirLimitForTheirTime) {
  Guard guard = strict_guard();  // [tftp_throttle]: 20 within a minute, a minute's rest
  const auto tftp = [&](std::string_view from, Now now) {
    return guard.admit(ip(from), Service::Provisioning, now, PathProof::None);
  };
  for (uint64_t i = 1; i <= 19; ++i)
    guard.report_failure(unknown_mac("10.0.0.7", i, PathProof::None), kStart);
  EXPECT_TRUE(tftp("10.0.0.7", kStart).admitted());
  guard.report_failure(unknown_mac("10.0.0.7", 20, PathProof::None), kStart);
  EXPECT_EQ(tftp("10.0.0.7", kStart).decision, Decision::Throttled);
  EXPECT_EQ(tftp("10.0.0.7", kStart).retry_after, 1min);
  EXPECT_TRUE(tftp("10.0.0.8", kStart).admitted());
  EXPECT_EQ(tftp("10.0.0.7", kStart + (1min - 1ms)).decision, Decision::Throttled);
  EXPECT_TRUE(tftp("10.0.0.7", kStart + 1min).admitted());
}

TEST(Promise4, AFloodInTheNeighboursNamesThrottlesOnlyThoseWhoWereNeverWell) {
  AclRules rules = strict_rules();
  rules.tftp_throttle = {
      .failures = 5, .failures_per_neighbourhood = 50, .within = 1min, .throttle_for = 1min};
  Guard guard(RuleSet::from(rules), {});
  guard.report_success(ip("10.0.0.200"), Service::Provisioning, {}, kStart);
  for (uint64_t i = 1; i <= 50; ++i)
    guard.report_failure(
        unknown_mac(std::string("10.0.0.") + std::to_string(i), i, PathProof::None), kStart);
  const auto tftp = [&](std::string_view from) {
    return guard.admit(ip(from), Service::Provisioning, kStart, PathProof::None).admitted();
  };
  EXPECT_FALSE(tftp("10.0.0.100"));
  EXPECT_TRUE(tftp("10.0.0.200"));
  EXPECT_TRUE(tftp("10.0.1.100"));
}

TEST(Promise7, SweepingMacsIsEvidenceOfItsOwnHoweverSlow) {
  AclRules rules = strict_rules();
  rules.mac_sweep = {.failures = 5,
                     .within = std::chrono::hours(24),
                     .block_for = std::chrono::hours(12),
                     .repeat_factor = 1,
                     .repeat_max = std::chrono::hours(12)};
  Guard guard(RuleSet::from(rules), {});
  Now now = kStart;
  for (uint64_t i = 1; i <= 4; ++i, now = now + 1h) {
    EXPECT_FALSE(guard.report_failure(unknown_mac("10.0.0.7", i, PathProof::Connected), now).block);
    guard.report_failure(unknown_mac("10.0.0.7", i, PathProof::Connected), now);  // again
  }
  const Verdict fifth =
      guard.report_failure(unknown_mac("10.0.0.7", 5, PathProof::Acknowledged), now);
  EXPECT_TRUE(fifth.sweep);
  ASSERT_TRUE(fifth.block);
  EXPECT_EQ(fifth.block->until - fifth.block->since, 12h);
  EXPECT_THAT(fifth.block->reason, HasSubstr("sweep"));
  EXPECT_EQ(guard.counters().sweeps, 1U);
}

TEST(Promise12_Bounded, AFullBlockListForgetsTheAutomaticBlockThatEndsSoonest) {
  GuardSizes sizes;
  sizes.tracked_sources = 64;  // one shard
  sizes.blocks = 4;
  Guard guard = strict_guard(sizes);
  ASSERT_TRUE(guard.add_block({.source = prefix("192.0.2.1/32"),
                               .service = uint8_t(Service::Portal),
                               .since = kStart.wall,
                               .until = kStart.wall + 1min,
                               .repeats = 0,
                               .reason = "by hand",
                               .by_administrator = true},
                              kStart));
  for (uint64_t source = 1; source <= 5; ++source)
    for (uint64_t i = 1; i <= 3; ++i)
      guard.report_failure(wrong_password(std::string("10.0.0.") + std::to_string(source), i),
                           kStart + milliseconds(source));
  const auto refused = [&](std::string_view address) {
    return !guard.admit(ip(address), Service::Portal, kStart + 1s).admitted();
  };
  EXPECT_THAT(guard.blocks(kStart), SizeIs(4));
  EXPECT_TRUE(refused("192.0.2.1")) << "an administrator's block is never forgotten";
  EXPECT_FALSE(refused("10.0.0.1"));
  EXPECT_FALSE(refused("10.0.0.2"));
  EXPECT_TRUE(refused("10.0.0.3"));
  EXPECT_TRUE(refused("10.0.0.5"));
  EXPECT_THAT(guard.take_expired(kStart), SizeIs(2)) << "the store hears of it";
}

TEST(Promise12_Bounded, MoreAdministratorsBlocksThanFitAreRefusedWithASentence) {
  GuardSizes sizes;
  sizes.tracked_sources = 64;
  sizes.blocks = 2;
  Guard guard = strict_guard(sizes);
  const auto add = [&](std::string_view text) {
    return guard.add_block({.source = prefix(text),
                            .service = 0,
                            .since = kStart.wall,
                            .until = WallTime::max(),
                            .repeats = 0,
                            .reason = "by hand",
                            .by_administrator = true},
                           kStart);
  };
  EXPECT_TRUE(add("10.0.0.1"));
  EXPECT_TRUE(add("10.0.0.2"));
  EXPECT_TRUE(add("10.0.0.2")) << "again: replaced";
  const auto third = add("10.0.0.3");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::ResourceExhausted);
}

TEST(Promise12_Bounded, AStoryKeepsTheLastEventsOfASource) {
  GuardSizes sizes;
  sizes.evidence_per_source = 4;
  AclRules rules = strict_rules();
  rules.limits[size_t(Service::Portal)].failures = 64;
  Guard guard(RuleSet::from(rules), sizes);
  for (uint64_t i = 1; i <= 5; ++i) {
    Failure failure = wrong_password("10.0.0.7", i);
    failure.account = std::string("user") + std::to_string(i) + std::string(1000, 'x');
    guard.report_failure(failure, kStart);
  }
  const auto lines = guard.why(ip("10.0.0.7"), kStart);
  EXPECT_THAT(lines, Not(Contains(HasSubstr("user1"))));
  EXPECT_THAT(lines, Contains(HasSubstr("user2")));
  EXPECT_THAT(lines, Contains(HasSubstr("user5")));
  for (const std::string& line : lines) EXPECT_LT(line.size(), 300U) << line;
}

TEST(Promise13_EveryVerdictExplainsItself, ABlockByALimit) {
  Guard guard = strict_guard();
  for (uint64_t i = 1; i <= 3; ++i)
    guard.report_failure(wrong_password("198.51.100.7", i), kStart + i * 1s);
  const auto lines = guard.why(ip("198.51.100.7"), kStart + 63s);
  ASSERT_GE(lines.size(), 5U);
  EXPECT_EQ(lines[0],
            "198.51.100.7 is blocked for portal until 2026-03-01T00:10:03Z (9m from now), since "
            "2026-03-01T00:00:03Z: 3 different mistakes with portal within 1m (limit 3); the last: "
            "wrong password for \"301\"");
  EXPECT_EQ(lines[1],
            "network \"everywhere\", by 0.0.0.0/0: offers provisioning, desk-login, sip, portal "
            "and api; identity by token");
  EXPECT_EQ(lines[2],
            "what ends it: time, or an administrator: stormdoor blocks remove 198.51.100.7/32 "
            "(portal)");
  EXPECT_EQ(lines[3], "2026-03-01T00:00:03Z portal: wrong password for \"301\"");
}

TEST(Promise13_EveryVerdictExplainsItself, ASourceThatIsNotBlocked) {
  Guard guard = strict_guard();
  guard.report_failure(unknown_mac("10.0.0.7", 5, PathProof::Connected), kStart);
  guard.report_success(ip("10.0.0.7"), Service::Provisioning,
                       MacAddress({0, 0x0f, 0xd3, 5, 0x48, 0x48}), kStart + 5s);
  EXPECT_EQ(guard.why(ip("10.0.0.7"), kStart + 10s),
            (std::vector<std::string>{
                "10.0.0.7 is not blocked; it may use provisioning, desk-login, sip, portal and api",
                "network \"everywhere\", by 0.0.0.0/0: offers provisioning, desk-login, sip, "
                "portal and api; identity by token",
                "10.0.0.7/32 has 1 different mistake with provisioning within 1m; 3 lead to a "
                "block",
                "10.0.0.7/32 asked for files of 1 phone that is unknown or not its own within 1d; "
                "30 are a sweep",
                "2026-03-01T00:00:05Z last success: provisioning by phone 00:0F:D3:05:48:48; 1 in "
                "all",
                "2026-03-01T00:00:00Z provisioning: file of an unknown phone 00:0F:D3:00:00:05",
            }));
}

TEST(Promise13_EveryVerdictExplainsItself, AnAddressOfNoNetworkAThrottleAndAnAdministratorsBlock) {
  Guard guard(RuleSet::from(AclRules{}), {});
  EXPECT_THAT(guard.why(ip("198.51.100.7"), kStart),
              Contains("198.51.100.7 may use nothing: it belongs to no network"));
  for (uint64_t i = 1; i <= 20; ++i)
    guard.report_failure(unknown_mac("10.0.0.7", i, PathProof::None), kStart);
  EXPECT_THAT(guard.why(ip("10.0.0.7"), kStart),
              Contains(HasSubstr("TFTP rests for 10.0.0.7 for 1m: 20 failures within 1m")));
  ASSERT_TRUE(guard.add_block({.source = prefix("10.1.0.0/16"),
                               .service = uint8_t(Service::Sip),
                               .since = kStart.wall,
                               .until = WallTime::max(),
                               .repeats = 0,
                               .reason = "printers",
                               .by_administrator = true},
                              kStart));
  const auto lines = guard.why(ip("10.1.2.3"), kStart);
  EXPECT_EQ(lines[0],
            "10.1.2.3 is blocked for sip until an administrator ends it, since "
            "2026-03-01T00:00:00Z: printers");
  EXPECT_THAT(lines, Contains("what ends it: an administrator: stormdoor blocks remove "
                              "10.1.0.0/16 (sip); it was set by an administrator"));
}

TEST(Promise13_EveryVerdictExplainsItself, WhatStrangersSentIsMadePrintable) {
  Guard guard = strict_guard();
  Failure failure = wrong_password("198.51.100.7", 0);
  failure.account = "\x1b[31mroot\"\n";
  for (int i = 0; i < 3; ++i) guard.report_failure(failure, kStart);
  for (const std::string& line : guard.why(ip("198.51.100.7"), kStart))
    for (const char c : line) EXPECT_GE(c, ' ') << line;
}

TEST(Promise13_EveryVerdictExplainsItself, RefusalsAreSentences) {
  EXPECT_EQ(refusal({}, Service::Sip), "");
  EXPECT_THAT(refusal({.decision = Decision::NotAllowed}, Service::Portal),
              HasSubstr("may not use portal"));
  EXPECT_THAT(refusal({.decision = Decision::Blocked, .retry_after = 90s}, Service::Provisioning),
              HasSubstr("blocked for provisioning for 1m 30s"));
  EXPECT_THAT(
      refusal({.decision = Decision::Blocked, .retry_after = milliseconds::max()}, Service::Sip),
      HasSubstr("by the administrator"));
  EXPECT_THAT(refusal({.decision = Decision::Throttled, .retry_after = 5s}, Service::Provisioning),
              HasSubstr("try again in 5s"));
}

// Meant for the thread sanitizer; the totals hold anyway.
TEST(Guard, ServesManyThreadsAtOnce) {
  GuardSizes sizes;
  sizes.tracked_sources = 4096;
  Guard guard = strict_guard(sizes);
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  std::atomic<int> blocks{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRounds; ++i) {
        const Now now = kStart + milliseconds(i);
        const std::string own = "10." + std::to_string(thread) + ".0." + std::to_string(i % 50);
        (void)guard.admit(ip("10.9.9.9"), Service::Portal, now);
        (void)guard.admit(ip(own), Service::Provisioning, now, PathProof::None);
        const uint64_t mistake = uint64_t(thread) * kRounds + i + 1;
        blocks += guard.report_failure(wrong_password("10.9.9.9", mistake), now).block ? 1 : 0;
        guard.report_failure(unknown_mac(own, mistake, PathProof::None), now);
        guard.report_success(ip(own), Service::Provisioning, {}, now);
        if (i % 100 == 0) {
          guard.replace_rules(RuleSet::from(strict_rules()));
          (void)guard.why(ip("10.9.9.9"), now);
          (void)guard.blocks(now);
          (void)guard.counters();
        }
        if (thread == 0 && i % 100 == 50) (void)guard.take_expired(now);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(blocks.load(), 1) << "one attacker, one limit, however many threads he reaches";
  EXPECT_EQ(guard.counters().failures, uint64_t{2} * kThreads * kRounds);
}

}  // namespace
}  // namespace stormdoor::acl
