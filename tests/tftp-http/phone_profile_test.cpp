#include "tftp-http/phone_profile.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hotdesk/phone_view.hpp"
#include "tests/tftp-http/sample_office.hpp"
#include "tests/tftp-http/xml_check.hpp"
#include "tftp-http/rendered_phone.hpp"
#include "tftp-http/template_values.hpp"

namespace stormdoor::http {
namespace {

namespace fs = std::filesystem;
using hotdesk::PhoneKind;
using hotdesk::PhoneView;

struct Subject {
  std::string_view vendor, model, mac;
};
constexpr Subject kSubjects[] = {
    {"sangoma", "P325", "000fd3cfd9d3"},   {"sangoma", "D50", "000fd3054848"},
    {"sangoma", "D65", "000fd3054849"},    {"sangoma", "D80", "000fd3054851"},
    {"polycom", "VVX400", "0004f2aabbcc"}, {"yealink", "T46G", "0015654aa937"},
    {"cisco", "CP-7941G", "001122334455"}, {"grandstream", "GXP2135", "000b828aaa01"},
    {"snom", "D785", "00041396d9b4"},      {"aastra", "6867i", "00085d13ca05"}};

PhoneView view_of(const Subject& subject, PhoneKind kind, std::string_view name = "Ann Example") {
  PhoneView view;
  view.kind = kind;
  store::PhoneRecord phone = sample::phone(subject.mac, subject.vendor, subject.model);
  if (kind == PhoneKind::Unassigned) phone.device_account.clear();
  view.phone = std::make_shared<store::PhoneRecord>(phone);
  view.location = std::make_shared<store::LocationRecord>(sample::lobby());
  if (kind == PhoneKind::Assigned || kind == PhoneKind::HotDeskSession)
    view.users = {std::make_shared<store::UserRecord>(sample::ann(name))};
  return view;
}

constexpr PhoneKind kKinds[] = {PhoneKind::Assigned, PhoneKind::HotDeskIdle,
                                PhoneKind::HotDeskSession, PhoneKind::Unassigned};

// Compares with the file under golden/, or writes it when STORMDOOR_UPDATE_GOLDEN is set.
void expect_golden(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(STORMDOOR_SOURCE_DIR) / "tests/tftp-http/golden" / name;
  if (std::getenv("STORMDOOR_UPDATE_GOLDEN")) {  // NOLINT(concurrency-mt-unsafe)
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  ASSERT_TRUE(in) << path << " is missing; run with STORMDOOR_UPDATE_GOLDEN=1 and read it";
  std::stringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(text, expected.str()) << path;
}

void expect_well_formed(const PhoneProfile& profile, const std::string& text) {
  if (profile.format != Format::Xml) return;
  EXPECT_EQ(xml_problem(text), "") << text;
}

std::string file_name(const Subject& subject, std::string_view kind) {
  return fmt::format("{}/{}.{}", subject.vendor, subject.model, kind);
}

TEST(PhoneProfile, EveryVendorsConfigurationsAreAsTheyWereReviewed) {
  const auto set = sample::profiles();
  for (const Subject& subject : kSubjects) {
    for (const PhoneKind kind : kKinds) {
      const auto rendered = render_phone(*set, view_of(subject, kind), false);
      ASSERT_TRUE(rendered) << rendered.error().message();
      expect_well_formed(*set->find(subject.vendor), rendered->text);
      expect_golden(file_name(subject, hotdesk::to_string(kind)), rendered->text);
    }
  }
}

TEST(PhoneProfile, EveryVendorsPublicFilesAreAsTheyWereReviewed) {
  const auto set = sample::profiles();
  for (const auto& profile : set->profiles()) {
    for (const auto& [kind, parsed] : profile->templates) {
      if (std::ranges::find(kSecretKinds, kind) != kSecretKinds.end()) continue;
      const auto text =
          parsed->render(public_values(*profile, set->config(), sample::mac("000fd3054848")));
      ASSERT_TRUE(text) << text.error().message();
      expect_well_formed(*profile, *text);
      expect_golden(fmt::format("{}/public.{}", profile->vendor, kind), *text);
    }
  }
}

TEST(PhoneProfile, NoNameBreaksOutOfAnyVendorsFormat) {
  const auto set = sample::profiles();
  for (const Subject& subject : kSubjects) {
    const auto calm = render_phone(*set, view_of(subject, PhoneKind::Assigned), false);
    const auto attacked =
        render_phone(*set, view_of(subject, PhoneKind::Assigned, sample::kAttackedName), false);
    ASSERT_TRUE(calm && attacked);
    const PhoneProfile& profile = *set->find(subject.vendor);
    expect_well_formed(profile, attacked->text);
    EXPECT_EQ(std::ranges::count(attacked->text, '\n'), std::ranges::count(calm->text, '\n'));
    if (profile.format == Format::Xml) {
      EXPECT_EQ(std::ranges::count(attacked->text, '<'), std::ranges::count(calm->text, '<'));
      EXPECT_EQ(std::ranges::count(attacked->text, '"'), std::ranges::count(calm->text, '"'));
    }
    EXPECT_EQ(attacked->text.find('\r'), std::string::npos);
  }
}

TEST(PhoneProfile, Promise9_TheEmergencyNumberIsTheDesks) {
  auto config = sample::config();
  config.variables["emergency_number"] = "+19995550100";
  config.models = {{"sangoma", "*", {{"emergency_number", "+19995550100"}}, {}}};
  const auto set = sample::profiles(config);
  for (const Subject& subject : kSubjects) {
    for (const PhoneKind kind : kKinds) {
      PhoneView view = view_of(subject, kind);
      auto phone = std::make_shared<store::PhoneRecord>(*view.phone);
      phone->variables["emergency_number"] = "+19995550100";
      view.phone = phone;
      const auto rendered = render_phone(*set, view, false);
      ASSERT_TRUE(rendered);
      EXPECT_NE(rendered->text.find(sample::kLobbyEmergency), std::string::npos)
          << subject.vendor << ' ' << hotdesk::to_string(kind);
      EXPECT_EQ(rendered->text.find("+1999"), std::string::npos) << subject.vendor;
    }
  }
}

TEST(PhoneProfile, Promise9_ALoggedOutPhoneCanStillCallForHelp) {
  const auto set = sample::profiles();
  for (const Subject& subject : kSubjects) {
    const auto idle = render_phone(*set, view_of(subject, PhoneKind::HotDeskIdle), false);
    ASSERT_TRUE(idle);
    EXPECT_NE(idle->text.find("dev-" + std::string(subject.mac)), std::string::npos)
        << subject.vendor;
    EXPECT_NE(idle->text.find("device-secret"), std::string::npos) << subject.vendor;
    EXPECT_EQ(idle->text.find("2041"), std::string::npos) << subject.vendor;
  }
}

TEST(PhoneProfile, EmergencyNumbersStandInEveryDialPlanThatWeWrite) {
  const auto set = sample::profiles();
  for (const auto& profile : set->profiles()) {
    std::string all;
    for (const auto& [kind, parsed] : profile->templates)
      if (std::ranges::find(kSecretKinds, kind) == kSecretKinds.end())
        all += *parsed->render(public_values(*profile, set->config(), {}));
    for (const Subject& subject : kSubjects)
      if (subject.vendor == profile->vendor)
        all += render_phone(*set, view_of(subject, PhoneKind::Assigned), false)->text;
    EXPECT_NE(all.find("911"), std::string::npos) << profile->vendor;
    EXPECT_NE(all.find("933"), std::string::npos) << profile->vendor;
  }
}

TEST(PhoneProfile, SangomaModelsDifferInLineSlotsAndWhereTheOutboundProxyStands) {
  auto config = sample::config();
  config.variables["outbound_proxy"] = "edge.example.com";
  const auto set = sample::profiles(config);
  const auto p = render_phone(*set, view_of(kSubjects[0], PhoneKind::Assigned), false);
  const auto d = render_phone(*set, view_of(kSubjects[1], PhoneKind::Assigned), false);
  EXPECT_NE(p->text.find("<account index=\"15\" status=\"0\""), std::string::npos);
  EXPECT_EQ(p->text.find("<account index=\"16\""), std::string::npos);
  EXPECT_NE(d->text.find("<account index=\"5\" status=\"0\""), std::string::npos);
  EXPECT_EQ(d->text.find("<account index=\"6\""), std::string::npos);
  EXPECT_LT(p->text.find("<outbound_proxy"), p->text.find("</host_primary>"));
  EXPECT_GT(d->text.find("<outbound_proxy"), d->text.find("</host_primary>"));
}

TEST(PhoneProfile, LayersSetVariablesInTheirOrder) {
  auto config = sample::config();
  config.models = {{"sangoma", "P3*", {{"ntp_server", "model.example.com"}}, {}}};
  const auto set = sample::profiles(config);
  PhoneView view = view_of(kSubjects[0], PhoneKind::Assigned);
  const auto layer_of = [&](std::string_view name) {
    const auto rendered = render_phone(*set, view, true);
    for (const UsedValue& used : rendered->used)
      if (used.name == name) return std::string(to_string(used.layer)) + ":" + used.value;
    return std::string("absent");
  };
  EXPECT_EQ(layer_of("time_zone"), "built-in:UTC");
  EXPECT_EQ(layer_of("sip_server"), "site:pbx.example.com");
  EXPECT_EQ(layer_of("ntp_server"), "model:model.example.com");
  auto location = std::make_shared<store::LocationRecord>(*view.location);
  location->variables = {{"time_zone", "America/Chicago"}, {"ntp_server", "location.example.com"}};
  view.location = location;
  EXPECT_EQ(layer_of("time_zone"), "location:America/Chicago");
  EXPECT_EQ(layer_of("ntp_server"), "model:model.example.com");
  auto phone = std::make_shared<store::PhoneRecord>(*view.phone);
  phone->variables = {{"ntp_server", "phone.example.com"}};
  view.phone = phone;
  EXPECT_EQ(layer_of("ntp_server"), "phone:phone.example.com");
  EXPECT_EQ(layer_of("emergency_number"), "record:+12025550123");
}

TEST(PhoneProfile, ShownToPeopleWithoutItsSecrets) {
  const auto set = sample::profiles();
  for (const Subject& subject : kSubjects) {
    const auto shown = render_phone(*set, view_of(subject, PhoneKind::Assigned), true);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->text.find("s3cret"), std::string::npos) << subject.vendor;
    EXPECT_EQ(shown->text.find("tok-"), std::string::npos) << subject.vendor;
    for (const UsedValue& used : shown->used) {
      EXPECT_EQ(used.value.find("s3cret"), std::string::npos) << used.name;
      EXPECT_EQ(used.value.find("tok-"), std::string::npos) << used.name;
    }
  }
}

TEST(PhoneProfile, ModelsFitByStars) {
  EXPECT_TRUE(model_fits("P3*", "p325"));
  EXPECT_TRUE(model_fits("*", ""));
  EXPECT_TRUE(model_fits("*5*", "D65"));
  EXPECT_TRUE(model_fits("D*5", "D655"));
  EXPECT_FALSE(model_fits("P3*", "D65"));
  EXPECT_FALSE(model_fits("D65", "D6"));
  EXPECT_FALSE(model_fits("", "D6"));
}

// A folder of profiles written by the test.
class ProfileFolder : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / fmt::format("stormdoor-profiles-{}", ::getpid());
    fs::remove_all(root_);
    write("profiles/acme/profile.toml", kProfile);
    write("profiles/acme/phone.mustache", "user={{account}} pass={{account_password}}\n");
    write("profiles/acme/stub.mustache", "mac={{mac}}\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string problem() const {
    const auto set = ProfileSet::load(config_with());
    return set ? "" : set.error().message();
  }
  [[nodiscard]] ProvisioningConfig config_with() const {
    ProvisioningConfig config = config_;
    config.profiles = root_ / "profiles";
    return config;
  }

  static constexpr std::string_view kProfile = R"(
title = "Acme"
format = "lines"
[[file]]
ask = "{mac}.cfg"
gives = "config"
mark = "C"
source = "here"
[templates]
assigned = "phone.mustache"
hot-desk-idle = "phone.mustache"
hot-desk-session = "phone.mustache"
unassigned = "phone.mustache"
stub = "stub.mustache"
)";
  fs::path root_;
  ProvisioningConfig config_;
};

TEST_F(ProfileFolder, ASmallProfileIsEnough) {
  EXPECT_EQ(problem(), "");
}

TEST_F(ProfileFolder, AProfileWithoutAStubIsOne) {
  std::string text(kProfile);
  text.resize(text.find("stub = "));
  write("profiles/acme/profile.toml", text);
  EXPECT_EQ(problem(), "");
}

TEST_F(ProfileFolder, AVariableThatNoLayerSetsIsFoundAtLoadEvenInASectionThatNobodyEnters) {
  write("profiles/acme/phone.mustache", "a\n{{#outbound_proxy}}{{colour}}{{/outbound_proxy}}\n");
  EXPECT_NE(problem().find("acme/phone.mustache:2: no layer sets \"colour\""), std::string::npos)
      << problem();
  config_.variables["colour"] = "red";
  EXPECT_EQ(problem(), "");
}

TEST_F(ProfileFolder, Promise7_WhatAnybodyMayReadCannotNameASecret) {
  write("profiles/acme/stub.mustache", "{{account_password}}");
  EXPECT_NE(problem().find("no layer sets \"account_password\""), std::string::npos) << problem();
  write("profiles/acme/stub.mustache", "{{admin_password}}");
  EXPECT_NE(problem().find("\"admin_password\" is secret, and anybody may read this file"),
            std::string::npos)
      << problem();
}

TEST_F(ProfileFolder, WhatAProfileSaysNeedsItsMark) {
  std::string text(kProfile);
  text.replace(text.find("mark = \"C\"\n"), 11, "");
  write("profiles/acme/profile.toml", text);
  EXPECT_NE(problem().find("mark: missing"), std::string::npos) << problem();
  text = kProfile;
  text.replace(text.find("\"C\""), 3, "\"U\"");
  write("profiles/acme/profile.toml", text);
  EXPECT_NE(problem().find("mark"), std::string::npos) << problem();
}

TEST_F(ProfileFolder, APhoneIsSentAwayOnlyIfItIsConfirmedThatItComesAgain) {
  const auto with = [&](std::string_view mark) {
    std::string text(kProfile);
    text += fmt::format("[after_503]\nretries = true\nmark = \"{}\"\nsource = \"here\"\n", mark);
    write("profiles/acme/profile.toml", text);
    return ProfileSet::load(config_with());
  };
  const auto confirmed = with("C");
  ASSERT_TRUE(confirmed) << confirmed.error().message();
  EXPECT_TRUE((*confirmed)->profiles()[0]->retries_after_503);
  EXPECT_FALSE(with("I"));
  EXPECT_NE(problem().find("after_503.mark: is not \"C\""), std::string::npos) << problem();
}

TEST_F(ProfileFolder, AMisspeltKeyAndAMissingTemplateAreErrorsBoth) {
  std::string text(kProfile);
  text.replace(text.find("unassigned = "), 10, "unasigned");
  text.replace(text.find("title"), 5, "titel");
  write("profiles/acme/profile.toml", text);
  EXPECT_NE(problem().find("titel"), std::string::npos) << problem();
  EXPECT_NE(problem().find("no template for \"unassigned\""), std::string::npos) << problem();
}

TEST_F(ProfileFolder, ALayerReplacesATemplate) {
  write("site/acme/ours.cfg", "ours {{account}}\n");
  config_.templates = root_ / "site";
  config_.site_templates = {{"assigned", "ours.cfg"}};
  const auto set = ProfileSet::load(config_with());
  ASSERT_TRUE(set) << set.error().message();
  const Subject subject{"acme", "A1", "000fd3054848"};
  const auto rendered = render_phone(**set, view_of(subject, PhoneKind::Assigned), false);
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->text, "ours 2041\n");
  EXPECT_EQ(rendered->template_layer, Layer::Site);
  const auto idle = render_phone(**set, view_of(subject, PhoneKind::HotDeskIdle), false);
  EXPECT_EQ(idle->template_layer, Layer::BuiltIn);

  PhoneView view = view_of(subject, PhoneKind::Assigned);
  auto phone = std::make_shared<store::PhoneRecord>(*view.phone);
  phone->templates = {{"assigned", "gone.cfg"}};
  view.phone = phone;
  EXPECT_EQ(render_phone(**set, view, false).error().message(),
            "the phone layer names the template \"gone.cfg\", which no vendor has");
}

TEST_F(ProfileFolder, LayersThatNameWhatIsNotThereAreErrors) {
  config_.site_templates = {{"assigned", "none.cfg"}, {"stub", "x"}};
  config_.models = {{"acne", "*", {}, {}}};
  const std::string all = problem();
  EXPECT_NE(all.find("holds \"none.cfg\""), std::string::npos) << all;
  EXPECT_NE(all.find("\"stub\" is no kind of phone"), std::string::npos) << all;
  EXPECT_NE(all.find("did you mean \"acme\"?"), std::string::npos) << all;
}

}  // namespace
}  // namespace stormdoor::http
