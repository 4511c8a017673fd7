#include "edge/shell_storm.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

std::string error_of(const StormOptions& options) {
  const auto order = storm_order(options);
  return order ? "" : order.error().message();
}

TEST(ShellStorm, WhatIsTypedBecomesAnOrder) {
  StormOptions options;
  options.phones = {"yealink:T46=5", "cisco:7945"};
  options.sources = "10.0.0.0/24";
  options.arrival = "rolling:1m";
  options.first_mac = "00-15-65-00-00-01";
  options.attackers = 2;
  const storm::StormOrder order = *storm_order(options);
  ASSERT_EQ(order.phones.size(), 2U);
  EXPECT_EQ(order.phones[0].count, 5U);
  EXPECT_EQ(order.sources->to_string(), "10.0.0.0/24");
  EXPECT_EQ(order.arrival.time, seconds(60));
  EXPECT_EQ(order.first_mac->to_string(), "00:15:65:00:00:01");
  EXPECT_EQ(order.attackers, 2U);
  EXPECT_FALSE(order.firmware);
}

TEST(ShellStorm, MistakesAreToldBeforeAnythingIsAsked) {
  StormOptions options;
  options.sources = "10.0.0.1/24";
  EXPECT_NE(error_of(options).find("10.0.0.0/24"), std::string::npos) << error_of(options);
  options.sources = "";
  options.first_mac = "01:00:5e:00:00:01";
  EXPECT_NE(error_of(options).find("--first-mac"), std::string::npos);
  options.first_mac = "";
  options.firmware_copy = "/nowhere/fw.rom";
  EXPECT_EQ(error_of(options), "--firmware-copy needs --firmware, its name there");
  options.firmware = "fw.rom";
  EXPECT_EQ(error_of(options), "cannot read /nowhere/fw.rom");
}

TEST(ShellStorm, FirmwareIsComparedWithACopy) {
  const stormdoor::test::TempDir folder;
  std::ofstream(folder.file("fw.rom")) << "abc";
  StormOptions options;
  options.firmware = "fw.rom";
  EXPECT_EQ(storm_order(options)->firmware->bytes, 0U);
  options.firmware_copy = folder.file("fw.rom");
  const storm::ExpectedFile file = *storm_order(options)->firmware;
  EXPECT_EQ(file.bytes, 3U);
  EXPECT_EQ(file.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ShellStorm, TheLineToThePhonesIsRead) {
  StormOptions options;
  EXPECT_FALSE(link_order(options)->any());
  options.delay = "30ms";
  options.jitter = "5ms";
  options.loss_percent = 0.5;
  const storm::LinkQuality link = *link_order(options);
  EXPECT_EQ(link.delay, milliseconds(30));
  EXPECT_EQ(link.jitter, milliseconds(5));
  EXPECT_DOUBLE_EQ(link.loss, 0.005);
  options.jitter = "31ms";
  EXPECT_NE(link_order(options).error().message().find("at most --delay"), std::string::npos);
  options.delay = "soon";
  EXPECT_NE(link_order(options).error().message().find("--delay"), std::string::npos);
}

TEST(ShellStorm, NoLineLeadsToLoopback) {
  StormOptions options;
  options.targets = {"tftp://127.0.0.1:69"};
  options.delay = "30ms";
  const auto done = run_storm(options);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message().find("does not lead to loopback"), std::string::npos)
      << done.error().message();
}

TEST(ShellStorm, TheCommandCanBeTypedAgain) {
  const std::array<const char*, 5> words = {"stormdoor", "storm", "--title", "Anna's office", ""};
  EXPECT_EQ(quoted_command(5, words.data()), "stormdoor storm --title 'Anna'\\''s office' ''");
}

}  // namespace
}  // namespace stormdoor::edge
