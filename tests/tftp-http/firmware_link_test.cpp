#include "tftp-http/firmware_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/config_reader.hpp"
#include "tftp-http/firmware_links.hpp"
#include "tftp-http/firmware_pass.hpp"

namespace stormdoor::http {
namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr SteadyTime kStart{std::chrono::hours(5)};
constexpr uint64_t kBlock = 1432;

FirmwareLinkTerms terms(uint64_t rate, uint64_t per_phone = 64 * kKiB) {
  FirmwareLinkTerms terms;
  terms.name = "Lyon";
  terms.prefixes = {*IpPrefix::parse("10.7.0.0/16")};
  terms.bytes_per_second = rate;
  terms.burst_bytes = 64 * kKiB;
  terms.useful_bytes_per_second = per_phone;
  return terms;
}

// A phone that takes each block at once and never stops, and what it saw.
struct Phone {
  std::unique_ptr<FirmwarePass> pass;
  uint64_t wanted = UINT64_MAX;
  uint64_t bytes = 0;
  SteadyTime last{};
  milliseconds longest_pause{0};
  SteadyTime seated_at{};
  SteadyTime done_at{};

  Phone(const std::shared_ptr<FirmwareLink>& link, FirmwarePatience patience = {})
      : pass(std::make_unique<FirmwarePass>(link, patience)) {}

  void take(SteadyTime now) {
    if (!pass) return;
    if (last == SteadyTime{}) last = now;
    while (bytes < wanted && pass->allowance(kBlock, now) > 0) {
      pass->spend(kBlock);
      bytes += kBlock;
      longest_pause =
          std::max(longest_pause, std::chrono::ceil<milliseconds>(now - std::exchange(last, now)));
    }
    if (pass->seated() && seated_at == SteadyTime{}) seated_at = now;
    if (bytes < wanted) return;
    pass.reset();
    done_at = now;
  }
};

// All phones ask every 10 ms, as the servers' timers let them.
void run(std::vector<Phone>& phones, SteadyTime from, milliseconds duration) {
  for (milliseconds at{0}; at < duration; at += milliseconds(10))
    for (Phone& phone : phones) phone.take(from + at);
}

uint64_t bytes_of(const std::vector<Phone>& phones) {
  uint64_t bytes = 0;
  for (const Phone& phone : phones) bytes += phone.bytes;
  return bytes;
}

TEST(FirmwareLink, GivesItsRateAndNoMore) {
  for (const uint64_t rate : {256 * kKiB, 2 * kMiB, 40 * kMiB}) {
    for (const size_t count : {size_t{1}, size_t{3}, size_t{30}}) {
      const auto link = std::make_shared<FirmwareLink>(terms(rate, 16 * kKiB));
      std::vector<Phone> phones;
      for (size_t i = 0; i < std::min<size_t>(count, link->facts(kStart).seats); ++i)
        phones.emplace_back(link);
      run(phones, kStart, seconds(20));
      const uint64_t burst = std::max(64 * kKiB, rate / 20) + phones.size() * kBlock;
      EXPECT_LE(bytes_of(phones), 20 * rate + burst) << rate << " for " << count;
      EXPECT_GE(bytes_of(phones), 20 * rate * 95 / 100) << rate << " for " << count;
    }
  }
}

TEST(FirmwareLink, SharesEquallyAmongThoseSeated) {
  const auto link = std::make_shared<FirmwareLink>(terms(2 * kMiB));
  std::vector<Phone> phones;
  for (int i = 0; i < 32; ++i) phones.emplace_back(link);
  run(phones, kStart, seconds(30));
  const auto [least, most] = std::ranges::minmax_element(phones, {}, &Phone::bytes);
  EXPECT_GE(least->bytes * 100, most->bytes * 90);
  for (const Phone& phone : phones) EXPECT_LE(phone.longest_pause, milliseconds(600));
}

TEST(FirmwareLink, SeatsNoMoreThanItCanServeUsefully) {
  const auto link = std::make_shared<FirmwareLink>(terms(2 * kMiB));
  std::vector<Phone> phones;
  for (int i = 0; i < 33; ++i) phones.emplace_back(link);
  for (int i = 0; i < 31; ++i) phones[size_t(i)].take(kStart);
  EXPECT_FALSE(link->is_full());
  phones[31].take(kStart);
  EXPECT_TRUE(link->is_full());
  phones[32].take(kStart);
  EXPECT_FALSE(phones[32].pass->seated());
  EXPECT_EQ(link->facts(kStart).seated, 32U);
  EXPECT_EQ(link->facts(kStart + seconds(3)).waiting, 1U);
  EXPECT_EQ(link->facts(kStart + seconds(3)).longest_wait, seconds(3));
  phones[5].pass.reset();
  EXPECT_TRUE(phones[32].pass->seated());
  EXPECT_EQ(link->facts(kStart).waiting, 0U);
}

TEST(FirmwareLink, NobodyWhoWaitsRunsOutOfPatience) {
  const auto link = std::make_shared<FirmwareLink>(terms(2 * kMiB));
  std::vector<Phone> phones;
  const FirmwarePatience patience{.most_pause = milliseconds(500), .whole = seconds(5)};
  for (int i = 0; i < 300; ++i) phones.emplace_back(link, patience);
  run(phones, kStart, seconds(20));
  for (const Phone& phone : phones) EXPECT_LE(phone.longest_pause, milliseconds(1000));
  EXPECT_LE(bytes_of(phones), 20 * 2 * kMiB + kMiB / 2 + 300 * kBlock);
}

TEST(FirmwareLink, WhatTricklesIsAtMostHalfOfTheRate) {
  const auto link = std::make_shared<FirmwareLink>(terms(256 * kKiB));
  std::vector<Phone> phones;
  for (int i = 0; i < 2000; ++i) phones.emplace_back(link);
  run(phones, kStart, seconds(20));
  uint64_t seated = 0;
  for (int i = 0; i < 4; ++i) seated += phones[size_t(i)].bytes;
  EXPECT_GE(seated, 20 * 256 * kKiB * 45 / 100);
  EXPECT_LE(bytes_of(phones), 20 * 256 * kKiB + 192 * kKiB);
}

TEST(FirmwareLink, WhoeverLosesPatienceFirstIsSeatedFirst) {
  const auto link = std::make_shared<FirmwareLink>(terms(64 * kKiB));
  std::vector<Phone> phones;
  for (const int patience : {5, 60, 10, 30})
    phones.emplace_back(link, FirmwarePatience{.whole = seconds(patience)});
  for (Phone& phone : phones) phone.take(kStart);
  const auto next_is = [&](size_t expected) {
    for (size_t i = 0; i < phones.size(); ++i) {
      const auto& pass = phones[i].pass;
      EXPECT_EQ(pass && pass->seated(), i == expected) << i;
    }
    phones[expected].pass.reset();
  };
  next_is(0);
  next_is(2);
  next_is(3);
  next_is(1);
}

TEST(FirmwareLink, EveryoneIsServedInTheEndAndNobodyOvertakes) {
  const auto link = std::make_shared<FirmwareLink>(terms(2 * kMiB));
  std::vector<Phone> phones;
  for (int i = 0; i < 200; ++i) {
    phones.emplace_back(link);
    phones.back().wanted = 512 * kKiB;
  }
  run(phones, kStart, seconds(60));
  for (size_t i = 0; i < phones.size(); ++i) {
    ASSERT_NE(phones[i].done_at, SteadyTime{}) << i;
    EXPECT_GE(phones[i].seated_at, phones[i > 0 ? i - 1 : 0].seated_at) << i;
  }
  EXPECT_EQ(link->facts(kStart).seated, 0U);
  EXPECT_EQ(link->facts(kStart).bytes, bytes_of(phones));
}

TEST(FirmwareLink, WhatAnEndedTransferLeavesIsGivenToTheOthers) {
  const auto link = std::make_shared<FirmwareLink>(terms(kMiB));
  std::vector<Phone> phones;
  // Each takes one block of its turn and goes.
  for (SteadyTime now = kStart; now < kStart + seconds(2); now += milliseconds(10)) {
    Phone brief(link);
    brief.wanted = kBlock;
    brief.take(now);
  }
  phones.emplace_back(link);
  run(phones, kStart + seconds(2), seconds(10));
  EXPECT_GE(bytes_of(phones), 10 * kMiB * 95 / 100);
}

TEST(FirmwareLink, ALateTimerCostsNothing) {
  const auto link = std::make_shared<FirmwareLink>(terms(20 * kMiB));
  std::vector<Phone> phones;
  phones.emplace_back(link);
  for (milliseconds at{0}; at < seconds(5); at += milliseconds(20)) phones[0].take(kStart + at);
  EXPECT_GE(bytes_of(phones), 5 * 20 * kMiB * 95 / 100);
}

TEST(FirmwareLink, SaysItsRateOfTheLastSecond) {
  const auto link = std::make_shared<FirmwareLink>(terms(kMiB));
  std::vector<Phone> phones;
  phones.emplace_back(link);
  run(phones, kStart, seconds(4));
  const auto facts = link->facts(kStart + milliseconds(3999));
  EXPECT_EQ(facts.budget, kMiB);
  EXPECT_NEAR(double(facts.rate), double(kMiB), double(kMiB) / 10);
  EXPECT_EQ(link->facts(kStart + seconds(10)).rate, 0U);
}

TEST(FirmwareLinks, TheLongestPrefixDecides) {
  auto all = terms(kMiB), floor = terms(kMiB);
  floor.name = "Lyon, second floor";
  floor.prefixes = {*IpPrefix::parse("10.7.2.0/24")};
  const auto links = FirmwareLinks::from(std::vector{all, floor}, nullptr);
  EXPECT_EQ(links->find(*IpAddress::parse("10.7.1.1")), links->all()[0]);
  EXPECT_EQ(links->find(*IpAddress::parse("10.7.2.1")), links->all()[1]);
  EXPECT_EQ(links->find(*IpAddress::parse("10.8.0.1")), nullptr);
  EXPECT_EQ(FirmwareLinks::from({}, nullptr)->find(*IpAddress::parse("10.7.1.1")), nullptr);
}

TEST(FirmwareLinks, AReloadKeepsWhoIsUnderWay) {
  const auto before = FirmwareLinks::from(std::vector{terms(64 * kKiB)}, nullptr);
  std::vector<Phone> phones;
  for (int i = 0; i < 3; ++i) phones.emplace_back(before->all()[0]);
  for (Phone& phone : phones) phone.take(kStart);
  const auto after = FirmwareLinks::from(std::vector{terms(128 * kKiB)}, before.get());
  EXPECT_EQ(after->all()[0], before->all()[0]);
  EXPECT_TRUE(phones[1].pass->seated());
  EXPECT_FALSE(phones[2].pass->seated());
  EXPECT_EQ(after->all()[0]->facts(kStart).budget, 128 * kKiB);
}

TEST(FirmwareLinks, TheConfigurationIsReadAndChecked) {
  auto reader = ConfigReader::parse(
      "[[link]]\nname = \"Lyon\"\nprefixes = [\"10.7.0.0/16\"]\nrate = \"2 MiB\"\n");
  const auto links = read_firmware_links(reader.root());
  EXPECT_TRUE(reader.finish());
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].seats(), 32U);

  auto wrong = ConfigReader::parse(
      "[[link]]\nname = \"Lyon\"\nprefixes = [\"10.7.0.0/16\"]\nrate = \"15 KiB\"\n"
      "[[link]]\nname = \"Lyon\"\nprefixes = [\"10.7.0.0/16\"]\n");
  (void)read_firmware_links(wrong.root());
  (void)wrong.finish();
  EXPECT_EQ(wrong.errors().size(), 4U);
}

}  // namespace
}  // namespace stormdoor::http
