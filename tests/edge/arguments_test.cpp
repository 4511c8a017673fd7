#include "edge/arguments.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using nlohmann::json;

TEST(Arguments, AreReadByType) {
  const json object = {
      {"name", "hq"},          {"macs", {"a", "b"}},         {"slot", 5},
      {"follow", true},        {"mac", "00:0f:d3:05:48:48"}, {"vars", {{"a", "1"}, {"b", ""}}},
      {"source", "10.0.0.0/8"}};
  Arguments arguments(object);
  EXPECT_EQ(arguments.text("name"), "hq");
  EXPECT_EQ(arguments.texts("macs").size(), 2U);
  EXPECT_EQ(arguments.maybe_number("slot", 0, 5), 5);
  EXPECT_TRUE(arguments.flag("follow"));
  EXPECT_EQ(arguments.mac("mac").lower_hex(), "000fd3054848");
  EXPECT_EQ(arguments.prefix("source").to_string(), "10.0.0.0/8");
  const auto edits = arguments.edits("vars");
  EXPECT_EQ(edits.at("a"), "1");
  EXPECT_EQ(edits.at("b"), std::nullopt);
  EXPECT_FALSE(arguments.maybe_text("label"));
  EXPECT_TRUE(arguments.finish());
}

std::string mistake(const json& object, const std::function<void(Arguments&)>& read) {
  Arguments arguments(object);
  read(arguments);
  const auto finished = arguments.finish();
  return finished ? "" : finished.error().message();
}

TEST(Arguments, NameTheMistake) {
  EXPECT_EQ(mistake({}, [](Arguments& a) { a.text("name"); }), "name: missing");
  EXPECT_EQ(mistake({{"name", 7}}, [](Arguments& a) { a.text("name"); }), "name: must be a text");
  EXPECT_EQ(mistake({{"slot", 6}}, [](Arguments& a) { a.maybe_number("slot", 0, 5); }),
            "slot: must be a number from 0 to 5");
  EXPECT_EQ(mistake({{"nmae", "x"}}, [](Arguments& a) { a.maybe_text("name"); }),
            "nmae: this command has no such argument");
  EXPECT_NE(
      mistake({{"mac", "x"}}, [](Arguments& a) { a.mac("mac"); }).find("is not a MAC address"),
      std::string::npos);
}

TEST(Arguments, ASecretIsNeverPartOfAnError) {
  const auto text = mistake({{"pin", {"4711"}}}, [](Arguments& a) { a.maybe_secret("pin"); });
  EXPECT_EQ(text, "pin: must be a text");
}

}  // namespace
}  // namespace stormdoor::edge
