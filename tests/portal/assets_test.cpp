#include "portal/assets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>

namespace stormdoor::portal {
namespace {

std::string page() {
  const Asset* asset = find_asset("/");
  return asset ? std::string(asset->bytes) : std::string();
}

size_t sent_bytes(const Asset& asset) {
  return asset.gzip.empty() ? asset.bytes.size() : asset.gzip.size();
}

TEST(Assets, TheRootIsThePage) {
  const Asset* root = find_asset("/");
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(root, find_asset("/index.html"));
  EXPECT_EQ(root->content_type, "text/html; charset=utf-8");
  EXPECT_FALSE(root->immutable);  // it names the others, which change
}

TEST(Assets, OnlyWhatIsInTheTableIsFound) {
  using namespace std::string_view_literals;
  for (const auto path :
       {""sv, "index.html"sv, "/nothing"sv, "/../etc/passwd"sv, "/assets"sv, "/assets/"sv,
        "/assets/../index.html"sv, "/index.html\0x"sv, "/INDEX.HTML"sv})
    EXPECT_EQ(find_asset(path), nullptr) << path;
}

TEST(Assets, AreSortedAsTheSearchNeedsIt) {
  EXPECT_TRUE(std::ranges::is_sorted(all_assets(), {}, &Asset::path));
}

TEST(Assets, CompressedOnesAreGzipAndSmaller) {
  for (const auto& asset : all_assets()) {
    if (asset.gzip.empty()) continue;
    EXPECT_TRUE(asset.gzip.starts_with("\x1f\x8b")) << asset.path;
    EXPECT_LT(asset.gzip.size(), asset.bytes.size()) << asset.path;
  }
}

TEST(Assets, WhatThePageNamesIsThereAndKept) {
  const std::string text = page();
  const std::regex named("(?:src|href)=\"(/[^\"]*)\"");
  size_t found = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), named), end; at != end; ++at, ++found) {
    const Asset* asset = find_asset((*at)[1].str());
    ASSERT_NE(asset, nullptr) << (*at)[1].str();
    EXPECT_EQ(asset->immutable, asset->path.starts_with("/assets/"));
  }
  EXPECT_GE(found, 2U);  // a script and a style sheet
}

// The content security policy forbids all of this.
TEST(Assets, ThePageHasNoInlineScriptOrStyle) {
  const std::string text = page();
  EXPECT_FALSE(std::regex_search(text, std::regex("<script(?![^>]* src=)")));
  EXPECT_EQ(text.find("<style"), std::string::npos);
  EXPECT_FALSE(std::regex_search(text, std::regex(" (style|on[a-z]+)=")));
}

TEST(Assets, NothingIsLoadedFromElsewhere) {
  for (const auto& asset : all_assets()) {
    if (asset.content_type.starts_with("text/html")) {
      EXPECT_EQ(asset.bytes.find("//"), std::string_view::npos) << asset.path;
    }
    if (asset.content_type.starts_with("text/css")) {
      EXPECT_EQ(asset.bytes.find("url(http"), std::string_view::npos) << asset.path;
      EXPECT_EQ(asset.bytes.find("@import"), std::string_view::npos) << asset.path;
    }
  }
}

// Everything that the first page can need: page, script, styles, icon and fonts.
TEST(Assets, TheFirstViewIsUnder200Kilobytes) {
  size_t bytes = 0;
  for (const auto& asset : all_assets()) bytes += sent_bytes(asset);
  EXPECT_GT(bytes, 20'000U);
  EXPECT_LT(bytes, 200'000U);
}

}  // namespace
}  // namespace stormdoor::portal
