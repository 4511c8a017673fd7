#include "acl/binding_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const Now kStart{SteadyTime(1h), WallTime(400'000h)};
const MacAddress kPhone = *MacAddress::parse("00:0f:d3:05:48:48");
const MacAddress kOther = *MacAddress::parse("00:0f:d3:05:48:49");
const IpAddress kAddress = *IpAddress::parse("10.20.0.7");

Sighting sighting(const MacAddress& mac, const IpAddress& address,
                  BindingSource source = BindingSource::Arp) {
  Sighting made;
  made.mac = mac;
  made.address = address;
  made.source = source;
  return made;
}
Sighting foreign(const MacAddress& mac) {
  Sighting made = sighting(mac, kAddress);
  made.foreign_frame = true;
  return made;
}
MacAddress mac_number(uint32_t number) {
  return MacAddress(
      {2, 0, uint8_t(number >> 24), uint8_t(number >> 16), uint8_t(number >> 8), uint8_t(number)});
}

TEST(BindingTable, ASightingIsProofUntilItIsTooOld) {
  BindingTable table(16, 4h);
  const auto learned = table.learn(sighting(kPhone, kAddress), kStart);
  EXPECT_TRUE(learned.is_new);
  EXPECT_FALSE(learned.conflict);
  EXPECT_FALSE(learned.before);
  EXPECT_EQ(table.proven_mac(kAddress, kStart + (4h - 1ms)), kPhone);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 4h));
  EXPECT_FALSE(table.proven_mac(*IpAddress::parse("10.20.0.8"), kStart));
}

TEST(BindingTable, ASightingAgainKeepsItYoungAndIsNotNew) {
  BindingTable table(16, 4h);
  table.learn(sighting(kPhone, kAddress), kStart);
  EXPECT_FALSE(table.learn(sighting(kPhone, kAddress), kStart + 3h).is_new);
  EXPECT_EQ(table.proven_mac(kAddress, kStart + 6h), kPhone);
  const auto binding = table.find(kAddress, kStart + 6h);
  ASSERT_TRUE(binding);
  ASSERT_EQ(binding->holders.size(), 1U);
  EXPECT_EQ(binding->holders[0].first, kStart.wall);
  EXPECT_EQ(binding->holders[0].last, (kStart + 3h).wall);
}

TEST(Promise7_Wire, TwoClaimantsMakeABindingUnfitUntilOneHasBeenSilentLongEnough) {
  BindingTable table(16, 4h);
  table.learn(sighting(kPhone, kAddress), kStart);
  const auto learned = table.learn(sighting(kOther, kAddress), kStart + 1h);
  EXPECT_TRUE(learned.is_new);
  EXPECT_TRUE(learned.conflict);
  EXPECT_EQ(learned.before, kPhone);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 1h));
  EXPECT_TRUE(table.find(kAddress, kStart + (4h - 1ms))->conflict);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + (4h - 1ms)));
  EXPECT_EQ(table.proven_mac(kAddress, kStart + 4h), kOther);
  EXPECT_EQ(table.counters().conflicts, 1U);
}

TEST(Promise7_Wire, WhoeverTakesTurnsIsNoProof) {
  BindingTable table(16, 4h);
  for (int i = 0; i < 10; ++i)
    table.learn(sighting(i % 2 == 0 ? kPhone : kOther, kAddress), kStart + i * 1s);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 10s));
  EXPECT_EQ(table.find(kAddress, kStart + 10s)->holders.size(), 2U);
  EXPECT_EQ(table.counters().conflicts, 1U) << "one dispute, however long";
}

TEST(Promise7_Wire, AForeignFrameMakesABindingUnfitForAsLong) {
  BindingTable table(16, 4h);
  table.learn(sighting(kPhone, kAddress), kStart);
  EXPECT_TRUE(table.learn(foreign(kPhone), kStart + 1s).conflict);
  table.learn(sighting(kPhone, kAddress), kStart + 1h);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 4h));
  EXPECT_TRUE(table.find(kAddress, kStart + 4h)->holders[0].foreign_frame);
  EXPECT_EQ(table.proven_mac(kAddress, kStart + 4h + 1s), kPhone);
}

TEST(Promise7_Wire, TheKernelsTableIsASecondWitness) {
  BindingTable table(16, 4h);
  table.learn(sighting(kPhone, kAddress), kStart);
  table.learn(sighting(kPhone, kAddress, BindingSource::Kernel), kStart + 1s);
  EXPECT_EQ(table.proven_mac(kAddress, kStart + 1s), kPhone);
  EXPECT_EQ(table.find(kAddress, kStart + 1s)->holders[0].source, BindingSource::Kernel);
  EXPECT_TRUE(table.learn(sighting(kOther, kAddress, BindingSource::Kernel), kStart + 2s).conflict);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 2s));
}

TEST(BindingTable, ADhcpServerHandsAnAddressOver) {
  BindingTable table(16, 4h);
  table.learn(sighting(kPhone, kAddress), kStart);
  const auto learned = table.learn(sighting(kOther, kAddress, BindingSource::Dhcp), kStart + 1h);
  EXPECT_TRUE(learned.is_new);
  EXPECT_FALSE(learned.conflict);
  EXPECT_EQ(table.proven_mac(kAddress, kStart + 1h), kOther);
  // Whom it was taken from is still there after all.
  EXPECT_TRUE(table.learn(sighting(kPhone, kAddress), kStart + 2h).conflict);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 2h));
}

TEST(Promise7_Wire, ARenewalEndsNoDispute) {
  BindingTable table(16, 4h);
  table.learn(sighting(kPhone, kAddress, BindingSource::Dhcp), kStart);
  table.learn(sighting(kOther, kAddress), kStart + 1h);
  table.learn(sighting(kPhone, kAddress, BindingSource::Dhcp), kStart + 2h);
  EXPECT_FALSE(table.proven_mac(kAddress, kStart + 2h));
}

TEST(BindingTable, AddressesAndMacsThatNobodyCanHaveTeachNothing) {
  BindingTable table(16);
  for (const char* address : {"0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.1", "239.255.255.255",
                              "255.255.255.255", "ff02::1"})
    table.learn(sighting(kPhone, *IpAddress::parse(address)), kStart);
  for (const char* mac : {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"})
    table.learn(sighting(*MacAddress::parse(mac), kAddress), kStart);
  EXPECT_EQ(table.counters().addresses, 0U);
  table.learn(sighting(kPhone, *IpAddress::parse("223.255.255.255")), kStart);
  table.learn(sighting(kPhone, *IpAddress::parse("240.0.0.0")), kStart);
  EXPECT_EQ(table.counters().addresses, 2U);
}

TEST(BindingTable, WhatDhcpSaidOfAPhoneStaysWithIt) {
  BindingTable table(16);
  Sighting dhcp = sighting(kPhone, kAddress, BindingSource::Dhcp);
  dhcp.vendor_class = std::string(65, 'v');
  dhcp.relay = std::string(129, 'r');
  dhcp.vlan = 20;
  dhcp.interface = 3;
  table.learn(dhcp, kStart);
  table.learn(sighting(kPhone, kAddress, BindingSource::Kernel), kStart + 1s);
  const auto binding = table.find(kAddress, kStart + 1s);
  EXPECT_EQ(binding->holders[0].vendor_class, std::string(64, 'v'));
  EXPECT_EQ(binding->holders[0].relay, std::string(128, 'r'));
  EXPECT_EQ(binding->holders[0].vlan, 20);
}

TEST(BindingTable, AMacIsFoundWhereItWasSeenNewestFirst) {
  BindingTable table(4096);
  const IpAddress second = *IpAddress::parse("fd00::7");
  table.learn(sighting(kPhone, kAddress), kStart);
  table.learn(sighting(kPhone, second), kStart + 1s);
  EXPECT_THAT(table.addresses_of(kPhone), ElementsAre(second, kAddress));
  table.learn(sighting(kPhone, kAddress), kStart + 2s);
  EXPECT_THAT(table.addresses_of(kPhone), ElementsAre(kAddress, second));
  EXPECT_TRUE(table.addresses_of(kOther).empty());
  for (uint32_t i = 0; i < 1000; ++i)
    table.learn(sighting(kPhone, IpAddress::v4(0x0A000000 + i)), kStart + 3s + i * 1ms);
  const auto addresses = table.addresses_of(kPhone);
  ASSERT_EQ(addresses.size(), BindingTable::kMostAddressesOfMac);
  EXPECT_EQ(addresses[0], IpAddress::v4(0x0A000000 + 999));
  EXPECT_EQ(addresses[7], IpAddress::v4(0x0A000000 + 992));
}

TEST(BindingTable, BindingsAreListedByAddress) {
  BindingTable table(4096);
  for (const uint32_t last : {9U, 2U, 200U, 31U})
    table.learn(sighting(kPhone, IpAddress::v4(0x0A140000 + last)), kStart);
  const auto all = table.all(3, kStart);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].address.to_string(), "10.20.0.2");
  EXPECT_EQ(all[1].address.to_string(), "10.20.0.9");
  EXPECT_EQ(all[2].address.to_string(), "10.20.0.31");
  EXPECT_EQ(table.all(10, kStart).size(), 4U);
}

TEST(Promise12_Bounded, AnAddressRemembersItsLastFourHolders) {
  BindingTable table(16);
  for (uint32_t i = 1; i <= 5; ++i) table.learn(sighting(mac_number(i), kAddress), kStart + i * 1s);
  const auto binding = table.find(kAddress, kStart + 5s);
  ASSERT_EQ(binding->holders.size(), BindingTable::kHistory);
  EXPECT_EQ(binding->holders[0].mac, mac_number(5));
  EXPECT_EQ(binding->holders[3].mac, mac_number(2));
  EXPECT_TRUE(table.addresses_of(mac_number(1)).empty()) << "forgotten with its claim";
}

TEST(Promise12_Bounded, AFullTableForgetsTheOldestOfTheLinkThatHoldsMost) {
  BindingTable table(4);
  const IpAddress quiet = *IpAddress::parse("10.99.0.1");
  table.learn(sighting(kPhone, quiet), kStart);
  for (uint32_t i = 1; i <= 3; ++i)
    table.learn(sighting(mac_number(i), IpAddress::v4(0x0A140000 + i)), kStart + i * 1s);
  EXPECT_EQ(table.counters().evictions, 0U);
  table.learn(sighting(mac_number(4), IpAddress::v4(0x0A140004)), kStart + 4s);
  EXPECT_EQ(table.counters().evictions, 1U);
  EXPECT_EQ(table.counters().addresses, 4U);
  EXPECT_TRUE(table.find(quiet, kStart + 4s));
  EXPECT_FALSE(table.find(IpAddress::v4(0x0A140001), kStart + 4s));
  EXPECT_TRUE(table.addresses_of(mac_number(1)).empty());
  EXPECT_TRUE(table.find(IpAddress::v4(0x0A140002), kStart + 4s));
}

TEST(Promise12_Bounded, AFloodOfAddressesCostsOnlyItsOwnLink) {
  BindingTable table(8192);
  for (uint32_t i = 1; i <= 200; ++i)
    table.learn(sighting(mac_number(i), IpAddress::v4(0x0A140000 + i)), kStart);
  std::array<uint8_t, 16> address{0xfd, 0, 0, 0, 0, 1};
  for (uint32_t i = 0; i < 50'000; ++i) {
    address[14] = uint8_t(i >> 8);
    address[15] = uint8_t(i);
    address[13] = uint8_t(i >> 16);
    table.learn(sighting(mac_number(1'000'000 + i), IpAddress::v6(address)), kStart + 1s);
  }
  EXPECT_LE(table.counters().addresses, 8192U);
  for (uint32_t i = 1; i <= 200; ++i)
    EXPECT_EQ(table.proven_mac(IpAddress::v4(0x0A140000 + i), kStart + 1s), mac_number(i));
}

TEST(BindingTable, IsSharedByThreads) {
  BindingTable table(1024);
  std::vector<std::jthread> threads;
  for (uint32_t t = 0; t < 4; ++t)
    threads.emplace_back([&table, t] {
      for (uint32_t i = 0; i < 2000; ++i) {
        const IpAddress address = IpAddress::v4(0x0A140000 + (i * 7 + t) % 3000);
        table.learn(sighting(mac_number(i % 50), address), kStart + i * 1ms);
        (void)table.proven_mac(address, kStart + i * 1ms);
        (void)table.addresses_of(mac_number(i % 50));
        if (i % 500 == 0) (void)table.all(20, kStart);
      }
    });
  threads.clear();
  EXPECT_LE(table.counters().addresses, 1024U);
  EXPECT_EQ(table.counters().sightings, 8000U);
}

}  // namespace
}  // namespace stormdoor::acl
