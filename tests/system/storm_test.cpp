// The real daemon in a small storm: firmware over both of its workers stays within its line, and
// `status` and /metrics say so.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/office_network.hpp"
#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

using test::RunningDaemon;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";

constexpr size_t kFirmwareBytes = size_t{512} * 1024;

std::string link(std::string_view rate) {
  return fmt::format(
      "[[provisioning.link]]\nname = \"Lyon\"\nprefixes = [\"127.0.0.0/8\"]\nrate = \"{}\"\n"
      "burst = \"32 KiB\"\nper_phone = \"64 KiB\"\n",
      rate);
}

std::string row(const RunningDaemon& daemon, const std::string& title, const std::string& name) {
  const auto answer = daemon.shell_json({"status"});
  if (!answer.is_object() || !answer.contains("data")) return {};
  for (const auto& section : answer["data"]["sections"])
    if (section["title"] == title)
      for (const auto& row : section["rows"])
        if (row[0] == name) return row[1].get<std::string>();
  return {};
}

double metric(const RunningDaemon& daemon, const std::string& name) {
  const auto got =
      test::run_program({"curl", "-sS", "-q", "--noproxy", "*",
                         "http://" + daemon.listener("status").to_string() + "/metrics"});
  const size_t at = got.out.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(got.out.substr(at + name.size() + 2));
}

TEST(Storm, FirmwareOverBothWorkersStaysWithinItsLineAndTheDaemonSaysSo) {
  auto started = RunningDaemon::start(kPrograms, kProfiles, {.extra_config = link("128 KiB")});
  ASSERT_TRUE(started) << started.error().message();
  RunningDaemon& daemon = **started;
  daemon.directory().write("files/sip.ld", std::string(kFirmwareBytes, 'f'));
  std::filesystem::permissions(daemon.directory().file("files/sip.ld"),
                               std::filesystem::perms(0644));

  std::vector<test::ChildProcess> phones;
  for (int i = 0; i < 6; ++i) {
    const bool https = i % 2 == 0;
    const auto url = fmt::format("{}://{}/sip.ld", https ? "https" : "tftp",
                                 daemon.listener(https ? "https" : "tftp").to_string());
    phones.emplace_back(std::vector<std::string>{"/usr/bin/env", "curl", "-sSkq", "--noproxy", "*",
                                                 "--max-time", "120", "-o", "/dev/null", url},
                        std::map<std::string, std::string>{}, daemon.directory().file("curl.err"));
  }
  // Two have seats, half a minute long; the others wait.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (metric(daemon, "stormdoor_firmware_waiting{link=\"Lyon\"}") != 4 &&
         std::chrono::steady_clock::now() < give_up)
    continue;
  EXPECT_EQ(metric(daemon, "stormdoor_firmware_transfers{link=\"Lyon\"}"), 2);
  EXPECT_EQ(metric(daemon, "stormdoor_firmware_budget_bytes{link=\"Lyon\"}"), 128 * 1024);
  const std::string said = row(daemon, "Storm", "firmware to Lyon");
  EXPECT_NE(said.find(" of 128 KiB/s, 2 of 2 transfers at once, 4 waiting"), std::string::npos)
      << said;
  EXPECT_EQ(row(daemon, "Storm", "TLS handshakes waiting"), "0");

  // A wider line, by a reload: who has waited goes on, as who has a seat does.
  daemon.write_config(link("1 MiB"));
  EXPECT_EQ(daemon.shell({"reload"}).status, 0);
  const auto widened = std::chrono::steady_clock::now();
  const double before = metric(daemon, "stormdoor_firmware_bytes_total{link=\"Lyon\"}");
  for (auto& phone : phones) EXPECT_EQ(phone.wait(), 0);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - widened;
  EXPECT_GE(took.count(), (6.0 * kFirmwareBytes - before) / (1 << 20) - 0.5);
  EXPECT_GE(metric(daemon, "stormdoor_firmware_bytes_total{link=\"Lyon\"}"), 6.0 * kFirmwareBytes);
  EXPECT_EQ(metric(daemon, "stormdoor_firmware_waiting{link=\"Lyon\"}"), 0);
}

// The servers are in one namespace, the phones behind the line in another one.
TEST(Storm, PhonesBehindALongAndBadLineAreServedAllTheSame) {
  if (const auto reason = test::missing_for_networks({"ip"})) GTEST_SKIP() << *reason;
  const test::OfficeNetwork network;
  RunningDaemon::Options options;
  options.address = network.address("edge");
  options.within = network.at("edge", {});
  options.extra_config =
      "[[network]]\nname = \"All\"\nprefixes = [\"0.0.0.0/0\"]\nservices = [\"provisioning\"]\n";
  auto started = RunningDaemon::start(kPrograms, kProfiles, options);
  ASSERT_TRUE(started) << started.error().message();
  RunningDaemon& daemon = **started;
  daemon.directory().write("files/a.cfg", std::string(8000, 'c'));
  std::filesystem::permissions(daemon.directory().file("files/a.cfg"),
                               std::filesystem::perms(0644));
  const auto boot = [&](const std::vector<std::string>& line) {
    std::vector<std::string> command = {kPrograms + "/stormdoor",
                                        "--json",
                                        "storm",
                                        "tftp://" + daemon.listener("tftp").to_string(),
                                        "https://" + daemon.listener("https").to_string(),
                                        "--ask",
                                        "a.cfg",
                                        "--arrival",
                                        "at-once",
                                        "--phones",
                                        "yealink:T46S@tftp=30",
                                        "--phones",
                                        "yealink:T54W=30"};
    command.insert(command.end(), line.begin(), line.end());
    const auto done = network.run("edge", command);
    const auto report = nlohmann::json::parse(done.out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << done.err;
    if (!report.is_object()) return nlohmann::json();
    EXPECT_EQ(report["total"]["served"], 60) << done.out;
    return report["total"];
  };
  // A request and its answers are two ways at least.
  const auto long_line = boot({"--delay", "50ms", "--jitter", "1ms"});
  EXPECT_GE(long_line["median_us"], 2 * 49'000);
  const auto bad_line = boot({"--delay", "2ms", "--loss", "3"});
  EXPECT_GT(bad_line["retries"], 0);
}

}  // namespace
}  // namespace stormdoor
