#include "portal/api_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const Route& route(std::string_view id) {
  for (const Route& one : routes())
    if (one.id == id) return one;
  ADD_FAILURE() << "no route " << id;
  return routes().front();
}

json rows(int count) {
  json all = json::array();
  for (int i = 0; i < count; ++i)
    all.push_back({{"extension", std::to_string(2000 + i)}, {"name", "Nobody"}});
  return all;
}

json list(std::string_view id, const json& data, const ListWish& wish) {
  ApiCall call;
  call.wish = wish;
  const auto response = answer_of(route(id), call, "", {true, "", data});
  EXPECT_EQ(response.status, 200);
  return json::parse(response.body);
}

TEST(ApiAnswer, ListsComeInPages) {
  const json first = list("listUsers", rows(5), {.search = "", .after = "", .limit = 2});
  EXPECT_EQ(first["items"].size(), 2U);
  EXPECT_EQ(first["total"], 5);
  EXPECT_EQ(first["next"], "2001");
  const json last = list("listUsers", rows(5), {.search = "", .after = "2003", .limit = 2});
  EXPECT_EQ(last["items"].size(), 1U);
  EXPECT_EQ(last["next"], nullptr);
}

TEST(ApiAnswer, ACursorWhoseRowIsGoneStillHasItsPlace) {
  json some = rows(5);
  some.erase(1);
  const json page = list("listUsers", some, {.search = "", .after = "2001", .limit = 2});
  EXPECT_EQ(page["items"][0]["extension"], "2002");
  EXPECT_EQ(list("listUsers", some, {.search = "", .after = "9", .limit = 2})["items"].size(), 0U);
}

TEST(ApiAnswer, RowsWithoutAKeyAreCounted) {
  json blocks = json::array();
  for (int i = 0; i < 3; ++i) blocks.push_back({{"source", "10.0.0." + std::to_string(i)}});
  const json page = list("listBlocks", blocks, {.search = "", .after = "", .limit = 2});
  EXPECT_EQ(page["next"], "2");
  EXPECT_EQ(list("listBlocks", blocks, {.search = "", .after = "2", .limit = 2})["items"].size(),
            1U);
  EXPECT_EQ(list("listBlocks", blocks, {.search = "", .after = "x", .limit = 9})["items"].size(),
            3U);
}

TEST(ApiAnswer, SearchLooksIntoEveryFieldInAnyCase) {
  json leases = json::array();
  leases.push_back({{"mac", "00:0F"}, {"accounts", {"2041", "Lobby"}}, {"budget", 60}});
  leases.push_back({{"mac", "00:AA"}, {"accounts", json::array()}, {"budget", 7}});
  const auto found = [&](const char* text) {
    return list("listLeases", leases, {.search = text, .after = "", .limit = 9})["total"]
        .get<int>();
  };
  EXPECT_EQ(found("LOBBY"), 1);
  EXPECT_EQ(found("00:"), 2);
  EXPECT_EQ(found("60"), 1);
  EXPECT_EQ(found("nobody"), 0);
}

TEST(ApiAnswer, OneIsPickedByItsKey) {
  const auto response = answer_of(route("getUser"), {}, "2001", {true, "", rows(3)});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["extension"], "2001");
  EXPECT_EQ(answer_of(route("getUser"), {}, "9", {true, "", rows(3)}).status, 404);
}

TEST(ApiAnswer, TheTagIsOfWhatPeopleChange) {
  const json phone = {{"mac", "m"}, {"location", "hq"}, {"last_seen", "1s ago"}, {"files", 1}};
  json later = phone;
  later["last_seen"] = "2s ago";
  later["files"] = 2;
  json moved = phone;
  moved["location"] = "lobby";
  const Route& one = route("getPhone");
  EXPECT_EQ(etag_of(one, phone), etag_of(one, later));
  EXPECT_NE(etag_of(one, phone), etag_of(one, moved));
  EXPECT_TRUE(names_tag("\"a\", " + etag_of(one, phone), etag_of(one, phone)));
  EXPECT_TRUE(names_tag("W/" + etag_of(one, phone), etag_of(one, phone)));
  EXPECT_TRUE(names_tag("*", etag_of(one, phone)));
  EXPECT_FALSE(names_tag("\"a\"", etag_of(one, phone)));
}

TEST(ApiAnswer, ARefusalIsAProblemWithItsFieldsAndRows) {
  const json data = json::parse(R"({"error":"invalid-argument","details":[
      {"field":"location","row":2,"message":"there is no location \"x\""}]})");
  const auto response =
      answer_of(route("addPhones"), {}, "", {false, "nothing was added: ...", data});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const json document = json::parse(response.body);
  EXPECT_EQ(document["status"], 400);
  EXPECT_THAT(document["detail"].get<std::string>(), HasSubstr("Nothing was added"));
  EXPECT_EQ(
      document["errors"],
      json::parse(R"([{"field":"location","row":2,"detail":"There is no location \"x\"."}])"));
}

TEST(ApiAnswer, CodesBecomeStatuses) {
  const auto status = [](const char* code) {
    return answer_of(route("setUser"), {}, "", {false, "no", {{"error", code}}}).status;
  };
  EXPECT_EQ(status("invalid-argument"), 400);
  EXPECT_EQ(status("permission-denied"), 403);
  EXPECT_EQ(status("not-found"), 404);
  EXPECT_EQ(status("already-exists"), 409);
  EXPECT_EQ(status("conflict"), 409);
  EXPECT_EQ(status("unavailable"), 503);
  EXPECT_EQ(status("corrupt"), 500);
}

TEST(ApiAnswer, ARefusalMayBeTheAnswer) {
  const auto response =
      answer_of(route("isExcused"), {}, "",
                {false, "10.0.0.1 is not excused", {{"address", "10.0.0.1"}, {"excused", false}}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["excused"], false);
}

TEST(ApiAnswer, ChangesSayWhatWasDone) {
  const auto body = [](json data) {
    return json::parse(answer_of(route("addToken"), {}, "", {true, "Done.", std::move(data)}).body);
  };
  EXPECT_EQ(body(nullptr), json::parse(R"({"message":"Done."})"));
  EXPECT_EQ(body({{"id", "x"}}), json::parse(R"({"message":"Done.","id":"x"})"));
  EXPECT_EQ(body(json::array({1})), json::parse(R"({"message":"Done.","items":[1]})"));
}

TEST(ApiAnswer, CsvHasNoFormulas) {
  json log = json::array();
  log.push_back({{"time", "2026-03-01T08:15:30Z"},
                 {"phone", "00:0F:D3:05:48:48"},
                 {"extension", "=cmd|' /C calc'!A0"},
                 {"location", "a,\"b\""},
                 {"number", "+12025550123"},
                 {"address", "-1+1"}});
  const auto response = csv_response(route("listDeskLog"), log);
  EXPECT_EQ(response.body,
            "time,phone,extension,location,number,address\r\n"
            "2026-03-01T08:15:30Z,00:0F:D3:05:48:48,'=cmd|' /C calc'!A0,\"a,\"\"b\"\"\","
            "+12025550123,'-1+1\r\n");
}

}  // namespace
}  // namespace stormdoor::portal
