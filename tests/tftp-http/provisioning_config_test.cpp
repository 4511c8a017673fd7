#include "tftp-http/provisioning_config.hpp"

#include <gtest/gtest.h>

namespace stormdoor::http {
namespace {

struct Read {
  ProvisioningConfig config;
  std::string problem;
};

Read read(std::string_view text) {
  ConfigReader reader = ConfigReader::parse(text);
  Read result;
  result.config = read_provisioning_config(reader.table("provisioning"));
  const auto finished = reader.finish();
  if (!finished) result.problem = finished.error().message();
  return result;
}

TEST(ProvisioningConfig, AnEmptyFileGivesTheDefaults) {
  const Read result = read("");
  EXPECT_EQ(result.problem, "");
  EXPECT_EQ(result.config, ProvisioningConfig{});
}

TEST(ProvisioningConfig, ReadsEveryKey) {
  const Read result = read(R"([provisioning]
profiles = "/a"
templates = "/b"
files = "/c"
base_url = "https://prov.example.com:8443//"
allow_secrets_over_http = true
http_login = true
rendered_bytes = "1 MiB"
file_cache_bytes = "2 MiB"
small_file = "3 KiB"
open_files = 5
variables = { sip_server = "pbx", sip_port = 5061 }
site_templates = { assigned = "ours.xml" }
[[provisioning.model]]
vendor = "sangoma"
match = "D6*"
variables = { line_slots = "2" }
templates = { assigned = "d6.xml" }
)");
  EXPECT_EQ(result.problem, "");
  EXPECT_EQ(result.config.base_url, "https://prov.example.com:8443");
  EXPECT_EQ(result.config.variables.at("sip_port"), "5061");
  EXPECT_EQ(result.config.small_file, 3072u);
  EXPECT_EQ(result.config.open_files, 5u);
  ASSERT_EQ(result.config.models.size(), 1u);
  EXPECT_EQ(result.config.models[0].templates.at("assigned"), "d6.xml");
}

TEST(ProvisioningConfig, ATokenNeverGoesIntoAnUrlInTheClearUnlessThatIsAllowed) {
  const std::string url = "[provisioning]\nbase_url = \"http://prov.example.com\"\n";
  EXPECT_NE(read(url).problem.find("test.toml:2"), std::string::npos);
  EXPECT_EQ(read(url + "allow_secrets_over_http = true\n").problem, "");
}

TEST(ProvisioningConfig, RefusesWhatIsNoBaseUrl) {
  for (const char* url : {"prov.example.com", "tftp://prov", "https://a b", "https://u:p@host",
                          "https://host/?x", "https://host/#x"})
    EXPECT_NE(read("[provisioning]\nbase_url = \"" + std::string(url) + "\"\n").problem, "") << url;
}

TEST(ProvisioningConfig, AFileThatCountsAsSmallFitsIntoTheCache) {
  const std::string text = "[provisioning]\nfile_cache_bytes = \"1 MiB\"\nsmall_file = ";
  EXPECT_EQ(read(text + "\"1 MiB\"\n").problem, "");
  EXPECT_NE(read(text + "\"2 MiB\"\n").problem.find("small_file"), std::string::npos);
}

TEST(ProvisioningConfig, AModelLayerNeedsItsVendorAndMatch) {
  const std::string problem = read("[[provisioning.model]]\n").problem;
  EXPECT_NE(problem.find("vendor: missing"), std::string::npos) << problem;
  EXPECT_NE(problem.find("match: missing"), std::string::npos) << problem;
}

}  // namespace
}  // namespace stormdoor::http
