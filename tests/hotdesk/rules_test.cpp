#include "hotdesk/rules.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::hotdesk {
namespace {

using testing::HasSubstr;

bool ok(const Result<void>& result) {
  return result.has_value();
}
std::string said(const Result<void>& result) {
  return result ? "accepted" : result.error().message();
}

TEST(Rules, AnExtensionHasOneToFifteenDigits) {
  EXPECT_TRUE(ok(check_extension("0")));
  EXPECT_TRUE(ok(check_extension(std::string(15, '9'))));
  EXPECT_FALSE(ok(check_extension("")));
  EXPECT_FALSE(ok(check_extension(std::string(16, '9'))));
  EXPECT_EQ(said(check_extension("20x41")),
            "\"20x41\" is not an extension; expected 1 to 15 digits, such as 2041");
}

TEST(Rules, AnExtensionHasNoStarOrHash) {
  EXPECT_FALSE(ok(check_extension("*97")));
  EXPECT_FALSE(ok(check_extension("2041#")));
  EXPECT_FALSE(ok(check_extension("٢٠٤١")));  // digits elsewhere, not at a phone
}

TEST(Rules, ALocationNameIsShortAndPlain) {
  EXPECT_TRUE(ok(check_location_name("hq")));
  EXPECT_TRUE(ok(check_location_name("2nd-floor")));
  EXPECT_TRUE(ok(check_location_name(std::string(32, 'a'))));
  EXPECT_FALSE(ok(check_location_name(std::string(33, 'a'))));
  EXPECT_FALSE(ok(check_location_name("-hq")));
  EXPECT_FALSE(ok(check_location_name("")));
  EXPECT_EQ(said(check_location_name("Head Office")),
            "\"Head Office\" is not a location's name; expected 1 to 32 lower-case letters, digits "
            "and hyphens, such as head-office-2");
}

TEST(Rules, TextIsCountedInCharactersNotBytes) {
  EXPECT_TRUE(ok(check_text("label", "Übergröße", 1, 9)));
  EXPECT_EQ(said(check_text("label", "Übergröße", 1, 8)),
            "the label has 9 characters; at most 8 are allowed");
}

TEST(Rules, TextThatIsNeededIsNotBlank) {
  EXPECT_TRUE(ok(check_text("street", "", 0, 64)));
  EXPECT_EQ(said(check_text("label", " ", 1, 64)), "the label is missing");
}

TEST(Rules, TextIsUtf8WithoutControlCharacters) {
  EXPECT_EQ(said(check_text("label", "\xff", 1, 64)), "the label is not valid UTF-8");
  for (const std::string_view text : {"a\nb", "a\x1b[2J", "a\x7f", "a\xc2\x9b"})
    EXPECT_EQ(said(check_text("label", text, 1, 64)),
              "the label contains control characters, which are not allowed");
  EXPECT_TRUE(ok(check_text("label", "a\xc2\xa0", 1, 64)));  // the first after C1
}

TEST(Rules, AnEmergencyNumberIsE164) {
  EXPECT_TRUE(ok(check_emergency_number("+12025550123")));
  EXPECT_TRUE(ok(check_emergency_number("+1234567")));
  EXPECT_TRUE(ok(check_emergency_number("+123456789012345")));
  EXPECT_FALSE(ok(check_emergency_number("+123456")));
  EXPECT_FALSE(ok(check_emergency_number("+1234567890123456")));
  EXPECT_FALSE(ok(check_emergency_number("+02025550123")));
  EXPECT_FALSE(ok(check_emergency_number("12025550123")));
  EXPECT_FALSE(ok(check_emergency_number("+1 202 555 0123")));
  EXPECT_FALSE(ok(check_emergency_number("")));
}

TEST(Rules, TheNumberPeopleDialIsNotTheEmergencyNumber) {
  EXPECT_EQ(said(check_emergency_number("911")),
            "\"911\" is not an E.164 number; expected + and 7 to 15 digits, such as +12025550123 "
            "(the number that emergency services see and call back, not the one that people dial)");
}

TEST(Rules, ACountryIsTwoCapitalLetters) {
  EXPECT_TRUE(ok(check_country("")));
  EXPECT_TRUE(ok(check_country("US")));
  EXPECT_FALSE(ok(check_country("USA")));
  EXPECT_EQ(said(check_country("us")),
            "\"us\" is not a country; expected two capital letters (ISO 3166), such as US");
}

TEST(Rules, ADeviceAccountIsASipUserName) {
  EXPECT_TRUE(ok(check_device_account("d000fd3054848")));
  EXPECT_TRUE(ok(check_device_account("7.lobby_a-1")));
  EXPECT_TRUE(ok(check_device_account(std::string(32, 'd'))));
  EXPECT_FALSE(ok(check_device_account(std::string(33, 'd'))));
  EXPECT_FALSE(ok(check_device_account("")));
  EXPECT_FALSE(ok(check_device_account(".d")));
  EXPECT_THAT(said(check_device_account("a@b")), HasSubstr("\"a@b\" is not a device account"));
}

TEST(Rules, ASipSecretHasSixTo128PrintableCharacters) {
  EXPECT_TRUE(ok(check_sip_secret("2041", "abc!2\"")));
  EXPECT_TRUE(ok(check_sip_secret("2041", std::string(128, 'a'))));
  EXPECT_EQ(said(check_sip_secret("2041", "abc12")),
            "the SIP secret has 5 characters; expected 6 to 128 (or none, and one is made)");
  EXPECT_FALSE(ok(check_sip_secret("2041", std::string(129, 'a'))));
  EXPECT_EQ(said(check_sip_secret("2041", "open sesame")),
            "the SIP secret may contain only printable ASCII characters without spaces");
  EXPECT_FALSE(ok(check_sip_secret("2041", "schlüssel")));
  EXPECT_EQ(said(check_sip_secret("204100", "204100")),
            "the SIP secret is the account itself, which attackers try first");
}

TEST(Rules, ARefusedSecretIsNotRepeated) {
  EXPECT_THAT(said(check_sip_secret("2041", "hunter two")), testing::Not(HasSubstr("hunter")));
  EXPECT_THAT(said(check_pin("2041", "77777")), testing::Not(HasSubstr("777")));
}

TEST(Rules, APinHasFourToTwelveDigits) {
  EXPECT_TRUE(ok(check_pin("2041", "4071")));
  EXPECT_TRUE(ok(check_pin("2041", "407140714071")));
  EXPECT_EQ(said(check_pin("2041", "407")), "a PIN has 4 to 12 digits and nothing else");
  EXPECT_FALSE(ok(check_pin("2041", "4071407140714")));
  EXPECT_FALSE(ok(check_pin("2041", "40a1")));
}

TEST(Rules, AnObviousPinIsRefused) {
  EXPECT_EQ(said(check_pin("2041", "0000")),
            "this PIN is one digit repeated, which is guessed first");
  const std::string counts = "this PIN counts up or down like 1234, which is guessed first";
  for (const std::string_view pin : {"1234", "7890", "4321", "0987654", "2109"})
    EXPECT_EQ(said(check_pin("2041", pin)), counts) << pin;
  EXPECT_EQ(said(check_pin("2041", "2041")),
            "this PIN is the extension itself, which is guessed first");
  for (const std::string_view pin : {"1235", "0001", "12343", "9753"})
    EXPECT_TRUE(ok(check_pin("2041", pin))) << pin;
}

TEST(Rules, AVariableIsALowerCaseWord) {
  EXPECT_TRUE(ok(check_variables({{"time_zone", "UTC"}, {"a", ""}, {"sip2", "x"}})));
  EXPECT_TRUE(ok(check_variables({{std::string(32, 'k'), ""}})));
  EXPECT_FALSE(ok(check_variables({{std::string(33, 'k'), ""}})));
  for (const std::string_view key : {"", "_a", "2a", "Time", "a-b", "a.b"})
    EXPECT_THAT(said(check_variables({{std::string(key), "x"}})),
                HasSubstr(fmt::format("\"{}\" is not a variable's name", key)));
}

TEST(Rules, AVariablesValueIsBounded) {
  EXPECT_TRUE(ok(check_variables({{"a", std::string(1024, 'x')}})));
  EXPECT_EQ(said(check_variables({{"a", std::string(1025, 'x')}})),
            "the value of variable \"a\" has 1025 bytes; at most 1024 are kept");
  EXPECT_EQ(said(check_variables({{"a", "x\ny"}})),
            "the value of variable \"a\" contains control characters, which are not allowed");
  EXPECT_EQ(said(check_variables({{"a", "\xc0"}})),
            "the value of variable \"a\" is not valid UTF-8");
}

store::Variables numbered(size_t count, size_t value_bytes) {
  store::Variables variables;
  for (size_t i = 0; i < count; ++i)
    variables.emplace(fmt::format("k{:03}", i), std::string(value_bytes, 'x'));
  return variables;
}

TEST(Rules, VariablesAreBoundedInNumber) {
  EXPECT_TRUE(ok(check_variables(numbered(64, 1))));
  EXPECT_EQ(said(check_variables(numbered(65, 1))),
            "65 variables; at most 64 are kept for one location or phone");
}

TEST(Rules, VariablesAreBoundedTogether) {
  EXPECT_TRUE(ok(check_variables(numbered(64, 252))));  // with keys of 4 bytes: 16,384
  EXPECT_EQ(said(check_variables(numbered(64, 253))),
            "the variables have 16448 bytes together; at most 16384 are kept");
}

TEST(Rules, ATemplateStaysInItsFolder) {
  EXPECT_TRUE(ok(check_templates({{"hot-desk-idle", "site/idle.xml"}, {"assigned", "a.cfg"}})));
  for (const std::string_view path :
       {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a b", "a\\b"})
    EXPECT_THAT(said(check_templates({{"assigned", std::string(path)}})),
                HasSubstr("is not a template file for assigned"))
        << path;
  EXPECT_THAT(said(check_templates({{"Assigned", "a.xml"}})),
              HasSubstr("\"Assigned\" is not a template's kind"));
  EXPECT_TRUE(ok(check_templates({{"assigned", std::string(200, 'a')}})));
  EXPECT_FALSE(ok(check_templates({{"assigned", std::string(201, 'a')}})));
}

}  // namespace
}  // namespace stormdoor::hotdesk
