#include "portal/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "portal/openapi.hpp"

namespace stormdoor::portal {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(Routes, APatternTakesOneSegmentForEachName) {
  EXPECT_THAT(*match_path("/phones/{mac}/why", "/phones/000fd3054848/why"),
              ElementsAre(Pair("mac", "000fd3054848")));
  EXPECT_FALSE(match_path("/phones/{mac}", "/phones"));
  EXPECT_FALSE(match_path("/phones/{mac}", "/phones/"));
  EXPECT_FALSE(match_path("/phones/{mac}", "/phones/a/b"));
  EXPECT_TRUE(match_path("/phones", "/phones")->empty());
}

TEST(Routes, AreFoundByMethodAndPath) {
  EXPECT_EQ(find_route("GET", "/phones").route->id, "listPhones");
  EXPECT_EQ(find_route("HEAD", "/phones").route->id, "listPhones");
  EXPECT_EQ(find_route("POST", "/phones").route->id, "addPhones");
  EXPECT_EQ(find_route("DELETE", "/phones/x").route->id, "removePhone");
  EXPECT_EQ(find_route("POST", "/desks/logout").route->id, "logOutAtDesks");
  const Matched wrong_method = find_route("DELETE", "/phones");
  EXPECT_EQ(wrong_method.route, nullptr);
  EXPECT_EQ(wrong_method.allowed, "GET, HEAD, POST");
  EXPECT_EQ(find_route("GET", "/nowhere").allowed, "");
}

TEST(Routes, AreToldApart) {
  std::set<std::string_view> ids;
  std::set<std::pair<std::string_view, std::string_view>> operations;
  for (const Route& route : routes()) {
    EXPECT_TRUE(ids.insert(route.id).second) << route.id;
    EXPECT_TRUE(operations.emplace(route.method, route.path).second) << route.id;
    EXPECT_EQ(route.kind == Kind::Special, route.command.empty()) << route.id;
    EXPECT_FALSE(route.about.empty()) << route.id;
  }
}

TEST(Routes, WhatChangesSomethingIsNotForViewers) {
  for (const Route& route : routes()) {
    if (route.kind == Kind::Change) {
      EXPECT_NE(route.least, Role::Viewer) << route.id;
      EXPECT_NE(route.method, "GET") << route.id;
    }
    if (route.kind == Kind::Special) continue;
    EXPECT_FALSE(route.open) << route.id;
  }
}

TEST(Routes, NamesOfAPathAreItsParameters) {
  for (const Route& route : routes()) {
    std::vector<std::string_view> of_path;
    for (const auto segment : split(route.path, '/'))
      if (segment.starts_with('{')) of_path.push_back(segment.substr(1, segment.size() - 2));
    std::vector<std::string_view> declared;
    for (const Parameter& parameter : route.parameters)
      if (parameter.in == In::Path) declared.push_back(parameter.name);
    EXPECT_EQ(of_path, declared) << route.id;
    if (route.kind == Kind::Picked) {
      EXPECT_EQ(of_path.size(), 1U) << route.id;
      EXPECT_FALSE(route.key.empty()) << route.id;
    }
  }
}

TEST(OpenApi, SaysEveryRouteAndNothingElse) {
  const json document = openapi("1.2.3");
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2.3");
  size_t operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++operations;
      std::string upper = method;
      for (char& c : upper) c = char(c - 'a' + 'A');
      const Matched matched = find_route(upper, path);
      ASSERT_NE(matched.route, nullptr) << method << " " << path;
      EXPECT_EQ(operation["operationId"], matched.route->id);
    }
  }
  EXPECT_EQ(operations, routes().size());
}

TEST(OpenApi, SaysWhatAnOperationTakes) {
  const json document = openapi("");
  const json& list = document["paths"]["/phones"]["get"];
  std::vector<std::string> names;
  for (const json& parameter : list["parameters"]) names.push_back(parameter["name"]);
  EXPECT_THAT(names, ElementsAre("search", "location", "role", "limit", "after"));
  const json& set = document["paths"]["/phones/{mac}"]["patch"];
  const json& schema = set["requestBody"]["content"]["application/json"]["schema"];
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["approve"]["type"], "boolean");
  EXPECT_EQ(set["x-role"], "administrator");
  EXPECT_TRUE(
      document["paths"]["/imports/phones"]["post"]["requestBody"]["content"].contains("text/csv"));
  EXPECT_EQ(document["paths"]["/session"]["post"]["security"], json::array());
}

// Every $ref points at something.
void check_references(const json& document, const json& value) {
  if (value.is_object() && value.contains("$ref")) {
    const std::string reference = value["$ref"];
    ASSERT_TRUE(reference.starts_with("#"));
    EXPECT_TRUE(document.contains(json::json_pointer(reference.substr(1)))) << reference;
  }
  if (value.is_structured())
    for (const json& one : value) check_references(document, one);
}
TEST(OpenApi, RefersToWhatIsThere) {
  const json document = openapi("");
  check_references(document, document);
}

}  // namespace
}  // namespace stormdoor::portal
