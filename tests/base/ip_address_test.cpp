#include "base/ip_address.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace stormdoor {
namespace {

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}
IpPrefix prefix(const char* text) {
  return *IpPrefix::parse(text);
}

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
  for (const char* text :
       {"192.0.2.7", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::7", "fe80::1"})
    EXPECT_EQ(ip(text).to_string(), text);
}

TEST(IpAddress, AMappedAddressIsTheIpv4Address) {
  EXPECT_EQ(ip("::ffff:192.0.2.7"), ip("192.0.2.7"));
  EXPECT_TRUE(ip("::ffff:192.0.2.7").is_v4());
}

TEST(IpAddress, RefusesWhatIsNotOne) {
  for (const char* text :
       {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4x", "::g", "fe80::1%eth0", "[::1]"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, KnowsLoopbackAndLinkLocal) {
  EXPECT_TRUE(ip("127.9.9.9").is_loopback());
  EXPECT_TRUE(ip("::1").is_loopback());
  EXPECT_FALSE(ip("128.0.0.1").is_loopback());
  EXPECT_TRUE(ip("fe80::1").is_link_local());
  EXPECT_TRUE(ip("169.254.1.1").is_link_local());
}

TEST(IpPrefix, ContainsItsAddressesAndNoOthers) {
  EXPECT_TRUE(prefix("10.20.0.0/16").contains(ip("10.20.255.255")));
  EXPECT_FALSE(prefix("10.20.0.0/16").contains(ip("10.21.0.0")));
  EXPECT_TRUE(prefix("0.0.0.0/0").contains(ip("203.0.113.9")));
  EXPECT_FALSE(prefix("0.0.0.0/0").contains(ip("2001:db8::1")));
  EXPECT_FALSE(prefix("::/0").contains(ip("203.0.113.9")));
  EXPECT_TRUE(prefix("fd00:20::/33").contains(ip("fd00:20:7fff::1")));
  EXPECT_FALSE(prefix("fd00:20::/33").contains(ip("fd00:20:8000::1")));
}

TEST(IpPrefix, ContainsSmallerPrefixes) {
  EXPECT_TRUE(prefix("10.0.0.0/8").contains(prefix("10.20.0.0/16")));
  EXPECT_FALSE(prefix("10.20.0.0/16").contains(prefix("10.0.0.0/8")));
}

TEST(IpPrefix, NamesTheOneThatWasProbablyMeant) {
  EXPECT_EQ(IpPrefix::parse("10.20.0.1/16").error().message(),
            "10.20.0.1/16 has bits set beyond its length; did you mean 10.20.0.0/16?");
  EXPECT_FALSE(IpPrefix::parse("10.20.0.0/33"));
  EXPECT_FALSE(IpPrefix::parse("10.20.0.0/"));
  EXPECT_FALSE(IpPrefix::parse("fd00::/129"));
}

TEST(IpPrefix, ASingleAddressIsItsLongestPrefix) {
  EXPECT_EQ(prefix("192.0.2.7").to_string(), "192.0.2.7/32");
  EXPECT_EQ(prefix("2001:db8::7").to_string(), "2001:db8::7/128");
}

TEST(IpAddress, RefusesForeignTextWithoutRepeatingItsBytes) {
  // Error messages go into logs, terminals and JSON.
  const std::string foreign = "\xff\x1b[2J\n" + std::string(100, 'x');
  for (const auto& message : {IpAddress::parse(foreign).error().message(),
                              IpPrefix::parse(foreign + "/8").error().message(),
                              IpPrefix::parse("10.0.0.0/\xff").error().message(),
                              Endpoint::parse(foreign + ":1").error().message()}) {
    EXPECT_TRUE(is_valid_utf8(message));
    EXPECT_EQ(message.find_first_of("\x1b\n"), std::string::npos);
    EXPECT_LT(message.size(), 250U);
  }
}

TEST(Endpoint, ParsesAndPrintsBothFamilies) {
  for (const char* text : {"192.0.2.7:69", "[2001:db8::7]:65535", "0.0.0.0:0"})
    EXPECT_EQ(Endpoint::parse(text)->to_string(), text);
  for (const char* text :
       {"192.0.2.7", ":69", "::1:69", "[192.0.2.7]:69", "1.2.3.4:65536", "1.2.3.4:-1", "[]:1"})
    EXPECT_FALSE(Endpoint::parse(text)) << text;
}

}  // namespace
}  // namespace stormdoor
