#include "bench/storm/storm_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace stormdoor::storm {
namespace {

std::string error_of(const auto& result) {
  return result ? "" : result.error().message();
}

Target all_three() {
  Target target;
  target.tftp = target.http = target.https = Endpoint{IpAddress::v4(0x7f000001), 1, 0};
  return target;
}

StormOrder order_of(const std::string& phones) {
  StormOrder order;
  order.phones = {*parse_phone_order(phones)};
  return order;
}

TEST(StormOrder, PhonesAreReadFromWords) {
  const PhoneOrder many = *parse_phone_order("Yealink:T46@tftp=500");
  EXPECT_EQ(many.vendor, "yealink");
  EXPECT_EQ(many.model, "T46");
  EXPECT_EQ(many.transport, Transport::Tftp);
  EXPECT_EQ(many.count, 500U);
  const PhoneOrder one = *parse_phone_order("cisco:7945");
  EXPECT_FALSE(one.transport);
  EXPECT_EQ(one.count, 1U);
}

TEST(StormOrder, MistakesInPhonesAreToldInWords) {
  EXPECT_EQ(error_of(parse_phone_order("yealink")),
            "\"yealink\" is no phone; write VENDOR:MODEL=NUMBER, as yealink:T46=500");
  EXPECT_EQ(error_of(parse_phone_order("yealink:T46=many")),
            "\"many\" is no number of phones from 1 to 200000");
  EXPECT_NE(error_of(parse_phone_order("yealink:T46=0")), "");
  EXPECT_NE(error_of(parse_phone_order("yealink:T46=200001")), "");
  EXPECT_EQ(parse_phone_order("yealink:T46=200000")->count, kMostPhones);
  EXPECT_EQ(error_of(parse_phone_order("yealink:T46@ftp=5")), "\"ftp\" is not tftp, http or https");
  EXPECT_EQ(error_of(make_plan(order_of("yaelink:T46"), all_three())),
            "nobody knows how phones of \"yaelink\" boot, did you mean yealink; known are sangoma, "
            "polycom, yealink, cisco, grandstream, snom, aastra");
}

TEST(StormOrder, ArrivalsAreReadFromWords) {
  EXPECT_EQ(parse_arrival_order("at-once")->time, milliseconds(0));
  EXPECT_EQ(parse_arrival_order("power-cut:10s")->time, seconds(10));
  EXPECT_EQ(parse_arrival_order("power-cut")->curve, ArrivalCurve::PowerCut);
  EXPECT_EQ(parse_arrival_order("rolling")->time, seconds(300));
  EXPECT_EQ(
      error_of(parse_arrival_order("slowly")),
      "\"slowly\" is no way to arrive; at-once, evenly:30s, power-cut:30s and rolling:5m are");
  EXPECT_NE(error_of(parse_arrival_order("at-once:3s")), "");
  EXPECT_NE(error_of(parse_arrival_order("evenly:soon")), "");
}

TEST(StormOrder, APhoneTakesTheBestThatItAndTheTargetCan) {
  EXPECT_EQ(make_plan(order_of("yealink:T46"), all_three())->phones[0].transport, Transport::Https);
  EXPECT_EQ(make_plan(order_of("yealink:T46@tftp"), all_three())->phones[0].transport,
            Transport::Tftp);
  Target http;
  http.http = Endpoint{IpAddress::v4(0x7f000001), 80, 0};
  EXPECT_EQ(make_plan(order_of("yealink:T46"), http)->phones[0].transport, Transport::Http);
  EXPECT_EQ(error_of(make_plan(order_of("cisco:7945"), http)),
            "cisco 7945 boots over TFTP, and no such target was named");
  EXPECT_EQ(error_of(make_plan(order_of("cisco:7945@https"), all_three())),
            "cisco 7945 cannot do HTTPS, only TFTP");
}

TEST(StormOrder, EachPhoneHasItsOwnMacAndAddress) {
  StormOrder order = order_of("yealink:T46=300");
  order.phones.push_back(*parse_phone_order("yealink:T48=10"));
  order.phones.push_back(*parse_phone_order("cisco:7945=2"));
  order.sources = *IpPrefix::parse("127.77.0.0/16");
  const StormPlan plan = *make_plan(order, all_three());
  ASSERT_EQ(plan.phones.size(), 312U);
  std::set<MacAddress> macs;
  std::set<IpAddress> addresses;
  for (const PhoneSpec& phone : plan.phones) {
    macs.insert(phone.mac);
    addresses.insert(phone.source);
  }
  EXPECT_EQ(macs.size(), 312U);
  EXPECT_EQ(addresses.size(), 312U);
  EXPECT_EQ(plan.phones[0].source.to_string(), "127.77.0.1");
  EXPECT_EQ(plan.phones[255].source.to_string(), "127.77.1.0");
  EXPECT_EQ(plan.phones[0].mac.to_string(), "00:15:65:00:00:01");
  EXPECT_EQ(plan.phones[310].mac.to_string(), "00:1B:54:00:00:01");
}

TEST(StormOrder, MorePhonesThanAddressesShareThem) {
  StormOrder order = order_of("yealink:T46=5");
  order.sources = *IpPrefix::parse("127.77.0.0/30");
  order.first_mac = *MacAddress::parse("00:15:65:00:00:ff");
  const StormPlan plan = *make_plan(order, all_three());
  EXPECT_EQ(plan.phones[0].source.to_string(), "127.77.0.1");
  EXPECT_EQ(plan.phones[1].source.to_string(), "127.77.0.2");
  EXPECT_EQ(plan.phones[2].source.to_string(), "127.77.0.1");
  EXPECT_EQ(plan.phones[1].mac.to_string(), "00:15:65:00:01:00");
  order.sources = *IpPrefix::parse("127.77.0.9");
  EXPECT_EQ(make_plan(order, all_three())->phones[4].source.to_string(), "127.77.0.9");
  order.sources = *IpPrefix::parse("fd00::/64");
  EXPECT_EQ(make_plan(order, all_three())->phones[4].source.to_string(), "fd00::5");
}

TEST(StormOrder, FirmwareGoesToItsShareOfThePhonesAndTheSameOnesEachTime) {
  StormOrder order = order_of("yealink:T46=200");
  order.firmware.emplace().path = "T46.rom";
  order.firmware_percent = 20;
  const auto chosen = [&] {
    const StormPlan plan = *make_plan(order, all_three());
    std::vector<size_t> phones;
    for (size_t i = 0; i < plan.phones.size(); ++i)
      if (!plan.phones[i].files.empty()) phones.push_back(i);
    return phones;
  };
  const auto first = chosen();
  EXPECT_EQ(first.size(), 40U);
  EXPECT_EQ(chosen(), first);
  order.seed = 2;
  EXPECT_NE(chosen(), first);
}

TEST(StormOrder, OtherFilesCanBeAskedFor) {
  StormOrder order = order_of("yealink:T46");
  order.ask = {"{mac}.conf", "common.conf"};
  const StormPlan plan = *make_plan(order, all_three());
  const BootScript* script = find_script(plan.scripts, "yealink", "T46");
  ASSERT_EQ(script->steps.size(), 2U);
  EXPECT_EQ(script->steps[0].path, "{mac}.conf");
  EXPECT_TRUE(script->steps[0].required);
  EXPECT_EQ(script->url_after, "");
}

TEST(StormOrder, AttackersComeByTurnsAndNeedATarget) {
  StormOrder order = order_of("yealink:T46");
  order.attackers = 5;
  order.attackers_from = *IpPrefix::parse("127.66.0.0/16");
  const StormPlan plan = *make_plan(order, all_three());
  ASSERT_EQ(plan.attacks.size(), 5U);
  EXPECT_EQ(plan.attacks[3].kind, AttackKind::SweepTftp);
  EXPECT_EQ(plan.attacks[4].kind, AttackKind::SweepHttps);
  EXPECT_EQ(plan.attacks[4].source.to_string(), "127.66.0.5");
  EXPECT_EQ(plan.attacks[4].path, "{mac}.cfg");
  EXPECT_EQ(plan.attacks[2].path, "p/{token}/{mac}.cfg");
  Target http;
  http.http = Endpoint{IpAddress::v4(0x7f000001), 80, 0};
  EXPECT_EQ(error_of(make_plan(order, http)), "attackers need a target for https or tftp");
  order.attackers = kMostAttackers + 1;
  EXPECT_EQ(error_of(make_plan(order, all_three())),
            "1001 attackers are more than 1000 in one storm");
}

TEST(StormOrder, ThereIsAnEndToPhones) {
  StormOrder order = order_of("yealink:T46=200000");
  EXPECT_TRUE(make_plan(order, all_three()));
  order.phones.push_back(*parse_phone_order("snom:D735"));
  EXPECT_EQ(error_of(make_plan(order, all_three())),
            "200001 phones are more than 200000 in one storm");
}

TEST(StormOrder, TargetsAreAddresses) {
  Target target;
  ASSERT_TRUE(add_target(target, "tftp://127.0.0.1"));
  ASSERT_TRUE(add_target(target, "https://[::1]:8443/p/secret"));
  ASSERT_TRUE(add_target(target, "HTTP://127.0.0.1:8080"));
  EXPECT_EQ(target.tftp->to_string(), "127.0.0.1:69");
  EXPECT_EQ(target.https->to_string(), "[::1]:8443");
  EXPECT_EQ(target.http->to_string(), "127.0.0.1:8080");
}

TEST(StormOrder, AFolderComesBeforeEveryFile) {
  Target target;
  ASSERT_TRUE(add_target(target, "https://127.0.0.1/provisioning"));
  EXPECT_EQ(target.folder, "/provisioning/");
  EXPECT_EQ(target.host, "127.0.0.1");
}

TEST(StormOrder, WhatIsNoTargetIsToldInWords) {
  Target target;
  EXPECT_EQ(error_of(add_target(target, "10.0.0.1")),
            "\"10.0.0.1\" is no target; write tftp://HOST, http://HOST/ or https://HOST/");
  EXPECT_NE(error_of(add_target(target, "ftp://10.0.0.1")), "");
  EXPECT_EQ(error_of(add_target(target, "tftp://")), "tftp://: which host?");
  EXPECT_EQ(error_of(add_target(target, "tftp://10.0.0.1:port")),
            "tftp://10.0.0.1:port: \"port\" is no port");
  EXPECT_NE(error_of(add_target(target, "tftp://10.0.0.1:0")), "");
  EXPECT_NE(error_of(add_target(target, "tftp://10.0.0.1:65536")), "");
  EXPECT_EQ(error_of(add_target(target, "https://user:word@10.0.0.1/")),
            "a target carries no user and no password");
  EXPECT_EQ(error_of(add_target(target, "tftp://10.0.0.1/folder")),
            "tftp://10.0.0.1/folder: a TFTP target has no folder; --ask names files");
  ASSERT_TRUE(add_target(target, "tftp://10.0.0.1/"));
  EXPECT_EQ(error_of(add_target(target, "tftp://10.0.0.2")), "two targets for TFTP");
}

}  // namespace
}  // namespace stormdoor::storm
