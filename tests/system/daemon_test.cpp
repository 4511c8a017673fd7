// The real programs, started, driven, reloaded, killed and stopped.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "edge/control_client.hpp"
#include "edge/user_name.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

using test::RunningDaemon;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";

std::unique_ptr<RunningDaemon> started(const std::string& extra = {}) {
  auto daemon = RunningDaemon::start(kPrograms, kProfiles, {.extra_config = extra});
  EXPECT_TRUE(daemon) << daemon.error().message();
  return daemon ? std::move(*daemon) : nullptr;
}

TEST(Daemon, StartsServesAndStopsCleanly) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  const auto status = daemon->shell({"status"});
  EXPECT_EQ(status.status, 0) << status.err;
  EXPECT_NE(daemon->listener("tftp").port, 0);
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0) << daemon->log();
  EXPECT_EQ(daemon->shell({"status"}).status, 1);
}

TEST(Daemon, ASecondOneOnTheSameDirectoryIsRefusedWithASentence) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  const auto second =
      test::run_program({kPrograms + "/stormdoord", "--config", daemon->config_file()});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("another stormdoord already runs"), std::string::npos) << second.err;
}

TEST(Daemon, CheckFindsEveryErrorAndTouchesNothing) {
  const test::TempDir directory;
  const auto file = directory.write(
      "bad.toml", "[daemon]\nworkers = -1\nstate_directory = \"" + directory.file("state") +
                      "\"\n[[network]]\nname = \"x\"\nprefixs = [\"10.0.0.0/8\"]\n");
  const auto checked = test::run_program({kPrograms + "/stormdoord", "--check", "--config", file});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.err.find("bad.toml:2:"), std::string::npos) << checked.err;
  EXPECT_NE(checked.err.find("bad.toml:6:"), std::string::npos) << checked.err;
  EXPECT_NE(checked.err.find("prefixes"), std::string::npos) << checked.err;
  EXPECT_FALSE(std::filesystem::exists(directory.file("state")));
}

TEST(Daemon, TheReferenceConfigurationPassesItsOwnCheck) {
  const auto checked =
      test::run_program({kPrograms + "/stormdoord", "--check", "--config",
                         std::string(STORMDOOR_SOURCE_DIR) + "/etc/stormdoor.toml"});
  EXPECT_EQ(checked.status, 0) << checked.err;
}

TEST(Daemon, AReloadThatDoesNotValidateChangesNothing) {
  const auto daemon = started(
      "[[network]]\nname = \"Loopback\"\nprefixes = [\"127.0.0.0/8\"]\nservices = "
      "[\"provisioning\"]\n");
  ASSERT_TRUE(daemon);
  daemon->write_config(
      "[[network]]\nname = \"Loopback\"\nprefixes = [\"127.0.0.0/8\"]\nservices = "
      "[\"provisoning\"]\n");
  const auto refused = daemon->shell({"reload"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("provisioning"), std::string::npos) << refused.err;
  EXPECT_NE(daemon->shell({"why", "127.0.0.1"}).out.find("Loopback"), std::string::npos);

  daemon->write_config(
      "[[network]]\nname = \"Renamed\"\nprefixes = [\"127.0.0.0/8\"]\nservices = "
      "[\"provisioning\"]\n");
  const auto done = daemon->shell({"reload"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(daemon->shell({"why", "127.0.0.1"}).out.find("Renamed"), std::string::npos);
}

TEST(Daemon, AReloadSaysWhatNeedsARestart) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  daemon->write_config("[guard]\ntracked_sources = 5000\n");
  const auto done = daemon->shell({"reload"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("restart"), std::string::npos) << done.out;
}

TEST(Daemon, AServerThatWasKilledIsBackAndRemembersEverything) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  ASSERT_EQ(daemon->shell({"location", "add", "hq", "--emergency-number", "+12025550123"}).status,
            0);
  const Endpoint before = daemon->listener("tftp");
  ASSERT_EQ(kill(daemon->server_pid(), SIGKILL), 0);
  ASSERT_TRUE(daemon->wait_for_notification("READY=1")) << daemon->log();
  EXPECT_EQ(daemon->listener("tftp"), before);
  EXPECT_NE(daemon->shell({"location", "list"}).out.find("hq"), std::string::npos);
}

TEST(Daemon, BackupIsADatabaseThatStartsAndReplacesNothing) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  ASSERT_EQ(daemon->shell({"location", "add", "hq", "--emergency-number", "+12025550123"}).status,
            0);
  const auto copy = daemon->directory().file("copy.db");
  EXPECT_EQ(daemon->shell({"backup", copy}).status, 0);
  EXPECT_EQ(std::filesystem::status(copy).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto rows = test::run_program({"sqlite3", copy, "SELECT name FROM location"});
  EXPECT_EQ(rows.out, "hq\n") << rows.err;
  EXPECT_EQ(daemon->shell({"backup", copy}).status, 1);
}

TEST(Daemon, RestoredBlocksHoldAfterARestart) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  ASSERT_EQ(
      daemon->shell({"blocks", "add", "198.51.100.7", "--for", "1h", "--reason", "test"}).status,
      0);
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0);
  ASSERT_TRUE(daemon->start_again());
  EXPECT_NE(daemon->shell({"blocks"}).out.find("198.51.100.7"), std::string::npos);
  EXPECT_EQ(daemon->shell({"blocks", "remove", "198.51.100.7"}).status, 0);
  EXPECT_EQ(daemon->shell({"blocks", "remove", "198.51.100.7"}).status, 1);
}

// A limit to the size of files makes a full disk.
TEST(Promise10, ABlockThatTheDiskDoesNotTakeIsStoredWhenItDoes) {
  const test::TempDir keys;
  const std::string token = "a-word-for-this-test-only";
  const auto daemon = RunningDaemon::start(
      kPrograms, kProfiles,
      {.extra_config = fmt::format("[api]\ntoken_file = \"{}\"\n[[network]]\nname = \"all\"\n"
                                   "prefixes = [\"0.0.0.0/0\"]\nservices = [\"api\", \"sip\"]\n",
                                   keys.write("token", token)),
       .within = {"/usr/bin/env", "--ignore-signal=XFSZ"}});
  ASSERT_TRUE(daemon) << daemon.error().message();
  const auto status = (*daemon)->listener("status").to_string();
  const auto files_may_have = [&](const std::string& bytes) {
    std::vector<std::string> command{"prlimit", "--pid", std::to_string((*daemon)->server_pid()),
                                     "--fsize=" + bytes + ":unlimited"};
    if (getuid() == 0)
      command.insert(command.begin(),
                     {"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"});
    const auto limited = test::run_program(command);
    ASSERT_EQ(limited.status, 0) << limited.err;
  };
  const auto disk_is_well = [&] {
    return test::run_program({"curl", "-sf", fmt::format("http://{}/healthz", status)}).status == 0;
  };
  files_may_have("0");
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(test::run_program(
                  {"curl", "-sSf", "-H", "Authorization: Bearer " + token, "--data",
                   fmt::format(R"({{"service":"sip","source":"198.51.100.7","transport":"tcp",)"
                               R"("kind":"wrong-password","account":"{}","port":5060}})",
                               3000 + i),
                   fmt::format("http://{}/api/v1/failures", status)})
                  .status,
              0);
  ASSERT_NE((*daemon)->shell({"blocks"}).out.find("198.51.100.7"), std::string::npos);
  EXPECT_TRUE(test::wait_until([&] { return !disk_is_well(); }));
  files_may_have("unlimited");
  EXPECT_TRUE(test::wait_until(disk_is_well));
  (*daemon)->process().signal(SIGTERM);
  EXPECT_EQ((*daemon)->process().wait(), 0);
  ASSERT_TRUE((*daemon)->start_again());
  EXPECT_NE((*daemon)->shell({"blocks"}).out.find("198.51.100.7"), std::string::npos);
}

TEST(Promise13_TheJournalTellsTheStory, WhyAndEventsTellWhatWasBeforeARestart) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  ASSERT_EQ(daemon->shell({"blocks", "add", "198.51.100.0/24", "--reason", "too loud"}).status, 0);
  ASSERT_EQ(daemon->shell({"blocks", "remove", "198.51.100.0/24"}).status, 0);
  ASSERT_EQ(daemon->shell({"lease", "open", "00:0F:D3:05:48:48"}).status, 0);
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0);
  ASSERT_TRUE(daemon->start_again());

  SCOPED_TRACE(daemon->log());
  const std::string why = daemon->shell({"why", "198.51.100.7"}).out;
  EXPECT_NE(why.find("was blocked by an administrator for sip"), std::string::npos) << why;
  EXPECT_NE(why.find("was let in again for sip"), std::string::npos) << why;
  EXPECT_NE(why.find("too loud"), std::string::npos) << why;
  EXPECT_EQ(daemon->shell({"why", "203.0.113.7"}).out.find("journal"), std::string::npos);
  const std::string phone = daemon->shell({"why", "000fd3054848"}).out;
  EXPECT_NE(phone.find("a lease was opened"), std::string::npos) << phone;

  const std::string events =
      daemon->shell({"events", "--since", "1h", "--about", "000fd3054848"}).out;
  EXPECT_NE(events.find("a lease was opened"), std::string::npos) << events;
  EXPECT_EQ(events.find("198.51.100"), std::string::npos) << events;
  EXPECT_NE(daemon->shell({"events", "--since", "1h"}).out.find("198.51.100.0/24"),
            std::string::npos);
  EXPECT_EQ(daemon->shell({"events", "--since", "soon"}).status, 1);
}

TEST(Promise9_TheEmergencyNumberIsTheDesks, AConversionKeepsItAndOpensALease) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  const auto done = [&](std::vector<std::string> arguments, const std::string& input = {}) {
    const auto ran = daemon->shell(std::move(arguments), input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  };
  const std::string mac = "00:0F:D3:05:48:48";
  done({"location", "add", "hq", "--emergency-number", "+12025550123"});
  done({"location", "add", "lobby", "--emergency-number", "+12025550199"});
  done({"location", "add", "roof"});
  done({"user", "add", "2041", "--name", "Ada King", "--sip-secret"}, "a-secret-of-ada\n");
  done({"phone", "add", mac, "--location", "hq"});
  done({"phone", "assign", mac, "2041"});
  EXPECT_NE(done({"emergency", "2041"}).find("+12025550123"), std::string::npos);

  const auto refused = daemon->shell({"convert", mac, "000fd3ffffff", "--location", "roof"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("nothing was converted"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("row 1"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("row 2"), std::string::npos) << refused.err;
  EXPECT_EQ(done({"phone", "list", "--role", "hot-desk"}).find(mac), std::string::npos);

  const std::string told = done({"convert", "000fd3054848", "--location", "lobby"});
  EXPECT_NE(told.find("hot-desk phone at lobby"), std::string::npos) << told;
  EXPECT_NE(told.find("2041 (Ada King) has no PIN"), std::string::npos) << told;
  EXPECT_NE(done({"phone", "list", "--role", "hot-desk"}).find(mac), std::string::npos);
  EXPECT_NE(done({"lease", "list"}).find("2041"), std::string::npos) << done({"lease", "list"});
  EXPECT_NE(done({"emergency", mac}).find("+12025550199"), std::string::npos);
  EXPECT_EQ(daemon->shell({"emergency", "203.0.113.9"}).status, 1);
}

TEST(Promise1_AConversionNeverBlocks, ConversionsAreHeldUpUndoneAndOutliveARestart) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  const auto done = [&](std::vector<std::string> arguments, const std::string& input = {}) {
    const auto ran = daemon->shell(std::move(arguments), input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  };
  const auto count = [&](const char* key) {
    const auto answer = daemon->shell_json({"conversions", "show"});
    return answer["data"][key].get<int>();
  };
  done({"location", "add", "hq", "--emergency-number", "+12025550123"});
  const std::vector<std::string> macs = {"00:0F:D3:05:48:01", "00:0F:D3:05:48:02",
                                         "00:0F:D3:05:48:03"};
  std::string list = "# the ground floor\n";
  for (size_t i = 0; i < macs.size(); ++i) {
    const std::string extension = "204" + std::to_string(i);
    done({"user", "add", extension});
    done({"phone", "add", macs[i], "--location", "hq"});
    done({"phone", "assign", macs[i], extension});
    list += macs[i] + "  # of " + extension + "\n";
  }
  EXPECT_EQ(daemon->shell({"conversions", "show"}).status, 1);
  EXPECT_NE(daemon->shell({"convert", "--from", "-"}, "00:0F:D3\n").err.find("line 1"),
            std::string::npos);
  const std::string told = done({"convert", "--from", "-", "--at-once", "1"}, list);
  EXPECT_NE(told.find("2 wait for their turn"), std::string::npos) << told;

  ASSERT_EQ(kill(daemon->server_pid(), SIGKILL), 0);
  ASSERT_TRUE(daemon->wait_for_notification("READY=1")) << daemon->log();
  EXPECT_EQ(count("away"), 1);
  EXPECT_EQ(count("waiting"), 2);
  EXPECT_EQ(daemon->shell({"convert", macs[2]}).status, 1) << "it waits in the other one";

  done({"conversions", "pause"});
  done({"lease", "close", macs[0]});
  done({"conversions", "pause", "1"});
  EXPECT_EQ(count("not_back"), 1);
  EXPECT_EQ(count("waiting"), 2);
  done({"conversions", "resume"});
  EXPECT_EQ(count("away"), 1);
  done({"conversions", "undo"});
  EXPECT_EQ(count("undone"), 1);
  done({"lease", "close", macs[1]});
  const std::string report = done({"conversions", "watch"});
  EXPECT_NE(report.find("2 not back, 1 left as they were"), std::string::npos) << report;
  EXPECT_NE(done({"conversions"}).find("over"), std::string::npos);
  EXPECT_NE(done({"phone", "list", "--role", "desk"}).find(macs[2]), std::string::npos);
  EXPECT_EQ(daemon->shell({"conversions", "undo"}).status, 1);
  EXPECT_EQ(daemon->shell({"conversions", "show", "9"}).status, 1);
}

TEST(Daemon, LeasesAreOpenedListedAndClosedAndOutliveARestart) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  const std::string phone = "00:0F:D3:05:48:48";
  EXPECT_EQ(daemon->shell({"lease", "close", phone}).status, 1);
  ASSERT_EQ(daemon->shell({"lease", "open", phone, "--for", "2h", "--budget", "7"}).status, 0);
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0);
  ASSERT_TRUE(daemon->start_again());
  const std::string listed = daemon->shell({"lease"}).out;
  EXPECT_NE(listed.find(phone), std::string::npos) << listed;
  EXPECT_NE(listed.find("0 of 7"), std::string::npos) << listed;
  EXPECT_EQ(daemon->shell({"lease", "close", phone}).status, 0);
  EXPECT_EQ(daemon->shell({"lease", "list"}).out, "No phone is excused.\n");
}

TEST(Daemon, SecretsAppearInNoLogNoListAndNoStatus) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  const std::string secret = "not-a-real-secret-9914";
  ASSERT_EQ(
      daemon->shell({"user", "add", "2041", "--name", "Ada", "--sip-secret"}, secret + "\n").status,
      0);
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"user", "list"}, {"status"}, {"events"}, {"why", "2041"}, {"--json", "user", "list"}})
    EXPECT_EQ(daemon->shell(arguments).out.find(secret), std::string::npos) << arguments[0];
  EXPECT_EQ(daemon->log().find(secret), std::string::npos);
}

TEST(Shell, EventsOfChangesSayWhoMadeThem) {
  const auto daemon = started();
  ASSERT_TRUE(daemon);
  ASSERT_EQ(daemon->shell({"user", "add", "2041"}).status, 0);
  ASSERT_EQ(daemon->shell({"blocks", "add", "198.51.100.7"}).status, 0);
  ASSERT_EQ(daemon->shell({"lease", "open", "00:0F:D3:05:48:48"}).status, 0);
  const std::string me = edge::user_name(getuid());
  const auto answer = daemon->shell_json({"events"});
  size_t changes = 0;
  for (const auto& event : answer["data"])
    if (event["kind"] == "change") {
      EXPECT_EQ(event.value("by", ""), me) << event;
      ++changes;
    }
  EXPECT_EQ(changes, 3U) << answer;
  EXPECT_NE(daemon->shell({"events"}).out.find("by " + me + ": User 2041 added."),
            std::string::npos);
  EXPECT_NE(daemon->log().find("by=" + me), std::string::npos) << daemon->log();
}

TEST(Shell, UsageErrorsExitWithTwoAndRefusalsWithOne) {
  EXPECT_EQ(test::run_program({kPrograms + "/stormdoor"}).status, 2);
  EXPECT_EQ(test::run_program({kPrograms + "/stormdoor", "frobnicate"}).status, 2);
  EXPECT_EQ(test::run_program({kPrograms + "/stormdoor", "--help"}).status, 0);
  EXPECT_EQ(
      test::run_program({kPrograms + "/stormdoor", "--socket", "/nonexistent/socket", "status"})
          .status,
      1);
}

}  // namespace
}  // namespace stormdoor
