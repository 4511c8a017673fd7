#include "tftp-http/identify.hpp"

#include <gtest/gtest.h>

#include "tests/tftp-http/sample_office.hpp"

namespace stormdoor::http {
namespace {

class Identify : public testing::Test {
 protected:
  static void SetUpTestSuite() { set_ = sample::profiles(); }
  static void TearDownTestSuite() { set_.reset(); }
  [[nodiscard]] static std::string vendor(std::string_view path, std::string_view agent = "") {
    const auto found = identify(set_->profiles(), path, agent);
    if (!found) return "refused";
    return found->claimed ? found->claimed->profile->vendor : "nobody";
  }
  [[nodiscard]] static std::string mac(std::string_view path, std::string_view agent = "") {
    const auto found = identify(set_->profiles(), path, agent);
    return found && found->mac ? found->mac->to_string() : "none";
  }
  static std::shared_ptr<const ProfileSet> set_;
};
std::shared_ptr<const ProfileSet> Identify::set_;

TEST_F(Identify, TakesThePathApart) {
  EXPECT_EQ(take_apart("/p/abc/x.cfg")->token, "abc");
  EXPECT_EQ(take_apart("/p/abc/x.cfg")->file, "x.cfg");
  EXPECT_EQ(take_apart("//p//abc//x.cfg")->file, "x.cfg");
  EXPECT_EQ(take_apart("prov/x.cfg")->file, "x.cfg");
  EXPECT_EQ(take_apart("x.cfg")->token, "");
  EXPECT_EQ(take_apart("/Digium/x.cfg")->file, "Digium/x.cfg");
}

TEST_F(Identify, RefusesPathsThatNoPhoneAsks) {
  for (const std::string_view path :
       {"", "/", "/p/abc", "/p/abc/", "/p//", "../x", "/a/../b", "/a\\b", "/a\nb", "/p/a/../b"})
    EXPECT_FALSE(take_apart(path)) << path;
  EXPECT_FALSE(take_apart(std::string_view("a\0b", 3)));
  EXPECT_TRUE(take_apart(std::string(256, 'a')));
  EXPECT_FALSE(take_apart(std::string(257, 'a')));
  EXPECT_TRUE(take_apart("/p/" + std::string(128, 't') + "/x"));
  EXPECT_FALSE(take_apart("/p/" + std::string(129, 't') + "/x"));
}

TEST_F(Identify, TakesTheMacInEverySpelling) {
  EXPECT_EQ(mac("/000fd3054848.cfg"), "00:0F:D3:05:48:48");
  EXPECT_EQ(mac("/000FD3054848.CFG"), "00:0F:D3:05:48:48");
  EXPECT_EQ(mac("/00-0f-d3-05-48-48.cfg"), "00:0F:D3:05:48:48");
  EXPECT_EQ(mac("SEP001122334455.cnf.xml"), "00:11:22:33:44:55");
  EXPECT_EQ(mac("sep001122334455.cnf.xml"), "00:11:22:33:44:55");
  EXPECT_EQ(mac("/000000000000.cfg"), "none");
  EXPECT_EQ(mac("/ffffffffffff.cfg"), "none");
  EXPECT_EQ(mac("/000fd305484.cfg"), "none");
  EXPECT_EQ(mac("/000fd30548480.cfg"), "none");
}

TEST_F(Identify, FolderThenUserAgentThenOuiDecideWhoseFileItIs) {
  EXPECT_EQ(vendor("/000fd3054848.cfg"), "sangoma");
  EXPECT_EQ(vendor("/0004f2aabbcc.cfg"), "polycom");
  EXPECT_EQ(vendor("/0015654aa937.cfg"), "yealink");
  EXPECT_EQ(vendor("/00085D13CA05.cfg"), "aastra");
  EXPECT_EQ(vendor("/020000000001.cfg"), "nobody");
  EXPECT_EQ(vendor("/020000000001.cfg", "Yealink SIP-T46G 28.72.0.1 02:00:00:00:00:01"), "yealink");
  EXPECT_EQ(vendor("/000fd3054848.cfg", "Yealink SIP-T46G 28.72.0.1 00:0f:d3:05:48:48"), "yealink");
  EXPECT_EQ(vendor("/Digium/000fd3054848.cfg", "Yealink SIP-T46G 28.72.0.1 000fd3054848"),
            "sangoma");
  EXPECT_EQ(vendor("/digium/020000000001.cfg"), "sangoma");
  EXPECT_EQ(vendor("SEP020000000001.cnf.xml"), "cisco");
  EXPECT_EQ(vendor("snom710-020000000001.htm"), "snom");
  EXPECT_EQ(vendor("cfg020000000001.xml"), "grandstream");
}

TEST_F(Identify, AUserAgentSaysVendorModelFirmwareAndMac) {
  struct Sample {
    std::string_view agent, vendor, model, firmware, mac;
  };
  // The recorded User-Agents of the project's notes on phones.
  constexpr Sample kSamples[] = {
      {"Yealink SIP-T46G 28.72.0.1 00:15:65:4a:a9:37", "yealink", "T46G", "28.72.0.1",
       "00:15:65:4A:A9:37"},
      {"Yealink SIP-T56A 58.80.0.25 001565f429a4", "yealink", "T56A", "58.80.0.25",
       "00:15:65:F4:29:A4"},
      {"Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0", "yealink", "", "", ""},
      {"FileTransport PolycomVVX-VVX_400-UA/4.1.4.7430 Type/Application", "polycom", "",
       "4.1.4.7430", ""},
      {"FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.1.0275", "polycom", "", "", ""},
      {"Grandstream Model HW GXP2135 SW 1.0.7.97 DevId 000b828aa872", "grandstream", "GXP2135",
       "1.0.7.97", "00:0B:82:8A:A8:72"},
      {"Grandstream Model HW GXP2135 V1.6B SW 1.0.7.97 DevId 000b828aa872", "grandstream",
       "GXP2135", "V1.6B", "00:0B:82:8A:A8:72"},
      {"Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413741767)", "snom",
       "710", "8.7.5.35", "00:04:13:74:17:67"},
      {"Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 2010.12-1 00041396D9B4 SXM:0 UXM:0)",
       "snom", "D785", "10.1.169.16", "00:04:13:96:D9:B4"},
      {"Mozilla/4.0 (compatible; snom lid 3605)", "snom", "", "", ""},
      {"Mitel6940 MAC:14-00-E9-1B-45-24 V:6.4.0.140-SIP", "aastra", "6940", "6.4.0.140-SIP",
       "14:00:E9:1B:45:24"},
      {"Aastra6739i MAC:00-08-5D-13-CA-05 V:3.2.1.1013-SIP", "aastra", "6739i", "3.2.1.1013-SIP",
       "00:08:5D:13:CA:05"},
      {"Digium D65 2_9_19", "sangoma", "D65", "2_9_19", ""},
      {"Sangoma P330 4_27_8 000FD3D0B030", "sangoma", "P330", "4_27_8", "00:0F:D3:D0:B0:30"},
      {"Sangoma P325 4_9_2", "sangoma", "", "", ""},
      {"Sangoma S500 V2.0.4.67", "", "", "", ""},
      {"curl/8.0", "", "", "", ""},
  };
  for (const Sample& sample : kSamples) {
    const auto found = identify(set_->profiles(), "/x", sample.agent);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->agent ? found->agent->vendor : "", sample.vendor) << sample.agent;
    EXPECT_EQ(found->in_agent.model, sample.model) << sample.agent;
    EXPECT_EQ(found->in_agent.firmware, sample.firmware) << sample.agent;
    EXPECT_EQ(found->in_agent.mac ? found->in_agent.mac->to_string() : "", sample.mac)
        << sample.agent;
  }
}

TEST_F(Identify, ReadsEveryVendorsFilesOfABoot) {
  struct Ask {
    std::string_view vendor, file;
    FileRole role;
  };
  constexpr Ask kAsks[] = {
      {"sangoma", "000fd3054848.cfg", FileRole::Config},
      {"sangoma", "000000000000.cfg", FileRole::Ordinary},
      {"polycom", "0004f2aabbcc.cfg", FileRole::Boot},
      {"polycom", "000000000000.cfg", FileRole::Boot},
      {"polycom", "0004f2aabbcc-user.cfg", FileRole::Config},
      {"polycom", "common.cfg", FileRole::Common},
      {"polycom", "0004f2aabbcc-license.cfg", FileRole::Ordinary},
      {"polycom", "0004f2aabbcc-phone.cfg", FileRole::Ordinary},
      {"polycom", "0004f2aabbcc-directory.xml", FileRole::Ordinary},
      {"polycom", "3111-40000-001.sip.ld", FileRole::Tree},
      {"yealink", "0015654aa937.boot", FileRole::Ordinary},
      {"yealink", "y000000000000.boot", FileRole::Ordinary},
      {"yealink", "y000000000028.cfg", FileRole::Common},
      {"yealink", "0015654aa937.cfg", FileRole::Config},
      {"cisco", "CTLSEP001122334455.tlv", FileRole::Ordinary},
      {"cisco", "ITLSEP001122334455.tlv", FileRole::Ordinary},
      {"cisco", "ITLFile.tlv", FileRole::Ordinary},
      {"cisco", "SEP001122334455.cnf.xml", FileRole::Config},
      {"cisco", "SEP001122334455.cnf.xml.sgn", FileRole::Config},
      {"cisco", "XMLDefault.cnf.xml", FileRole::Ordinary},
      {"cisco", "dialplan.xml", FileRole::Common},
      {"cisco", "RINGLIST.DAT", FileRole::Ordinary},
      {"grandstream", "cfg000b828aaa01", FileRole::Ordinary},
      {"grandstream", "cfg000b828aaa01.bin", FileRole::Ordinary},
      {"grandstream", "cfg000b828aaa01.xml", FileRole::Config},
      {"grandstream", "cfggxp2135.xml", FileRole::Ordinary},
      {"grandstream", "cfg.xml", FileRole::Ordinary},
      {"snom", "snomD785.htm", FileRole::Ordinary},
      {"snom", "snomD785-00041396D9B4.htm", FileRole::Boot},
      {"snom", "00041396D9B4.xml", FileRole::Config},
      {"snom", "snomD785-firmware.xml", FileRole::Ordinary},
      {"aastra", "aastra.cfg", FileRole::Common},
      {"aastra", "6867i.cfg", FileRole::Ordinary},
      {"aastra", "00085D13CA05.cfg", FileRole::Config},
      {"aastra", "security.tuz", FileRole::Ordinary},
  };
  for (const Ask& ask : kAsks) {
    const auto found = identify(set_->profiles(), ask.file, "");
    ASSERT_TRUE(found);
    const Candidate* candidate = found->as(ask.vendor);
    ASSERT_NE(candidate, nullptr) << ask.vendor << ' ' << ask.file;
    EXPECT_EQ(candidate->file->role, ask.role) << ask.vendor << ' ' << ask.file;
  }
}

TEST(IdentifyPattern, FitsTheWholeTextOnly) {
  const auto pattern = Pattern::parse("cfg{mac}.xml", Pattern::Kind::FileName);
  EXPECT_TRUE(pattern->match("CFG000b828aaa01.XML"));
  EXPECT_FALSE(pattern->match("xcfg000b828aaa01.xml"));
  EXPECT_FALSE(pattern->match("cfg000b828aaa01.xmlx"));
  EXPECT_FALSE(pattern->match(""));
}

TEST(IdentifyPattern, ARunInAFileNameEndsAtASlash) {
  EXPECT_FALSE(Pattern::parse("*.ld", Pattern::Kind::FileName)->match("a/b.ld"));
  EXPECT_TRUE(Pattern::parse("*.ld", Pattern::Kind::UserAgent)->match("a/b.ld"));
}

TEST(IdentifyPattern, TakesTextsUpToItsBoundAndNoLonger) {
  const auto pattern = Pattern::parse("*", Pattern::Kind::UserAgent);
  EXPECT_TRUE(pattern->match(std::string(Pattern::kMostText, 'a')));
  EXPECT_FALSE(pattern->match(std::string(Pattern::kMostText + 1, 'a')));
}

TEST(IdentifyPattern, GivesUpOnTextsMadeToBeSlow) {
  const auto pattern = Pattern::parse("*a*a*a*a*a*a*b", Pattern::Kind::UserAgent);
  EXPECT_FALSE(pattern->match(std::string(Pattern::kMostText, 'a')));
}

TEST(IdentifyPattern, RefusesWordsItDoesNotKnowAndTooManyParts) {
  EXPECT_FALSE(Pattern::parse("", Pattern::Kind::FileName));
  EXPECT_FALSE(Pattern::parse("{serial}.cfg", Pattern::Kind::FileName));
  EXPECT_FALSE(Pattern::parse("{mac", Pattern::Kind::FileName));
  EXPECT_TRUE(Pattern::parse("?a?a?a?a?a?a?a?a", Pattern::Kind::FileName));
  EXPECT_FALSE(Pattern::parse("?a?a?a?a?a?a?a?a?", Pattern::Kind::FileName));
}

}  // namespace
}  // namespace stormdoor::http
