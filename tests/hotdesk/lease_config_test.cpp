#include "hotdesk/lease_config.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;

bool accepted(const std::string& line) {
  ConfigReader reader = ConfigReader::parse("[lease]\n" + line + "\n");
  (void)read_lease_config(reader.table("lease"));
  return reader.finish().has_value();
}

TEST(LeaseConfig, ReadsItsKeys) {
  ConfigReader reader = ConfigReader::parse(
      "[lease]\nwithin = \"2h\"\nbudget = 7\nkeep_old_secrets = \"1d\"\nmost = 99\n");
  const LeaseTerms terms = read_lease_config(reader.table("lease"));
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(terms, (LeaseTerms{2h, 7, 24h, 99}));
}

TEST(LeaseConfig, HoldsItsKeysWithinBounds) {
  for (const char* line :
       {"within = \"1m\"", "within = \"24h\"", "budget = 1", "budget = 10000",
        "keep_old_secrets = \"1h\"", "keep_old_secrets = \"365d\"", "most = 16", "most = 100000"})
    EXPECT_TRUE(accepted(line)) << line;
  for (const char* line : {"within = \"59s\"", "within = \"25h\"", "budget = 0", "budget = 10001",
                           "keep_old_secrets = \"59m\"", "keep_old_secrets = \"366d\"", "most = 15",
                           "most = 100001", "withim = \"1h\""})
    EXPECT_FALSE(accepted(line)) << line;
}

// The other tables have tests of their own.
TEST(LeaseConfig, TheReferenceHasItsDefaults) {
  ConfigReader reader = ConfigReader::load(STORMDOOR_SOURCE_DIR "/etc/stormdoor.toml");
  EXPECT_TRUE(reader.root().has("lease"));
  EXPECT_EQ(read_lease_config(reader.table("lease")), LeaseTerms{});
}

}  // namespace
}  // namespace stormdoor::hotdesk
