#include "edge/call_book.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Why = PhoneHold::Why;

class Calls : public testing::Test {
 protected:
  static WallTime at(milliseconds after) { return WallTime(1'000'000s) + after; }
  std::optional<Why> why(milliseconds after) const {
    const auto hold = book_.hold_of(kPhone, at(after));
    return hold ? std::optional(hold->why) : std::nullopt;
  }

  const MacAddress kPhone = *MacAddress::parse("00:0F:D3:00:00:01");
  const MacAddress kOther = *MacAddress::parse("00:0F:D3:00:00:02");
  CallBook book_{CallTerms{}};
};

TEST_F(Calls, ACallHoldsItsPhoneUntilItIsOver) {
  book_.note_begun(kPhone, "one", true, "2042", {}, at(0s));
  EXPECT_EQ(why(1h), Why::Call);
  EXPECT_EQ(book_.hold_of(kOther, at(1h)), std::nullopt);
  book_.note_over("another", at(1h));
  EXPECT_EQ(why(1h), Why::Call);
  book_.note_over("one", at(1h));
  EXPECT_EQ(why(1h), std::nullopt);
}

TEST_F(Calls, Promise9AfterAnEmergencyCallThePhoneStaysForTheCallBack) {
  book_.note_begun(kPhone, "one", true, "911", {}, at(0s));
  EXPECT_EQ(why(1min), Why::EmergencyCall);
  book_.note_over("one", at(5min));
  EXPECT_EQ(why(5min), Why::CallBack);
  EXPECT_EQ(why(35min - 1ms), Why::CallBack);
  EXPECT_EQ(why(35min), std::nullopt);
  EXPECT_THAT(describe(*book_.hold_of(kPhone, at(6min))), HasSubstr("may be called back until"));
}

TEST_F(Calls, Promise9TheCallBackItselfHoldsAsAnyCallAndTheWindowGoesOn) {
  book_.note_begun(kPhone, "one", true, "911", {}, at(0s));
  book_.note_over("one", at(1min));
  book_.note_begun(kPhone, "two", false, "2041", {}, at(30min));
  EXPECT_EQ(why(30min), Why::CallBack);
  EXPECT_EQ(why(40min), Why::Call);
  book_.note_over("two", at(41min));
  EXPECT_EQ(why(41min), std::nullopt);
}

TEST_F(Calls, BothEndsOfACallAreInItAndNobodyElseLeavesWithThem) {
  book_.note_begun(kPhone, "one", true, "2042", {}, at(0s));
  book_.note_begun(kOther, "one", false, "2042", {}, at(0s));
  book_.note_begun(kOther, "two", true, "2043", at(1min), at(0s));
  EXPECT_EQ(book_.counts(at(1s)).phones, 2U);
  book_.note_over("one", at(2s));
  EXPECT_EQ(book_.hold_of(kPhone, at(2s)), std::nullopt);
  EXPECT_TRUE(book_.hold_of(kOther, at(2s)));
  book_.tidy(at(1min));
  EXPECT_EQ(book_.to_text(), "");
  book_.note_over("two", at(1min));
  EXPECT_EQ(book_.to_text(), "");
}

TEST_F(Calls, OnlyWhoCallsTheEmergencyServiceMadeAnEmergencyCall) {
  book_.note_begun(kPhone, "one", false, "911", {}, at(0s));
  EXPECT_EQ(why(0s), Why::Call) << "an extension may be called so, at another's desk";
}

TEST_F(Calls, EmergencyNumbersAreThoseThatAreDialledAndTheServiceByName) {
  const CallTerms terms{.emergency_numbers = {"911", "9911"}};
  for (const char* called :
       {"911", "9911", "911;phone-context=+1", "urn:service:sos", "URN:service:sos.police"})
    EXPECT_TRUE(is_emergency(terms, called)) << called;
  for (const char* called : {"91", "9110", "", ";", "112", "urn:service:counseling"})
    EXPECT_FALSE(is_emergency(terms, called)) << called;
}

TEST_F(Calls, ACallWhoseEndNobodyHeardEndsWithItsTimerOrAfterTheSilence) {
  book_.note_begun(kPhone, "one", true, "911", at(10min), at(0s));
  book_.note_begun(kPhone, "one", true, "911", at(20min), at(5min));
  EXPECT_EQ(why(20min - 1ms), Why::EmergencyCall);
  EXPECT_EQ(why(20min), Why::CallBack);
  book_.tidy(at(25min));
  EXPECT_EQ(why(25min), Why::CallBack);
  EXPECT_EQ(why(50min), std::nullopt);
  book_.note_begun(kOther, "two", true, "2042", {}, at(0s));
  EXPECT_TRUE(book_.hold_of(kOther, at(4h - 1ms)));
  EXPECT_FALSE(book_.hold_of(kOther, at(4h)));
}

// Whoever is called chooses the timer (RFC 4028), and may never answer the BYE.
TEST_F(Calls, Promise12ASessionTimerHoldsNoLongerThanTheSilence) {
  book_.note_begun(kPhone, "one", true, "2042", at(1'000'000h), at(0s));
  EXPECT_EQ(why(4h - 1ms), Why::Call);
  EXPECT_EQ(why(4h), std::nullopt);
  book_.note_begun(kPhone, "one", true, "2042", at(1'000'000h), at(3h));
  EXPECT_EQ(why(7h - 1ms), Why::Call) << "a refresh is a sign of life";
  CallBook again{CallTerms{}};
  again.restore("call 00:0F:D3:00:00:01 1000000000 4000000000000000 ordinary 61", at(0s));
  EXPECT_FALSE(again.hold_of(kPhone, at(4h))) << "nor if the file says so";
}

TEST_F(Calls, Promise9ARestartForgetsNoCallAndNoCallBack) {
  book_.note_begun(kPhone, "a b\n", true, "911", at(20min), at(0s));
  book_.note_begun(kOther, "two", true, "911", {}, at(0s));
  book_.note_over("two", at(1min));
  const std::string text = book_.to_text();
  CallBook again{CallTerms{}};
  again.restore(text, at(2min));
  EXPECT_EQ(again.to_text(), text);
  EXPECT_EQ(again.hold_of(kPhone, at(2min))->why, Why::EmergencyCall);
  EXPECT_EQ(again.hold_of(kOther, at(2min))->why, Why::CallBack);
  again.note_over("a b\n", at(3min));
  EXPECT_EQ(again.hold_of(kPhone, at(3min))->why, Why::CallBack);
  CallBook later{CallTerms{}};
  later.restore(text, at(24h));
  EXPECT_EQ(later.to_text(), "");
}

TEST_F(Calls, OnlyWhatIsAboutAnEmergencyIsToBeKeptAtOnce) {
  book_.note_begun(kPhone, "one", true, "2042", {}, at(0s));
  book_.note_over("one", at(1s));
  EXPECT_FALSE(book_.take_emergency_news());
  book_.note_begun(kPhone, "two", true, "911", {}, at(0s));
  EXPECT_TRUE(book_.take_emergency_news());
  EXPECT_FALSE(book_.take_emergency_news());
  book_.note_over("two", at(1s));
  EXPECT_TRUE(book_.take_emergency_news());
}

TEST_F(Calls, WhatIsNotALineOfOursIsLeftOut) {
  for (const char* line :
       {"call", "call x 1 2 emergency 61", "call 00:0F:D3:00:00:01 1 9000000000000 urgent 61",
        "call 00:0F:D3:00:00:01 a 9000000000000 emergency 61",
        "call 00:0F:D3:00:00:01 1 9000000000000 emergency 6",
        "call 00:0F:D3:00:00:01 1 9000000000000 emergency zz",
        "call-back 00:0F:D3:00:00:01 1 9000000000000x", "ring 00:0F:D3:00:00:01 1 9000000000000"}) {
    book_.restore(line, at(0s));
    EXPECT_EQ(book_.to_text(), "") << line;
  }
}

TEST_F(Calls, Promise12APhoneHasFewCallsAndTheOneThatEndsSoonestGoesFirst) {
  book_.note_begun(kPhone, "short", true, "2042", at(1min), at(0s));
  for (int i = 0; i < 100; ++i)
    book_.note_begun(kPhone, fmt::format("call {}", i), true, "2042", {}, at(0s));
  EXPECT_THAT(book_.to_text(), testing::Not(HasSubstr("73686f7274")));
  const std::string text = book_.to_text();
  EXPECT_EQ(size_t(std::ranges::count(text, '\n')), CallBook::kMostCalls);
  for (uint32_t i = 0; i < CallBook::kMostPhones + 10; ++i)
    book_.note_begun(*MacAddress::parse(fmt::format("0200{:08x}", i)), fmt::format("id {}", i),
                     true, "2042", {}, at(0s));
  EXPECT_EQ(book_.counts(at(1s)).phones, CallBook::kMostPhones);
}

}  // namespace
}  // namespace stormdoor::edge
