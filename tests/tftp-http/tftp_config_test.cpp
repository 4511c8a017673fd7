#include "tftp-http/tftp_config.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stormdoor::tftp {
namespace {

std::string errors_of(const std::string& text) {
  ConfigReader reader = ConfigReader::parse(text);
  static_cast<void>(read_tftp_config(reader.table("tftp")));
  const auto finished = reader.finish();
  return finished ? "" : finished.error().message();
}

TEST(TftpConfig, IsTheDefaultsWhenNothingIsSaid) {
  const ConfigReader reader = ConfigReader::parse("");
  const TftpConfig config = read_tftp_config(reader.table("tftp"));
  EXPECT_EQ(config.rules, TftpRules{});
  EXPECT_FALSE(config.sizes.single_port);
  EXPECT_EQ(config.sizes.transfer_ports, TftpSizes{}.transfer_ports);
  EXPECT_EQ(config.sizes.request_queue_bytes, TftpSizes{}.request_queue_bytes);
  EXPECT_EQ(config.sizes.transfers.unproven, TransferBook::Limits{}.unproven);
  EXPECT_EQ(config.sizes.unproven.burst_bytes, UnprovenBudget::Limits{}.burst_bytes);
}

TEST(TftpConfig, TakesEveryKey) {
  ConfigReader reader = ConfigReader::parse(R"([tftp]
single_port = true
transfer_ports = 64
request_queue = "1 MiB"
transfers = 100
transfers_per_source = 10
unproven_transfers = 50
unproven_transfers_per_source = 5
unproven_transfers_per_group = 20
unproven_burst = "8 KiB"
unproven_per_second = "1 KiB"
path_mtu = 1400
most_window = 8
first_timeout = "500ms"
least_timeout = "50ms"
most_timeout = "4s"
give_up = "30s"
)");
  const TftpConfig config = read_tftp_config(reader.table("tftp"));
  EXPECT_TRUE(reader.finish().has_value());
  EXPECT_TRUE(config.sizes.single_port);
  EXPECT_EQ(config.sizes.transfer_ports, 64U);
  EXPECT_EQ(config.sizes.transfers.unproven_per_group, 20U);
  EXPECT_EQ(config.sizes.unproven.bytes_per_second, 1024U);
  EXPECT_EQ(config.rules.path_mtu, 1400U);
  EXPECT_EQ(config.rules.most_window, 8);
  EXPECT_EQ(config.rules.give_up, seconds(30));
}

TEST(TftpConfig, HoldsThePathToWhatIpRequires) {
  EXPECT_EQ(errors_of("[tftp]\npath_mtu = 576\n"), "");
  EXPECT_NE(errors_of("[tftp]\npath_mtu = 575\n").find("test.toml:2"), std::string::npos);
  EXPECT_EQ(errors_of("[tftp]\nmost_window = 1024\n"), "");
  EXPECT_NE(errors_of("[tftp]\nmost_window = 1025\n"), "");
}

TEST(TftpConfig, SeesContradictions) {
  EXPECT_NE(errors_of("[tftp]\nleast_timeout = \"9s\"\n").find("most_timeout"), std::string::npos);
  EXPECT_NE(errors_of("[tftp]\nfirst_timeout = \"30s\"\n").find("give_up"), std::string::npos);
  EXPECT_NE(errors_of("[tftp]\ntransfers = 100\n").find("unproven_transfers"), std::string::npos);
}

}  // namespace
}  // namespace stormdoor::tftp
