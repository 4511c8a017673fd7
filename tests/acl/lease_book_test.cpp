#include "acl/lease_book.hpp"

#include <gtest/gtest.h>

#include <random>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using Answer = LeaseBook::Answer;
using store::LeaseRecord;

constexpr Now kStart{SteadyTime(1'000h), WallTime(400'000h)};
constexpr milliseconds kWithin = 30min;

MacAddress mac(uint8_t number = 1) {
  return MacAddress({0x00, 0x0f, 0xd3, 0x05, 0x48, number});
}
IpAddress address(uint32_t number = 7) {
  return IpAddress::v4(0x0a000000 + number);
}
LeaseRecord lease(uint8_t phone = 1, std::vector<std::string> accounts = {"2041"},
                  uint32_t budget = 3) {
  return {.mac = mac(phone),
          .accounts = std::move(accounts),
          .opened = kStart.wall,
          .deadline = kStart.wall + kWithin,
          .budget = budget,
          .spent = 0,
          .reason = "the assignment to 2041 was removed",
          .addresses = {}};
}
// An answered SIP challenge that was refused.
Failure refused(std::string account = "2041", IpAddress source = address()) {
  Failure failure;
  failure.service = Service::Sip;
  failure.kind = FailureKind::SipRefused;
  failure.source = source;
  failure.proof = PathProof::Acknowledged;
  failure.account = std::move(account);
  return failure;
}
Failure asked_for_files(FailureKind kind = FailureKind::ForeignFile, uint8_t phone = 1,
                        DeviceProof proof = DeviceProof::Claimed) {
  Failure failure;
  failure.kind = kind;
  failure.source = address();
  failure.proof = PathProof::Connected;
  failure.device = mac(phone);
  failure.device_proof = proof;
  return failure;
}
// One lease; its phone was seen at address().
struct PhoneAtHome {
  LeaseBook book{8};
  explicit PhoneAtHome(const LeaseRecord& of = lease()) {
    EXPECT_TRUE(book.open(of, kStart));
    book.seen_at(of.mac, address());
  }
  Answer answer(const Failure& failure, Now now = kStart) {
    return book.judge(failure, now).answer;
  }
};

TEST(Promise1_LeaseBook, ForgivesTheOldAccountWhereThePhoneIs) {
  PhoneAtHome home;
  const auto finding = home.book.judge(refused(), kStart + 1min);
  EXPECT_EQ(finding.answer, Answer::Forgiven);
  EXPECT_EQ(finding.mac, mac());
  EXPECT_EQ(home.book.find(mac())->spent, 1U);
}

TEST(Promise1_LeaseBook, ForgivesThePhonesOwnFilesWhereThePhoneIs) {
  for (const FailureKind kind :
       {FailureKind::WrongToken, FailureKind::ForeignFile, FailureKind::UnknownMac}) {
    PhoneAtHome home;
    EXPECT_EQ(home.answer(asked_for_files(kind)), Answer::Forgiven) << to_string(kind);
  }
}

TEST(Promise1_LeaseBook, FollowsThePhoneToAnotherAddress) {
  PhoneAtHome home;
  EXPECT_EQ(home.answer(refused("2041", address(8))), Answer::NotCovered);
  home.book.seen_at(mac(), address(8));
  EXPECT_EQ(home.answer(refused("2041", address(8))), Answer::Forgiven);
}

TEST(Promise1_LeaseBook, WhatProvesTheDeviceNeedsNoKnownAddress) {
  LeaseBook book(4);
  ASSERT_TRUE(book.open(lease(1, {"2041"}, 100), kStart));
  for (const DeviceProof proof :
       {DeviceProof::Wire, DeviceProof::Token, DeviceProof::Certificate, DeviceProof::Digest}) {
    Failure failure = refused();
    failure.device = mac();
    failure.device_proof = proof;
    EXPECT_EQ(book.judge(failure, kStart).answer, Answer::Forgiven);
    EXPECT_EQ(book.judge(asked_for_files(FailureKind::WrongToken, 1, proof), kStart).answer,
              Answer::Forgiven);
  }
}

TEST(Promise1_LeaseBook, AStaleDigestProvesThePhone) {
  LeaseBook book(4);
  ASSERT_TRUE(book.open(lease(), kStart));
  Failure failure = refused();
  for (const Standing standing : {Standing::Unknown, Standing::Current, Standing::StaleElsewhere}) {
    failure.standing = standing;
    EXPECT_EQ(book.judge(failure, kStart).answer, Answer::NotCovered);
  }
  failure.standing = Standing::Stale;
  EXPECT_EQ(book.judge(failure, kStart).answer, Answer::Forgiven);
  failure.device = mac(2);
  failure.device_proof = DeviceProof::Digest;
  EXPECT_EQ(book.judge(failure, kStart).answer, Answer::NotCovered)
      << "it was another phone's secret";
}

TEST(Promise2_LeaseBook, AClaimProvesNothing) {
  LeaseBook book(4);
  ASSERT_TRUE(book.open(lease(), kStart));
  Failure failure = refused();
  failure.device = mac();
  EXPECT_EQ(book.judge(failure, kStart).answer, Answer::NotCovered);
  EXPECT_EQ(book.judge(asked_for_files(), kStart).answer, Answer::NotCovered);
  EXPECT_EQ(book.find(mac())->spent, 0U);
}

TEST(Promise2_LeaseBook, OtherAccountsOtherPhonesAndPinsAreNeverForgiven) {
  PhoneAtHome home;
  EXPECT_EQ(home.answer(refused("2042")), Answer::NotCovered);
  EXPECT_EQ(home.answer(refused("204")), Answer::NotCovered);
  EXPECT_EQ(home.answer(refused("20411")), Answer::NotCovered);
  EXPECT_EQ(home.answer(refused("")), Answer::NotCovered);
  EXPECT_EQ(home.answer(asked_for_files(FailureKind::ForeignFile, 2)), Answer::NotCovered);
  for (const FailureKind kind :
       {FailureKind::WrongPassword, FailureKind::WrongPin, FailureKind::MacSweep,
        FailureKind::DecoyMac, FailureKind::WireMismatch}) {
    Failure failure = asked_for_files(kind, 1, DeviceProof::Certificate);
    failure.account = "2041";
    failure.standing = Standing::Stale;
    EXPECT_EQ(home.answer(failure), Answer::NotCovered) << to_string(kind);
  }
  EXPECT_EQ(home.book.find(mac())->spent, 0U);
}

TEST(Promise2_LeaseBook, WhoSaysToBeAnotherPhoneIsNotThisOneButARoutersMacSaysNothing) {
  PhoneAtHome home;
  Failure failure = refused();
  failure.device = mac(2);
  for (const DeviceProof proof :
       {DeviceProof::Claimed, DeviceProof::Token, DeviceProof::Certificate, DeviceProof::Digest}) {
    failure.device_proof = proof;
    EXPECT_EQ(home.answer(failure), Answer::NotCovered);
  }
  failure.device_proof = DeviceProof::Wire;
  EXPECT_EQ(home.answer(failure), Answer::Forgiven);
}

TEST(Promise4_LeaseBook, AnUnprovenPathCannotSpendTheBudget) {
  PhoneAtHome home;
  Failure failure = asked_for_files();
  failure.proof = PathProof::None;
  EXPECT_EQ(home.answer(failure), Answer::NotCovered);
  EXPECT_EQ(home.book.find(mac())->spent, 0U);
}

TEST(Promise2_LeaseBook, TheBudgetIsSpentExactly) {
  PhoneAtHome home(lease(1, {"2041"}, 3));
  EXPECT_EQ(home.answer(refused()), Answer::Forgiven);
  EXPECT_EQ(home.answer(asked_for_files()), Answer::Forgiven) << "one budget for everything";
  EXPECT_EQ(home.answer(refused()), Answer::Forgiven);
  const auto beyond = home.book.judge(refused(), kStart);
  EXPECT_EQ(beyond.answer, Answer::BudgetSpent);
  EXPECT_EQ(beyond.mac, mac());
  EXPECT_EQ(home.book.find(mac())->spent, 3U);
}

TEST(Promise2_LeaseBook, TheDeadlineHoldsExactly) {
  PhoneAtHome home;
  EXPECT_EQ(home.answer(refused(), kStart + (kWithin - 1ms)), Answer::Forgiven);
  const auto late = home.book.judge(refused(), kStart + kWithin);
  EXPECT_EQ(late.answer, Answer::PastDeadline);
  EXPECT_EQ(late.mac, mac());
}

TEST(LeaseBook, OfTwoPhonesWithOneOldAccountTheOneThatCanPays) {
  LeaseBook book(4);
  ASSERT_TRUE(book.open(lease(1, {"2041"}, 1), kStart));
  ASSERT_TRUE(book.open(lease(2, {"2041"}, 1), kStart));
  book.seen_at(mac(1), address());
  book.seen_at(mac(2), address());
  EXPECT_EQ(book.judge(refused(), kStart).mac, mac(1));
  EXPECT_EQ(book.judge(refused(), kStart).mac, mac(2));
  EXPECT_EQ(book.judge(refused(), kStart).answer, Answer::BudgetSpent);
}

TEST(LeaseBook, ARenewedLeaseKeepsWhatWasSpentAndTheOlderAccounts) {
  PhoneAtHome home;
  home.answer(refused());
  LeaseRecord again = lease(1, {"d000fd3054801"}, 2);
  again.opened = kStart.wall + 10min;
  again.deadline = again.opened + kWithin;
  again.reason = "its device secret was changed";
  ASSERT_TRUE(home.book.open(again, kStart + 10min));
  const LeaseRecord& renewed = *home.book.find(mac());
  EXPECT_EQ(renewed.accounts, (std::vector<std::string>{"d000fd3054801", "2041"}));
  EXPECT_EQ(renewed.opened, kStart.wall);
  EXPECT_EQ(renewed.deadline, again.deadline);
  EXPECT_EQ(renewed.budget, 3U) << "the larger";
  EXPECT_EQ(renewed.spent, 1U);
  EXPECT_EQ(renewed.reason, again.reason);
  EXPECT_EQ(renewed.addresses, std::vector{address()});
  EXPECT_EQ(home.answer(refused("d000fd3054801"), kStart + 35min), Answer::Forgiven);
}

TEST(LeaseBook, AnEarlierDeadlineDoesNotShortenALease) {
  PhoneAtHome home;
  LeaseRecord shorter = lease();
  shorter.deadline = kStart.wall + 1min;
  ASSERT_TRUE(home.book.open(shorter, kStart));
  EXPECT_EQ(home.book.find(mac())->deadline, kStart.wall + kWithin);
}

TEST(LeaseBook, AfterItsDeadlineANewLeaseHasABudgetOfItsOwn) {
  PhoneAtHome home(lease(1, {"2041"}, 1));
  home.answer(refused());
  LeaseRecord next = lease(1, {"2042"}, 1);
  next.opened = kStart.wall + kWithin;
  next.deadline = next.opened + kWithin;
  ASSERT_TRUE(home.book.open(next, kStart + kWithin));
  EXPECT_EQ(home.book.find(mac())->spent, 0U);
  EXPECT_EQ(home.book.find(mac())->opened, next.opened);
  EXPECT_EQ(home.answer(refused(), kStart + kWithin), Answer::Forgiven) << "it still knows 2041";
}

TEST(LeaseBook, AClosedLeaseForgivesNothing) {
  PhoneAtHome home;
  home.answer(refused());
  const auto closed = home.book.close(mac());
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->spent, 1U);
  EXPECT_EQ(home.answer(refused()), Answer::NotCovered);
  EXPECT_FALSE(home.book.close(mac()));
  EXPECT_EQ(home.book.excuse_for(address(), kStart), nullptr);
}

TEST(LeaseBook, SaysWhatTheStoreDoesNotKnow) {
  LeaseBook book(4);
  ASSERT_TRUE(book.open(lease(), kStart));
  EXPECT_TRUE(book.take_changed().empty()) << "it came from there";
  book.seen_at(mac(), address());
  ASSERT_EQ(book.take_changed().size(), 1U);
  book.seen_at(mac(), address());
  EXPECT_TRUE(book.take_changed().empty());
  book.judge(refused(), kStart);
  const auto changed = book.take_changed();
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].spent, 1U);
  ASSERT_TRUE(book.open(changed[0], kStart));
  EXPECT_TRUE(book.take_changed().empty()) << "the store said what we had said";
  ASSERT_TRUE(book.open(lease(), kStart));
  EXPECT_EQ(book.take_changed().size(), 1U) << "the store lags behind";
}

TEST(LeaseBook, AnExpiredLeaseIsToldOnceAndRememberedForAWhile) {
  LeaseBook book(4, 24h);
  ASSERT_TRUE(book.open(lease(), kStart));
  EXPECT_TRUE(book.take_expired(kStart + (kWithin - 1ms)).empty());
  EXPECT_EQ(book.take_expired(kStart + kWithin).size(), 1U);
  EXPECT_TRUE(book.take_expired(kStart + kWithin).empty());
  EXPECT_TRUE(book.take_forgotten(kStart + (kWithin + 24h - 1ms)).empty());
  EXPECT_EQ(book.take_forgotten(kStart + (kWithin + 24h)).size(), 1U);
  EXPECT_EQ(book.size(), 0U);
}

TEST(LeaseBook, NothingIsForgottenBeforeItWasToldToHaveExpired) {
  LeaseBook book(4, 1ms);
  ASSERT_TRUE(book.open(lease(), kStart));
  EXPECT_TRUE(book.take_forgotten(kStart + 48h).empty());
  EXPECT_EQ(book.take_expired(kStart + 48h).size(), 1U);
  EXPECT_EQ(book.take_forgotten(kStart + 48h).size(), 1U);
}

TEST(LeaseBook, ARenewedLeaseIsToldAgainWhenItExpires) {
  LeaseBook book(4);
  ASSERT_TRUE(book.open(lease(), kStart));
  EXPECT_EQ(book.take_expired(kStart + kWithin).size(), 1U);
  LeaseRecord again = lease();
  again.opened = kStart.wall + kWithin;
  again.deadline = again.opened + kWithin;
  ASSERT_TRUE(book.open(again, kStart + kWithin));
  EXPECT_TRUE(book.take_expired(kStart + kWithin).empty());
  EXPECT_EQ(book.take_expired(kStart + 2 * kWithin).size(), 1U);
}

TEST(LeaseBook, OtherGuardsAreToldOfALeaseThatStillForgives) {
  PhoneAtHome home(lease(1, {"2041"}, 1));
  ASSERT_NE(home.book.excuse_for(address(), kStart), nullptr);
  EXPECT_EQ(home.book.excuse_for(address(), kStart)->mac, mac());
  EXPECT_EQ(home.book.excuse_for(address(8), kStart), nullptr);
  EXPECT_EQ(home.book.excuse_for(address(), kStart + kWithin), nullptr);
  home.answer(refused());
  EXPECT_EQ(home.book.excuse_for(address(), kStart), nullptr) << "the budget is spent";
}

TEST(Promise12_Bounded, AFullBookForgetsWhatIsPastItsDeadlineAndRefusesOtherwise) {
  LeaseBook book(2);
  ASSERT_TRUE(book.open(lease(1), kStart));
  LeaseRecord longer = lease(2);
  longer.deadline += 1h;
  ASSERT_TRUE(book.open(longer, kStart));
  const auto full = book.open(lease(3), kStart);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_TRUE(book.open(lease(1), kStart)) << "a renewal needs no room";
  ASSERT_TRUE(book.open(lease(3), kStart + kWithin));
  EXPECT_EQ(book.find(mac(1)), nullptr);
  EXPECT_EQ(book.size(), 2U);
  const auto forgotten = book.take_forgotten(kStart + kWithin);
  ASSERT_EQ(forgotten.size(), 1U);
  EXPECT_EQ(forgotten[0].mac, mac(1));
}

TEST(Promise12_Bounded, ALeaseHoldsTheNewestAddressesAndAccounts) {
  LeaseBook book(2);
  ASSERT_TRUE(book.open(lease(1, {"1", "2", "3", "4", "5", "6", "7"}, 99), kStart));
  EXPECT_EQ(book.find(mac())->accounts.size(), kMostLeaseAccounts);
  for (uint32_t i = 0; i <= kMostLeaseAddresses; ++i) book.seen_at(mac(), address(i));
  EXPECT_EQ(book.find(mac())->addresses.size(), kMostLeaseAddresses);
  EXPECT_EQ(book.judge(refused("1", address(0)), kStart).answer, Answer::NotCovered);
  EXPECT_EQ(book.judge(refused("1", address(1)), kStart).answer, Answer::Forgiven);
  LeaseRecord again = lease(1, {"8"}, 99);
  ASSERT_TRUE(book.open(again, kStart));
  EXPECT_EQ(book.judge(refused("8", address(1)), kStart).answer, Answer::Forgiven);
  EXPECT_EQ(book.judge(refused("6", address(1)), kStart).answer, Answer::NotCovered);
}

TEST(LeaseBook, AnAddressSeenAgainIsForgottenLast) {
  PhoneAtHome home;
  for (uint32_t i = 1; i < kMostLeaseAddresses; ++i) home.book.seen_at(mac(), address(100 + i));
  home.book.seen_at(mac(), address());
  home.book.seen_at(mac(), address(200));
  EXPECT_EQ(home.answer(refused()), Answer::Forgiven);
  EXPECT_EQ(home.answer(refused("2041", address(101))), Answer::NotCovered);
}

TEST(Merged, WordOfAnOlderLeaseAddsOnlyWhereThePhoneIs) {
  LeaseRecord known = lease();
  LeaseRecord old = lease(1, {"2042"}, 99);
  old.opened -= 1h;
  old.deadline += 1h;
  old.spent = 50;
  old.addresses = {address()};
  const LeaseRecord result = merged(known, old, kStart.wall);
  known.addresses = {address()};
  EXPECT_EQ(result, known);
}

// Whatever comes in whatever order, what is forgiven never exceeds the largest budget, and nothing
// at or after the last deadline is.
TEST(Promise2_LeaseBook, NoOrderOfEventsForgivesMoreThanTheBudget) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    LeaseBook book(2);
    constexpr uint32_t kBudget = 5;
    uint32_t forgiven = 0;
    Now now = kStart;
    for (int step = 0; step < 200; ++step) {
      now = now + milliseconds(random() % 20'000);
      switch (random() % 4) {
        case 0: {
          LeaseRecord renewed =
              lease(1, {random() % 2 ? "2041" : "2042"}, 1 + uint32_t(random() % kBudget));
          renewed.opened = std::min(now.wall, kStart.wall + kWithin - 1min);
          ASSERT_TRUE(book.open(renewed, now));
          break;
        }
        case 1:
          book.seen_at(mac(), address(uint32_t(random() % 3)));
          break;
        default: {
          const auto finding = book.judge(refused("2041", address(uint32_t(random() % 3))), now);
          if (finding.answer != Answer::Forgiven) break;
          ++forgiven;
          ASSERT_LT(now.wall, kStart.wall + kWithin);
        }
      }
      for (const LeaseRecord& changed : book.take_changed()) ASSERT_TRUE(book.open(changed, now));
    }
    EXPECT_LE(forgiven, kBudget);
  }
}

}  // namespace
}  // namespace stormdoor::acl
