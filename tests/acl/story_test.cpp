#include "acl/story.hpp"

#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

StoryEvent parsed(std::string_view line) {
  const auto event = parse_story_event(line);
  EXPECT_TRUE(event) << line << ": " << event.error().message();
  return event ? *event : StoryEvent();
}

TEST(StoryEvent, AMistakeWithAllItsDetails) {
  const auto event = parsed(
      "1h30m 10.20.0.7 refused registration as 2041, by 00:0F:D3:05:48:48, 3 times within 10m");
  EXPECT_EQ(event.kind, StoryEvent::Kind::Fail);
  EXPECT_EQ(event.at, std::chrono::minutes(90));
  EXPECT_EQ(event.failure.source, *IpAddress::parse("10.20.0.7"));
  EXPECT_EQ(event.failure.service, Service::Sip);
  EXPECT_EQ(event.failure.kind, FailureKind::SipRefused);
  EXPECT_EQ(event.failure.proof, PathProof::Acknowledged);
  EXPECT_EQ(event.failure.account, "2041");
  EXPECT_EQ(event.failure.device, *MacAddress::parse("000fd3054848"));
  EXPECT_EQ(event.times, 3U);
  EXPECT_EQ(event.within, std::chrono::minutes(10));
  EXPECT_FALSE(event.same_mistake);
}

TEST(StoryEvent, EveryPhraseIsUnderstood) {
  using Kind = StoryEvent::Kind;
  EXPECT_EQ(parsed("10.0.0.1 asks for sip").kind, Kind::Ask);
  EXPECT_EQ(parsed("10.0.0.1 asks for tftp").failure.proof, PathProof::None);
  EXPECT_EQ(parsed("fd00::1 succeeds with portal by 000fd3054848").kind, Kind::Succeed);
  EXPECT_EQ(parsed("10.0.0.1 wrong password for api").failure.service, Service::Api);
  EXPECT_EQ(parsed("10.0.0.1 wrong token").failure.kind, FailureKind::WrongToken);
  EXPECT_EQ(parsed("10.0.0.1 wrong pin").failure.service, Service::DeskLogin);
  EXPECT_EQ(parsed("10.0.0.1 file of unknown phone 000fd3054848").failure.kind,
            FailureKind::UnknownMac);
  EXPECT_EQ(parsed("10.0.0.1 file of foreign phone 000fd3054848 over tftp").failure.proof,
            PathProof::None);
  EXPECT_EQ(parsed("10.0.0.1 files of 20 unknown phones").times, 20U);
  EXPECT_EQ(parsed("10.0.0.1 refused registration over udp unproven").failure.proof,
            PathProof::None);
  EXPECT_EQ(parsed("0s administrator blocks 10.0.0.0/8 sip").kind, Kind::Block);
  EXPECT_EQ(parsed("administrator unblocks 10.0.0.1 sip").prefix.length(), 32);
  EXPECT_EQ(parsed("2d stormdoor restarts").kind, Kind::Restart);
}

TEST(StoryEvent, QuotedWordsAreOneMistake) {
  for (const char* line : {"10.0.0.1 wrong pin \"1234\"", "10.0.0.1 wrong pin '1234', 2 times"}) {
    EXPECT_TRUE(parsed(line).same_mistake);
    EXPECT_EQ(parsed(line).tried, "1234");
  }
  EXPECT_TRUE(parsed("10.0.0.1 wrong pin ''").same_mistake);
}

TEST(StoryEvent, WhatIsNotUnderstoodIsQuoted) {
  const auto error = [](std::string_view line) {
    const auto event = parse_story_event(line);
    EXPECT_FALSE(event) << line;
    return event ? std::string() : event.error().message();
  };
  EXPECT_NE(error("10.0.0.1 dances").find("\"dances\""), std::string::npos);
  EXPECT_NE(error("10.0.0.300 asks for sip").find("an address"), std::string::npos);
  EXPECT_NE(error("10.0.0.1 asks for telnet").find("portal or api"), std::string::npos);
  EXPECT_NE(error("10.0.0.1 asks for sip twice").find("\"twice\""), std::string::npos);
  EXPECT_NE(error("administrator sleeps").find("unblocks"), std::string::npos);
  EXPECT_NE(error("10.0.0.1 wrong pin '12").find("not closed"), std::string::npos);
  EXPECT_NE(error("10.0.0.1 wrong pin 3 apples").find("3 times"), std::string::npos);
  for (const char* line : {"", "soon 10.0.0.1 wrong pin", "10.0.0.1", "10.0.0.1 wrong pin by me",
                           "10.0.0.1 wrong pin within soon", "stormdoor restarts now",
                           "10.0.0.1 refused registrationx", "administrator blocks 10.0.0.1/8 sip",
                           "366d stormdoor restarts"})
    error(line);
}

TEST(StoryEvent, BoundsHold) {
  EXPECT_EQ(parsed("10.0.0.1 wrong pin 1000 times").times, 1000U);
  EXPECT_FALSE(parse_story_event("10.0.0.1 wrong pin 1001 times"));
  EXPECT_FALSE(parse_story_event("10.0.0.1 wrong pin 0 times"));
  const std::string line = "10.0.0.1 wrong pin as ";
  EXPECT_TRUE(parse_story_event(line + std::string(StoryEvent::kMostLineBytes - line.size(), 'a')));
  EXPECT_FALSE(
      parse_story_event(line + std::string(StoryEvent::kMostLineBytes - line.size() + 1, 'a')));
}

}  // namespace
}  // namespace stormdoor::acl
