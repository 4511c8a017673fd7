#include "acl/healthy_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

const WallTime kStart(400'000h);
const IpAddress kOffice = *IpAddress::parse("203.0.113.9");
const SourceKey kSource{IpPrefix(kOffice, 32)};
const MacAddress kPhone({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x48});

Registration registration(uint16_t port, std::string account, WallTime expires = kStart + 1h) {
  return {.flow = {kOffice, port, false}, .account = std::move(account), .expires = expires};
}

TEST(HealthyBook, AFlowIsThereUntilItExpiresOrLeaves) {
  HealthyBook book(8);
  EXPECT_TRUE(book.registered(kSource, registration(5060, "301"), kStart));
  EXPECT_FALSE(book.registered(kSource, registration(5060, "301", kStart + 2h), kStart + 30min));
  EXPECT_THAT(book.flows(kSource, kStart + (2h - 1ms)), SizeIs(1));
  EXPECT_THAT(book.flows(kSource, kStart + 2h), SizeIs(0));
  EXPECT_TRUE(book.registered(kSource, registration(5060, "301", kStart + 4h), kStart + 3h));
  EXPECT_TRUE(book.unregistered(kSource, {kOffice, 5060, false}));
  EXPECT_FALSE(book.unregistered(kSource, {kOffice, 5060, false}));
  EXPECT_FALSE(book.unregistered(kSource, {kOffice, 5061, true}));
  EXPECT_THAT(book.flows(kSource, kStart + 3h), SizeIs(0));
}

TEST(HealthyBook, WithoutAPortTheAccountIsKnownAndNoFlowPasses) {
  HealthyBook book(8);
  EXPECT_FALSE(book.registered(kSource, registration(0, "301"), kStart));
  EXPECT_THAT(book.flows(kSource, kStart), SizeIs(0));
  EXPECT_TRUE(book.knows("301", kSource, kStart));
  EXPECT_TRUE(book.others_than("302", kSource, kStart + (1h - 1ms)));
  EXPECT_FALSE(book.others_than("302", kSource, kStart + 1h));
  EXPECT_FALSE(book.others_than("301", kSource, kStart));
  EXPECT_THAT(book.well(kSource, kStart), ElementsAre("301"));
}

TEST(HealthyBook, AFlowIsItsAddressPortAndProtocol) {
  HealthyBook book(8);
  book.registered(kSource, registration(5060, "301"), kStart);
  EXPECT_TRUE(book.find(kSource, {kOffice, 5060, false}, kStart));
  EXPECT_FALSE(book.find(kSource, {kOffice, 5060, true}, kStart));
  EXPECT_FALSE(book.find(kSource, {kOffice, 5061, false}, kStart));
}

TEST(HealthyBook, OthersAreThoseOfAnotherNameAndOfNow) {
  HealthyBook book(8);
  EXPECT_FALSE(book.others_than("301", kSource, kStart));
  book.registered(kSource, registration(5060, "301"), kStart);
  EXPECT_FALSE(book.others_than("301", kSource, kStart));
  EXPECT_TRUE(book.others_than("302", kSource, kStart + (1h - 1ms)));
  EXPECT_FALSE(book.others_than("302", kSource, kStart + 1h));
  book.fetched(kSource, kPhone, kStart);
  EXPECT_TRUE(book.others_than("302", kSource, kStart + (HealthyBook::kThereFor - 1ms)));
  EXPECT_FALSE(book.others_than("302", kSource, kStart + HealthyBook::kThereFor));
  EXPECT_FALSE(book.others_than(kPhone.to_string(), kSource, kStart + 2h));
}

TEST(HealthyBook, OthersWereThereForAMonth) {
  HealthyBook book(8);
  EXPECT_FALSE(book.others_were("301", kSource, kStart));
  book.registered(kSource, registration(5060, "301", kStart), kStart - 1h);
  EXPECT_FALSE(book.others_were("301", kSource, kStart));
  EXPECT_TRUE(book.others_were("302", kSource, kStart + (HealthyBook::kKnownFor - 1ms)));
  EXPECT_FALSE(book.others_were("302", kSource, kStart + HealthyBook::kKnownFor));
  book.fetched(kSource, kPhone, kStart + 1h);
  EXPECT_TRUE(book.others_were("302", kSource, kStart + HealthyBook::kKnownFor));
}

TEST(HealthyBook, AnIdentityIsKnownForAMonth) {
  HealthyBook book(8);
  book.registered(kSource, registration(5060, "301"), kStart);
  EXPECT_TRUE(book.knows("301", kSource, kStart + (HealthyBook::kKnownFor - 1ms)));
  EXPECT_FALSE(book.knows("301", kSource, kStart + HealthyBook::kKnownFor));
  EXPECT_FALSE(book.knows("302", kSource, kStart));
  EXPECT_FALSE(book.knows("301", SourceKey(*IpPrefix::parse("203.0.113.10/32")), kStart));
}

// Or an account that fails for a while would be unknown among a thousand that are well.
TEST(HealthyBook, KnowsAccountAndPhoneOfEachFlowThatFits) {
  HealthyBook book(8);
  const auto phone = [](size_t i) {
    return MacAddress({0x00, 0x0f, 0xd3, 0, uint8_t(i >> 8), uint8_t(i)});
  };
  for (size_t i = 0; i < HealthyBook::kMostFlows; ++i) {
    auto one = registration(uint16_t(1000 + i), std::to_string(i));
    one.device = phone(i);
    book.registered(kSource, one, kStart + i * 1s);
  }
  const WallTime then = kStart + 1h;
  EXPECT_TRUE(book.knows("0", kSource, then));
  EXPECT_TRUE(book.knows(phone(0).to_string(), kSource, then));
}

TEST(HealthyBook, NamesWhoIsWell) {
  HealthyBook book(8);
  book.registered(kSource, registration(5060, "302"), kStart);
  book.registered(kSource, registration(5061, "301"), kStart);
  book.fetched(kSource, kPhone, kStart);
  EXPECT_THAT(book.well(kSource, kStart), ElementsAre(kPhone.to_string(), "301", "302"));
}

TEST(Promise12_Bounded, AnAddressForgetsTheFlowThatExpiresSoonestAndTheBookTheSourceOfLongestAgo) {
  HealthyBook book(2);
  for (size_t i = 0; i < HealthyBook::kMostFlows; ++i)
    book.registered(
        kSource, registration(uint16_t(1000 + i), std::to_string(i), kStart + 1h + i * 1s), kStart);
  EXPECT_THAT(book.flows(kSource, kStart), SizeIs(HealthyBook::kMostFlows));
  book.registered(kSource, registration(9, "new", kStart + 1h), kStart);
  EXPECT_THAT(book.flows(kSource, kStart), SizeIs(HealthyBook::kMostFlows));
  EXPECT_FALSE(book.find(kSource, {kOffice, 1000, false}, kStart));
  EXPECT_TRUE(book.find(kSource, {kOffice, 1001, false}, kStart));
  EXPECT_TRUE(book.find(kSource, {kOffice, 9, false}, kStart));

  for (const char* text : {"198.51.100.1", "198.51.100.2"})
    book.fetched(SourceKey(IpPrefix(*IpAddress::parse(text), 32)), kPhone, kStart);
  EXPECT_EQ(book.size(), 2U);
  EXPECT_THAT(book.flows(kSource, kStart), SizeIs(0));
}

}  // namespace
}  // namespace stormdoor::acl
