#include "bench/storm/well_formed.hpp"

#include <gtest/gtest.h>

namespace stormdoor::storm {
namespace {

bool xml(std::string_view text) {
  return is_well_formed(text, TextFormat::Xml);
}

TEST(WellFormed, XmlThatNestsAndEndsIsWellFormed) {
  EXPECT_TRUE(xml("<a/>"));
  EXPECT_TRUE(xml("<?xml version=\"1.0\"?>\n<!-- c --><a b=\"1\" c='2'>t &amp; &#38; <d/></a>\n"));
  EXPECT_TRUE(xml("<a><![CDATA[ < & ]]></a>"));
}

TEST(WellFormed, BrokenXmlIsNot) {
  for (const char* text : {"", "text", "<a>", "</a>", "<a></b>", "<a><b></a></b>", "<a/><b/>",
                           "<a b=1/>", "<a b=\"<\"/>", "<a>&</a>", "<a>& b;</a>", "<a b=\"&x\"/>",
                           "<a b/>", "<a><!-- </a>", "<a/>text", "<a \xff=\"1\"/>"})
    EXPECT_FALSE(xml(text)) << text;
}

TEST(WellFormed, XmlMayBe256Deep) {
  const auto deep = [](size_t depth) {
    std::string text;
    for (size_t i = 0; i < depth; ++i) text += "<a>";
    for (size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_TRUE(xml(deep(256)));
  EXPECT_FALSE(xml(deep(257)));
}

TEST(WellFormed, KeyValueLinesHaveKeys) {
  const auto good = [](std::string_view text) {
    return is_well_formed(text, TextFormat::KeyValue);
  };
  EXPECT_TRUE(good("#!version:1.0.0.1\n\na.b = c\r\nsip line1: 5\n[section]\n; comment\nempty ="));
  EXPECT_FALSE(good("a line without a separator"));
  EXPECT_FALSE(good("= value"));
  EXPECT_FALSE(good("[section"));
}

}  // namespace
}  // namespace stormdoor::storm
