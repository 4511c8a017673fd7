#include "base/config_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

enum class Identity { Token, Wire, None };
constexpr ConfigTable::Choice<Identity> kIdentities[] = {
    {"token", Identity::Token}, {"wire", Identity::Wire}, {"none", Identity::None}};

std::string only_error(ConfigReader& reader) {
  const auto result = reader.finish();
  return result ? "no error" : result.error().message();
}

TEST(ConfigReader, ReadsEveryKindOfValue) {
  auto reader = ConfigReader::parse(R"(
on = true
count = 7
wait = "1h 30m"
room = "64 KiB"
name = "Büro"
listen = 6969
[[network]]
identity = "wire"
prefixes = ["10.20.0.0/16", "fd00:20::/48"]
identities = ["none", "token"]
[http]
endpoints = ["0.0.0.0:80", "[::]:80"]
secret = "hush"
[http.variables]
language = "de"
volume = 5
loud = false
)");
  const auto root = reader.root();
  EXPECT_TRUE(root.boolean("on", false));
  EXPECT_EQ(root.integer("count", 0, 1, 10), 7);
  EXPECT_EQ(root.duration("wait", 1s, 1s, 7 * 24h), 90min);
  EXPECT_EQ(root.size("room", 1, 1, 1 << 20), 65536U);
  EXPECT_EQ(root.string("name", ""), "Büro");
  EXPECT_EQ(root.port("listen", 69), 6969);
  const auto networks = root.tables("network");
  ASSERT_EQ(networks.size(), 1U);
  EXPECT_EQ(networks[0].choice("identity", Identity::Token, kIdentities), Identity::Wire);
  EXPECT_THAT(networks[0].choice_list<Identity>("identities", {}, kIdentities),
              ElementsAre(Identity::None, Identity::Token));
  EXPECT_THAT(networks[0].prefixes("prefixes"),
              ElementsAre(*IpPrefix::parse("10.20.0.0/16"), *IpPrefix::parse("fd00:20::/48")));
  const auto http = root.table("http");
  EXPECT_EQ(http.endpoints("endpoints").size(), 2U);
  EXPECT_EQ(http.secret("secret").reveal(), "hush");
  EXPECT_EQ(
      http.variables("variables"),
      (std::map<std::string, std::string>{{"language", "de"}, {"loud", "false"}, {"volume", "5"}}));
  EXPECT_EQ(only_error(reader), "no error");
}

TEST(ConfigReader, AnEmptyFileGivesEveryDefault) {
  auto reader = ConfigReader::parse("");
  const auto tftp = reader.table("tftp");
  EXPECT_TRUE(tftp.boolean("on", true));
  EXPECT_EQ(tftp.integer("count", 3, 1, 10), 3);
  EXPECT_EQ(tftp.duration("wait", 5s, 1s, 10s), 5s);
  EXPECT_EQ(tftp.string("name", "x"), "x");
  EXPECT_EQ(tftp.path("file", "somewhere"), "somewhere");
  EXPECT_EQ(tftp.strings("list", {"a"}), std::vector<std::string>{"a"});
  EXPECT_EQ(tftp.choice("identity", Identity::None, {{"none", Identity::None}}), Identity::None);
  EXPECT_THAT(tftp.choice_list<Identity>("identities", {Identity::Wire}, kIdentities),
              ElementsAre(Identity::Wire));
  EXPECT_THAT(tftp.tables("none"), IsEmpty());
  EXPECT_THAT(tftp.named_tables("none"), IsEmpty());
  EXPECT_FALSE(tftp.has("count"));
  EXPECT_EQ(tftp.where().to_string(), "test.toml");
  EXPECT_EQ(only_error(reader), "no error");
}

TEST(ConfigReader, FindsEveryErrorAtOnceInTheOrderOfTheLines) {
  auto reader = ConfigReader::parse(
      "[tftp]\n"
      "max_block = \"70 KiB\"\n"
      "timeout = 10\n"
      "[[network]]\n"
      "prefixes = [\"10.0.0.0/8\", \"10.20.0.1/16\"]\n"
      "identity = \"wires\"\n"
      "  never_blok = true\n");
  const auto network = reader.tables("network").at(0);  // the last lines first
  EXPECT_EQ(network.choice("identity", Identity::Token, kIdentities), Identity::Token);
  EXPECT_THAT(network.prefixes("prefixes"), IsEmpty());
  (void)network.boolean("never_block", false);
  const auto tftp = reader.table("tftp");
  EXPECT_EQ(tftp.size("max_block", 1428, 512, 65464), 1428U);
  EXPECT_EQ(tftp.duration("timeout", 1s, 1s, 60s), 1s);
  EXPECT_FALSE(reader.good());
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(
      reader.errors(),
      ElementsAre(
          "test.toml:2:13: tftp.max_block: 70 KiB is out of range; 512 B to 63.9 KiB is allowed",
          "test.toml:3:11: tftp.timeout: the integer 10 is not a duration; write something like "
          "\"30s\" or \"10m\"",
          "test.toml:5:27: network[1].prefixes[2]: 10.20.0.1/16 has bits set beyond its length; "
          "did you mean 10.20.0.0/16?",
          "test.toml:6:12: network[1].identity: the string \"wires\" is not one of \"token\", "
          "\"wire\", \"none\"",
          "test.toml:7:3: network[1].never_blok: unknown key; did you mean \"never_block\"?"));
}

TEST(ConfigReader, HoldsEveryRangeAtItsEnds) {
  auto reader = ConfigReader::parse(R"(
[below]
n = 0
d = "999ms"
s = "511 B"
p = 0
[least]
n = 1
d = "1s"
s = "512 B"
p = 1
[most]
n = 10
d = "10s"
s = "1 KiB"
p = 65535
[above]
n = 11
d = "10s 1ms"
s = "1025 B"
p = 65536
)");
  for (const char* name : {"below", "least", "most", "above"}) {
    const auto table = reader.table(name);
    const auto n = table.integer("n", 5, 1, 10);
    const auto d = table.duration("d", 5s, 1s, 10s);
    const auto s = table.size("s", 600, 512, 1024);
    const auto p = table.port("p", 69);
    const bool inside = name == std::string_view("least") || name == std::string_view("most");
    EXPECT_EQ(n != 5, inside) << name;
    EXPECT_EQ(d != 5s, inside) << name;
    EXPECT_EQ(s != 600, inside) << name;
    EXPECT_EQ(p != 69, inside) << name;
  }
  EXPECT_FALSE(reader.finish());
  EXPECT_EQ(reader.errors().size(), 8U);
}

TEST(ConfigReader, RefusesTheWrongKindForEveryKind) {
  auto reader = ConfigReader::parse("a = [1]\nb = 1.5\nc = 2026-01-01\nd = { x = 1 }\ne = \"e\"\n");
  const auto root = reader.root();
  (void)root.boolean("a", false);
  (void)root.integer("b", 1, 1, 2);
  (void)root.string("c", "");
  (void)root.strings("d");
  (void)root.table("e");
  (void)root.tables("b");
  (void)root.variables("a");
  (void)root.path("b", "");
  (void)root.endpoints("e");
  (void)root.prefixes("a");
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(
      reader.errors(),
      ElementsAre(
          "test.toml:1:5: a: a list is not a boolean; write true or false",
          "test.toml:1:5: a: a list is not a table of names and strings",
          "test.toml:1:6: a[1]: the integer 1 is not an address range; write something "
          "like \"10.20.0.0/16\"",
          "test.toml:2:5: b: the number 1.5 is not an integer; write it without quotes",
          "test.toml:2:5: b: the number 1.5 is not a list of tables; write [[b]] above each",
          "test.toml:2:5: b: the number 1.5 is not a file name; write it in quotes",
          "test.toml:3:5: c: the time 2026-01-01 is not a string; write it in quotes",
          "test.toml:4:5: d: a table is not a list of strings; write [\"...\", \"...\"]",
          "test.toml:5:5: e: the string \"e\" is not a table; write [e]",
          "test.toml:5:5: e: the string \"e\" is not a list of addresses and ports; write "
          "something like [\"0.0.0.0:69\"]"));
}

TEST(ConfigReader, AKeyNobodyReadIsAnErrorWithAGuess) {
  auto reader = ConfigReader::parse(
      "[tftpd]\nport = 69\n[tftp]\nmax_blok = 1\ncolour = \"red\"\n[tftp.more]\nx = 1\n");
  (void)reader.table("tftp").integer("max_block", 1, 1, 9);
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(reader.errors(),
              ElementsAre("test.toml:1:2: tftpd: unknown key; did you mean \"tftp\"?",
                          "test.toml:4:1: tftp.max_blok: unknown key; did you mean \"max_block\"?",
                          "test.toml:5:1: tftp.colour: unknown key; known here: max_block",
                          "test.toml:6:7: tftp.more: unknown key; known here: max_block"));
}

TEST(ConfigReader, NeverShowsASecret) {
  auto reader = ConfigReader::parse("secret = 12345678\n");
  (void)reader.root().secret("secret");
  EXPECT_EQ(only_error(reader), "test.toml:1:10: secret: not a string; write it in quotes");
}

TEST(ConfigReader, RoomsComplainAtAKeyOrAtARememberedPlace) {
  auto reader = ConfigReader::parse(
      "[[limit]]\nfailures = 1\n[[limit]]\nfailures = 2\n[[limit]]\nfailures = 3\n");
  std::vector<SourceLocation> places;
  for (const auto& limit : reader.tables("limit")) {
    (void)limit.integer("failures", 1, 1, 9);
    places.push_back(limit.where("failures"));
    if (limit.path() == "limit[2]") {
      limit.error_at("failures", "too few; 5 would do");
      limit.error_at("within", "missing; say \"10m\"");
      limit.error_at("", "the same as limit[1]; remove one");
    }
  }
  reader.error_at(places.at(2), "limit[3].failures", "too many; 2 would do");
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(reader.errors(),
              ElementsAre("test.toml:3:1: limit[2].within: missing; say \"10m\"",
                          "test.toml:3:1: limit[2]: the same as limit[1]; remove one",
                          "test.toml:4:12: limit[2].failures: too few; 5 would do",
                          "test.toml:6:12: limit[3].failures: too many; 2 would do"));
}

TEST(ConfigReader, AMissingKeyIsNamedAtItsTable) {
  auto reader = ConfigReader::parse("[[network]]\nname = \"x\"\n");
  const auto network = reader.tables("network").at(0);
  (void)network.string("name", "");
  EXPECT_TRUE(network.require("name", "say which"));
  EXPECT_FALSE(network.require("prefixes", "say which, as in prefixes = [\"10.20.0.0/16\"]"));
  EXPECT_EQ(only_error(reader),
            "test.toml:1:1: network[1].prefixes: missing; say which, as in prefixes = "
            "[\"10.20.0.0/16\"]");
}

TEST(ConfigReader, NamesOfTheAdministratorsChoosingAreReadAsTables) {
  auto reader = ConfigReader::parse(
      "[vendor.yealink]\npath = \"y\"\n[vendor.snom]\npath = \"s\"\npth = 1\n[vendor.\"a "
      "b\"]\nx=1");
  const auto vendors = reader.root().named_tables("vendor");
  ASSERT_EQ(vendors.size(), 3U);
  for (const auto& [name, vendor] : vendors) (void)vendor.string("path", "");
  EXPECT_EQ(vendors[1].first, "snom");
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(reader.errors(),
              ElementsAre("test.toml:5:1: vendor.snom.pth: unknown key; did you mean \"path\"?",
                          "test.toml:7:1: vendor.\"a b\".x: unknown key; known here: path"));
}

TEST(ConfigReader, AWordOfAListTwiceIsAnError) {
  auto reader = ConfigReader::parse("l = [\"wire\", \"wire\"]");
  EXPECT_THAT(reader.root().choice_list<Identity>("l", {}, kIdentities), IsEmpty());
  EXPECT_EQ(only_error(reader), "test.toml:1:14: l[2]: \"wire\" stands here twice; once is enough");
}

TEST(ConfigReader, WhatIsNotTomlIsOneErrorWithItsPlace) {
  auto reader = ConfigReader::parse("[tftp]\nport = \n");
  (void)reader.root().require("network", "say one");  // what is missing then proves nothing
  EXPECT_THAT(only_error(reader), HasSubstr("test.toml:2:"));
  EXPECT_EQ(reader.errors().size(), 1U);
  EXPECT_THAT(reader.errors()[0], HasSubstr("not TOML: "));
  auto twice = ConfigReader::parse("a = 1\na = 2\n");
  EXPECT_THAT(only_error(twice), HasSubstr("test.toml:2:"));
  auto bytes = ConfigReader::parse("a = \"\xff\"\n");
  EXPECT_THAT(only_error(bytes), HasSubstr("not TOML"));
}

TEST(ConfigReader, ListsTheKeysThatTheCodeAsksForAndThatTheFileHolds) {
  const auto read = [](const ConfigReader& reader) {
    (void)reader.table("tftp").size("max_block", 1, 1, 2);
    for (const auto& limit : reader.tables("limit"))
      if (limit.require("service", "say which"))
        (void)limit.table("repeat").duration("max", 1s, 1s, 2s);
    for (const auto& [name, vendor] : reader.root().named_tables("vendor"))
      (void)vendor.variables("variables");
  };
  auto survey = ConfigReader::survey();
  read(survey);
  EXPECT_TRUE(survey.finish());
  EXPECT_THAT(survey.known_keys(), ElementsAre("include", "limit[].repeat.max", "tftp.max_block",
                                               "vendor.*.variables.*"));
  const auto reader = ConfigReader::parse(
      "[tftp]\nmax_block = 1\n[[limit]]\nrepeat.max = \"1s\"\n[vendor.snom.variables]\na = 1");
  EXPECT_THAT(reader.keys_in_files(),
              ElementsAre("limit[].repeat.max", "tftp.max_block", "vendor.snom.variables.a"));
}

TEST(ConfigReader, KeepsTwoHundredErrorsAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 201; ++i) text += "key" + std::to_string(i) + " = 1\n";
  auto reader = ConfigReader::parse(text);
  EXPECT_FALSE(reader.finish());
  EXPECT_EQ(reader.errors().size(), 201U);
  EXPECT_EQ(reader.errors().back(), "and 1 more errors");
}

TEST(ConfigReader, BoundsTheSizeAndDepthOfWhatItReads) {
  std::string text(1 << 20, '\n');
  EXPECT_TRUE(ConfigReader::parse(text).good());
  EXPECT_FALSE(ConfigReader::parse(text + '\n').good());

  std::string deep = "a";
  for (int i = 0; i < 256; ++i) deep += ".a";
  EXPECT_TRUE(ConfigReader::parse(deep + " = 1\n" + "b." + deep.substr(2) + " = 1\n").good());
  auto deeper = ConfigReader::parse("\n\n" + deep + ".a = 1\n");
  EXPECT_EQ(only_error(deeper), "test.toml:3:1: more than 256 dots in one statement; nest less");

  // Dots in strings and comments are no keys.
  const std::string dots(300, '.');
  EXPECT_TRUE(ConfigReader::parse("a = \"\\\"" + dots + "\" # " + dots + "\nb = '" + dots +
                                  "'\nc = \"\"\"\n" + dots + "\"\"\"\"\"\nd = '''" + dots + "'''")
                  .good());
  // However they are spread over one statement.
  std::string spread;
  for (int i = 0; i < 130; ++i) spread += "{a.a.a=[\n";
  EXPECT_FALSE(ConfigReader::parse("x = " + spread).good());
  EXPECT_FALSE(ConfigReader::parse(std::string(200'000, '[')).good());
}

TEST(ConfigReader, ReadsListsOfPorts) {
  auto reader =
      ConfigReader::parse("sip = [5060, 65535]\nlow = [0]\nword = [\"5060\"]\n", "test.toml");
  EXPECT_EQ(reader.root().ports("sip"), (std::vector<uint16_t>{5060, 65535}));
  EXPECT_EQ(reader.root().ports("absent", {69}), (std::vector<uint16_t>{69}));
  EXPECT_EQ(reader.root().ports("low", {69}), (std::vector<uint16_t>{69}));
  EXPECT_EQ(reader.root().ports("word", {69}), (std::vector<uint16_t>{69}));
  EXPECT_EQ(reader.errors().size(), 2U);
}

}  // namespace
}  // namespace stormdoor
