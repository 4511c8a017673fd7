#include "bench/storm/boot_run.hpp"

#include <gtest/gtest.h>

#include <map>

namespace stormdoor::storm {
namespace {

using Outcome = FetchResult::Outcome;

FetchResult answer(std::string_view text) {
  FetchResult result;
  result.outcome = Outcome::Found;
  result.body.add(std::as_bytes(std::span(text)));
  return result;
}

FetchResult missing() {
  FetchResult result;
  result.outcome = Outcome::Missing;
  result.reason = "HTTP 404";
  return result;
}

PhoneSpec phone(std::string vendor, std::string model) {
  PhoneSpec spec;
  spec.vendor = std::move(vendor);
  spec.model = std::move(model);
  spec.mac = *MacAddress::parse("000fd3054848");
  return spec;
}

// A server that has some files; boots the phone and notes what it asked for.
struct Server {
  std::map<std::string, std::string> files;
  std::string asked;

  BootResult boot(const PhoneSpec& spec) {
    BootRun run(*find_script(built_in_scripts(), spec.vendor, spec.model), spec);
    while (const auto ask = run.next()) {
      const std::string name = ask->url + ask->path;
      asked += name + " ";
      const auto file = files.find(name);
      run.on_result(file == files.end() ? missing() : answer(file->second));
    }
    return run.result();
  }
};

TEST(BootRun, ASangomaPhoneAsksForItsFileAndIsServed) {
  Server server{{{"000fd3054848.cfg", "<config><account username=\"2041\"/></config>"}}, ""};
  PhoneSpec spec = phone("sangoma", "D65");
  spec.expected = {"2041"};
  const BootResult result = server.boot(spec);
  EXPECT_TRUE(result.served) << result.reason;
  EXPECT_EQ(server.asked, "000fd3054848.cfg ");
  EXPECT_EQ(result.found, 1U);
}

TEST(BootRun, ItStoresTheAddressInItsConfigurationAndBootsThroughIt) {
  const std::string config =
      "<config><setting id=\"config_server_url\" value=\"https://h:1/t/abc/\"/></config>";
  Server server{{{"000fd3054848.cfg", config}, {"https://h:1/t/abc/000fd3054848.cfg", config}}, ""};
  const BootResult result = server.boot(phone("sangoma", "P330"));
  EXPECT_TRUE(result.served);
  EXPECT_EQ(result.url, "https://h:1/t/abc/");
  EXPECT_EQ(server.asked, "000fd3054848.cfg https://h:1/t/abc/000fd3054848.cfg ");

  // The next boot starts there, and does not ask twice.
  server.asked.clear();
  PhoneSpec later = phone("sangoma", "P330");
  later.stored_url = result.url;
  EXPECT_TRUE(server.boot(later).served);
  EXPECT_EQ(server.asked, "https://h:1/t/abc/000fd3054848.cfg ");
}

TEST(BootRun, AnAddressThatDoesNotServeIsAFailure) {
  Server server{{{"000fd3054848.cfg",
                  "<config><setting id=\"config_server_url\" value=\"https://h/\"/></config>"}},
                ""};
  const BootResult result = server.boot(phone("sangoma", "P330"));
  EXPECT_FALSE(result.served);
  EXPECT_EQ(result.reason, "configuration missing");
}

TEST(BootRun, AConfigurationWithoutThePhonesAccountIsAFailure) {
  Server server{{{"000fd3054848.cfg", "<config/>"}}, ""};
  PhoneSpec spec = phone("sangoma", "D65");
  spec.expected = {"2041"};
  EXPECT_EQ(server.boot(spec).reason, "configuration without what is the phone's");
}

TEST(BootRun, AConfigurationWithAnothersAccountIsAFailure) {
  Server server{{{"000fd3054848.cfg", "<config>2042</config>"}}, ""};
  PhoneSpec spec = phone("sangoma", "D65");
  spec.forbidden = {"2042"};
  EXPECT_EQ(server.boot(spec).reason, "configuration with what is another's");
}

TEST(BootRun, AnExpectedTextMayBeEscaped) {
  Server server{{{"000fd3054848.cfg", "<config>Smith &amp; Sons</config>"}}, ""};
  PhoneSpec spec = phone("sangoma", "D65");
  spec.expected = {"Smith & Sons"};
  EXPECT_TRUE(server.boot(spec).served);
}

TEST(BootRun, ABrokenConfigurationIsAFailure) {
  Server server{{{"000fd3054848.cfg", "<config>"}}, ""};
  EXPECT_EQ(server.boot(phone("sangoma", "D65")).reason, "configuration not well-formed");
}

TEST(BootRun, FilesThatMayBeMissingAreCountedAndHarmNothing) {
  Server server{{{"SEP000FD3054848.cnf.xml", "<device/>"}}, ""};
  const BootResult result = server.boot(phone("cisco", "CP-7841"));
  EXPECT_TRUE(result.served);
  EXPECT_EQ(server.asked,
            "CTLSEP000FD3054848.tlv ITLSEP000FD3054848.tlv ITLFile.tlv SEP000FD3054848.cnf.xml "
            "dialplan.xml ");
  EXPECT_EQ(result.missing, 4U);
  EXPECT_EQ(result.asked, 5U);
}

TEST(BootRun, TheDefaultFileIsAskedOnlyWithoutThePhonesOwn) {
  Server server{{{"XMLDefault.cnf.xml", "<device/>"}}, ""};
  EXPECT_TRUE(server.boot(phone("cisco", "CP-7841")).served);
  EXPECT_NE(server.asked.find("XMLDefault"), std::string::npos);
  server.files.clear();
  const BootResult result = server.boot(phone("cisco", "CP-7841"));
  EXPECT_EQ(result.reason, "configuration missing");
}

TEST(BootRun, FilesThatAMasterFileNamesAreRequired) {
  Server server{{{"000fd3054848.cfg",
                  "<APPLICATION CONFIG_FILES=\"[PHONE_MAC_ADDRESS]-user.cfg, common.cfg\"/>"},
                 {"000fd3054848-user.cfg", "<p reg=\"2041\"/>"},
                 {"common.cfg", "<c/>"}},
                ""};
  PhoneSpec spec = phone("polycom", "VVX_411");
  spec.expected = {"2041"};
  EXPECT_TRUE(server.boot(spec).served);
  EXPECT_EQ(server.asked,
            "000fd3054848.cfg 000fd3054848-user.cfg common.cfg 000fd3054848-phone.cfg "
            "000fd3054848-license.cfg 000fd3054848-directory.xml 000000000000-directory.xml ");
  server.files.erase("common.cfg");
  EXPECT_EQ(server.boot(spec).reason, "named file: HTTP 404");
}

TEST(BootRun, AYealinkPhoneWithoutBootFilesAsksForTheCommonFileAndItsOwn) {
  Server server{{{"000fd3054848.cfg", "#!version:1.0.0.1\naccount.1.user_name = 2041\n"}}, ""};
  EXPECT_TRUE(server.boot(phone("yealink", "T46G")).served);
  EXPECT_EQ(server.asked,
            "000fd3054848.boot y000000000000.boot y000000000028.cfg 000fd3054848.cfg ");
  server.asked.clear();
  server.files["y000000000000.boot"] = "#!version:1.0.0.1\ninclude:config \"a.cfg\"\n";
  server.files["a.cfg"] = "a = b\n";
  EXPECT_TRUE(server.boot(phone("yealink", "T46G")).served);
  EXPECT_EQ(server.asked, "000fd3054848.boot y000000000000.boot a.cfg ");
}

TEST(BootRun, ASnomPhoneFollowsPointersAndStoresTheAddressOfItsFile) {
  const std::string config =
      "<s><u>2041</u><setting_server perm=\"\">https://h/p/t/000FD3054848.xml</setting_server></s>";
  Server server{{{"snomD785-000FD3054848.htm", "<f><file url=\"https://h/000FD3054848.xml\"/></f>"},
                 {"https://h/000FD3054848.xml", config},
                 {"https://h/p/t/000FD3054848.xml", config}},
                ""};
  PhoneSpec spec = phone("snom", "D785");
  spec.expected = {"2041"};
  const BootResult result = server.boot(spec);
  EXPECT_TRUE(result.served) << result.reason << server.asked;
  EXPECT_EQ(server.asked,
            "snomD785.htm snomD785-000FD3054848.htm https://h/000FD3054848.xml "
            "snomD785-firmware.xml https://h/p/t/000FD3054848.xml ");
}

TEST(BootRun, AnAastraPhoneStoresTheAddressInParts) {
  const std::string config =
      "https server: h\nhttps port: 8443\nhttps path: p/token\nsip line1 user name: 2041\n";
  Server server{{{"000FD3054848.cfg", config}, {"h:8443/p/token000FD3054848.cfg", config}}, ""};
  const BootResult result = server.boot(phone("aastra", "6739i"));
  EXPECT_EQ(result.url, "h:8443/p/token");
  EXPECT_TRUE(result.served) << server.asked;
}

TEST(BootRun, FirmwareIsComparedByteForByte) {
  PhoneSpec spec = phone("sangoma", "D65");
  Server server{{{"000fd3054848.cfg", "<config/>"}, {"fw.eff", "firmware"}}, ""};
  spec.files = {{"fw.eff", 8, ""}};
  EXPECT_TRUE(server.boot(spec).served);
  spec.files = {{"fw.eff", 9, ""}};
  EXPECT_EQ(server.boot(spec).reason, "file: other bytes than expected");
}

TEST(BootRun, EveryScriptEndsAgainstAServerThatHasNothing) {
  for (const BootScript& script : built_in_scripts()) {
    Server server;
    const BootResult result = server.boot(phone(script.vendor, "X"));
    EXPECT_FALSE(result.served) << script.vendor;
    EXPECT_EQ(result.reason, "configuration missing") << script.vendor;
  }
}

}  // namespace
}  // namespace stormdoor::storm
