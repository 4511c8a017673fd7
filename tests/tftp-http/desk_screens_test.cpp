#include "tftp-http/desk_screens.hpp"

#include <gtest/gtest.h>

#include "hotdesk/rules.hpp"
#include "tests/support/text_files.hpp"
#include "tests/tftp-http/screen_check.hpp"

namespace stormdoor::http {
namespace {

constexpr ScreenFormat kFormats[] = {ScreenFormat::Html,  ScreenFormat::Yealink,
                                     ScreenFormat::Cisco, ScreenFormat::Aastra,
                                     ScreenFormat::Snom,  ScreenFormat::Digium};

std::string golden(const std::string& name) {
  return test::text_of(std::string(STORMDOOR_SOURCE_DIR) + "/tests/tftp-http/golden/" + name);
}
std::string changed(const std::string& text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return test::replaced(text, from, to);
}

// The longest names there can be, each letter of which takes six bytes.
TEST(DeskScreens, TheLongestNamesFitEveryPhone) {
  const std::string longest(hotdesk::kMostNameCharacters, '"');
  Screen screen;
  screen.title = longest;
  screen.lines = {"Log out " + longest + " (" + std::string(hotdesk::kMostExtensionDigits, '9') +
                  ")?"};
  screen.keys = {{"Yes", "https://" + std::string(1'000, 'x')}, {"No", "https://x/"}};
  Screen form;
  form.title = longest;
  form.lines = screen.lines;
  form.form = {"https://" + std::string(1'000, 'x'),
               "https://" + std::string(1'000, 'x'),
               {{"Extension", "ext", false}, {"Voicemail PIN", "pin", true}}};
  for (const auto format : kFormats) {
    EXPECT_EQ(screen_problem(format, render(screen, format).text), "");
    EXPECT_EQ(screen_problem(format, render(form, format).text), "");
  }
}

// The rules themselves, each broken once.
TEST(ScreenRules, TheAppReadsOneObject) {
  const std::string form = golden("sangoma/desk.login.json");
  const auto problem = [](const std::string& text) {
    return screen_problem(ScreenFormat::Digium, text);
  };
  EXPECT_EQ(problem(form), "");
  EXPECT_EQ(problem(form + "{}"), "no JSON object");
  EXPECT_EQ(problem(changed(form, "\"title\"", "\"name\"")), "no title");
  EXPECT_EQ(problem(changed(form, "\"restart\": false", "\"restart\": 0")), "no restart");
  EXPECT_EQ(problem(changed(form, "\"cancel\"", "\"back\"")), "a form without end");
  EXPECT_EQ(problem(changed(form, "\"prompt\": \"Extension\"", "\"prompt\": \"\"")),
            "a field without a name");
}

TEST(ScreenRules, YealinkTakesOneObjectOfTenThousandBytes) {
  const std::string form = golden("yealink/desk.login.xml");
  const auto problem = [](const std::string& text) {
    return screen_problem(ScreenFormat::Yealink, text);
  };
  EXPECT_EQ(problem(form), "");
  EXPECT_EQ(problem(form + std::string(10'000 - form.size(), ' ')), "");
  EXPECT_EQ(problem(form + std::string(10'001 - form.size(), ' ')), "more than 10,000 bytes");
  EXPECT_EQ(problem(form + form.substr(form.find('\n'))), "not one root");
  EXPECT_EQ(problem(changed(form, "<URL>", "<Url>").replace(form.find("</URL>"), 6, "</Url>")),
            "0 URL in YealinkIPPhoneInputScreen");
  EXPECT_EQ(problem(changed(form, "destroyOnExit", "destroyOnEnter")),
            "YealinkIPPhoneInputScreen has no attribute destroyOnEnter");
  EXPECT_EQ(problem(changed(form, "password=\"yes\"", "password=\"no\"")), "pin is masked wrongly");
  EXPECT_EQ(problem(changed(form, "login/FORM", "login?form=FORM")),
            "phones append their query to an address that has one");
  EXPECT_EQ(problem(changed(form, ">pin<", ">ext<")), "ext is masked wrongly");
  EXPECT_EQ(problem(changed(golden("yealink/desk.logout.xml"), "index=\"2\"", "index=\"1\"")),
            "SoftKey is numbered 1");
  EXPECT_EQ(problem(golden("aastra/desk.login.xml")), "no object AastraIPPhoneInputScreen");
}

TEST(ScreenRules, CiscoTakesFiveItemsWithAKindEach) {
  const auto problem = [](const std::string& text) {
    return screen_problem(ScreenFormat::Cisco, text);
  };
  const std::string form = golden("cisco/desk.login.xml");
  EXPECT_EQ(problem(form), "");
  const size_t first = form.find("<InputItem>"), second = form.find("<InputItem>", first + 1);
  const auto with = [&](int items) {
    std::string more;
    for (char name = 'a'; items > 2; --items, ++name)
      more += changed(form.substr(first, second - first), ">ext<", std::string(">") + name + "<");
    return std::string(form).insert(first, more);
  };
  EXPECT_EQ(problem(with(5)), "");
  EXPECT_EQ(problem(with(6)), "6 InputItem in CiscoIPPhoneInput");
  EXPECT_EQ(problem(changed(form, ">NP<", ">N<")), "pin is masked wrongly");
  EXPECT_EQ(problem(changed(form, ">NP<", ">P<")), "flags P");
  EXPECT_EQ(problem(changed(form, ">N<", ">n<")), "flags n");
  EXPECT_EQ(problem(changed(form, "<DefaultValue></DefaultValue>\n", "")),
            "0 DefaultValue in InputItem");
  EXPECT_EQ(problem(changed(golden("cisco/desk.logout.xml"), "<Position>2<", "<Position>1<")),
            "SoftKeyItem is numbered 1");
}

TEST(ScreenRules, SnomTakesOneItemOfAForm) {
  const auto problem = [](const std::string& text) {
    return screen_problem(ScreenFormat::Snom, text);
  };
  const std::string form = golden("snom/desk.pin.xml");
  EXPECT_EQ(problem(form), "");
  const size_t first = form.find("<InputItem>"), end = form.find("</SnomIPPhoneInput>");
  EXPECT_EQ(problem(std::string(form).insert(first, form.substr(first, end - first))),
            "2 InputItem in SnomIPPhoneInput");
  EXPECT_EQ(problem(changed(form, ">pn<", ">n<")), "pin is masked wrongly");
  EXPECT_EQ(problem(changed(form, ">pn<", ">pN<")), "flags pN");
  EXPECT_EQ(problem(changed(golden("snom/desk.session.xml"), "<Name>LOGOUT</Name>\n", "")),
            "0 Name in MenuItem");
}

TEST(ScreenRules, AastraCondensesWhatHasSeveralFields) {
  const auto problem = [](const std::string& text) {
    return screen_problem(ScreenFormat::Aastra, text);
  };
  const std::string form = golden("aastra/desk.login.xml");
  EXPECT_EQ(problem(form), "");
  EXPECT_EQ(problem(changed(form, " displayMode=\"condensed\"", "")),
            "several fields on a screen that is not condensed");
  EXPECT_EQ(problem(changed(form, "InputField type=\"number\"", "InputField type=\"digits\"")),
            "a field of no type");
}

TEST(ScreenRules, PagesRunNothingAndSendPinsAsABody) {
  const auto problem = [](const std::string& text) {
    return screen_problem(ScreenFormat::Html, text);
  };
  const std::string form = golden("polycom/desk.login.html");
  EXPECT_EQ(problem(form), "");
  EXPECT_EQ(problem(changed(form, "method=\"post\"", "method=\"get\"")), "a form by GET");
  EXPECT_EQ(problem(changed(form, "type=\"password\"", "type=\"text\"")), "pin is masked wrongly");
  EXPECT_EQ(problem(changed(form, "<h1>", "<script>x</script><h1>")), "<script in a page");
}

}  // namespace
}  // namespace stormdoor::http
