#include "acl/expectation.hpp"

#include <gtest/gtest.h>

#include "acl/acl_config.hpp"

namespace stormdoor::acl {
namespace {

const std::string kRules = R"(
[[network]]
name = "Office"
prefixes = ["10.20.0.0/16"]
services = ["provisioning", "desk-login", "sip"]
[[limit]]
service = "sip"
failures = 4
within = "10m"
block_for = "1h"
)";

// The errors, one per line; empty: everything holds.
std::string check(const std::string& text) {
  ConfigReader reader = ConfigReader::parse(text);
  std::vector<std::string> warnings;
  const AclConfig config = read_acl_config(reader.root(), warnings);
  if (reader.good()) prove_expectations(config, reader);
  const auto done = reader.finish();
  return done ? "" : done.error().message();
}

std::string expectation(const std::string& events, const std::string& then) {
  return "[[expect]]\nname = \"A case\"\nevents = [" + events + "]\nthen = \"" + then + "\"\n";
}

void holds(const std::string& events, const std::string& then) {
  EXPECT_EQ(check(kRules + expectation(events, then)), "") << events;
}

TEST(Expectation, OneMistakeBelowTheLimitIsAdmittedAndTheLimitBlocks) {
  holds(R"("10.20.0.7 refused registration as 2041, 3 times within 1m")", "admitted");
  holds(R"("10.20.0.7 refused registration as 2041, 4 times within 1m")", "blocked");
}

TEST(Expectation, TimePassesAsTheStoryTellsIt) {
  holds(R"("10.20.0.7 refused registration, 4 times within 9m59s")", "blocked");
  holds(R"("10.20.0.7 refused registration, 4 times within 11m")", "admitted");
  holds(R"("10.20.0.7 refused registration, 4 times", "59m 10.20.0.7 asks for sip")", "blocked");
  holds(R"("10.20.0.7 refused registration, 4 times", "1h1m 10.20.0.7 asks for sip")", "admitted");
}

TEST(Expectation, TheSameMistakeCountsOnceInStoriesToo) {
  holds(R"("10.20.0.7 refused registration 'old', 500 times within 9m")", "admitted");
  holds(R"("10.20.0.7 files of 30 unknown phones")", "blocked");
}

TEST(Expectation, EveryOutcomeCanBeExpected) {
  holds(R"("10.20.0.7 asks for portal")", "refused");
  holds(R"("192.0.2.1 asks for sip")", "refused");
  holds(R"("10.20.0.7 files of 20 unknown phones over tftp", "10.20.0.7 asks for tftp")",
        "throttled");
  holds(R"("administrator blocks 10.20.0.0/24 sip", "10.20.0.7 asks for sip")", "blocked");
  holds(R"("administrator blocks 10.20.0.0/24 sip", "administrator unblocks 10.20.0.0/24 sip",
           "10.20.0.7 asks for sip")",
        "admitted");
  holds(R"("10.20.0.7 refused registration, 4 times", "stormdoor restarts",
           "10.20.0.7 succeeds with sip")",
        "blocked");
}

TEST(Expectation, WhatDoesNotHoldIsAnErrorAtItsPlaceThatSaysWhatHappened) {
  const std::string errors = check(
      kRules + expectation(R"("10.20.0.7 refused registration, 4 times within 1m")", "admitted") +
      expectation(R"("10.20.0.7 refused registration, 2 times")", "blocked") +
      expectation(R"("10.20.0.7 asks for portal")", "admitted"));
  EXPECT_NE(errors.find("test.toml:14:8: expect[1].then: \"A case\" does not hold: 10.20.0.7 is "
                        "blocked for sip, not admitted (4 different mistakes with sip within 10m"),
            std::string::npos)
      << errors;
  EXPECT_NE(errors.find("test.toml:18:"), std::string::npos) << errors;
  EXPECT_NE(errors.find("is admitted for sip, not blocked (2 of 4 mistakes)"), std::string::npos);
  EXPECT_NE(errors.find("network \"Office\" does not offer portal"), std::string::npos) << errors;
}

TEST(Expectation, MistakesInTheStoryNameTheEvent) {
  const auto says = [](const std::string& toml, const std::string& words) {
    const std::string errors = check(kRules + toml);
    EXPECT_NE(errors.find(words), std::string::npos) << toml << "\n" << errors;
  };
  says(expectation(R"("10.20.0.7 asks for sip", "10.20.0.7 dances")", "admitted"), "event 2: ");
  says(expectation(R"("10s 10.20.0.7 asks for sip", "9s 10.20.0.7 asks for sip")", "admitted"),
       "event 2: time runs backwards");
  says(expectation(R"("stormdoor restarts")", "admitted"), "last event");
  says(expectation("", "admitted"), "last event");
  says(expectation(R"("10.20.0.7 asks for sip")", "happy"), "happy");
  says("[[expect]]\n", "expect[1].events: missing");
}

TEST(Expectation, BoundsHold) {
  const std::string ask = R"("10.20.0.7 asks for sip")";
  const std::string half = R"("10.20.0.7 refused registration 'x', 500 times", )";
  EXPECT_NE(check(kRules + expectation(half + half + ask, "admitted")).find("more than 1000"),
            std::string::npos);
  EXPECT_EQ(check(kRules +
                  expectation(half + R"("10.20.0.7 refused registration 'x', 499 times", )" + ask,
                              "admitted")),
            "");
  std::string many = kRules;
  for (size_t i = 0; i < Expectation::kMostExpectations; ++i) many += expectation(ask, "admitted");
  EXPECT_EQ(check(many), "");
  EXPECT_NE(check(many + expectation(ask, "admitted")).find("more than 200"), std::string::npos);
}

}  // namespace
}  // namespace stormdoor::acl
