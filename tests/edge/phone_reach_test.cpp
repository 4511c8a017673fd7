#include "edge/phone_reach.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const MacAddress kPhone = *MacAddress::parse("00:0F:D3:00:00:01");
const MacAddress kOther = *MacAddress::parse("00:0F:D3:00:00:02");

acl::Registration registration(const char* endpoint, const char* account,
                               std::optional<MacAddress> device, int64_t expires = 1000,
                               bool tcp = false) {
  const Endpoint at = *Endpoint::parse(endpoint);
  return {.flow = {at.address, at.port, tcp},
          .account = account,
          .device = device,
          .expires = WallTime(milliseconds(expires))};
}

PhoneWhereabouts phone() {
  return {.mac = kPhone,
          .accounts = {"2041", "d000fd3000001"},
          .has_event = true,
          .listens = false,
          .last_contact = *IpAddress::parse("10.20.0.9")};
}

std::vector<std::string> ways(const PhoneReach& reach) {
  std::vector<std::string> texts;
  for (const auto& way : reach.ways) texts.push_back(way.to_string());
  return texts;
}

TEST(PhoneReach, APhoneIsToldWhereItIsRegistered) {
  const std::vector all = {registration("10.20.0.8:5060", "2041", kOther),
                           registration("10.20.0.7:5062", "2041", kPhone)};
  const auto found = reach(phone(), all, {});
  ASSERT_THAT(ways(found), ElementsAre("at 10.20.0.7:5062 as 2041"));
  EXPECT_EQ(found.ways[0].host, "10.20.0.7:5062");
}

TEST(PhoneReach, TheLikeliestAccountAndThenTheRegistrationThatHoldsLongest) {
  const std::vector all = {registration("10.20.0.7:1111", "d000fd3000001", kPhone, 9000),
                           registration("10.20.0.7:2222", "2041", kPhone, 1000),
                           registration("10.20.0.7:3333", "2041", kPhone, 2000)};
  EXPECT_THAT(ways(reach(phone(), all, {})), ElementsAre("at 10.20.0.7:3333 as 2041"));
}

TEST(PhoneReach, ARegistrationThatNobodyIsKnownToHoldIsTakenIfItIsTheOnlyOneOfTheAccount) {
  std::vector all = {registration("10.20.0.7:5062", "2041", std::nullopt)};
  EXPECT_THAT(ways(reach(phone(), all, {})), ElementsAre("at 10.20.0.7:5062 as 2041"));
  all.push_back(registration("10.20.0.8:5062", "2041", std::nullopt));
  EXPECT_THAT(ways(reach(phone(), all, {})), IsEmpty());
}

TEST(PhoneReach, ThePbxRelaysWhereNoDatagramOfOursWouldArrive) {
  const std::vector all = {registration("198.51.100.7:41000", "2041", kPhone, 1000, true)};
  EXPECT_THAT(ways(reach(phone(), all, {})), IsEmpty());
  EXPECT_EQ(reach(phone(), all, {}).why_none,
            "it is registered over TCP, which only the PBX can use (pbx.notify_through)");
  ReachTerms terms;
  terms.through = *Endpoint::parse("10.20.0.5:5060");
  auto found = reach(phone(), all, terms);
  ASSERT_THAT(ways(found), ElementsAre("through the PBX as 2041"));
  EXPECT_EQ(found.ways[0].host, "10.20.0.5:5060");
  terms.domain = "pbx.example.com";
  found = reach(phone(), {}, terms);
  ASSERT_THAT(ways(found), ElementsAre("through the PBX as 2041"));
  EXPECT_EQ(found.ways[0].host, "pbx.example.com");
  EXPECT_EQ(found.ways[0].to.to_string(), "10.20.0.5:5060");
}

TEST(PhoneReach, ALastContactIsGoodOnlyForPhonesThatListen) {
  auto listening = phone();
  listening.listens = true;
  EXPECT_THAT(ways(reach(listening, {}, {})),
              ElementsAre("at 10.20.0.9:5060, where it was last seen"));
  EXPECT_THAT(ways(reach(phone(), {}, {})), IsEmpty());
  EXPECT_EQ(reach(phone(), {}, {}).why_none, "it is not known where it is registered");
}

TEST(PhoneReach, TheCommandComesLastAndAloneWithoutNotify) {
  const std::vector all = {registration("10.20.0.7:5062", "2041", kPhone)};
  ReachTerms terms;
  terms.command = true;
  EXPECT_THAT(ways(reach(phone(), all, terms)),
              ElementsAre("at 10.20.0.7:5062 as 2041", "by command"));
  terms.notify = false;
  const auto found = reach(phone(), all, terms);
  ASSERT_THAT(ways(found), ElementsAre("by command"));
  EXPECT_EQ(found.ways[0].address->to_string(), "10.20.0.7");
  terms.command = false;
  EXPECT_EQ(reach(phone(), all, terms).why_none, "NOTIFY is switched off and there is no command");
}

TEST(PhoneReach, AProfileWithoutAnEventSaysSo) {
  auto unknown = phone();
  unknown.has_event = false;
  EXPECT_EQ(reach(unknown, {}, {}).why_none, "its profile knows no NOTIFY for it");
}

}  // namespace
}  // namespace stormdoor::edge
