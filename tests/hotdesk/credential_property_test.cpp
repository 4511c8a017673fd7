// Random sequences of use cases: whenever something that a phone knew stops being right, the phone
// has a lease that names it, and its old secret is told apart from a guess; and never otherwise.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "acl/lease_book.hpp"
#include "hotdesk/credential_change.hpp"
#include "hotdesk/phone_view.hpp"
#include "tests/hotdesk/office.hpp"
#include "tests/hotdesk/sip_digests.hpp"

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;
using acl::Standing;
using store::PhoneRole;

constexpr uint32_t kPhones = 8;

// An administrator who changes what phones know, few names so that they meet.
class Administrator {
 public:
  explicit Administrator(uint32_t seed) : random_(seed) {}

  Problems act(Draft& draft) {
    switch (pick(12)) {
      case 0:
        return add_user(draft, {.extension = extension()}, tools());
      case 1:
        return remove_user(draft, extension());
      case 2:
      case 3:
        return set_user(draft, extension(), {.sip_secret = Secret()}, tools());
      case 4:
        return add_phone(draft, {.mac = phone().to_string(), .extension = extension()}, tools());
      case 5:
        return remove_phone(draft, phone());
      case 6:
        return set_phone(draft, phone(), {.device_secret = Secret()}, tools());
      case 7:
        return set_phone(draft, phone(), {.device_account = fmt::format("account-{}", pick(6))},
                         tools());
      case 8:
        return renew_token(draft, phone(), tools());
      case 9:
        return set_phone(draft, phone(), {.model = fmt::format("D{}", pick(9))}, tools());
      case 10:
        return assign(draft, {extension(), uint8_t(pick(4)), phone()});
      default:
        return unassign(draft, phone());
    }
  }

  uint32_t pick(uint32_t count) {
    return std::uniform_int_distribution<uint32_t>(0, count - 1)(random_);
  }

 private:
  [[nodiscard]] const Tools& tools() const { return test_.tools(); }
  std::string extension() { return fmt::format("{}", 200 + pick(4)); }
  MacAddress phone() { return numbered_mac(pick(kPhones)); }

  std::mt19937 random_;
  TestTools test_;
};

struct Login {
  std::string account;
  std::string secret;
  auto operator<=>(const Login&) const = default;
};

// What the phone registers with; nothing for one that nobody registered.
std::optional<Login> login_of(const Registry& registry, const MacAddress& mac) {
  const PhoneView view = view_of(registry, mac);
  if (!view.phone) return {};
  return Login{std::string(view.account()), std::string(view.account_secret().reveal())};
}
Secret token_of(const Registry& registry, const MacAddress& mac) {
  const auto phone = registry.phone(mac);
  return phone ? phone->token : Secret();
}
bool is_present(const Registry& registry, const Login& login) {
  const auto user = registry.user(login.account);
  const auto phone = registry.phone_with_device_account(login.account);
  return (user && user->sip_secret.reveal() == login.secret) ||
         (phone && phone->device_secret.reveal() == login.secret);
}

class CredentialProperty : public testing::TestWithParam<uint32_t> {
 protected:
  void expect_excused(const Registry& before, const Registry& after, const MacAddress& mac) {
    const auto knew = login_of(before, mac);
    if (!knew) return;
    const bool lost_login = login_of(after, mac) != knew;
    const bool lost_token = token_of(after, mac) != token_of(before, mac);
    const auto lease = after.lease_of(mac);
    if (!lost_login && !lost_token) {
      EXPECT_EQ(lease, before.lease_of(mac)) << "nothing was taken from it";
      return;
    }
    ++losses_;
    ASSERT_NE(lease, nullptr);
    EXPECT_FALSE(acl::is_past_deadline(*lease, now_));
    EXPECT_FALSE(lease->reason.empty());
    if (!lost_login) return;
    EXPECT_TRUE(std::ranges::count(lease->accounts, knew->account) == 1) << knew->account;
    expect_told_apart(after, *knew, mac);
  }

  void expect_told_apart(const Registry& registry, const Login& old, const MacAddress& mac) {
    const auto found = standing_of(registry, PhonesDigest(old.account, old.secret).digest(), now_);
    const bool alone = knew_[old].size() == 1;
    if (is_present(registry, old)) {
      EXPECT_EQ(found.standing, Standing::Current);
      return;
    }
    EXPECT_EQ(found.standing, alone ? Standing::Stale : Standing::StaleElsewhere);
    EXPECT_EQ(found.phone, alone ? std::optional(mac) : std::nullopt);
    ++(alone ? stale_ : shared_);
  }

  void remember_who_knows_what(const Registry& registry) {
    for (uint32_t i = 0; i < kPhones; ++i)
      if (const auto login = login_of(registry, numbered_mac(i)))
        knew_[*login].insert(numbered_mac(i));
  }

  WallTime now_{400'000h};
  std::map<Login, std::set<MacAddress>> knew_;  // who ever did
  size_t losses_ = 0;
  size_t stale_ = 0;
  size_t shared_ = 0;
};

TEST_P(CredentialProperty, WhatAPhoneLosesIsExcusedAndNothingElse) {
  Administrator administrator(GetParam());
  LeaseTerms terms;
  auto registry = Registry::from({});
  for (uint64_t version = 1; version <= 2000; ++version) {
    now_ += milliseconds(administrator.pick(500'000));  // in all less than old secrets are kept
    Draft draft(*registry);
    if (!administrator.act(draft).none()) continue;
    store::Change change = std::move(draft).take();
    append_leases(change, *registry, now_, terms);
    const auto after = registry->with(change, version);
    for (uint32_t i = 0; i < kPhones; ++i) expect_excused(*registry, *after, numbered_mac(i));
    registry = after;
    remember_who_knows_what(*registry);
    if (HasFailure()) FAIL() << "at step " << version << " of seed " << GetParam();
  }
  registry->for_each_stale_secret([&](const auto& row) {
    EXPECT_LE(registry->stale_secrets_of(row->account).size(),
              kMostStaleSecrets * kMostHoldersOfStaleSecret);
  });
  EXPECT_GT(losses_, 100U);
  EXPECT_GT(stale_, 10U);
  EXPECT_GT(shared_, 2U);
}

INSTANTIATE_TEST_SUITE_P(Credentials, CredentialProperty, testing::Range(1U, 9U));

// A draft completed in place and a finished change come to the same.
TEST(AppendLeases, ToADraftOrToAFinishedChangeIsTheSame) {
  const auto registry = Registry::from(office_contents());
  constexpr WallTime kNow{400'000h};
  Draft draft(*registry);
  ASSERT_TRUE(unassign(draft, mac(kDeskPhone)).none());
  store::Change finished = draft.change();
  append_leases(draft, *registry, kNow, {});
  append_leases(finished, *registry, kNow, {});
  ASSERT_EQ(finished.operations.size(), draft.change().operations.size());
  const auto completed = registry->with(finished, 1);
  EXPECT_EQ(*completed->lease_of(mac(kDeskPhone)), *draft.registry().lease_of(mac(kDeskPhone)));
}

}  // namespace
}  // namespace stormdoor::hotdesk
