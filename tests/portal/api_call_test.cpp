#include "portal/api_call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

const Route& route(std::string_view id) {
  for (const Route& one : routes())
    if (one.id == id) return one;
  ADD_FAILURE() << "no route " << id;
  return routes().front();
}

ApiCall read(std::string_view id, const PathValues& path, std::string_view query,
             std::string_view body = "", std::string_view type = "application/json") {
  return read_call(route(id), {path, query, type, body});
}

std::vector<std::string> wrong_fields(const ApiCall& call) {
  std::vector<std::string> fields;
  for (const auto& problem : call.problems) fields.push_back(problem.field);
  return fields;
}

TEST(ApiCall, PathQueryAndBodyBecomeTheCommandsArguments) {
  const ApiCall call = read("setPhone", {{"mac", "000fd3054848"}}, "",
                            R"({"location":"hq","hot_desk":true,"variables":{"a":"b"}})");
  EXPECT_THAT(call.problems, IsEmpty());
  EXPECT_EQ(call.arguments, json::parse(R"({"mac":"000fd3054848","location":"hq","hot_desk":true,
                                            "variables":{"a":"b"}})"));
  EXPECT_EQ(read("listPhones", {}, "search=D%2065+x&location=hq").arguments,
            json::parse(R"({"search":"D 65 x","location":"hq"})"));
  EXPECT_EQ(read("removePhone", {{"mac", "m"}}, "").arguments, json::parse(R"({"macs":["m"]})"));
  EXPECT_EQ(read("getConversion", {{"number", "7"}}, "").arguments, json::parse(R"({"number":7})"));
  EXPECT_EQ(read("getRenderedPhone", {{"mac", "m"}}, "").arguments,
            json::parse(R"({"mac":"m","rendered":true})"));
}

TEST(ApiCall, WhatPicksARowOfAListIsNotForTheCommand) {
  const ApiCall call = read("getLocation", {{"name", "hq"}}, "");
  EXPECT_THAT(call.problems, IsEmpty());
  EXPECT_EQ(call.arguments, json::object());
}

TEST(ApiCall, ListsAreCutHere) {
  const ApiCall call = read("listBlocks", {}, "search=a%26b&limit=7&after=20");
  EXPECT_THAT(call.problems, IsEmpty());
  EXPECT_EQ(call.arguments, json::object());
  EXPECT_EQ(call.wish.search, "a&b");
  EXPECT_EQ(call.wish.limit, 7U);
  EXPECT_EQ(call.wish.after, "20");
  EXPECT_EQ(read("listBlocks", {}, "").wish.limit, kUsuallyListed);
  EXPECT_EQ(read("listBlocks", {}, "limit=1000").wish.limit, kMostListed);
  for (const char* query : {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit="})
    EXPECT_THAT(wrong_fields(read("listBlocks", {}, query)), ElementsAre("limit")) << query;
}

TEST(ApiCall, EveryMistakeIsNamedByItsField) {
  EXPECT_THAT(wrong_fields(read("setPhone", {{"mac", "m"}}, "x=1",
                                R"({"loction":"hq","approve":"yes","variables":[]})")),
              ElementsAre("x", "approve", "loction", "variables"));
  EXPECT_THAT(wrong_fields(read("assignPhone", {{"mac", "m"}}, "", "{}")),
              ElementsAre("extension"));
  EXPECT_THAT(wrong_fields(read("getConversion", {{"number", "seven"}}, "")),
              ElementsAre("number"));
  EXPECT_THAT(wrong_fields(read("why", {}, "")), ElementsAre("about"));
  EXPECT_THAT(wrong_fields(read("why", {}, "about=1&about=2")), ElementsAre("about"));
  EXPECT_THAT(wrong_fields(read("importPhones", {}, "dry_run=maybe", "mac\n", "text/csv")),
              ElementsAre("dry_run"));
}

TEST(ApiCall, WhatIsNoRequestIsWrongAsAWhole) {
  for (const char* body : {"", "[]", "{", "null", "\"text\"", "{\"a\":1}x"})
    EXPECT_THAT(wrong_fields(read("setUser", {{"extension", "1"}}, "", body)), ElementsAre(""))
        << body;
  EXPECT_THAT(wrong_fields(read("setUser", {{"extension", "1"}}, "", "{}", "text/plain")),
              ElementsAre(""));
  EXPECT_THAT(wrong_fields(read("importPhones", {}, "", "mac\n", "application/json")),
              testing::Contains(""));
  EXPECT_THAT(wrong_fields(read("rebootPhone", {{"mac", "m"}}, "", "{\"x\":1}")), ElementsAre(""));
  EXPECT_THAT(wrong_fields(read("why", {}, "about=%zz")), testing::Contains(""));
  EXPECT_THAT(wrong_fields(read("why", {}, "about=%00")), testing::Contains(""));
}

TEST(ApiCall, DeepNestingIsRefused) {
  const std::string deep = "{\"variables\":" + std::string(10'000, '[') + "}";
  EXPECT_THAT(wrong_fields(read("setPhone", {{"mac", "m"}}, "", deep)), ElementsAre(""));
}

TEST(ApiCall, SecretsAreInNoMessage) {
  const ApiCall call =
      read("addUser", {}, "", R"({"extension":"2041","pin":4711,"sip_secret":["s3cret"]})");
  ASSERT_EQ(call.problems.size(), 2U);
  for (const auto& problem : call.problems) {
    EXPECT_EQ(problem.message.find("4711"), std::string::npos);
    EXPECT_EQ(problem.message.find("s3cret"), std::string::npos);
  }
}

TEST(ApiCall, ACsvIsTheBodyAsItIs) {
  const ApiCall call =
      read("importPhones", {}, "dry_run=true", "mac\n00\n", "text/csv; charset=utf-8");
  EXPECT_THAT(call.problems, IsEmpty());
  EXPECT_EQ(call.arguments["csv"], "mac\n00\n");
  EXPECT_EQ(call.arguments["dry_run"], true);
}

TEST(ApiCall, TheCommandsWordForAFieldIsTurnedBack) {
  EXPECT_EQ(field_of(route("removePhone"), "macs"), "mac");
  EXPECT_EQ(field_of(route("why"), "what"), "about");
  EXPECT_EQ(field_of(route("addPhones"), "location"), "location");
}

}  // namespace
}  // namespace stormdoor::portal
