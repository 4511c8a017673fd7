#include "hotdesk/conversion_run.hpp"

#include <random>

#include "hotdesk/credential_change.hpp"
#include "tests/hotdesk/directory_fixture.hpp"
#include "tests/support/contents_model.hpp"

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;
using store::ConversionStep;
using store::PhoneRole;
using testing::HasSubstr;

constexpr WallTime kStart{400'000h};
constexpr uint32_t kPhones = 12;

// An office of desk phones of users 3000, 3001, ..., and what the store thread does around changes.
class ConversionRunTest : public testing::Test {
 protected:
  ConversionRunTest() {
    store::Contents contents = office_contents();
    for (uint32_t i = 0; i < kPhones; ++i) {
      const std::string extension = fmt::format("{}", 3000 + i);
      contents.users.push_back(
          {extension, "", Secret("secret-of-" + extension), "", store::MainPhoneType::DeskPhone});
      contents.phones.push_back(phone_record(phone(i), PhoneRole::Desk, "hq"));
      contents.assignments.push_back({extension, 0, phone(i)});
    }
    store::Change all;
    for (const auto& row : contents.locations) all.operations.emplace_back(store::PutLocation{row});
    for (const auto& row : contents.users) all.operations.emplace_back(store::PutUser{row});
    for (const auto& row : contents.phones) all.operations.emplace_back(store::PutPhone{row});
    for (const auto& row : contents.assignments)
      all.operations.emplace_back(store::PutAssignment{row});
    commit(all);
  }
  static MacAddress phone(uint32_t i) { return numbered_mac(100 + i); }
  static std::vector<MacAddress> phones(uint32_t count) {
    std::vector<MacAddress> all;
    for (uint32_t i = 0; i < count; ++i) all.push_back(phone(i));
    return all;
  }

  template <typename Act>
  void act(Act&& use_case) {
    Draft draft(*registry_);
    use_case(draft);
    store::Change change = std::move(draft).take();
    append_leases(change, *registry_, now_, terms_);
    commit(change);
  }
  void commit(const store::Change& change) {
    model_.apply(change);
    registry_ = registry_->with(change, registry_->version() + 1);
  }
  void restart() { registry_ = Registry::from(model_.contents()); }

  uint64_t start(std::vector<MacAddress> macs, uint32_t at_once) {
    uint64_t number = 0;
    act([&](Draft& draft) {
      const auto started =
          start_conversion(draft, {std::move(macs), "hq", at_once}, now_, test_.tools());
      for (const auto& error : started.report.errors) ADD_FAILURE() << to_string(error);
      number = started.number;
    });
    return number;
  }
  // These are back; time goes on a little.
  void back(const std::vector<MacAddress>& macs) {
    now_ += 1s;
    std::vector<LeaseRecord> leases;
    for (const auto& mac : macs)
      if (const auto lease = registry_->lease_of(mac)) leases.push_back(*lease);
    act([&](Draft& draft) {
      for (const auto& lease : leases) draft.append(store::EraseLease{lease.mac});
      advance_conversions(draft, leases, now_, test_.tools());
    });
  }
  void tick() { back({}); }
  std::vector<MacAddress> away(uint64_t number) {
    std::vector<MacAddress> all;
    registry_->for_each_conversion_phone(number, [&](const auto& one) {
      if (one->step == ConversionStep::Away) all.push_back(one->mac);
    });
    return all;
  }
  [[nodiscard]] ConversionCounts counts(uint64_t number) const {
    return counts_of(*registry_, number);
  }
  std::string outcome(const std::function<Problems(Draft&)>& use_case) {
    std::string text = "done";
    act([&](Draft& draft) {
      const auto problems = use_case(draft);
      if (!problems.none()) text = problems.error().message();
    });
    return text;
  }

  TestTools test_;
  LeaseTerms terms_;
  WallTime now_ = kStart;
  test::ContentsModel model_;
  std::shared_ptr<const Registry> registry_ = Registry::from({});
};

TEST_F(ConversionRunTest, AsManyAsAllowedAreAwayAndTheNextStartsWhenOneIsBack) {
  const uint64_t number = start(phones(5), 2);
  EXPECT_EQ(away(number).size(), 2U);
  EXPECT_EQ(registry_->phone(phone(4))->role, PhoneRole::Desk) << "untouched until its turn";
  tick();
  EXPECT_EQ(counts(number).waiting, 3U);
  back({away(number).front()});
  EXPECT_EQ(counts(number).back, 1U);
  EXPECT_EQ(away(number).size(), 2U);
  for (int i = 0; i < 4; ++i) back(away(number));
  EXPECT_EQ(counts(number).back, 5U);
  EXPECT_NE(registry_->conversions().back()->ended, WallTime::max());
  EXPECT_FALSE(conversions_are_open(*registry_));
}

TEST_F(ConversionRunTest, WithoutABoundAllAreConvertedInOneChange) {
  const uint64_t number = start(phones(kPhones), 0);
  EXPECT_EQ(counts(number).away, kPhones);
  EXPECT_EQ(registry_->lease_count(), kPhones);
}

TEST_F(ConversionRunTest, WhatWasForgivenIsReported) {
  const uint64_t number = start(phones(1), 1);
  LeaseRecord lease = *registry_->lease_of(phone(0));
  lease.spent = 7;
  lease.stale = 3;
  act([&](Draft& draft) { draft.append(store::PutLease{lease}); });
  back({phone(0)});
  EXPECT_EQ(registry_->conversion_phone(number, phone(0))->forgiven, 10U);
  EXPECT_EQ(registry_->conversion_phone(number, phone(0))->stale, 3U);
  EXPECT_EQ(counts(number).forgiven, 10U);
  EXPECT_EQ(counts(number).stale, 3U);
  EXPECT_EQ(registry_->conversion_phone(number, phone(0))->extension, "3000");
}

TEST_F(ConversionRunTest, APhoneThatDoesNotComeBackMakesRoomAndMayComeLater) {
  const uint64_t number = start(phones(2), 1);
  now_ += terms_.within;
  tick();
  EXPECT_EQ(counts(number).not_back, 1U);
  EXPECT_EQ(counts(number).away, 1U);
  back({phone(0), phone(1)});
  EXPECT_EQ(counts(number).back, 2U);
  EXPECT_FALSE(conversions_are_open(*registry_));
}

TEST_F(ConversionRunTest, ALeaseThatWasClosedByHandIsNoReturn) {
  const uint64_t number = start(phones(1), 1);
  act([&](Draft& draft) { draft.append(store::EraseLease{phone(0)}); });
  tick();
  EXPECT_EQ(counts(number).not_back, 1U);
  EXPECT_THAT(registry_->conversion_phone(number, phone(0))->note, HasSubstr("lease was closed"));
}

TEST_F(ConversionRunTest, PausedStartsNoFurtherOne) {
  const uint64_t number = start(phones(4), 1);
  EXPECT_EQ(outcome([&](Draft& d) { return pause_conversion(d, number); }), "done");
  back(away(number));
  EXPECT_EQ(counts(number).away, 0U);
  EXPECT_EQ(counts(number).waiting, 3U);
  EXPECT_EQ(outcome([&](Draft& d) { return resume_conversion(d, number); }), "done");
  tick();
  EXPECT_EQ(counts(number).away, 1U);
}

TEST_F(ConversionRunTest, UndoLeavesThoseThatWaitWhatTheyWere) {
  const uint64_t number = start(phones(4), 1);
  EXPECT_EQ(outcome([&](Draft& d) { return undo_conversion(d, number, now_); }), "done");
  EXPECT_EQ(counts(number).undone, 3U);
  EXPECT_EQ(registry_->phone(phone(3))->role, PhoneRole::Desk);
  EXPECT_TRUE(conversions_are_open(*registry_)) << "one is away";
  back(away(number));
  EXPECT_FALSE(conversions_are_open(*registry_));
  EXPECT_THAT(outcome([&](Draft& d) { return undo_conversion(d, number, now_); }),
              HasSubstr("no phone of conversion 1 waits any more"));
  EXPECT_THAT(outcome([&](Draft& d) { return pause_conversion(d, number); }), HasSubstr("is over"));
  EXPECT_THAT(outcome([&](Draft& d) { return pause_conversion(d, 99); }),
              HasSubstr("there is no conversion 99"));
}

TEST_F(ConversionRunTest, OneThatCannotBeConvertedAnyMoreIsRefusedWithItsReason) {
  const uint64_t number = start(phones(3), 1);
  act([&](Draft& draft) {
    EXPECT_TRUE(unassign(draft, phone(1)).none());
    EXPECT_TRUE(remove_phone(draft, phone(1)).none());
  });
  back({phone(0)});
  EXPECT_EQ(counts(number).refused, 1U);
  EXPECT_THAT(registry_->conversion_phone(number, phone(1))->note, HasSubstr("there is no phone"));
  EXPECT_EQ(away(number), std::vector{phone(2)});
}

TEST_F(ConversionRunTest, AllAreJudgedBeforeTheFirstIsConverted) {
  auto macs = phones(3);
  macs.push_back(numbered_mac(999));
  Draft draft(*registry_);
  const auto started = start_conversion(draft, {macs, "hq", 1}, now_, test_.tools());
  EXPECT_EQ(started.number, 0U);
  ASSERT_EQ(started.report.errors.size(), 1U);
  EXPECT_EQ(started.report.errors[0].row, 4U);
  EXPECT_TRUE(draft.change().operations.empty());
}

TEST_F(ConversionRunTest, APhoneIsInOneConversionAtATime) {
  start(phones(3), 1);
  Draft draft(*registry_);
  const auto second = start_conversion(draft, {{phone(2)}, "hq", 1}, now_, test_.tools());
  ASSERT_EQ(second.report.errors.size(), 1U);
  EXPECT_THAT(second.report.errors[0].message, HasSubstr("is in conversion 1 already"));
}

TEST_F(ConversionRunTest, ThosePhonesThatNobodyHadAreBackAtOnceAndHotDesksAreLeftOut) {
  const uint64_t number = start({mac(kSparePhone), mac(kHotDeskPhone)}, 1);
  EXPECT_EQ(counts(number).phones, 1U);
  EXPECT_EQ(counts(number).back, 1U);
  EXPECT_FALSE(conversions_are_open(*registry_));
  EXPECT_EQ(start({mac(kHotDeskPhone)}, 1), 0U);
}

TEST_F(ConversionRunTest, Promise12EndedOnesAreForgottenAfterTwenty) {
  uint64_t last = 0;
  for (int i = 0; i < 30; ++i) {
    act([&](Draft& draft) {
      EXPECT_TRUE(set_phone(draft, mac(kSparePhone), {.role = PhoneRole::Unassigned}, test_.tools())
                      .none());
    });
    last = start({mac(kSparePhone), phone(0)}, 1);
    back({phone(0)});
    act([&](Draft& draft) {
      EXPECT_TRUE(
          set_phone(draft, phone(0), {.role = PhoneRole::Unassigned}, test_.tools()).none());
    });
    tick();
  }
  EXPECT_EQ(last, 30U);
  EXPECT_LE(registry_->conversions().size(), kMostKeptConversions + 1);
}

// Any order of whatever may happen: no phone is lost, no more are away than allowed, none starts
// while paused, and all of it survives restarts.
TEST_F(ConversionRunTest, Promise1UnderAnyInterleavingEveryPhoneEndsConverted) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    ConversionRunTest::SetUp();
    std::mt19937 random(seed);
    const auto office = model_;
    const auto registry = registry_;
    const auto began = now_;
    const uint32_t at_once = 1 + random() % 4;
    const uint64_t number = start(phones(kPhones), at_once);
    size_t turns = 0;
    for (; conversions_are_open(*registry_) && turns < 1000; ++turns) {
      const auto conversion = registry_->conversions().back();
      const size_t waiting = counts(number).waiting;
      const auto gone = away(number);
      switch (random() % 6) {
        case 0:
          tick();
          break;
        case 1:
          if (!gone.empty()) back({gone[random() % gone.size()]});
          break;
        case 2:
          restart();
          break;
        case 3:
          (void)outcome([&](Draft& d) { return pause_conversion(d, number); });
          tick();
          EXPECT_EQ(counts(number).waiting, conversion->paused ? waiting : counts(number).waiting);
          break;
        case 4:
          (void)outcome([&](Draft& d) { return resume_conversion(d, number); });
          break;
        default:
          if (random() % 8 == 0) now_ += terms_.within;
      }
      const auto is = counts(number);
      ASSERT_EQ(is.phones, kPhones);
      ASSERT_LE(is.away, at_once);
      ASSERT_EQ(is.waiting + is.away + is.back + is.not_back, kPhones);
    }
    ASSERT_LT(turns, 1000U) << "seed " << seed;
    for (uint32_t i = 0; i < kPhones; ++i)
      ASSERT_EQ(registry_->phone(phone(i))->role, PhoneRole::HotDesk);
    model_ = office;
    registry_ = registry;
    now_ = began;
  }
}

}  // namespace
}  // namespace stormdoor::hotdesk
