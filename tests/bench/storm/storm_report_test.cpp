#include "bench/storm/storm_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

StormReport sample() {
  StormReport report;
  ReportRow d65;
  d65.vendor = "sangoma";
  d65.model = "D65";
  d65.phones = d65.served = 1200;
  d65.files = 2400;
  d65.bytes = 12'345'678;
  d65.retries = 3;
  d65.phones_with_retries = 2;
  d65.most_retries = 2;
  for (uint32_t i = 1; i <= 100; ++i) d65.microseconds.push_back(i * 1000);
  ReportRow cisco;
  cisco.vendor = "cisco";
  cisco.model = "CP-7841";
  cisco.transport = Transport::Tftp;
  cisco.phones = cisco.failed = 1;
  report.rows = {cisco, d65};
  report.elapsed = milliseconds(2500);
  report.add_reason("no answer");
  ReportAttack attack;
  attack.plan.source = IpAddress::v4(0x7f420001);
  attack.result.blocked = true;
  attack.result.asked = 15;
  attack.result.answers_until_blocked = 12;
  attack.result.how = "connection reset";
  report.attacks.push_back(attack);
  return report;
}

TEST(StormReport, SharesAreTakenFromTheServedPhones) {
  const StormReport report = sample();
  EXPECT_EQ(report.rows[1].share(0.5), milliseconds(51));
  EXPECT_EQ(report.rows[1].share(0.99), milliseconds(99));
  EXPECT_EQ(report.rows[1].share(1), milliseconds(100));
  EXPECT_EQ(report.rows[0].share(0.5), milliseconds(0));
}

TEST(StormReport, TheTableIsAlignedAndFitsTheScreen) {
  const std::string text = report_text(sample(), {});
  EXPECT_EQ(text,
            R"(model          over   phones  served  failed  files    bytes  retries  median   99 %
cisco CP-7841  TFTP        1       0       1      0      0 B        0       -      -
sangoma D65    HTTPS   1,200   1,200       0  2,400  12.3 MB        3   51 ms  99 ms
------------------------------------------------------------------------------------
all                    1,201   1,200       1  2,400  12.3 MB        3   51 ms  99 ms

1,200 of 1,201 phones served in 2.50 s; 0 missing files, as at every boot
2 phones asked again, the most patient 2 times for one file

why phones failed
      1  no answer

attacker    what                    tries answered  harvest  verdict
127.66.0.1  sweeps MACs over HTTPS              12  nothing  stopped: connection reset
)");
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), 100U) << line;
}

TEST(StormReport, ColoursOnlyWhereTheyAreWanted) {
  EXPECT_EQ(report_text(sample(), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(report_text(sample(), {.colour = true}).find('\x1b'), std::string::npos);
}

TEST(StormReport, AThiefIsShown) {
  StormReport report = sample();
  report.attacks[0].result.blocked = false;
  report.attacks[0].result.harvested = 2;
  report.attacks[0].ended = true;
  EXPECT_NE(report_text(report, {}).find("15  2 FILES  NOT STOPPED\n"), std::string::npos);
}

TEST(StormReport, WhatAnAttackerFoundIsToldAlsoWhereNobodyKnowsWhatItHopedFor) {
  StormReport report = sample();
  report.attacks[0].result.found = 3;
  EXPECT_NE(report_text(report, {}).find("12  3 files, unread  stopped"), std::string::npos);
  EXPECT_EQ(report_html(report, {}).find("got nothing"), std::string::npos);
  report.attacks[0].plan.trophies = {"Ada King"};
  EXPECT_NE(report_text(report, {}).find("12  nothing  stopped"), std::string::npos);
  EXPECT_NE(report_html(report, {}).find("stopped and got nothing."), std::string::npos);
}

TEST(StormReport, ManyAttackersAreToldInGroups) {
  StormReport report = sample();
  for (uint32_t i = 1; i < 12; ++i) {
    report.attacks.push_back(report.attacks[0]);
    report.attacks.back().plan.source = IpAddress::v4(0x7f420001 + i);
    report.attacks.back().result.answers_until_blocked = i;
  }
  report.attacks.back().plan.kind = AttackKind::GuessTokens;
  report.attacks.back().ended = true;
  report.attacks.back().result.blocked = false;
  const std::string text = report_text(report, {});
  EXPECT_NE(text.find("11  sweeps MACs over HTTPS         1 to 12          nothing  stopped: "
                      "connection reset\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(" 1  guesses tokens                      15          nothing  NOT STOPPED\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("127.66.0.1"), std::string::npos);
  const std::string page = report_html(report, {});
  EXPECT_NE(page.find("<td>11</td><td>sweeps MACs over HTTPS</td><td>1 to 12</td>"),
            std::string::npos);
  EXPECT_NE(page.find("<details><summary>Each of them"), std::string::npos);
  EXPECT_NE(page.find("127.66.0.12"), std::string::npos);
}

TEST(StormReport, WhatAPhoneCostsIsToldWhereItWasMeasured) {
  StormReport report = sample();
  EXPECT_FALSE(report.cpu_per_phone());
  report.server_cpu = std::chrono::milliseconds(2'400);
  EXPECT_EQ(report.cpu_per_phone(), std::chrono::milliseconds(2));
  EXPECT_NE(report_text(report, {})
                .find("2.40 s of the server's processors, 2.0 ms for each phone served\n"),
            std::string::npos)
      << report_text(report, {});
  EXPECT_NE(report_html(report, {}).find("<b>2.0 ms</b><span>of the server&#39;s"),
            std::string::npos);
  EXPECT_TRUE(report_json(report).ends_with("],\"server_cpu_us\":2400000}"));
  report.rows.clear();
  EXPECT_FALSE(report.cpu_per_phone());
}

TEST(StormReport, DifferentReasonsAreKeptApartUpToABound) {
  StormReport report;
  for (size_t i = 0; i < StormReport::kMostReasons; ++i) report.add_reason(std::to_string(i));
  EXPECT_EQ(report.reasons.size(), StormReport::kMostReasons);
  EXPECT_FALSE(report.reasons.contains("others"));
  report.add_reason("one more");
  report.add_reason("another");
  report.add_reason("0");
  EXPECT_EQ(report.reasons["others"], 2U);
  EXPECT_EQ(report.reasons["0"], 2U);
}

TEST(StormReport, JsonSaysTheSame) {
  StormReport report = sample();
  report.rows.resize(1);
  report.add_reason("with \"quotes\"\n\xff");
  EXPECT_EQ(
      report_json(report),
      R"({"elapsed_ms":2500,"total":{"phones":1,"served":0,"failed":1,"asked":0,"files":0,)"
      R"("missing":0,"bytes":0,"retries":0,"phones_with_retries":0,"most_retries":0,"patience":0,)"
      R"("by_tries":[],"median_us":0,"p99_us":0},"rows":[{"vendor":"cisco","model":"CP-7841","transport":"TFTP","phones":1,)"
      R"("served":0,"failed":1,"asked":0,"files":0,"missing":0,"bytes":0,"retries":0,)"
      R"("phones_with_retries":0,"most_retries":0,"patience":0,"by_tries":[],"median_us":0,)"
      R"("p99_us":0}],)"
      R"("reasons":{"no answer":1,"with \\x22quotes\\x22\\x0a\\xff":1},"timeline":[],)"
      R"("attacks":[{"source":"127.66.0.1","kind":"sweeps MACs over HTTPS","asked":15,"found":0,)"
      R"("harvested":0,"missing":0,"refused":0,"silent":0,"blocked":true,)"
      R"("answers_until_blocked":12,"how":"connection reset"}]})");
}

TEST(StormReport, PhonesAreCountedByTheTriesTheyNeeded) {
  ReportRow row;
  BootResult boot;
  boot.served = true;
  const SteadyTime now{seconds(1)};
  row.add(boot, now, now);
  boot.most_tries = 3;
  row.add(boot, now, now);
  boot.served = false;
  row.add(boot, now, now);
  EXPECT_EQ(row.by_tries, (std::vector<uint32_t>{1, 0, 1}));
  ReportRow sum;
  sum.by_tries = {5};
  sum.add(row);
  EXPECT_EQ(sum.by_tries, (std::vector<uint32_t>{6, 0, 1}));
}

TEST(StormReport, TheTimelineEndsWithTheLastPhoneAndNotWithTheAttackers) {
  StormReport report;
  report.elapsed = seconds(30);
  report.arrived_ms = {0, 0, 100, 500};
  report.served_ms = {100, 400, 1000};
  report.failed_ms = {700};
  EXPECT_EQ(report.booted_after(), milliseconds(1000));
  const auto points = report.timeline(2);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].arrived, 2U);
  EXPECT_EQ(points[0].served, 0U);
  EXPECT_EQ(points[1].at, milliseconds(500));
  EXPECT_EQ(points[1].arrived, 4U);
  EXPECT_EQ(points[1].served, 2U);
  EXPECT_EQ(points[1].failed, 0U);
  EXPECT_EQ(points[2].served, 3U);
  EXPECT_EQ(points[2].failed, 1U);
  EXPECT_NE(report_json(report).find("[1000,4,3,1]]"), std::string::npos);
  report.running = 1;
  EXPECT_EQ(report.booted_after(), seconds(30));
}

TEST(StormReport, TheLiveDisplayHasALinePerModelUpToABound) {
  StormReport report = sample();
  EXPECT_EQ(
      live_text(report, {}),
      R"(   2.5 s  0 booting, 1,200 served, 1 failed, 2,400 files, 12.3 MB | 127.66.0.1 stopped
  cisco CP-7841          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx       0 of 1
  sangoma D65            ##############################   1,200 of 1,200, 99 % within 99 ms
)");
  for (int i = 0; i < 30; ++i) report.rows.push_back(report.rows[0]);
  const std::string text = live_text(report, {.colour = true});
  EXPECT_EQ(std::ranges::count(text, '\n'), 18);
  EXPECT_TRUE(text.ends_with("  and 16 more\n"));
}

TEST(StormReport, TheProgressLineFitsTheScreen) {
  EXPECT_EQ(
      progress_line(sample(), {}),
      "   2.5 s  0 booting, 1,200 served, 1 failed, 2,400 files, 12.3 MB | 127.66.0.1 stopped");
  EXPECT_EQ(progress_line(sample(), {.colour = false, .width = 20}).size(), 20U);
}

}  // namespace
}  // namespace stormdoor::storm
