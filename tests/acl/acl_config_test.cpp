#include "acl/acl_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  AclConfig config;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

Read read(std::string_view text) {
  ConfigReader reader = ConfigReader::parse(text);
  Read result;
  result.config = read_acl_config(reader.root(), result.warnings);
  (void)reader.finish();
  result.errors = reader.errors();
  return result;
}

constexpr std::string_view kOffice = R"(
[[network]]
name = "Head office phones"
prefixes = ["10.20.0.0/16", "fd00:20::/48"]
services = ["provisioning", "desk-login", "sip"]
identity = "certificate"
never_block = true

[[network]]
name = "Administrators"
prefixes = ["10.20.1.0/24"]
services = ["portal", "api"]
first_contact = "full"

[[limit]]
service = "sip"
failures = 7
within = "5m"
block_for = "2h"
repeat = { factor = 3, max = "30d" }
distinct_identities = 6

[mac_sweep]
distinct_macs = 12
within = "2h"
block_for = "3h"
decoys = ["00:0f:d3:de:c0:02", "000FD3DEC001"]

[sip_probes]
answers = 7
within = "2m"
meter_for = "3m"

[tftp_throttle]
failures = 9
failures_per_neighbourhood = 90
within = "30s"
throttle_for = "2m"

[guard]
tracked_sources = 5000
blocks = 6000
evidence_per_source = 8
source_prefix_v4 = 24
source_prefix_v6 = 56
)";

TEST(AclConfig, ReadsEveryKey) {
  const Read result = read(kOffice);
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
  const AclRules& rules = result.config.rules;
  ASSERT_EQ(rules.networks.size(), 2U);
  EXPECT_EQ(rules.networks[0].name, "Head office phones");
  EXPECT_THAT(rules.networks[0].prefixes,
              ElementsAre(*IpPrefix::parse("10.20.0.0/16"), *IpPrefix::parse("fd00:20::/48")));
  EXPECT_EQ(rules.networks[0].services,
            (ServiceSet{Service::Provisioning, Service::DeskLogin, Service::Sip}));
  EXPECT_EQ(rules.networks[0].identity, Identity::Certificate);
  EXPECT_TRUE(rules.networks[0].never_block);
  EXPECT_EQ(rules.networks[0].first_contact, FirstContact::Stub);
  EXPECT_EQ(rules.networks[1].identity, Identity::Token);
  EXPECT_EQ(rules.networks[1].first_contact, FirstContact::Full);
  EXPECT_EQ(rules.limit(Service::Sip), (Limit{.failures = 7,
                                              .within = 5min,
                                              .block_for = 2h,
                                              .repeat_factor = 3,
                                              .repeat_max = std::chrono::days(30),
                                              .distinct_identities = 6}));
  EXPECT_EQ(rules.limit(Service::Portal), AclRules{}.limit(Service::Portal))
      << "a service without a [[limit]] keeps its default";
  EXPECT_EQ(rules.mac_sweep.failures, 12U);
  EXPECT_EQ(rules.mac_sweep.within, 2h);
  EXPECT_EQ(rules.mac_sweep.block_for, 3h);
  EXPECT_THAT(rules.decoys, ElementsAre(*MacAddress::parse("00:0F:D3:DE:C0:01"),
                                        *MacAddress::parse("00:0F:D3:DE:C0:02")));
  EXPECT_EQ(rules.sip_probes, (ProbeRules{.answers = 7, .within = 2min, .meter_for = 3min}));
  EXPECT_EQ(
      rules.tftp_throttle,
      (TftpThrottle{
          .failures = 9, .failures_per_neighbourhood = 90, .within = 30s, .throttle_for = 2min}));
  EXPECT_EQ(result.config.sizes, (GuardSizes{.tracked_sources = 5000,
                                             .blocks = 6000,
                                             .evidence_per_source = 8,
                                             .source_prefix_v4 = 24,
                                             .source_prefix_v6 = 56}));
}

TEST(AclConfig, NothingWrittenIsTheDefault) {
  const Read result = read("");
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_EQ(result.config, AclConfig{});
}

TEST(AclConfig, TheDefaultAdmitsPrivateAddressesAndNobodyFromTheInternet) {
  const auto networks = AclRules::default_networks();
  const auto offered_to = [&](std::string_view text) {
    const IpAddress address = *IpAddress::parse(text);
    ServiceSet offered;
    for (const Network& network : networks)
      for (const IpPrefix& prefix : network.prefixes)
        if (prefix.contains(address)) offered = network.services;
    return offered;
  };
  const ServiceSet phones{Service::Provisioning, Service::DeskLogin, Service::Sip};
  for (const char* office : {"10.1.2.3", "172.31.0.1", "192.168.1.1", "fd12::1", "fe80::1"})
    EXPECT_EQ(offered_to(office), phones) << office;
  for (const char* here : {"127.0.0.66", "::1"})
    EXPECT_EQ(offered_to(here), ServiceSet::all()) << here;
  for (const char* internet : {"8.8.8.8", "172.32.0.1", "2001:db8::1"})
    EXPECT_TRUE(offered_to(internet).empty()) << internet;
}

TEST(AclConfig, FindsEveryErrorAtOnceWithItsPosition) {
  const Read result = read(R"([[network]]
name = "Office"
prefixes = ["10.0.0.0/8"]
services = ["sip"]
identity = "magic"
[[network]]
name = "Office"
prefixes = ["10.0.0.0/8", "10.1.0.0/16"]
services = ["sip", "telnet"]
[[limit]]
service = "sip"
failures = 65
[[limit]]
service = "sip"
block_for = "2h"
repeat = { max = "1h", factor = 0 }
[[limit]]
failures = 3
[tftp_throttle]
failures = 500
[guard]
source_prefix_v4 = 33
)");
  EXPECT_THAT(
      result.errors,
      ElementsAre(
          HasSubstr("test.toml:5:12: network[1].identity: "),
          HasSubstr("test.toml:7:8: network[2].name: \"Office\" is the name of another network "
                    "already (test.toml:2:8)"),
          HasSubstr("test.toml:8:12: network[2].prefixes: 10.0.0.0/8 stands twice, the first time "
                    "at test.toml:3:12"),
          HasSubstr("test.toml:9:"), HasSubstr("test.toml:12:12: limit[1].failures:"),
          HasSubstr("test.toml:14:11: limit[2].service: there is a limit for sip already "
                    "(test.toml:10:"),
          HasSubstr("test.toml:16:18: limit[2].repeat.max: 1h is less than block_for (2h)"),
          HasSubstr("limit[2].repeat.factor"), HasSubstr("limit[3].service: missing"),
          HasSubstr("tftp_throttle.failures_per_neighbourhood: 400 is less than failures (500)"),
          HasSubstr("test.toml:22:20: guard.source_prefix_v4:")));
}

TEST(AclConfig, ANetworkNeedsItsNameItsPrefixesAndItsServices) {
  EXPECT_THAT(read("[[network]]\n").errors, ElementsAre(HasSubstr("network[1].name: missing"),
                                                        HasSubstr("network[1].prefixes: missing"),
                                                        HasSubstr("network[1].services: missing")));
  const Read empty = read("[[network]]\nname=\"\"\nprefixes=[]\nservices=[]\n");
  EXPECT_THAT(empty.errors, ElementsAre(HasSubstr("is empty")));
  EXPECT_THAT(empty.warnings, ElementsAre(HasSubstr("no address belongs to this network")));
}

TEST(AclConfig, ALimitsRangesAreChecked) {
  const auto errors_of = [](std::string_view key, std::string_view value) {
    return read("[[limit]]\nservice = \"sip\"\n" + std::string(key) + " = " + std::string(value))
        .errors.size();
  };
  EXPECT_EQ(errors_of("failures", "1"), 0U);
  EXPECT_EQ(errors_of("failures", "0"), 1U);
  EXPECT_EQ(errors_of("failures", "64"), 0U);
  EXPECT_EQ(errors_of("failures", "65"), 1U);
  EXPECT_EQ(errors_of("within", "\"1s\""), 0U);
  EXPECT_EQ(errors_of("within", "\"999ms\""), 1U);
  EXPECT_EQ(errors_of("within", "\"7d\""), 0U);
  EXPECT_EQ(errors_of("within", "\"8d\""), 1U);
  EXPECT_EQ(errors_of("block_for", "\"3650d\""), 0U);
  EXPECT_EQ(errors_of("block_for", "\"3651d\""), 1U);
  EXPECT_EQ(errors_of("repeat", "{ factor = 1 }"), 0U);
  EXPECT_EQ(errors_of("repeat", "{ factor = 0 }"), 1U);
  EXPECT_EQ(errors_of("repeat", "{ factr = 2 }"), 1U);
}

TEST(AclConfig, ALongBlockWithoutRepeatIsItsOwnMost) {
  const Read result = read("[[limit]]\nservice = \"sip\"\nblock_for = \"30d\"\n");
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_EQ(result.config.rules.limit(Service::Sip).repeat_max, std::chrono::days(30));
}

TEST(AclConfig, WarnsOfWhatIsAllowedButHardlyMeant) {
  const Read result = read(R"([[network]]
name = "Home workers"
prefixes = ["203.0.113.0/24"]
services = ["provisioning"]
identity = "none"
first_contact = "full"
never_block = true
[[network]]
name = "Guests"
prefixes = ["198.51.100.0/24", "192.168.7.0/24"]
services = ["desk-login"]
first_contact = "full"
never_block = true
[[limit]]
service = "portal"
[guard]
source_prefix_v4 = 20
)");
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_THAT(
      result.warnings,
      ElementsAre(
          HasSubstr("test.toml:5:12: network[1].identity: \"none\" lets anybody in 203.0.113.0/24"),
          HasSubstr("test.toml:6:17: network[1].first_contact: has no effect with identity = "
                    "\"none\""),
          HasSubstr("test.toml:7:15: network[1].never_block: 203.0.113.0/24 is no private"),
          HasSubstr("network[1].prefixes: 203.0.113.0/24 is smaller than one source (/20"),
          HasSubstr("network[2].first_contact: \"full\" gives the secrets"),
          HasSubstr("network[2].never_block: 198.51.100.0/24 is no private"),
          HasSubstr("network[2].never_block: has no effect here"),
          HasSubstr("network[2].prefixes: 198.51.100.0/24 is smaller"),
          HasSubstr("network[2].prefixes: 192.168.7.0/24 is smaller"),
          HasSubstr("test.toml:15:11: limit[1].service: no network offers portal")));
}

TEST(AclConfig, AnUnknownKeyIsAnErrorSoThatATypoSwitchesNothingOff) {
  EXPECT_THAT(read("[[limit]]\nservice = \"sip\"\nfailure = 3\n").errors,
              ElementsAre(HasSubstr("limit[1].failure")));
}

}  // namespace
}  // namespace stormdoor::acl
