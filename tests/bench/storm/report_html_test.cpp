#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "bench/storm/report_charts.hpp"
#include "bench/storm/storm_report.hpp"
#include "bench/storm/well_formed.hpp"

namespace stormdoor::storm {
namespace {

StormReport sample(const std::string& model = "D65") {
  StormReport report;
  ReportRow row;
  row.vendor = "sangoma";
  row.model = model;
  row.phones = row.served = 3;
  row.patience = 5;
  row.by_tries = {2, 1};
  row.microseconds = {1000, 2000, 900'000};
  report.rows = {row};
  report.arrived_ms = {0, 0, 0};
  report.served_ms = {1, 2, 900};
  report.elapsed = milliseconds(900);
  return report;
}

const ReportAbout kAbout = {.title = "Boot storm",
                            .target = "https://127.0.0.1/",
                            .when = "2026-03-01T08:15:30Z",
                            .command = "stormdoor storm https://127.0.0.1/",
                            .program = "stormdoor 0.1.0"};

TEST(ReportHtml, SaysWhatTheStormCameTo) {
  const std::string page = report_html(sample(), kAbout);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_NE(page.find("Nobody was left behind.</b> All 3 phones"), std::string::npos);
  EXPECT_NE(page.find("2 of 5 tries"), std::string::npos);
  EXPECT_NE(page.find("2.0 ms / 900 ms"), std::string::npos);
  EXPECT_NE(page.find("stormdoor storm https://127.0.0.1/"), std::string::npos);
}

TEST(ReportHtml, SaysWhoWasLeftBehindAndWhy) {
  StormReport report = sample();
  report.rows[0].phones = 4;
  report.rows[0].failed = 1;
  report.failed_ms = {800};
  report.add_reason("no answer");
  ReportAttack attack;
  attack.plan.source = IpAddress::v4(0x7f420001);
  attack.result.harvested = 2;
  report.attacks = {attack};
  const std::string page = report_html(report, kAbout);
  EXPECT_NE(page.find("1 of 4 phones were left behind."), std::string::npos);
  EXPECT_NE(page.find("<td>no answer</td><td>1</td>"), std::string::npos);
  EXPECT_NE(page.find("1 of 1 attackers were not stopped, or got something."), std::string::npos);
}

TEST(ReportHtml, LoadsNothingAndRunsNothing) {
  const std::string page = report_html(sample(), kAbout);
  for (const char* word : {"<script", "src=", "url(", "@import", "<link", "onload"})
    EXPECT_EQ(page.find(word), std::string::npos) << word;
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
}

TEST(ReportHtml, WhatStrangersSaidIsText) {
  const std::string evil = "<img src=x onerror=alert(1)>\"'&\n\xff";
  StormReport report = sample(evil);
  report.rows[0].vendor = evil;
  report.add_reason(evil);
  ReportAttack attack;
  attack.result.blocked = true;
  attack.result.how = evil;
  report.attacks = {attack};
  ReportAbout about = kAbout;
  about.title = about.target = about.when = about.command = about.program = evil;
  const std::string page = report_html(report, about);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find('\xff'), std::string::npos);
  EXPECT_NE(page.find("&lt;img src=x onerror=alert(1)&gt;"), std::string::npos);
}

TEST(ReportHtml, AnEmptyStormIsStillAPage) {
  const std::string page = report_html({}, {});
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("nan"), std::string::npos);
  EXPECT_EQ(page.find("inf"), std::string::npos);
}

TEST(ReportHtml, EveryElementEnds) {
  StormReport report = sample();
  report.failed_ms = {800};
  report.add_reason("no answer");
  report.attacks.resize(1);
  std::string page = report_html(report, kAbout);
  // What HTML has beyond XML.
  page = std::regex_replace(page, std::regex("<!DOCTYPE html>|<meta [^>]*>"), "");
  EXPECT_TRUE(is_well_formed(page, TextFormat::Xml));
}

TEST(ReportCharts, TicksAreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_DOUBLE_EQ(tick_step(100, 4), 20);
  EXPECT_DOUBLE_EQ(tick_step(10'000, 4), 2000);
  EXPECT_DOUBLE_EQ(tick_step(0.9, 5), 0.1);
  EXPECT_DOUBLE_EQ(tick_step(7, 5), 1);
  EXPECT_DOUBLE_EQ(tick_step(0, 5), 1);
}

TEST(ReportCharts, NamesOfLinesThatEndTogetherDoNotCover) {
  const std::string chart =
      line_chart({{"asked", "arrived", {0, 10}}, {"served", "served", {0, 10}}}, 1, "t");
  const std::regex name(R"re(y="([0-9.]+)" class="[a-z]+ name")re");
  std::vector<double> heights;
  for (auto at = std::sregex_iterator(chart.begin(), chart.end(), name);
       at != std::sregex_iterator(); ++at)
    heights.push_back(std::stod((*at)[1]));
  ASSERT_EQ(heights.size(), 2U);
  EXPECT_GE(std::abs(heights[0] - heights[1]), 14);
}

TEST(ReportCharts, TheSmallestPartStaysVisible) {
  const std::string chart = parts_chart({{"D65", {99'999, 1}, ""}}, {"t1", "t2"}, "t");
  EXPECT_NE(chart.find("width=\"2.0\" height=\"14\" class=\"t2\""), std::string::npos);
}

}  // namespace
}  // namespace stormdoor::storm
