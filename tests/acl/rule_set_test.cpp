#include "acl/rule_set.hpp"

#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

TEST(RuleSet, MatchesTheMostSpecificPrefixWhicheverNetworkItStandsIn) {
  AclRules rules;
  Network wide;
  wide.name = "wide";
  wide.prefixes = {*IpPrefix::parse("10.0.0.0/8"), *IpPrefix::parse("10.20.30.0/24")};
  Network narrow;
  narrow.name = "narrow";
  narrow.prefixes = {*IpPrefix::parse("10.20.0.0/16")};
  rules.networks = {wide, narrow};
  const auto set = RuleSet::from(rules);
  const auto name_of = [&](std::string_view address) {
    return set->match(*IpAddress::parse(address)).network->name;
  };
  EXPECT_EQ(name_of("10.1.0.1"), "wide");
  EXPECT_EQ(name_of("10.20.0.1"), "narrow");
  EXPECT_EQ(name_of("10.20.30.1"), "wide");
  EXPECT_EQ(set->match(*IpAddress::parse("10.20.30.1")).prefix->to_string(), "10.20.30.0/24");
}

TEST(RuleSet, AnAddressOfNoNetworkIsOfferedNothing) {
  const auto set = RuleSet::from(AclRules{});
  const RuleSet::Match match = set->match(*IpAddress::parse("198.51.100.7"));
  EXPECT_EQ(match.prefix, nullptr);
  ASSERT_NE(match.network, nullptr);
  EXPECT_TRUE(match.network->services.empty());
}

TEST(RuleSet, NeverBlockIsForProvisioningAndSip) {
  Network network;
  for (const Service service : kAllServices) EXPECT_FALSE(never_blocks(network, service));
  network.never_block = true;
  EXPECT_TRUE(never_blocks(network, Service::Provisioning));
  EXPECT_TRUE(never_blocks(network, Service::Sip));
  EXPECT_FALSE(never_blocks(network, Service::DeskLogin));
  EXPECT_FALSE(never_blocks(network, Service::Portal));
  EXPECT_FALSE(never_blocks(network, Service::Api));
}

}  // namespace
}  // namespace stormdoor::acl
