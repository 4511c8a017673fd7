#include "tftp-http/desk_form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(DeskForm, IsDecodedAsBrowsersAndPhonesEncodeIt) {
  EXPECT_THAT(read_desk_fields("ext=20%341&pin=47%2b11+"),
              ElementsAre(Pair("ext", "2041"), Pair("pin", "47+11 ")));
  EXPECT_EQ(value_of(read_desk_fields("ext=+2041+"), "ext"), "2041");
  EXPECT_EQ(value_of(read_desk_fields("ext=2041"), "pin"), "");
}

TEST(DeskForm, TheFirstOfANameCounts) {
  EXPECT_THAT(read_desk_fields("ext=1&ext=2"), ElementsAre(Pair("ext", "1")));
}

TEST(DeskForm, WhatIsBrokenIsAsIfItHadNotBeenSent) {
  for (const char* broken : {"", "&", "&&&", "ext=%", "ext=%4", "ext=%zz", "ext=%4g"}) {
    auto fields = read_desk_fields(broken);
    fields.erase("");
    EXPECT_THAT(fields, IsEmpty()) << broken;
  }
}

TEST(DeskForm, Promise12NamesValuesAndTheirNumberAreBounded) {
  EXPECT_EQ(read_desk_fields("a=" + std::string(kMostTyped, '1')).at("a").size(), kMostTyped);
  EXPECT_THAT(read_desk_fields("a=" + std::string(kMostTyped + 1, '1')), IsEmpty());
  EXPECT_EQ(read_desk_fields(std::string(kMostTyped, 'n') + "=1").size(), 1U);
  EXPECT_THAT(read_desk_fields(std::string(kMostTyped + 1, 'n') + "=1"), IsEmpty());
  std::string many;
  for (char name = 'a'; name <= 'z'; ++name) many += std::string(1, name) + "=1&";
  EXPECT_EQ(read_desk_fields(many).size(), kMostDeskFields);
}

}  // namespace
}  // namespace stormdoor::http
