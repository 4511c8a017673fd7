#include "tftp-http/template_renderer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace stormdoor::http {
namespace {

std::string rendered(std::string text, const TemplateValues& values, Format format = Format::Xml) {
  const auto parsed = Template::parse("test", std::move(text), format);
  if (!parsed) return "parse: " + parsed.error().message();
  const auto result = (*parsed)->render(values);
  return result ? *result : "render: " + result.error().message();
}

TemplateValues with(std::string_view name, std::string_view text) {
  TemplateValues values;
  values.set(name, text, Layer::Record);
  return values;
}

TEST(TemplateRenderer, NoNameCanAddAnElementToXml) {
  EXPECT_EQ(rendered("<a b=\"{{name}}\"/>", with("name", "\"><account password='x'/><a b=\"")),
            "<a b=\"&quot;&gt;&lt;account password=&apos;x&apos;/&gt;&lt;a b=&quot;\"/>");
}

TEST(TemplateRenderer, WhatXmlForbidsIsLeftOut) {
  EXPECT_EQ(rendered("{{name}}", with("name", "a\x01\nb\xff\xef\xbf\xbf")), "a  b????");
  EXPECT_EQ(rendered("{{name}}", with("name", "a\xef\xbf\xbf")), "a?");
  EXPECT_EQ(rendered("{{name}}", with("name", "Gr\xc3\xbc\xc3\x9f")), "Gr\xc3\xbc\xc3\x9f");
}

TEST(TemplateRenderer, NoNameCanAddALineToAnIniFile) {
  EXPECT_EQ(
      rendered("label = {{name}}\n", with("name", "Ann\r\naccount.1.enable = 0"), Format::Lines),
      "label = Ann  account.1.enable = 0\n");
}

TEST(TemplateRenderer, AValueIsNeverATemplate) {
  TemplateValues values = with("name", "{{password}}");
  values.set("password", "hush", Layer::Record, true);
  EXPECT_EQ(rendered("{{name}}", values, Format::Plain), "{{password}}");
}

TEST(TemplateRenderer, RefusesWhatWouldGetRoundTheEscaping) {
  for (const char* text : {"{{{name}}}", "{{&name}}", "{{>name}}", "{{=<% %>=}}", "{{ & name }}"})
    EXPECT_TRUE(rendered(text, with("name", "x")).starts_with("parse: test:1: ")) << text;
}

TEST(TemplateRenderer, SaysWhereATemplateIsWrong) {
  EXPECT_EQ(rendered("a\nb {{name", {}), "parse: test:2: {{ without }}");
  EXPECT_EQ(rendered("a\n\n{{Name}}", {}),
            "parse: test:3: \"Name\" is no name; names are of a-z, 0-9 and _");
  EXPECT_EQ(rendered("{{#a}}{{#b}}{{/a}}{{/b}}", {}),
            "parse: test:1: {{/a}} closes no section that is open here");
  EXPECT_EQ(rendered("{{#a}}", {}), "parse: test:1: section {{#a}} is never closed");
  EXPECT_EQ(rendered("{{/a}}", {}), "parse: test:1: {{/a}} closes no section that is open here");
  EXPECT_EQ(rendered("{{}}", {}), "parse: test:1: \"\" is no name; names are of a-z, 0-9 and _");
}

TEST(TemplateRenderer, TakesATemplateAtTheSizeLimitAndNoneAbove) {
  EXPECT_TRUE(Template::parse("t", std::string(Template::kMostBytes, 'x'), Format::Plain));
  EXPECT_FALSE(Template::parse("t", std::string(Template::kMostBytes + 1, 'x'), Format::Plain));
}

TEST(TemplateRenderer, NamesTheVariableThatNoLayerSets) {
  EXPECT_EQ(rendered("{{sip_server}}", {}), "render: test: no layer sets \"sip_server\"");
}

TEST(TemplateRenderer, TheStrongerLayerWinsWhateverTheOrder) {
  TemplateValues values;
  values.set("ntp", "model", Layer::Model);
  values.set("ntp", "built-in", Layer::BuiltIn);
  values.set("ntp", "site", Layer::Site);
  EXPECT_EQ(values.find("ntp")->text, "model");
  values.set("ntp", "phone", Layer::Phone);
  EXPECT_EQ(values.find("ntp")->text, "phone");
}

TEST(TemplateRenderer, NoLayerChangesARecord) {
  TemplateValues values = with("emergency_number", "+12025550123");
  values.set("emergency_number", "+19995550100", Layer::Phone);
  EXPECT_EQ(values.find("emergency_number")->text, "+12025550123");
}

TEST(TemplateRenderer, EmptyCountsAsNo) {
  TemplateValues values = with("user", "");
  values.set("idle", "1", Layer::Record);
  EXPECT_EQ(rendered("{{#user}}U{{/user}}{{^user}}-{{/user}}{{#idle}}I{{/idle}}[{{user}}]", values),
            "-I[]");
}

TEST(TemplateRenderer, ListsRepeatTheirSection) {
  TemplateValues values;
  values.add_list("none");
  for (const char* number : {"1", "2"})
    values.add_item("lines", {{"line_number", {number, Layer::Record, false}}});
  EXPECT_EQ(
      rendered("{{#lines}}\n<l n=\"{{line_number}}\"/>\n{{/lines}}\n{{#none}}x{{/none}}", values),
      "<l n=\"1\"/>\n<l n=\"2\"/>\n");
}

TEST(TemplateRenderer, TagsAloneOnALineLeaveNoEmptyLine) {
  const TemplateValues values = with("no", "");
  EXPECT_EQ(rendered("a\n{{! note }}\n{{#no}}\nx\n{{/no}}\n  {{^no}}\nb\n  {{/no}}\nc\n", values),
            "a\nb\nc\n");
}

TEST(TemplateRenderer, ManyThreadsRenderOneTemplateAtATime) {
  const auto parsed =
      Template::parse("t", "{{#lines}}<{{name}}>{{/lines}}{{^no}}!{{/no}}", Format::Xml);
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      TemplateValues values = with("no", "");
      values.add_item("lines", {{"name", {std::to_string(i), Layer::Record, false}}});
      for (int round = 0; round < 200; ++round)
        right += *(*parsed)->render(values) == "<" + std::to_string(i) + ">!" ? 1 : 0;
    });
  threads.clear();
  EXPECT_EQ(right, 800);
}

TEST(TemplateRenderer, ReportsTheLayerOfEveryValueAndMasksSecrets) {
  TemplateValues values = with("name", "Ann");
  values.set("password", "hush", Layer::Record, true);
  values.set("ntp", "pool", Layer::Site);
  const auto parsed = Template::parse("t", "{{name}} {{password}} {{ntp}} {{name}}", Format::Plain);
  std::vector<UsedValue> used;
  ASSERT_TRUE((*parsed)->render(values, &used));
  ASSERT_EQ(used.size(), 3u);
  EXPECT_EQ(used[1].value, "(secret)");
  EXPECT_EQ(used[2].name, "ntp");
  EXPECT_EQ(to_string(used[2].layer), "site");
}

}  // namespace
}  // namespace stormdoor::http
