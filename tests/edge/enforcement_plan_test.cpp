#include "edge/enforcement_plan.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using acl::EnforcementChange;
using acl::Refusal;
using acl::Service;
using Kind = EnforcementChange::Kind;

const WallTime kNow{milliseconds{1'000'000}};
const IpPrefix kOffice = *IpPrefix::parse("198.51.100.7/32");

EnforcementChange refuse(Service service, const std::string& account, WallTime until) {
  return {.kind = Kind::Refuse,
          .refusal = Refusal{kOffice, service, account, until},
          .metering = {},
          .registration = {}};
}
EnforcementChange release(Service service, const std::string& account) {
  auto change = refuse(service, account, {});
  change.kind = Kind::Release;
  return change;
}

TEST(EnforcementPlan, ABlockOfSipIsForTheKernelWithWhatIsLeftOfIt) {
  EnforcementPlan plan;
  const auto steps = plan.steps({refuse(Service::Sip, "", kNow + milliseconds{1'001}),
                                 refuse(Service::Portal, "", WallTime::max())},
                                kNow);
  ASSERT_EQ(steps.elements.size(), 2U);
  EXPECT_EQ(steps.elements[0].element, (EnforceElement{EnforceSet::BlockedSip, kOffice, 2}));
  EXPECT_EQ(steps.elements[1].element, (EnforceElement{EnforceSet::BlockedPortal, kOffice, 0}));
}

TEST(EnforcementPlan, ABlockThatIsAboutToEndNeverBecomesOneForEver) {
  EnforcementPlan plan;
  const auto steps = plan.steps({refuse(Service::Sip, "", kNow)}, kNow);
  EXPECT_EQ(steps.elements[0].element.timeout_seconds, 1U);
}

TEST(Promise6, ProvisioningIsRefusedWhereTheRefusalCanSayWhy) {
  EnforcementPlan plan;
  const auto steps = plan.steps({refuse(Service::Provisioning, "", WallTime::max()),
                                 refuse(Service::DeskLogin, "", WallTime::max()),
                                 refuse(Service::Provisioning, "00:0F:D3:05:48:48", kNow)},
                                kNow);
  EXPECT_TRUE(steps.elements.empty());
  EXPECT_TRUE(steps.blames.empty());
}

TEST(Promise5, ASourceOfWhichAccountsAreRefusedIsContestedUntilTheLastOfThemIsReleased) {
  EnforcementPlan plan;
  auto steps = plan.steps({refuse(Service::Sip, "2041", kNow + seconds{60}),
                           refuse(Service::Sip, "2042", kNow + seconds{90})},
                          kNow);
  EXPECT_EQ(steps.elements.size(), 2U);
  EXPECT_EQ(steps.elements[0].element, (EnforceElement{EnforceSet::Contested, kOffice, 0}));
  EXPECT_EQ(steps.blames,
            (std::vector<WatchBlame>{{true, kOffice, "2041"}, {true, kOffice, "2042"}}));
  EXPECT_EQ(plan.blames(), steps.blames);

  steps = plan.steps({release(Service::Sip, "2041")}, kNow);
  EXPECT_TRUE(steps.elements.empty());
  EXPECT_EQ(steps.blames, (std::vector<WatchBlame>{{false, kOffice, "2041"}}));
  steps = plan.steps({release(Service::Sip, "2042")}, kNow);
  ASSERT_EQ(steps.elements.size(), 1U);
  EXPECT_EQ(steps.elements[0].op, EnforceOp::Remove);
  EXPECT_TRUE(plan.blames().empty());
  EXPECT_TRUE(plan.steps({release(Service::Sip, "2042")}, kNow).elements.empty()) << "already gone";
}

TEST(EnforcementPlan, TheWholeIsWhatTheStepsLeadTo) {
  EnforcementPlan plan;
  const acl::Registration well{{kOffice.address(), 5060, false}, "2043", {}, kNow + seconds{300}};
  const acl::Enforcement intended{
      .blocked = {Refusal{kOffice, Service::Api, "", WallTime::max()},
                  Refusal{kOffice, Service::Provisioning, "", WallTime::max()}},
      .contested = {Refusal{kOffice, Service::Sip, "2041", kNow}},
      .metered = {{kOffice, kNow + seconds{5}}},
      .healthy = {well}};
  const auto contents = plan.all(intended, kNow).contents;
  EXPECT_EQ(contents.elements, (std::vector<EnforceElement>{{EnforceSet::BlockedApi, kOffice, 0},
                                                            {EnforceSet::Contested, kOffice, 0},
                                                            {EnforceSet::Metered, kOffice, 5}}));
  EXPECT_EQ(contents.flows, (std::vector<EnforceFlow>{{kOffice.address(), 5060, false, 300}}));
  EXPECT_EQ(plan.blames(), (std::vector<WatchBlame>{{true, kOffice, "2041"}}));
}

TEST(EnforcementPlan, FlowsComeAndGo) {
  EnforcementPlan plan;
  EnforcementChange well{.kind = Kind::FlowWell, .refusal = {}, .metering = {}, .registration = {}};
  well.registration = {{kOffice.address(), 5060, true}, "2043", {}, kNow + seconds{10}};
  EnforcementChange gone = well;
  gone.kind = Kind::FlowGone;
  const auto steps = plan.steps({well, gone}, kNow);
  ASSERT_EQ(steps.flows.size(), 2U);
  EXPECT_EQ(steps.flows[0].flow, (EnforceFlow{kOffice.address(), 5060, true, 10}));
  EXPECT_EQ(steps.flows[1].op, EnforceOp::Remove);
}

TEST(Promise5, AnAccountWhoseBlockHasRunOutIsUnlearnedWithTheNextComparison) {
  EnforcementPlan plan;
  (void)plan.steps({refuse(Service::Sip, "2041", kNow + seconds{60}),
                    refuse(Service::Sip, "2042", kNow + seconds{90})},
                   kNow);
  acl::Enforcement intended;
  intended.contested = {Refusal{kOffice, Service::Sip, "2042", kNow + seconds{90}},
                        Refusal{kOffice, Service::Sip, "2043", kNow + seconds{90}}};
  EXPECT_EQ(plan.all(intended, kNow + seconds{61}).blames,
            (std::vector<WatchBlame>{{false, kOffice, "2041"}, {true, kOffice, "2043"}}));
  EXPECT_TRUE(plan.all(intended, kNow + seconds{66}).blames.empty());
}

}  // namespace
}  // namespace stormdoor::edge
