#include "portal/portal_gate.hpp"

#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

const Now kStart{SteadyTime(std::chrono::hours(1)), WallTime(std::chrono::hours(480'000))};
const IpAddress kSource = *IpAddress::parse("127.0.0.1");

store::BlockRecord block_of(acl::Service service) {
  store::BlockRecord block;
  block.source = IpPrefix(kSource, 32);
  block.service = uint8_t(service);
  block.since = kStart.wall;
  block.until = WallTime::max();
  return block;
}

TEST(PortalGate, WhoIsRefusedMayReadWhyAFewTimesAMinute) {
  acl::Guard guard(acl::RuleSet::from(acl::AclRules()), acl::GuardSizes());
  PortalGate gate(guard);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(gate.refuse(kSource, kStart));
  ASSERT_TRUE(guard.add_block(block_of(acl::Service::Portal), kStart));
  EXPECT_FALSE(gate.refuse(kSource, kStart)) << "its programs may still come with a token";
  ASSERT_TRUE(guard.add_block(block_of(acl::Service::Api), kStart));
  for (uint32_t i = 0; i < PortalGate::kConnections; ++i)
    EXPECT_FALSE(gate.refuse(kSource, kStart));
  EXPECT_TRUE(gate.refuse(kSource, kStart + (PortalGate::kWithin - milliseconds(1))));
  EXPECT_FALSE(gate.refuse(kSource, kStart + PortalGate::kWithin));
}

}  // namespace
}  // namespace stormdoor::portal
