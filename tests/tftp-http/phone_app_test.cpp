#include "tftp-http/phone_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.hpp"
#include "tests/tftp-http/sample_office.hpp"
#include "tftp-http/template_values.hpp"

namespace stormdoor::http {
namespace {

namespace fs = std::filesystem;
using hotdesk::PhoneKind;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

hotdesk::PhoneView view_of(std::string_view model, PhoneKind kind = PhoneKind::HotDeskIdle) {
  hotdesk::PhoneView view;
  view.kind = kind;
  view.phone =
      std::make_shared<store::PhoneRecord>(sample::phone("000fd3054849", "sangoma", model));
  view.location = std::make_shared<store::LocationRecord>(sample::lobby());
  if (kind == PhoneKind::HotDeskSession || kind == PhoneKind::Assigned)
    view.users = {std::make_shared<store::UserRecord>(sample::ann())};
  return view;
}

const PhoneApp* app_of(const hotdesk::PhoneView& view,
                       const ProvisioningConfig& config = sample::config()) {
  static const auto set = sample::profiles();
  return app_for(*set->find("sangoma"), config, view);
}

TEST(PhoneApp, OnlyHotDeskPhonesOfTheModelsThatRunAppsGetIt) {
  for (const char* model : {"D40", "D45", "D50", "D60", "D62", "D65", "D70", "d65"})
    EXPECT_TRUE(app_of(view_of(model))) << model;
  for (const char* model : {"D80", "P325", "P370", "D6", "D655", ""})
    EXPECT_FALSE(app_of(view_of(model))) << model;
  EXPECT_TRUE(app_of(view_of("D65", PhoneKind::HotDeskSession)));
  EXPECT_FALSE(app_of(view_of("D65", PhoneKind::Assigned)));
  EXPECT_FALSE(app_of(view_of("D65", PhoneKind::Unassigned)));
  auto without = sample::config();
  without.base_url.clear();
  EXPECT_FALSE(app_of(view_of("D65"), without)) << "it would have nobody to ask";
}

// The profile, the app's own description and the files that lie there say the same.
TEST(PhoneApp, WhatIsShippedAgreesWithItsDescription) {
  const auto& app = *app_of(view_of("D65"));
  const fs::path folder = fs::path(STORMDOOR_SOURCE_DIR) / "etc/phones/sangoma/app";
  std::ifstream file(folder / "app.json");
  const auto described = nlohmann::json::parse(file);
  EXPECT_EQ(described["name"], app.name);
  EXPECT_EQ(described["type"], "foreground");
  EXPECT_EQ(described["hasIdle"], true);
  std::set<std::string> listed = {"app.json"}, there;
  for (const auto& js : described["jsFiles"]) listed.insert(js.get<std::string>());
  for (const auto& entry : fs::directory_iterator(folder))
    there.insert(entry.path().filename().string());
  EXPECT_EQ(listed, there);
  for (const auto& name : there) EXPECT_THAT(app.zip, HasSubstr(name));
  EXPECT_EQ(app.version.size(), 16U);
}

TEST(PhoneApp, ThePasswordIsTwelveDigitsOfThatPhonesAlone) {
  const MacAddress mac = sample::mac("000fd3054849");
  const std::string one(made_admin_password(mac, Secret("tok-1")).reveal());
  EXPECT_EQ(one.size(), kMadePasswordDigits);
  EXPECT_EQ(one.find_first_not_of("0123456789"), std::string::npos);
  EXPECT_NE(one, made_admin_password(mac, Secret("tok-2")).reveal());
  EXPECT_NE(one, made_admin_password(sample::mac("000fd3054850"), Secret("tok-1")).reveal());
  EXPECT_TRUE(made_admin_password(mac, Secret()).empty());
}

TEST(PhoneApp, APasswordThatALayerSetsGoesBefore) {
  const auto set = sample::profiles();
  auto config = sample::config();
  const auto password = [&](const hotdesk::PhoneView& view) {
    return std::string(admin_password(*set->find("sangoma"), config, view).reveal());
  };
  const auto view = view_of("D65");
  EXPECT_EQ(password(view), made_admin_password(view.phone->mac, view.phone->token).reveal());
  EXPECT_EQ(password(view_of("D80")), "");
  EXPECT_EQ(password(view_of("D65", PhoneKind::Assigned)), "");
  config.variables["admin_password"] = "4711";
  EXPECT_EQ(password(view), "4711");
}

class AppFolder : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    const fs::path path = folder_.file("vendor/" + name);
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::string problem(const std::string& keys = {}) const {
    write("profile.toml", "[app]\nmark = \"C\"\nsource = \"x\"\n" + (keys.empty() ? kGood : keys));
    const auto read = read_profile(folder_.file("vendor"));
    return read ? "" : read.error().message();
  }
  const std::string kGood = "name = \"a\"\nmodels = [\"M1\"]\nupload = \"/up\"\n";
  test::TempDir folder_;
};

TEST_F(AppFolder, IsReadWhole) {
  write("app/app.json", "{}");
  write("app/a.js", "1");
  write("app/.hidden", "2");
  EXPECT_EQ(problem(), "");
  const auto profile = read_profile(folder_.file("vendor"));
  ASSERT_TRUE(profile);
  EXPECT_THAT((*profile)->app->zip, AllOf(HasSubstr("a.js"), Not(HasSubstr("hidden"))));
  const std::string version = (*profile)->app->version;
  write("app/a.js", "2");
  EXPECT_NE((*read_profile(folder_.file("vendor")))->app->version, version);
}

TEST_F(AppFolder, WhatIsWrongWithItIsSaid) {
  EXPECT_THAT(problem(), HasSubstr("app"));
  write("app/a.js", "1");
  EXPECT_THAT(problem(), HasSubstr("holds no app.json"));
  write("app/app.json", "{}");
  EXPECT_EQ(problem(), "");
  EXPECT_THAT(problem("name = \"../a\"\nmodels = []\nupload = \"up\"\n"),
              AllOf(HasSubstr("a letter or digit first"), HasSubstr("begins with '/'")));
  EXPECT_THAT(problem(kGood + "folder = \"../app\"\n"), HasSubstr("in the profile's own"));
  EXPECT_THAT(problem("name = \"a\"\n"), HasSubstr("models"));
  write("app/more/b.js", "1");
  EXPECT_THAT(problem(), HasSubstr("side by side"));
}

TEST_F(AppFolder, ItsSizeIsBounded) {
  const std::string json = "{}";
  write("app/app.json", json);
  write("app/a.js", std::string(kMostAppBytes - json.size(), 'x'));
  EXPECT_EQ(problem(), "");
  write("app/a.js", std::string(kMostAppBytes - json.size() + 1, 'x'));
  EXPECT_THAT(problem(), HasSubstr("holds more than 512 KiB"));
  write("app/a.js", "");
  for (size_t i = 0; i + 2 < kMostAppFiles; ++i) write("app/f" + std::to_string(i), "");
  EXPECT_EQ(problem(), "");
  write("app/one-more", "");
  EXPECT_THAT(problem(), HasSubstr("holds more than 32 files"));
}

}  // namespace
}  // namespace stormdoor::http
