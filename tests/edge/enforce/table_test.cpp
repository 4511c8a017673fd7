#include "edge/enforce/table.hpp"

#include <gmock/gmock.h>

namespace stormdoor::edge::enforce {
namespace {

using testing::HasSubstr;
using testing::Not;

EnforceSettings office() {
  EnforceSettings settings;
  settings.services[0] = {{69}, {80, 443}};
  settings.services[2] = {{5062, 5060, 5060}, {5061}};
  return settings;
}

std::string rules(const EnforceSettings& settings, bool queue = false) {
  return rules_text(settings, Layout(settings, queue), queue, {});
}

TEST(EnforceTable, IsNeverOwnedSoThatItOutlivesUs) {
  EXPECT_THAT(ruleset_text(office()), Not(HasSubstr("owner")));
}

TEST(EnforceTable, LooksAtTheServicesPortsOnly) {
  const auto text = rules(office());
  EXPECT_THAT(text, HasSubstr("sort udp dport { 5060, 5062 } jump sip\n"));
  EXPECT_THAT(text, HasSubstr("sort tcp dport { 5061 } jump sip\n"));
  EXPECT_THAT(text, HasSubstr("sort tcp dport { 80, 443 } jump provisioning\n"));
  EXPECT_THAT(text, Not(HasSubstr("jump portal")));
}

TEST(EnforceTable, Promise5RegisteredFlowsComeFirstAndOnlyReturn) {
  const auto text = rules(office(), true);
  const auto flows = text.find("sip ip saddr . th sport . meta l4proto @flows_v4 return");
  ASSERT_NE(flows, std::string::npos);
  for (const char* later : {"@blocked_sip_v4_32 goto refuse", "@metered_v4_32_at_60_30 drop",
                            "@contested_rate_v4_32_at_6000_200 drop", "@contested_v4_32 goto ask"})
    EXPECT_LT(flows, text.find(later)) << later;
  EXPECT_THAT(text, Not(HasSubstr(" accept\n")));
}

TEST(EnforceTable, ContestedSourcesAreAskedAboutOrMetered) {
  auto settings = office();
  EXPECT_THAT(rules(settings, true), HasSubstr("goto ask"));
  EXPECT_THAT(rules(settings, false), Not(HasSubstr("goto ask")));
  EXPECT_THAT(rules(settings, false), HasSubstr("@contested_rate_v4_32_at_60_30 drop"));
  settings.use_queue = true;
  settings.queue_number = 7;
  EXPECT_THAT(ruleset_text(settings), HasSubstr("ask queue num 7\n"));
  EXPECT_THAT(ruleset_text(settings), Not(HasSubstr("bypass")));
}

TEST(EnforceTable, RejectsWithResetAndUnreachable) {
  auto settings = office();
  EXPECT_THAT(rules(settings), Not(HasSubstr("reject")));
  settings.action = EnforceAction::Reject;
  EXPECT_THAT(rules(settings), HasSubstr("tcp reject with tcp reset"));
  EXPECT_THAT(rules(settings), HasSubstr("icmpx type port-unreachable"));
}

TEST(EnforceTable, HooksOnlyWhereItIsToldTo) {
  auto settings = office();
  settings.hook_forward = false;
  EXPECT_THAT(rules(settings), HasSubstr("input jump sort"));
  EXPECT_THAT(rules(settings), Not(HasSubstr("forward jump sort")));
}

TEST(EnforceTable, AnUnusualLengthGetsASetAndARule) {
  const auto settings = office();
  Layout layout(settings, false);
  const auto entry = Entry::of(SetKind::BlockedSip, *IpPrefix::parse("10.0.0.0/13"));
  EXPECT_TRUE(layout.add(entry));
  EXPECT_FALSE(layout.add(entry));
  EXPECT_THAT(frame_text(layout), HasSubstr("blocked_sip_v4_13 { type ipv4_addr;"));
  EXPECT_THAT(rules_text(settings, layout, false, {}),
              HasSubstr("ip saddr & 255.248.0.0 @blocked_sip_v4_13 goto refuse"));
  EXPECT_THAT(frame_text(layout.with(settings, true)), HasSubstr("blocked_sip_v4_13"));
}

TEST(EnforceTable, StaleSetsAreDeletedAfterTheRulesThatNamedThem) {
  const auto settings = office();
  const auto stale = *SetId::parse("metered_v4_32_at_1_2");
  const auto text = rules_text(settings, Layout(settings, false), false, {stale});
  EXPECT_TRUE(text.ends_with("delete set inet stormdoor metered_v4_32_at_1_2\n"));
}

TEST(EnforceSetId, NamesAreReadBack) {
  for (const char* name :
       {"blocked_provisioning_v4_32", "blocked_desk_login_v6_64", "blocked_sip_v4_0",
        "blocked_portal_v6_128", "blocked_api_v4_24", "contested_v4_32", "metered_v6_64_at_60_30",
        "contested_rate_v4_32_at_6000_200", "flows_v4", "flows_v6"}) {
    const auto id = SetId::parse(name);
    ASSERT_TRUE(id) << name;
    EXPECT_EQ(id->name(), name);
  }
}

TEST(EnforceSetId, OtherNamesAreNotOurs) {
  for (const char* name :
       {"", "blocked", "blocked_sip", "blocked_sip_v4", "blocked_sip_v4_", "blocked_sip_v4_33",
        "blocked_sip_v6_129", "blocked_sip_v5_32", "blocked_sip_v4_032", "blocked_sip_v4_32_x",
        "metered_v4_32", "metered_v4_32_at_60", "metered_v4_32_at_60_30_", "flows_v4_32",
        "contested_v4_32_at_1_1", "blocked_sip_v4_99999999999", "flows_"})
    EXPECT_FALSE(SetId::parse(name)) << name;
}

TEST(EnforceEntry, SurvivesTheKernel) {
  const Layout layout(office(), false);
  for (const char* prefix : {"192.0.2.1", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/64", "::/0"}) {
    const auto entry = Entry::of(SetKind::BlockedSip, *IpPrefix::parse(prefix));
    EXPECT_EQ(Entry::from_kernel(layout.set_of(entry), entry.bytes()), entry) << prefix;
    EXPECT_EQ(entry.element()->prefix, *IpPrefix::parse(prefix));
  }
  const EnforceFlow flow{*IpAddress::parse("192.0.2.1"), 0x1234, true, 0};
  EXPECT_EQ(Entry::of(flow).flow(), flow);
  EXPECT_EQ(Entry::of(flow).bytes(), std::string_view("\xc0\0\2\1\x12\x34\0\0\6\0\0\0", 12));
}

TEST(EnforceEntry, WhatNoOrderCouldHaveMadeIsStrange) {
  const auto strange = [](std::string_view set, std::string_view key) {
    return !Entry::from_kernel(*SetId::parse(set), key);
  };
  EXPECT_FALSE(strange("blocked_sip_v4_24", std::string_view("\x0a\0\1\0", 4)));
  EXPECT_TRUE(strange("blocked_sip_v4_24", std::string_view("\x0a\0\1\1", 4)));
  EXPECT_TRUE(strange("blocked_sip_v4_24", std::string_view("\x0a\0\1", 3)));
  EXPECT_TRUE(
      strange("blocked_sip_v6_128", std::string_view("\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4", 16)));
  EXPECT_FALSE(strange("flows_v4", std::string_view("\1\2\3\4\0\1\0\0\x11\0\0\0", 12)));
  EXPECT_TRUE(strange("flows_v4", std::string_view("\1\2\3\4\0\1\0\0\x12\0\0\0", 12)));
  EXPECT_TRUE(strange("flows_v4", std::string_view("\1\2\3\4\0\1\0\1\x11\0\0\0", 12)));
}

TEST(EnforceEntry, AContestedElementIsTwo) {
  EXPECT_EQ(entries_of({EnforceSet::Contested, *IpPrefix::parse("10.0.0.1"), 0}).size(), 2U);
  EXPECT_EQ(entries_of({EnforceSet::Metered, *IpPrefix::parse("10.0.0.1"), 0}).size(), 1U);
}

}  // namespace
}  // namespace stormdoor::edge::enforce
