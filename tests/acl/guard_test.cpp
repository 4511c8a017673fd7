#include "acl/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

const Now kStart{SteadyTime(1000h),
                 WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1))};

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
IpPrefix prefix(std::string_view text) {
  return *IpPrefix::parse(text);
}

Network network(std::string_view name, std::string_view prefix_text, ServiceSet services) {
  Network made;
  made.name = name;
  made.prefixes = {prefix(prefix_text)};
  made.services = services;
  return made;
}

// Three wrong passwords of one service within a minute block for ten minutes.
AclRules strict_rules() {
  AclRules rules;
  rules.networks = {network("everywhere", "0.0.0.0/0", ServiceSet::all()),
                    network("everywhere in six", "::/0", ServiceSet::all())};
  for (Limit& limit : rules.limits)
    limit = {.failures = 3,
             .within = 1min,
             .block_for = 10min,
             .repeat_factor = 2,
             .repeat_max = std::chrono::hours(1)};
  return rules;
}

Guard strict_guard(const GuardSizes& sizes = {}) {
  return {RuleSet::from(strict_rules()), sizes};
}

Failure wrong_password(std::string_view from, uint64_t fingerprint,
                       Service service = Service::Portal) {
  return {.service = service,
          .kind = FailureKind::WrongPassword,
          .source = ip(from),
          .proof = PathProof::Connected,
          .device = {},
          .account = "301",
          .fingerprint = fingerprint};
}

Failure unknown_mac(std::string_view from, uint64_t number, PathProof proof) {
  std::array<uint8_t, 6> mac{
      0, 0x0f, 0xd3, uint8_t(number >> 16), uint8_t(number >> 8), uint8_t(number)};
  return {.service = Service::Provisioning,
          .kind = FailureKind::UnknownMac,
          .source = ip(from),
          .proof = proof,
          .device = MacAddress(mac),
          .account = "",
          .fingerprint = 0};
}

TEST(Guard, BlocksAtTheLimitAndNotBelow) {
  Guard guard = strict_guard();
  EXPECT_FALSE(guard.report_failure(wrong_password("198.51.100.7", 1), kStart).block);
  const Verdict second = guard.report_failure(wrong_password("198.51.100.7", 2), kStart);
  EXPECT_FALSE(second.block);
  EXPECT_TRUE(second.counted);
  EXPECT_EQ(second.failures, 2U);
  EXPECT_EQ(second.limit, 3U);
  EXPECT_TRUE(guard.admit(ip("198.51.100.7"), Service::Portal, kStart).admitted());

  const Verdict third = guard.report_failure(wrong_password("198.51.100.7", 3), kStart);
  ASSERT_TRUE(third.block);
  EXPECT_EQ(third.block->source, prefix("198.51.100.7/32"));
  EXPECT_EQ(third.block->until, kStart.wall + 10min);
  EXPECT_EQ(third.block->service, uint8_t(Service::Portal));
  const Admission refused = guard.admit(ip("198.51.100.7"), Service::Portal, kStart + 1min);
  EXPECT_EQ(refused.decision, Decision::Blocked);
  EXPECT_EQ(refused.retry_after, 9min);
  EXPECT_TRUE(guard.admit(ip("198.51.100.8"), Service::Portal, kStart).admitted());
  EXPECT_FALSE(guard.admit(ip("198.51.100.7"), Service::Portal, kStart + 10min - 1ms).admitted());
  EXPECT_TRUE(guard.admit(ip("198.51.100.7"), Service::Portal, kStart + 10min).admitted());
}

}  // namespace
}  // namespace stormdoor::acl
