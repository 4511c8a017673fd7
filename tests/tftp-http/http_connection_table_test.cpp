#include "tftp-http/http_connection_table.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tftp-http/http_source_counts.hpp"

namespace stormdoor::http {
namespace {

using Pointer = HttpConnectionTable::Pointer;

// Told apart by address; never looked into.
Pointer fake(int number) {
  static char places[16];
  return Pointer(Pointer(), reinterpret_cast<HttpConnection*>(places + number));
}
SteadyTime at(int milliseconds_) {
  return SteadyTime(milliseconds(milliseconds_));
}

TEST(HttpConnectionTable, FindsWhoseTimeIsUp) {
  HttpConnectionTable table;
  auto first = table.add(fake(1), HttpPhase::Header, at(0), milliseconds(100));
  const auto second = table.add(fake(2), HttpPhase::Idle, at(0), milliseconds(50));
  EXPECT_EQ(table.expired(at(49)), nullptr);
  EXPECT_EQ(table.expired(at(50)), fake(2));
  table.remove(second);
  EXPECT_EQ(table.expired(at(99)), nullptr);
  table.enter(first, HttpPhase::Answer, at(99), milliseconds(100));
  EXPECT_EQ(table.expired(at(198)), nullptr);
  EXPECT_EQ(table.expired(at(199)), fake(1));
  EXPECT_EQ(table.size(), 1U);
}

TEST(HttpConnectionTable, EvictsTheLongestIdleFirst) {
  HttpConnectionTable table;
  table.add(fake(1), HttpPhase::Header, at(0), seconds(10));
  table.add(fake(2), HttpPhase::Idle, at(500), seconds(10));
  table.add(fake(3), HttpPhase::Idle, at(600), seconds(10));
  EXPECT_EQ(table.to_evict(at(5000), seconds(1)), fake(2));
}

TEST(HttpConnectionTable, EvictsWhoKeepsUsWaitingButNotWhoIsBeingServed) {
  HttpConnectionTable table;
  table.add(fake(1), HttpPhase::Answer, at(0), seconds(10));
  table.add(fake(2), HttpPhase::Sending, at(0), seconds(10));
  EXPECT_EQ(table.to_evict(at(9000), seconds(1)), nullptr);
  table.add(fake(3), HttpPhase::Handshake, at(100), seconds(10));
  table.add(fake(4), HttpPhase::Header, at(50), seconds(10));
  EXPECT_EQ(table.to_evict(at(1049), seconds(1)), nullptr) << "not even a second";
  EXPECT_EQ(table.to_evict(at(1050), seconds(1)), fake(4));
}

TEST(HttpSourceCounts, CountsPerAddressAndPerIpv6Site) {
  HttpSourceCounts counts;
  const auto a = *IpAddress::parse("10.0.0.1"), b = *IpAddress::parse("10.0.0.2");
  EXPECT_TRUE(counts.try_add(a, 2));
  EXPECT_TRUE(counts.try_add(a, 2));
  EXPECT_FALSE(counts.try_add(a, 2));
  EXPECT_TRUE(counts.try_add(b, 2));
  counts.remove(a);
  EXPECT_TRUE(counts.try_add(a, 2));
  EXPECT_TRUE(counts.try_add(*IpAddress::parse("fd00::1"), 1));
  EXPECT_FALSE(counts.try_add(*IpAddress::parse("fd00::2"), 1)) << "the same /64";
  EXPECT_TRUE(counts.try_add(*IpAddress::parse("fd00:0:0:1::1"), 1));
  EXPECT_EQ(counts.count(*IpAddress::parse("fd00::9")), 1U);
}

}  // namespace
}  // namespace stormdoor::http
