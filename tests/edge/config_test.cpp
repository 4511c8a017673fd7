#include "edge/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/temp_dir.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor::edge {
namespace {

using test::text_of;

const std::string kReference = std::string(STORMDOOR_SOURCE_DIR) + "/etc/stormdoor.toml";

Result<Config> read(const std::string& text) {
  ConfigReader reader = ConfigReader::parse(text);
  return read_config(reader);
}

TEST(ReferenceConfiguration, IsExactlyTheDefault) {
  const auto reference = load_config(kReference);
  ASSERT_TRUE(reference) << reference.error().message();
  const Config defaults = *read("");
  EXPECT_EQ(reference->startup, defaults.startup);
  EXPECT_EQ(reference->runtime.rules.networks, defaults.runtime.rules.networks);
  EXPECT_EQ(reference->runtime.rules.limits, defaults.runtime.rules.limits);
  EXPECT_EQ(reference->runtime.rules, defaults.runtime.rules);
  EXPECT_EQ(reference->runtime.provisioning, defaults.runtime.provisioning);
  EXPECT_EQ(reference->runtime, defaults.runtime);
  EXPECT_EQ(reference->warnings, defaults.warnings);
}

// A key that is only shown in a comment ("# chain = ...") counts: its default is "none".
TEST(ReferenceConfiguration, NamesEveryKeyThatTheCodeAsksFor) {
  ConfigReader survey = ConfigReader::survey();
  (void)read_config(survey);
  const std::string text = text_of(kReference);
  for (const auto& key : survey.known_keys()) {
    if (key.ends_with(".*")) continue;  // names that the administrator chooses
    const std::string last = key.substr(key.rfind('.') + 1);
    const bool named = text.find("\n" + last + " =") != std::string::npos ||
                       text.find("\n# " + last + " =") != std::string::npos ||
                       text.find("[" + key + "]") != std::string::npos ||
                       text.find("[" + last + "]") != std::string::npos ||
                       text.find("{ " + last + " =") != std::string::npos ||
                       text.find(", " + last + " =") != std::string::npos ||
                       text.find("[[" + key.substr(0, key.find("[]")) + "]]") != std::string::npos;
    EXPECT_TRUE(named) << key;
  }
}

TEST(Config, NamesEveryMistakeAtOnceWithItsPlace) {
  const auto config = read(
      "[daemon]\nworkers = 1000\nuzer = \"x\"\n[log]\nlevel = \"loud\"\n[tftp]\nlisten = "
      "[\"here\"]\n");
  ASSERT_FALSE(config);
  const std::string& text = config.error().message();
  for (const char* place : {"test.toml:2:", "test.toml:3:", "test.toml:5:", "test.toml:7:"})
    EXPECT_NE(text.find(place), std::string::npos) << place << " in\n" << text;
  EXPECT_NE(text.find("user"), std::string::npos) << text;
}

TEST(Config, ClientCertificatesNeedBothAuthorityAndPattern) {
  EXPECT_FALSE(read("[https]\nclient_subjects = [\"CN={mac}\"]\n"));
  EXPECT_FALSE(read("[https]\nclient_authorities = \"ca.pem\"\n"));
  EXPECT_TRUE(read("[https]\nclient_authorities = \"ca.pem\"\nclient_subjects = [\"CN={mac}\"]\n"));
  EXPECT_FALSE(read("[https]\nclient_authorities = \"ca.pem\"\nclient_subjects = [\"mac\"]\n"));
}

TEST(Config, NobodyIsIdleInThePortalForLongerThanASessionLasts) {
  EXPECT_TRUE(read("[portal]\nidle = \"1h\"\nabsolute = \"1h\"\n"));
  const auto config = read("[portal]\nidle = \"2h\"\nabsolute = \"1h\"\n");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message().find("test.toml:2:"), std::string::npos)
      << config.error().message();
  EXPECT_FALSE(read("[portal]\nlisten = [\"here\"]\n"));
}

TEST(Config, AccountsForThePbxNeedWhatTheirTargetNeeds) {
  const auto accepts = [](const std::string& text) {
    return read("[pbx.accounts]\n" + text).has_value();
  };
  EXPECT_FALSE(accepts("target = \"kamailio\"\nfile = \"/k.sqlite\"\n"));
  EXPECT_FALSE(accepts("target = \"kamailio\"\ndomain = \"office\"\n"));
  EXPECT_TRUE(accepts("target = \"kamailio\"\nfile = \"/k.sqlite\"\ndomain = \"office\"\n"));
  const std::string command = "target = \"kamailio-command\"\ndomain = \"office\"\n";
  EXPECT_FALSE(accepts(command));
  EXPECT_TRUE(accepts(command + "command = [\"psql\", \"-q\"]\n"));
  EXPECT_FALSE(accepts(command + "command = [\"\"]\n"));
  EXPECT_FALSE(accepts(command + "command = [\"psql\"]\npasswords = true\n"));
  const std::string asterisk = "target = \"asterisk\"\nfile = \"/a.conf\"\n";
  EXPECT_FALSE(accepts(asterisk));
  EXPECT_TRUE(accepts(asterisk + "realm = \"asterisk\"\n"));
  EXPECT_TRUE(accepts(asterisk + "passwords = true\n"));
  for (const char* key :
       {"domain", "realm", "endpoint_template", "device_template", "aor_template"})
    for (const char* hostile : {"a'b", "a]b", "a;b", "a\\\\b", "a\\nb"})
      EXPECT_FALSE(accepts(std::string(key) + " = \"" + hostile + "\"\n")) << key << hostile;
}

TEST(ConfigDifference, TellsWhatAppliesFromWhatNeedsARestart) {
  const Config before = *read("");
  EXPECT_TRUE(difference(before, before).changed.empty());
  EXPECT_TRUE(difference(before, before).needs_restart.empty());
  const auto applies =
      difference(before, *read("[log]\nlevel = \"debug\"\n[http]\nidle_time = \"20s\"\n"));
  EXPECT_EQ(applies.changed.size(), 2U);
  EXPECT_TRUE(applies.needs_restart.empty());
  const auto restart =
      difference(before, *read("[tftp]\nsingle_port = true\n[daemon]\nworkers = 3\n"));
  EXPECT_TRUE(restart.changed.empty());
  EXPECT_EQ(restart.needs_restart.size(), 2U);
}

}  // namespace
}  // namespace stormdoor::edge
