#include "hotdesk/credential_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acl/lease_book.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/sip_standing.hpp"
#include "tests/hotdesk/office.hpp"
#include "tests/hotdesk/sip_digests.hpp"

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;
using acl::Standing;
using testing::ElementsAre;

constexpr WallTime kNow{400'000h};

class CredentialChangeTest : public testing::Test {
 protected:
  // One use case, and what it makes necessary, as the store thread does it.
  template <typename UseCase, typename... Arguments>
  void act(UseCase&& use_case, Arguments&&... arguments) {
    auto change = plan(*registry_, use_case, std::forward<Arguments>(arguments)...);
    ASSERT_TRUE(change) << change.error().message();
    append_leases(*change, *registry_, now_, terms_);
    registry_ = registry_->with(*change, registry_->version() + 1);
  }
  [[nodiscard]] LeaseRecord lease(std::string_view phone) const {
    const auto found = registry_->lease_of(mac(phone));
    return found ? *found : LeaseRecord{};
  }
  [[nodiscard]] size_t leases() const { return registry_->lease_count(); }
  [[nodiscard]] SipStanding standing(std::string_view account, std::string_view password) const {
    return standing_of(*registry_, PhonesDigest(account, password).digest(), now_);
  }
  [[nodiscard]] const Tools& tools() const { return test_.tools(); }

  TestTools test_;
  LeaseTerms terms_;
  WallTime now_ = kNow;
  std::shared_ptr<const Registry> registry_ = Registry::from(office_contents());
};

TEST_F(CredentialChangeTest, ARemovedAssignmentOpensALease) {
  act(unassign, mac(kDeskPhone));
  const LeaseRecord opened = lease(kDeskPhone);
  EXPECT_THAT(opened.accounts, ElementsAre("2041"));
  EXPECT_EQ(opened.opened, kNow);
  EXPECT_EQ(opened.deadline, kNow + 30min);
  EXPECT_EQ(opened.budget, 60U);
  EXPECT_EQ(opened.spent, 0U);
  EXPECT_EQ(opened.reason, "the assignment to 2041 was removed");
  EXPECT_TRUE(opened.addresses.empty());
  EXPECT_EQ(leases(), 1U) << "nobody else's";
}

TEST_F(CredentialChangeTest, AChangedSipSecretOpensALeaseForThePhonesOfThatUser) {
  act(set_user, "2041", UserEdit{.sip_secret = Secret("anothersecret-1")}, tools());
  EXPECT_EQ(lease(kDeskPhone).reason, "the SIP secret of 2041 was changed");
  EXPECT_THAT(lease(kDeskPhone).accounts, ElementsAre("2041"));
  EXPECT_EQ(leases(), 1U);
  const auto old = standing("2041", "ada-secret");
  EXPECT_EQ(old.standing, Standing::Stale);
  EXPECT_EQ(old.phone, mac(kDeskPhone));
  EXPECT_EQ(standing("2041", "anothersecret-1").standing, Standing::Current);
}

TEST_F(CredentialChangeTest, ASecretThatTwoPhonesSharedIsNobodysAfterItsChange) {
  act(assign, AssignRequest{"2041", 1, mac(kSparePhone)});
  act(set_user, "2041", UserEdit{.sip_secret = Secret("anothersecret-1")}, tools());
  EXPECT_EQ(standing("2041", "ada-secret").standing, Standing::StaleElsewhere);
  EXPECT_THAT(lease(kSparePhone).accounts, ElementsAre("2041", "d000fd3000003"));
}

// First one phone loses it, then it changes for the other: two knew it all the same, also when the
// first has nearly been forgotten.
TEST_F(CredentialChangeTest, ASecretThatTwoPhonesHadOneAfterTheOtherIsNobodys) {
  act(assign, AssignRequest{"2041", 1, mac(kSparePhone)});
  act(unassign, mac(kSparePhone));
  now_ += terms_.keep_old_secrets - 1h;
  act(set_user, "2041", UserEdit{.sip_secret = Secret("anothersecret-1")}, tools());
  EXPECT_EQ(standing("2041", "ada-secret").standing, Standing::StaleElsewhere);
  now_ += 2h;
  EXPECT_EQ(standing("2041", "ada-secret").standing, Standing::StaleElsewhere);
}

TEST_F(CredentialChangeTest, AChangedDeviceSecretOrAccountOpensALease) {
  act(set_phone, mac(kSparePhone), PhoneEdit{.device_secret = Secret("anothersecret-1")}, tools());
  EXPECT_EQ(lease(kSparePhone).reason, "its device secret was changed");
  EXPECT_EQ(standing("d000fd3000003", "device-secret").phone, mac(kSparePhone));
  act(set_phone, mac(kHotDeskPhone), PhoneEdit{.device_account = "lobby"}, tools());
  EXPECT_EQ(lease(kHotDeskPhone).reason, "its device account was changed");
  EXPECT_THAT(lease(kHotDeskPhone).accounts, ElementsAre("d000fd3000002"));
  EXPECT_EQ(standing("d000fd3000002", "device-secret").standing, Standing::Stale);
}

// What its line does not use, its configuration does not hold.
TEST_F(CredentialChangeTest, TheDeviceSecretOfAnAssignedPhoneIsNotWhatItKnows) {
  act(set_phone, mac(kDeskPhone), PhoneEdit{.device_secret = Secret("anothersecret-1")}, tools());
  EXPECT_EQ(leases(), 0U);
}

TEST_F(CredentialChangeTest, ARemovedPhoneKeepsItsLease) {
  act(remove_phone, mac(kSparePhone));
  EXPECT_EQ(lease(kSparePhone).reason, "the phone was removed");
  EXPECT_EQ(standing("d000fd3000003", "device-secret").standing, Standing::Stale);
}

TEST_F(CredentialChangeTest, ARenewedTokenOpensALeaseForTheFilesOnly) {
  act(renew_token, mac(kSparePhone), tools());
  EXPECT_EQ(lease(kSparePhone).reason, "its token was renewed");
  EXPECT_TRUE(lease(kSparePhone).accounts.empty());
  EXPECT_TRUE(registry_->stale_secrets_of("d000fd3000003").empty());
}

TEST_F(CredentialChangeTest, APhoneThatIsAssignedForgetsItsDeviceAccount) {
  act(assign, AssignRequest{"2043", 0, mac(kSparePhone)});
  EXPECT_EQ(lease(kSparePhone).reason, "it was assigned to 2043");
  EXPECT_THAT(lease(kSparePhone).accounts, ElementsAre("d000fd3000003"));
}

TEST_F(CredentialChangeTest, APhoneThatIsMovedWithinOneChangeIsToldSo) {
  const auto move = [](Draft& draft) {
    Problems problems = unassign(draft, mac(kDeskPhone));
    problems.add(assign(draft, {"2043", 0, mac(kDeskPhone)}));
    return problems;
  };
  act(move);
  EXPECT_EQ(lease(kDeskPhone).reason, "it was moved from 2041 to 2043");
}

TEST_F(CredentialChangeTest, WhatTakesNothingFromAPhoneOpensNoLease) {
  act(set_user, "2041", UserEdit{.name = "Ada Lovelace"}, tools());
  act(set_phone, mac(kDeskPhone), PhoneEdit{.model = "D70"}, tools());
  act(set_phone, mac(kSparePhone), PhoneEdit{.role = store::PhoneRole::HotDesk}, tools());
  act(set_location, "hq", LocationEdit{.label = "HQ"});
  act(add_phone, PhoneRequest{.mac = "000FD3FFFFFF"}, tools());
  act(approve_first_contact, mac(kSparePhone));
  act(note_token_issued, mac(kSparePhone));
  act(add_user, UserRequest{.extension = "2044"}, tools());
  act(remove_user, "2042");
  EXPECT_EQ(leases(), 0U);
}

TEST_F(CredentialChangeTest, TakingAChangeBackMakesTheSecretCurrentAgain) {
  act(unassign, mac(kDeskPhone));
  act(assign, AssignRequest{"2041", 0, mac(kDeskPhone)});
  EXPECT_EQ(standing("2041", "ada-secret").standing, Standing::Current);
  EXPECT_EQ(standing("2041", "ada-secret").phone, mac(kDeskPhone));
}

TEST_F(CredentialChangeTest, ASecondChangeRenewsTheLeaseAndKeepsWhatWasSpent) {
  act(unassign, mac(kDeskPhone));
  LeaseRecord learned = lease(kDeskPhone);
  learned.spent = 17;
  learned.addresses = {IpAddress::v4(7)};
  Draft noted(*registry_);
  note_lease(noted, learned, now_);
  registry_ = registry_->with(noted.change(), registry_->version() + 1);
  now_ += 10min;
  act(set_phone, mac(kDeskPhone), PhoneEdit{.device_account = "lobby"}, tools());
  const LeaseRecord renewed = lease(kDeskPhone);
  EXPECT_THAT(renewed.accounts, ElementsAre("d000fd3000001", "2041"));
  EXPECT_EQ(renewed.spent, 17U);
  EXPECT_EQ(renewed.addresses, learned.addresses);
  EXPECT_EQ(renewed.opened, kNow);
  EXPECT_EQ(renewed.deadline, kNow + 40min);
}

TEST_F(CredentialChangeTest, WhatTheGuardLearnsOfAClosedLeaseIsDropped) {
  Draft draft(*registry_);
  LeaseRecord learned;
  learned.mac = mac(kDeskPhone);
  note_lease(draft, learned, now_);
  EXPECT_TRUE(draft.change().operations.empty());
}

TEST_F(CredentialChangeTest, TheGuardsWordDoesNotUndoALaterRenewal) {
  act(unassign, mac(kDeskPhone));
  LeaseRecord learned = lease(kDeskPhone);
  learned.spent = 3;
  act(set_phone, mac(kDeskPhone), PhoneEdit{.device_account = "lobby"}, tools());
  Draft draft(*registry_);
  note_lease(draft, learned, now_);
  const auto lease = draft.registry().lease_of(mac(kDeskPhone));
  EXPECT_THAT(lease->accounts, testing::UnorderedElementsAre("2041", "d000fd3000001"));
  EXPECT_EQ(lease->spent, 3U);
}

TEST_F(CredentialChangeTest, AnAdministratorOpensALeaseForWhatThePhoneKnows) {
  Draft draft(*registry_);
  open_lease(draft, mac(kDeskPhone), "opened by an administrator", now_, terms_);
  open_lease(draft, mac("00:0F:D3:77:77:77"), "opened by an administrator", now_, terms_);
  EXPECT_THAT(draft.registry().lease_of(mac(kDeskPhone))->accounts, ElementsAre("2041"));
  EXPECT_TRUE(draft.registry().lease_of(mac("00:0F:D3:77:77:77"))->accounts.empty());
}

TEST_F(CredentialChangeTest, TwoChangesWithinOneMillisecondAreBothRemembered) {
  act(set_phone, mac(kSparePhone), PhoneEdit{.device_secret = Secret("anothersecret-1")}, tools());
  act(set_phone, mac(kSparePhone), PhoneEdit{.device_secret = Secret("anothersecret-2")}, tools());
  EXPECT_EQ(standing("d000fd3000003", "device-secret").standing, Standing::Stale);
  EXPECT_EQ(standing("d000fd3000003", "anothersecret-1").standing, Standing::Stale);
  EXPECT_EQ(standing("d000fd3000003", "anothersecret-2").standing, Standing::Current);
}

TEST_F(CredentialChangeTest, StaleSecretsAreErasedWhenTheirTimeIsOverSoManyAtATime) {
  for (int i = 0; i < 3; ++i)
    act(set_phone, mac(kSparePhone),
        PhoneEdit{.device_secret = Secret(fmt::format("anothersecret-{}", i))}, tools());
  const WallTime over = kNow + terms_.keep_old_secrets + 2ms;
  EXPECT_TRUE(forget_stale_secrets(*registry_, over - 3ms, 100).operations.empty());
  EXPECT_EQ(forget_stale_secrets(*registry_, over, 2).operations.size(), 2U);
  registry_ = registry_->with(forget_stale_secrets(*registry_, over, 100), 99);
  EXPECT_TRUE(registry_->stale_secrets_of("d000fd3000003").empty());
}

TEST_F(CredentialChangeTest, Promise12_AnAccountKeepsSoManyStaleSecretsAndSoManyHoldersOfEach) {
  for (size_t i = 0; i < kMostStaleSecrets + 3; ++i)
    act(set_phone, mac(kSparePhone),
        PhoneEdit{.device_secret = Secret(fmt::format("anothersecret-{}", i))}, tools());
  EXPECT_EQ(registry_->stale_secrets_of("d000fd3000003").size(), kMostStaleSecrets);
  for (uint32_t i = 0; i < kMostHoldersOfStaleSecret + 3; ++i) {
    now_ += 1s;
    act(add_phone, PhoneRequest{.mac = numbered_mac(100 + i).to_string(), .extension = "2043"},
        tools());
    act(unassign, numbered_mac(100 + i));
  }
  EXPECT_EQ(registry_->stale_secrets_of("2043").size(), kMostHoldersOfStaleSecret);
}

// However many phones one change is of.
TEST_F(CredentialChangeTest, Promise1_NoPhoneThatLosesSomethingIsLeftWithoutALease) {
  terms_.most = 1;
  act([&](Draft& draft) {
    for (const auto phone : {kDeskPhone, kSparePhone})
      (void)renew_token(draft, mac(phone), tools());
    return Problems();
  });
  EXPECT_EQ(lease(kDeskPhone).mac, mac(kDeskPhone));
  EXPECT_EQ(lease(kSparePhone).mac, mac(kSparePhone));
}

TEST_F(CredentialChangeTest, Promise12_WhenThereAreManyLeasesThoseThatAreOverAreForgotten) {
  terms_.most = 2;
  act(renew_token, mac(kDeskPhone), tools());
  now_ += 1min;
  act(renew_token, mac(kSparePhone), tools());
  now_ = kNow + terms_.within + 1min;
  act(renew_token, mac(kHotDeskPhone), tools());
  EXPECT_EQ(leases(), 2U);
  EXPECT_EQ(lease(kDeskPhone).mac, MacAddress()) << "it was over first";
  EXPECT_EQ(lease(kHotDeskPhone).mac, mac(kHotDeskPhone));
}

TEST_F(CredentialChangeTest, Promise12_AnAdministratorOpensSoManyLeasesAndNotOneMore) {
  terms_.most = 1;
  const auto opens = [&](std::string_view phone) {
    Draft draft(*registry_);
    open_lease(draft, mac(phone), "opened by an administrator", now_, terms_);
    const bool has_it = draft.registry().lease_of(mac(phone)) != nullptr;
    const auto change = std::move(draft).take();
    registry_ = registry_->with(change, registry_->version() + 1);
    return has_it;
  };
  EXPECT_TRUE(opens(kDeskPhone));
  EXPECT_TRUE(opens(kDeskPhone)) << "it is renewed";
  EXPECT_FALSE(opens(kSparePhone));
  now_ += terms_.within;
  EXPECT_TRUE(opens(kSparePhone));
  EXPECT_EQ(leases(), 1U) << "what was over made room";
}

// What the Guard says is over was said before the plan runs: others may have been first.
TEST_F(CredentialChangeTest, ALeaseThatIsOverIsErasedUnlessItWasRenewedSince) {
  act(unassign, mac(kDeskPhone));
  LeaseRecord over = lease(kDeskPhone);
  over.spent = 3;  // what the Guard knows better
  const auto end = [&](WallTime now) {
    Draft draft(*registry_);
    const LeaseEnd result = end_lease(draft, over, now);
    EXPECT_EQ(draft.registry().lease_of(over.mac) == nullptr, result == LeaseEnd::Back ||
                                                                  result == LeaseEnd::Forgotten ||
                                                                  result == LeaseEnd::Gone);
    return result;
  };
  EXPECT_EQ(end(now_), LeaseEnd::Back);
  EXPECT_EQ(end(over.deadline + acl::LeaseBook::kRememberPast - 1ms), LeaseEnd::Back);
  EXPECT_EQ(end(over.deadline + acl::LeaseBook::kRememberPast), LeaseEnd::Forgotten);

  now_ += 1min;
  act(renew_token, mac(kDeskPhone), tools());
  EXPECT_EQ(end(now_), LeaseEnd::Renewed);
  over = lease(kDeskPhone);
  registry_ = registry_->with({{store::EraseLease{over.mac}}}, registry_->version() + 1);
  EXPECT_EQ(end(now_), LeaseEnd::Gone);
}

}  // namespace
}  // namespace stormdoor::hotdesk
