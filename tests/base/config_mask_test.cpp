#include "base/config_mask.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor {
namespace {

using testing::HasSubstr;

Result<std::string> masked(std::string_view text) {
  return mask_toml(text, [](std::string_view key) { return key.ends_with("password"); });
}

TEST(ConfigMask, ASecretIsMaskedAndAllElseStaysAsItWas) {
  EXPECT_EQ(masked("# who knows it\n"
                   "name = \"é\" # as \"is\"\n"
                   "[provisioning.variables]\n"
                   "\"ädmin\" = 1\n"
                   "admin_password = \"hush\"  # changed in May\n"
                   "time_zone = \"UTC\"\n")
                .value(),
            "# who knows it\n"
            "name = \"é\" # as \"is\"\n"
            "[provisioning.variables]\n"
            "\"ädmin\" = 1\n"
            "admin_password = \"(secret)\"  # changed in May\n"
            "time_zone = \"UTC\"\n");
}

TEST(ConfigMask, WhereverTomlLetsASecretStand) {
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"password = 'x'", "password = \"(secret)\""},
      {"\"a password\" = \"\\u00e9\\\"x\"", "\"a password\" = \"(secret)\""},
      {"v = { \"é\" = \"é\", password = \"x\" }", "v = { \"é\" = \"é\", password = \"(secret)\" }"},
      {"v.w.password = 12345\nz = 1", "v.w.password = \"(secret)\"\nz = 1"},
      {"password = [\"a\",\n \"b\"]", "password = [\"(secret)\",\n \"(secret)\"]"},
      {"password = \"\"\"\none\ntwo\"\"\"\nz = 1", "password = \"(secret)\"\nz = 1"},
      {"[password]\nx = 'y'", "[password]\nx = \"(secret)\""},
      {"[[m]]\npassword = 'x'\r\n[[m]]\npassword = 'y'",
       "[[m]]\npassword = \"(secret)\"\r\n[[m]]\npassword = \"(secret)\""},
      {"x = 'password = 1'", "x = 'password = 1'"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(masked(text).value(), expected) << text;
}

TEST(ConfigMask, WhatIsNotTomlIsNotShown) {
  const auto refused = masked("a = 1\nadmin_password = \"hush\nb = 2\n");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("line 2"));
  EXPECT_EQ(refused.error().message().find("hush"), std::string::npos);
}

}  // namespace
}  // namespace stormdoor
