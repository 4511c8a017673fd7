// The shell's commands about access rules, which need no daemon.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "acl/journal.hpp"
#include "tests/acl/journal_samples.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor {
namespace {

using test::Finished;

const std::string kShell = std::string(STORMDOOR_BIN_DIR) + "/stormdoor";

std::string rules(int failures, const std::string& then) {
  return "[[network]]\nname = \"Everywhere\"\nprefixes = [\"0.0.0.0/0\"]\nservices = [\"sip\"]\n"
         "[[limit]]\nservice = \"sip\"\nfailures = " +
         std::to_string(failures) +
         "\n[[expect]]\nname = \"A few mistakes block nobody\"\n"
         "events = [\"10.20.0.7 refused registration, 3 times\"]\nthen = \"" +
         then + "\"\n";
}

TEST(AclCheck, SaysThatExpectationsHoldOrWhichDoesNotAndWhere) {
  const test::TempDir dir;
  const std::string file = dir.write("new.toml", rules(4, "admitted"));
  const Finished good = test::run_program({kShell, "acl", "check", file});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.out, file + " is valid; 1 of 1 expectations hold.\n");
  dir.write("new.toml", rules(3, "admitted"));
  const Finished bad = test::run_program({kShell, "acl", "check", file});
  EXPECT_EQ(bad.status, 1);
  EXPECT_NE(bad.err.find("new.toml:11:8: expect[1].then: "), std::string::npos) << bad.err;
  const Finished daemon = test::run_program(
      {std::string(STORMDOOR_BIN_DIR) + "/stormdoord", "--check", "--config", file});
  EXPECT_EQ(daemon.status, 1) << "the daemon proves them as well";
}

TEST(AclReplay, ReadsAJournalAndSaysWhatWouldDiffer) {
  const test::TempDir dir;
  const std::string directory = dir.file("journal");
  {
    const auto journal = acl::Journal::open(directory, {});
    ASSERT_TRUE(journal);
    for (uint64_t i = 1; i <= 5; ++i) (*journal)->append(acl::test::sip_failure(i));
    ASSERT_TRUE((*journal)->flush());
  }
  const std::string file = dir.write("new.toml", rules(4, "admitted"));
  const Finished table =
      test::run_program({kShell, "acl", "replay", "--with", file, "--journal", directory});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_NE(table.out.find("0 blocks as it was, 1 under these rules: 0 the same, 1 appear"),
            std::string::npos)
      << table.out;
  EXPECT_NE(table.out.find("00:0F:D3:05:48:48"), std::string::npos) << table.out;
  const Finished as_json =
      test::run_program({kShell, "--json", "acl", "replay", "--with", file, "--journal", directory,
                         "--since", "2026-03-01T00:00:03Z"});
  const auto answer = nlohmann::json::parse(as_json.out);
  EXPECT_EQ(answer["data"]["failures"], 3);
  EXPECT_EQ(answer["data"]["simulated"], 0);
}

TEST(AclReplay, SaysWhatIsWrongWithItsArguments) {
  const test::TempDir dir;
  const std::string file = dir.write("new.toml", rules(4, "admitted"));
  const Finished nowhere = test::run_program(
      {kShell, "acl", "replay", "--with", file, "--journal", dir.file("nowhere")});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_NE(nowhere.err.find("--journal"), std::string::npos) << nowhere.err;
  for (const char* since : {"soon", "2026-13-01", "2026-03-01T24:00:00Z", "2026-03-01x"}) {
    const Finished finished = test::run_program(
        {kShell, "acl", "replay", "--with", file, "--journal", dir.path(), "--since", since});
    EXPECT_EQ(finished.status, 1) << since;
    EXPECT_NE(finished.err.find("--since"), std::string::npos) << finished.err;
  }
  EXPECT_EQ(test::run_program({kShell, "acl", "replay"}).status, 2);
}

TEST(AclShadow, SaysWhomTheBlocksTurnedAway) {
  const test::TempDir dir;
  const std::string directory = dir.file("journal");
  {
    const auto journal = acl::Journal::open(directory, {});
    ASSERT_TRUE(journal);
    for (const auto& event : acl::test::one_of_each_kind()) (*journal)->append(event);
    ASSERT_TRUE((*journal)->flush());
  }
  const Finished finished = test::run_program({kShell, "acl", "shadow", "--journal", directory});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("1 blocks by limits"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("2001:db8:1::/64"), std::string::npos) << finished.out;
}

}  // namespace
}  // namespace stormdoor
