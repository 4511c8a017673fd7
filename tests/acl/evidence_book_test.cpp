#include "acl/evidence_book.hpp"

#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kStart{400'000h};

SourceKey source(std::string_view text) {
  return SourceKey(*IpPrefix::parse(text));
}
Failure mistake(uint64_t fingerprint, Service service = Service::Portal) {
  Failure failure;
  failure.service = service;
  failure.account = "301";
  failure.fingerprint = fingerprint;
  return failure;
}

TEST(EvidenceBook, TheSameMistakeAgainOnlyAddsToItsCount) {
  EvidenceBook book(4, 4);
  for (int i = 0; i < 5; ++i)
    book.record_failure(source("10.0.0.7"), mistake(1), i == 0, kStart + i * 1s);
  const auto events = book.events(source("10.0.0.7"));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].times, 5U);
  EXPECT_EQ(events[0].first, kStart);
  EXPECT_EQ(events[0].last, kStart + 4s);
  EXPECT_TRUE(events[0].scored);
}

TEST(EvidenceBook, WhatCannotBeComparedAndOtherServicesAreEventsOfTheirOwn) {
  EvidenceBook book(4, 8);
  book.record_failure(source("10.0.0.7"), mistake(0), true, kStart);
  book.record_failure(source("10.0.0.7"), mistake(0), true, kStart);
  book.record_failure(source("10.0.0.7"), mistake(1, Service::Sip), true, kStart);
  book.record_failure(source("10.0.0.7"), mistake(1, Service::Api), true, kStart);
  EXPECT_EQ(book.events(source("10.0.0.7")).size(), 4U);
}

TEST(EvidenceBook, AMistakeThatCountsAnewIsTheNewestPartOfTheStory) {
  EvidenceBook book(4, 4);
  book.record_failure(source("10.0.0.7"), mistake(1), true, kStart);
  book.record_failure(source("10.0.0.7"), mistake(2), true, kStart + 1s);
  book.record_failure(source("10.0.0.7"), mistake(1), true, kStart + 48h);
  const auto events = book.events(source("10.0.0.7"));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].fingerprint, 1U);
}

TEST(EvidenceBook, AFullStoryKeepsItsOrder) {
  EvidenceBook book(4, 3);
  const auto told = [&] {
    std::vector<uint64_t> fingerprints;
    for (const Event& event : book.events(source("10.0.0.7")))
      fingerprints.push_back(event.fingerprint);
    return fingerprints;
  };
  for (uint64_t i = 1; i <= 5; ++i)
    book.record_failure(source("10.0.0.7"), mistake(i), true, kStart);
  EXPECT_EQ(told(), (std::vector<uint64_t>{3, 4, 5}));
  book.record_failure(source("10.0.0.7"), mistake(4), true, kStart);
  EXPECT_EQ(told(), (std::vector<uint64_t>{3, 5, 4}));
  Failure other = mistake(6);
  other.account = "302";
  book.record_failure(source("10.0.0.7"), other, true, kStart);
  EXPECT_EQ(told(), (std::vector<uint64_t>{5, 4, 6}));
  EXPECT_EQ(book.names(source("10.0.0.7"), Service::Portal),
            (std::vector<std::string>{"302", "301", "301"}));
}

TEST(Promise12_Bounded, AStoryForgetsItsOwnOldestAndTheBookTheStoryOfLongestAgo) {
  EvidenceBook book(2, 3);
  for (uint64_t i = 1; i <= 4; ++i)
    book.record_failure(source("10.0.0.7"), mistake(i), true, kStart);
  ASSERT_EQ(book.events(source("10.0.0.7")).size(), 3U);
  EXPECT_EQ(book.events(source("10.0.0.7"))[0].fingerprint, 2U);
  book.record_failure(source("10.0.0.8"), mistake(1), true, kStart);
  book.record_failure(source("10.0.0.9"), mistake(1), true, kStart);
  EXPECT_TRUE(book.events(source("10.0.0.7")).empty());
  EXPECT_EQ(book.events(source("10.0.0.8")).size(), 1U);
}

TEST(EvidenceBook, NamesEachPhoneThatFailedOnce) {
  EvidenceBook book(4, 4);
  const MacAddress phone({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x48});
  EXPECT_TRUE(book.devices(source("10.0.0.7")).empty());
  for (const uint64_t fingerprint : {1, 2, 3}) {
    Failure failure = mistake(fingerprint);
    if (fingerprint != 3) failure.device = phone;
    book.record_failure(source("10.0.0.7"), failure, true, kStart);
  }
  EXPECT_EQ(book.devices(source("10.0.0.7")), std::vector{phone});
}

TEST(EvidenceBook, SuccessesAreKeptApartSoThatABootStormForgetsNoFailure) {
  EvidenceBook book(2, 3);
  book.record_failure(source("10.0.0.7"), mistake(1), true, kStart);
  for (uint32_t i = 0; i < 100; ++i)
    book.record_success(SourceKey(IpPrefix(IpAddress::v4(i), 32)), Service::Provisioning, {},
                        kStart);
  EXPECT_EQ(book.events(source("10.0.0.7")).size(), 1U);
  EXPECT_FALSE(book.success(source("10.0.0.7")));
  EXPECT_TRUE(book.success(source("0.0.0.99")));
  EXPECT_FALSE(book.success(source("0.0.0.1"))) << "two are kept";
}

}  // namespace
}  // namespace stormdoor::acl
