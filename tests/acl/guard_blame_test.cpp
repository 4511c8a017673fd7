// Blame below the address, and what the kernel is told (promises 5, 6, 11 to 13).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acl/block_list.hpp"
#include "acl/guard.hpp"
#include "acl/probe_meter.hpp"

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = EnforcementChange::Kind;

const Now kStart{SteadyTime(1000h), WallTime(400'000h)};
const IpAddress kOffice = *IpAddress::parse("203.0.113.9");
const MacAddress kPhone({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x48});

AclRules rules() {
  AclRules rules;
  Network everywhere;
  everywhere.name = "everywhere";
  everywhere.prefixes = {*IpPrefix::parse("0.0.0.0/0")};
  everywhere.services = ServiceSet::all();
  rules.networks = {everywhere};
  for (Limit& limit : rules.limits) limit.failures = 3;
  return rules;
}

Failure refused(std::string account, uint16_t port = 0) {
  return {.service = Service::Sip,
          .kind = FailureKind::SipRefused,
          .source = kOffice,
          .proof = PathProof::Acknowledged,
          .device = {},
          .port = port,
          .account = std::move(account)};
}

Registration registration(uint16_t port, std::string account) {
  return {
      .flow = {kOffice, port, false}, .account = std::move(account), .expires = kStart.wall + 1h};
}

store::LeaseRecord lease(uint32_t budget = 40) {
  return {.mac = kPhone,
          .accounts = {"301"},
          .opened = kStart.wall,
          .deadline = kStart.wall + 15min,
          .budget = budget,
          .spent = 0,
          .reason = "the assignment to 301 was removed",
          .addresses = {}};
}

std::optional<store::BlockRecord> fail_until_blocked(Guard& guard, const std::string& account) {
  for (int i = 0; i < 3; ++i)
    if (auto block = guard.report_failure(refused(account), kStart).block) return block;
  return {};
}

std::vector<Kind> kinds(const EnforcementChanges& changes) {
  std::vector<Kind> kinds;
  for (const auto& change : changes.changes) kinds.push_back(change.kind);
  return kinds;
}

TEST(Promise5_OnePhoneNeverDarkensTheOffice, ItsAccountIsRefusedAndNotTheAddress) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  const auto block = fail_until_blocked(guard, "301");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->account, "301");
  EXPECT_THAT(block->evidence, HasSubstr("\"301\""));
  const Admission admission = guard.admit(kOffice, Service::Sip, kStart);
  EXPECT_EQ(admission.decision, Decision::Admit);
  EXPECT_TRUE(admission.contested);
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart, PathProof::Connected, "301").decision,
            Decision::Blocked);
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart, PathProof::Connected, "302").decision,
            Decision::Admit);
}

// A password that changed at the PBX: an office's phones are refused one after another.
TEST(Promise5_OnePhoneNeverDarkensTheOffice, AnOfficeWhoseAccountsAreAllRefusedKeepsItsAddress) {
  constexpr int kPhones = 80;
  Guard guard(RuleSet::from(rules()), {});
  for (int i = 0; i < kPhones; ++i)
    guard.report_registered(registration(uint16_t(5000 + i), std::to_string(2000 + i)), false,
                            kStart);
  Now now = kStart;
  const auto refuse = [&](const std::string& account) {
    for (int i = 0; i < 3; ++i)
      if (auto block = guard.report_failure(refused(account), now).block) return block->account;
    return std::string();
  };
  for (int i = 0; i < kPhones / 2; ++i)
    EXPECT_EQ(refuse(std::to_string(2000 + i)), std::to_string(2000 + i));
  now = kStart + 2h;
  ASSERT_THAT(guard.healthy_flows(kOffice, now), IsEmpty()) << "nobody could register anew";
  for (int i = kPhones / 2; i < kPhones; ++i)
    EXPECT_EQ(refuse(std::to_string(2000 + i)), std::to_string(2000 + i));
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, now).decision, Decision::Admit);
}

// As a PBX tells it that knows no ports.
TEST(Promise5_OnePhoneNeverDarkensTheOffice, AnAccountThatIsWellWithoutAFlowSharesTheAddress) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(0, "302"), false, kStart);
  const auto block = fail_until_blocked(guard, "301");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->account, "301");
}

TEST(Promise5_OnePhoneNeverDarkensTheOffice, APhoneAloneAtItsAddressIsTheAddress) {
  Guard guard(RuleSet::from(rules()), {});
  Registration alone = registration(5062, "301");
  alone.device = kPhone;
  guard.report_registered(alone, false, kStart);
  alone.flow.port = 5063;
  guard.report_registered(alone, false, kStart);
  const auto block = fail_until_blocked(guard, "301");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->account, "");
}

TEST(Promise12_Bounded, WhoTriesOneUnknownAccountAfterAnotherLosesTheAddress) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  guard.report_registered(registration(5063, "303"), false, kStart);
  for (int i = 0; i < 32; ++i) {
    const auto block = fail_until_blocked(guard, std::to_string(9000 + i));
    ASSERT_TRUE(block);
    EXPECT_EQ(block->account, std::to_string(9000 + i));
  }
  const auto own = fail_until_blocked(guard, "302");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->account, "302") << "an account that was well there is none of his";
  const auto block = fail_until_blocked(guard, "9999");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->account, "");
  EXPECT_THAT(block->reason, HasSubstr("32 accounts that were never well there"));
}

TEST(Promise1_AConversionNeverLeadsToABlock, WhatARefusedOldAccountFailedBeforeBlocksNobody) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  for (int i = 0; i < 2; ++i) guard.report_failure(refused("301"), kStart);  // before its lease
  auto spent = lease(1);
  spent.spent = 1;
  spent.addresses = {kOffice};
  ASSERT_EQ(guard.restore({}, {spent}, {}, kStart), 0U);
  const auto old = guard.report_failure(refused("301"), kStart).block;
  ASSERT_TRUE(old);
  ASSERT_EQ(old->account, "301");
  EXPECT_FALSE(guard.report_failure(refused("303"), kStart).block);
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart).decision, Decision::Admit);
}

TEST(Promise5_OnePhoneNeverDarkensTheOffice, RegisteredFlowsPassAlsoABlockOfTheWholeAddress) {
  AclRules strict = rules();
  strict.limits[size_t(Service::Sip)].distinct_identities = 3;
  Guard guard(RuleSet::from(strict), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  for (const char* account : {"901", "902"}) guard.report_failure(refused(account), kStart);
  const auto block = guard.report_failure(refused("903"), kStart).block;
  ASSERT_TRUE(block);
  EXPECT_EQ(block->account, "");
  const Enforcement enforcement = guard.enforcement(kStart);
  EXPECT_THAT(enforcement.blocked, SizeIs(1));
  EXPECT_THAT(enforcement.contested, IsEmpty());
  ASSERT_THAT(enforcement.healthy, SizeIs(1));
  EXPECT_EQ(enforcement.healthy[0].flow.port, 5062);
  EXPECT_THAT(guard.enforcement(kStart + 1h).healthy, IsEmpty()) << "it has expired";
}

TEST(Promise11, AStepOfTheWallClockChangesNoBlockInTheKernel) {
  Guard guard(RuleSet::from(rules()), {});
  const auto block = fail_until_blocked(guard, "301");
  ASSERT_TRUE(block);
  const milliseconds length = block->until - block->since;
  ASSERT_GT(length, 10min);
  for (const milliseconds step : {milliseconds(-100h), milliseconds(0), milliseconds(100h)}) {
    const Now later{kStart.steady + 10min, kStart.wall + 10min + step};
    const auto blocked = guard.enforcement(later).blocked;
    ASSERT_THAT(blocked, SizeIs(1));
    EXPECT_EQ(blocked[0].until, later.wall + (length - 10min));
  }
  const Now stepped{kStart.steady, kStart.wall + 100h};
  Guard other(RuleSet::from(rules()), {});
  ASSERT_TRUE(fail_until_blocked(other, "301"));
  const auto changes = other.take_enforcement_changes(stepped).changes;
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].refusal.until, stepped.wall + length);
}

TEST(Promise5_OnePhoneNeverDarkensTheOffice, AnAdministratorsBlockIsOfEverybodyThere) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  guard.report_success(kOffice, Service::Provisioning, kPhone, kStart, DeviceProof::Token);
  for (const Service service : {Service::Sip, Service::Provisioning})
    ASSERT_TRUE(guard.add_block({.source = IpPrefix(kOffice, 32),
                                 .service = uint8_t(service),
                                 .since = kStart.wall,
                                 .until = WallTime::max(),
                                 .repeats = 0,
                                 .reason = "by hand",
                                 .by_administrator = true},
                                kStart));
  EXPECT_THAT(guard.enforcement(kStart).healthy, IsEmpty());
  EXPECT_EQ(guard.admit(kOffice, Service::Provisioning, kStart).decision, Decision::Blocked);
}

TEST(Promise6, ProvisioningStaysOpenToASourceThatIsBlockedForSip) {
  Guard guard(RuleSet::from(rules()), {});
  ASSERT_TRUE(fail_until_blocked(guard, "301"));
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart).decision, Decision::Blocked);
  EXPECT_EQ(guard.admit(kOffice, Service::Provisioning, kStart).decision, Decision::Admit);
}

TEST(Promise6, ARefusedMacIsServedWhenItProvesItself) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  Failure failure{.service = Service::Provisioning,
                  .kind = FailureKind::WrongToken,
                  .source = kOffice,
                  .proof = PathProof::Connected,
                  .device = kPhone,
                  .account = ""};
  std::optional<store::BlockRecord> block;
  for (failure.fingerprint = 1; failure.fingerprint <= 3; ++failure.fingerprint)
    block = guard.report_failure(failure, kStart).block;
  ASSERT_TRUE(block);
  EXPECT_EQ(block->account, kPhone.to_string());
  EXPECT_EQ(guard.admit(kOffice, Service::Provisioning, kStart).decision, Decision::Admit);
  const Admission admission =
      guard.admit(kOffice, Service::Provisioning, kStart, PathProof::Connected, kPhone.to_string());
  EXPECT_EQ(admission.decision, Decision::OnlyProven);
  EXPECT_TRUE(admission.admitted());
  EXPECT_THAT(refusal(admission, Service::Provisioning), HasSubstr("proves which one it is"));
}

TEST(Promise11_EnforcedEqualsIntended, EveryStepIsTold) {
  Guard guard(RuleSet::from(rules()), {});
  EXPECT_THAT(guard.take_enforcement_changes(kStart).changes, IsEmpty());
  guard.report_registered(registration(5062, "302"), false, kStart);
  EXPECT_THAT(guard.take_enforcement_changes(kStart).changes, IsEmpty()) << "nothing to pass";
  ASSERT_TRUE(fail_until_blocked(guard, "301"));
  const auto changes = guard.take_enforcement_changes(kStart);
  EXPECT_EQ(kinds(changes), (std::vector{Kind::Refuse, Kind::FlowWell}));
  EXPECT_EQ(changes.changes[0].refusal.account, "301");
  guard.report_registered(registration(5063, "303"), false, kStart);
  EXPECT_EQ(kinds(guard.take_enforcement_changes(kStart)), std::vector{Kind::FlowWell});
  guard.report_unregistered({kOffice, 5063, false}, kStart);
  EXPECT_EQ(kinds(guard.take_enforcement_changes(kStart)), std::vector{Kind::FlowGone});
  EXPECT_TRUE(guard.remove_block(IpPrefix(kOffice, 32), Service::Sip, kStart, "301"));
  EXPECT_EQ(kinds(guard.take_enforcement_changes(kStart)),
            (std::vector{Kind::Release, Kind::FlowGone}));
  EXPECT_THAT(guard.take_enforcement_changes(kStart).changes, IsEmpty());
}

TEST(Promise11_EnforcedEqualsIntended, AMeteredSourceAndItsFlowsAreTold) {
  AclRules few = rules();
  few.sip_probes.answers = 2;
  Guard guard(RuleSet::from(few), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  for (size_t i = 1; i < 2 + ProbeMeter::kForEach; ++i)
    EXPECT_FALSE(guard.report_probe(kOffice, kStart).meter) << "302 is known there";
  const auto meter = guard.report_probe(kOffice, kStart).meter;
  ASSERT_TRUE(meter);
  EXPECT_EQ(meter->until, kStart.wall + 10min);
  EXPECT_EQ(kinds(guard.take_enforcement_changes(kStart)),
            (std::vector{Kind::Meter, Kind::FlowWell}));
  EXPECT_THAT(guard.enforcement(kStart).metered, SizeIs(1));
  EXPECT_THAT(guard.enforcement(kStart).healthy, SizeIs(1));
  EXPECT_THAT(guard.enforcement(kStart + 10min).metered, IsEmpty());
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart).decision, Decision::Admit);
}

// What made this a test: five hundred phones behind one address were converted, each tried its old
// account, and the address was metered just when they came back.
TEST(Promise1_AConversionNeverLeadsToABlock, PhonesThatTryTheirOldAccountsAreNoProbers) {
  Guard guard(RuleSet::from(rules()), {});
  for (uint64_t i = 0; i < 500; ++i) {
    EXPECT_FALSE(guard.report_probe(kOffice, kStart).meter) << "a REGISTER begins without";
    Failure failure = refused("301");
    failure.standing = Standing::Stale;
    failure.fingerprint = i + 1;
    EXPECT_EQ(guard.report_failure(failure, kStart).excuse, Excuse::Stale);
  }
}

TEST(Promise12_Bounded, EnforcementChangesThatNobodyTakesOverflowAndThatIsSaid) {
  AclRules one = rules();
  for (Limit& limit : one.limits) limit.failures = 1;
  GuardSizes sizes;
  sizes.tracked_sources = 64;
  sizes.blocks = 10'000;
  Guard guard(RuleSet::from(one), sizes);
  for (uint32_t i = 0; i <= BlockList::kMostChanges; ++i) {
    Failure failure = refused("301");
    failure.source = IpAddress::v4(0x0a000000U + i);
    guard.report_failure(failure, kStart);
  }
  EXPECT_TRUE(guard.take_enforcement_changes(kStart).overflowed);
  EXPECT_FALSE(guard.take_enforcement_changes(kStart).overflowed);
  EXPECT_THAT(guard.enforcement(kStart).blocked, SizeIs(BlockList::kMostChanges + 1));
}

TEST(Shadow, DecidesEverythingAndRefusesNothingButWhatANetworkDoesNotOffer) {
  Guard guard(RuleSet::from(rules()), {});
  guard.set_shadow(true);
  ASSERT_TRUE(fail_until_blocked(guard, "301"));
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart).decision, Decision::Admit);
  EXPECT_EQ(guard.counters().would_refuse, 1U);
  EXPECT_EQ(guard.counters().refused, 0U);
  EXPECT_EQ(guard.admit(*IpAddress::parse("2001:db8::1"), Service::Sip, kStart).decision,
            Decision::NotAllowed);
  EXPECT_THAT(guard.why(kOffice, kStart), Contains(HasSubstr("shadow mode")));
  guard.set_shadow(false);
  EXPECT_EQ(guard.admit(kOffice, Service::Sip, kStart).decision, Decision::Blocked);
}

TEST(Promise1_AConversionNeverLeadsToABlock, OtherGuardsAreToldWhileTheLeaseHasABudget) {
  Guard guard(RuleSet::from(rules()), {});
  guard.phone_seen(kPhone, kOffice, kStart);
  EXPECT_FALSE(guard.excused(kOffice, kStart));
  ASSERT_TRUE(guard.open_lease(lease(1), kStart));
  const auto exemption = guard.excused(kOffice, kStart);
  ASSERT_TRUE(exemption);
  EXPECT_THAT(exemption->reason, HasSubstr("the assignment to 301 was removed"));
  EXPECT_EQ(exemption->until, kStart.wall + 15min);
  EXPECT_FALSE(guard.excused(kOffice, kStart + 15min));
  EXPECT_EQ(guard.report_failure(refused("301"), kStart).excuse, Excuse::Forgiven);
  EXPECT_FALSE(guard.excused(kOffice, kStart)) << "its budget is spent";
}

TEST(Promise1_AConversionNeverLeadsToABlock, AStalePhoneIsNeverScoredAndIsKnownToBeThere) {
  Guard guard(RuleSet::from(rules()), {});
  Failure failure = refused("301");
  failure.standing = Standing::Stale;
  failure.device = kPhone;
  failure.device_proof = DeviceProof::Digest;
  for (int i = 0; i < 20; ++i) {
    const Verdict verdict = guard.report_failure(failure, kStart);
    EXPECT_EQ(verdict.excuse, Excuse::Stale);
    EXPECT_EQ(verdict.phone, kPhone);
    EXPECT_FALSE(verdict.counted);
  }
  ASSERT_TRUE(guard.open_lease(lease(), kStart));
  EXPECT_EQ(guard.report_failure(refused("301"), kStart).excuse, Excuse::Forgiven);
}

TEST(Promise1_AConversionNeverLeadsToABlock, WhatTheStoreDidNotTakeOfALeaseIsTakenAgain) {
  Guard guard(RuleSet::from(rules()), {});
  ASSERT_TRUE(guard.open_lease(lease(), kStart));
  guard.phone_seen(kPhone, kOffice, kStart);
  ASSERT_EQ(guard.report_failure(refused("301"), kStart).excuse, Excuse::Forgiven);
  const auto changed = guard.take_changed_leases();
  ASSERT_THAT(changed, SizeIs(1));
  EXPECT_THAT(guard.take_changed_leases(), IsEmpty());
  guard.leases_not_stored(changed, {});
  EXPECT_EQ(guard.take_changed_leases(), changed);

  ASSERT_TRUE(guard.close_lease(kPhone));
  const auto closed = guard.take_closed_leases(kStart);
  ASSERT_THAT(closed, SizeIs(1));
  guard.leases_not_stored(changed, closed);
  EXPECT_THAT(guard.take_changed_leases(), IsEmpty()) << "it is over";
  EXPECT_EQ(guard.take_closed_leases(kStart), closed);
  guard.leases_not_stored({}, closed);
  ASSERT_TRUE(guard.open_lease(lease(), kStart));
  EXPECT_THAT(guard.take_closed_leases(kStart), IsEmpty()) << "the store has it again";
}

TEST(Promise1_AConversionNeverLeadsToABlock, TriesWithTheOldPasswordAreCountedAndCostNothing) {
  Guard guard(RuleSet::from(rules()), {});
  ASSERT_TRUE(guard.open_lease(lease(), kStart));
  (void)guard.take_changed_leases();
  Failure failure = refused("301");
  failure.standing = Standing::Stale;
  failure.device = kPhone;
  failure.device_proof = DeviceProof::Digest;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(guard.report_failure(failure, kStart).excuse, Excuse::Stale);
  // What anybody could have written into a packet is not counted, nor is another phone's.
  failure.proof = PathProof::None;
  (void)guard.report_failure(failure, kStart);
  failure.proof = PathProof::Acknowledged;
  failure.device = MacAddress({2, 0, 0, 0, 0, 9});
  (void)guard.report_failure(failure, kStart);
  const auto changed = guard.take_changed_leases();
  ASSERT_EQ(changed.size(), 1U) << "the store is to know";
  EXPECT_EQ(changed[0].stale, 5U);
  EXPECT_EQ(changed[0].spent, 0U);
  EXPECT_THAT(guard.why(kPhone, kStart), Contains(HasSubstr("5 tries with its old password")));
  EXPECT_EQ(guard.close_lease(kPhone)->stale, 5U);
}

TEST(Promise2_ALeaseBuysAnAttackerNothing, PinsOtherAccountsAndOtherPhonesCountAsEver) {
  Guard guard(RuleSet::from(rules()), {});
  guard.phone_seen(kPhone, kOffice, kStart);
  ASSERT_TRUE(guard.open_lease(lease(), kStart));
  EXPECT_TRUE(guard.report_failure(refused("302"), kStart).counted);
  Failure pin{.service = Service::DeskLogin,
              .kind = FailureKind::WrongPin,
              .source = kOffice,
              .proof = PathProof::Connected,
              .device = kPhone,
              .account = "301"};
  EXPECT_TRUE(guard.report_failure(pin, kStart).counted);
  Failure file{.service = Service::Provisioning,
               .kind = FailureKind::UnknownMac,
               .source = kOffice,
               .proof = PathProof::Connected,
               .device = MacAddress({0, 0x0f, 0xd3, 0, 0, 1}),
               .account = ""};
  EXPECT_TRUE(guard.report_failure(file, kStart).counted);
  Failure elsewhere = refused("301");
  elsewhere.source = *IpAddress::parse("192.0.2.1");
  elsewhere.device = kPhone;
  EXPECT_TRUE(guard.report_failure(elsewhere, kStart).counted) << "a claim is no proof";
  elsewhere.proof = PathProof::None;
  EXPECT_FALSE(guard.report_failure(elsewhere, kStart).counted);
}

TEST(Promise13_EveryVerdictExplainsItself, APhoneAndAnAccount) {
  Guard guard(RuleSet::from(rules()), {});
  EXPECT_THAT(guard.why(kPhone, kStart), Contains(HasSubstr("nothing is known of")));
  guard.phone_seen(kPhone, kOffice, kStart);
  ASSERT_TRUE(guard.open_lease(lease(), kStart));
  guard.report_failure(refused("301"), kStart);
  for (const auto& lines : {guard.why(kPhone, kStart), guard.why("301", kStart)}) {
    EXPECT_THAT(lines, Contains(HasSubstr("1 of 40 failures forgiven")));
    EXPECT_THAT(lines, Contains(HasSubstr("203.0.113.9: ")));
    EXPECT_THAT(lines, Contains(HasSubstr("forgiven by the phone's lease")));
  }
}

TEST(Promise13_EveryVerdictExplainsItself, ABlockBelowTheAddress) {
  Guard guard(RuleSet::from(rules()), {});
  guard.report_registered(registration(5062, "302"), false, kStart);
  ASSERT_TRUE(fail_until_blocked(guard, "301"));
  const auto lines = guard.why(kOffice, kStart);
  EXPECT_THAT(lines[0], HasSubstr("\"301\" from 203.0.113.9"));
  EXPECT_THAT(lines, Contains(HasSubstr("203.0.113.9 is not blocked")));
  EXPECT_THAT(lines, Contains(HasSubstr("healthy there: 302")));
  EXPECT_THAT(lines, Contains(HasSubstr("4 would be the whole address")));
}

}  // namespace
}  // namespace stormdoor::acl
