// A real registrar that reads the accounts which stormdoor hands over: Kamailio with auth_db on an
// SQLite file, in network namespaces of the test's own (needs root; skipped otherwise).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <optional>

#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/sip_client.hpp"

namespace stormdoor {
namespace {

using test::OfficeNetwork;
using test::Registrar;
using test::RunningDaemon;
using test::SipClient;
using test::wait_until;
using testing::HasSubstr;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";
constexpr int kYes = 200, kNo = 401;

class Pbx : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::missing_for_networks({"kamailio", "sqlite3", "ss"}))
      GTEST_SKIP() << *reason;
    // The server's account writes it, and the journal beside it.
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0777));
    if (!test::make_subscriber_database(database_))
      GTEST_SKIP() << "Kamailio's SQLite schema is not installed (kamailio-sqlite-modules)";
    writable(true);
    network_.emplace();
    registrar_.emplace(*network_, database_);
    RunningDaemon::Options options;
    options.extra_config = "[pbx.accounts]\ntarget = \"kamailio\"\ndomain = \"office\"\nfile = \"" +
                           database_ + "\"\n";
    auto daemon = RunningDaemon::start(kPrograms, kProfiles, options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
  }
  void TearDown() override {
    if (HasFailure() && daemon_)
      std::cerr << daemon_->log() << daemon_->shell({"status"}).out << registrar_->log();
  }

  // The registrar's journals too: those take the permissions that the database had when it was
  // read.
  void writable(bool may) const {
    for (const std::string& file : {database_, database_ + "-wal", database_ + "-shm"})
      if (std::filesystem::exists(file))
        std::filesystem::permissions(file, std::filesystem::perms(may ? 0666 : 0444));
  }
  void done(const std::vector<std::string>& command, const std::string& input = {}) const {
    const auto ran = daemon_->shell(command, input);
    ASSERT_EQ(ran.status, 0) << ran.err;
  }
  std::string status(const std::string& name) const {
    const auto answer = daemon_->shell_json({"status"});
    if (!answer.is_object() || !answer.contains("data")) return {};
    for (const auto& section : answer["data"]["sections"])
      if (section["title"] == "PBX accounts")
        for (const auto& row : section["rows"])
          if (row[0] == name) return row[1].get<std::string>();
    return {};
  }
  bool settled() const {
    return wait_until([&] { return status("pending since") == "nothing is"; });
  }
  std::optional<int> log_in(const std::string& account, const std::string& secret) const {
    return SipClient(*network_, "victim").log_in(account, secret);
  }
  std::string accounts() const {
    return test::run_program({"sqlite3", database_,
                              "SELECT group_concat(username, ' ') FROM (SELECT username FROM "
                              "subscriber ORDER BY username)"})
        .out;
  }

  test::TempDir directory_;
  std::string database_ = directory_.file("kamailio.sqlite");
  std::optional<OfficeNetwork> network_;
  std::optional<Registrar> registrar_;
  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(Pbx, Promise8WhatIsChangedHereIsWhatTheRegistrarTakes) {
  done({"user", "add", "2041", "--sip-secret"}, "the-first-secret\n");
  ASSERT_TRUE(settled());
  EXPECT_EQ(log_in("2041", "the-first-secret"), kYes);
  EXPECT_EQ(log_in("2042", "the-first-secret"), kNo);

  done({"user", "set", "2041", "--sip-secret"}, "the-second-secret\n");
  ASSERT_TRUE(settled());
  EXPECT_EQ(log_in("2041", "the-first-secret"), kNo);
  EXPECT_EQ(log_in("2041", "the-second-secret"), kYes);

  done({"user", "remove", "2041"});
  ASSERT_TRUE(settled());
  EXPECT_EQ(log_in("2041", "the-second-secret"), kNo);
  EXPECT_EQ(registrar_->answers("registered", "2041"), 2U);
  EXPECT_EQ(registrar_->answers("unknown", "2041"), 1U);
}

TEST_F(Pbx, AnIdlePhoneHasAnAccountOfItsOwnUntilItIsSomebodys) {
  done({"location", "add", "hq", "--emergency-number", "+12025550123"});
  done({"phone", "add", "00:0F:D3:05:48:48", "--location", "hq"});
  done({"user", "add", "2041", "--main-phone", "desk-phone"});
  ASSERT_TRUE(settled());
  EXPECT_EQ(accounts(), "2041 d000fd3054848\n");
  done({"phone", "assign", "00:0F:D3:05:48:48", "2041"});
  ASSERT_TRUE(settled());
  EXPECT_EQ(accounts(), "2041\n");
  done({"convert", "00:0F:D3:05:48:48", "--location", "hq"});
  ASSERT_TRUE(settled());
  EXPECT_EQ(accounts(), "2041 d000fd3054848\n");
}

TEST_F(Pbx, WhatCouldNotBeWrittenIsShownAndWrittenLaterAlsoAfterAKill) {
  if (getuid() != 0) GTEST_SKIP() << "the server runs under this test's account";
  done({"user", "add", "2040", "--sip-secret"}, "another-secret\n");
  ASSERT_TRUE(settled());
  writable(false);
  done({"user", "add", "2041", "--sip-secret"}, "the-first-secret\n");
  ASSERT_TRUE(wait_until([&] { return status("trouble") != "none"; }));
  EXPECT_THAT(status("trouble"), HasSubstr("readonly"));
  EXPECT_NE(status("pending since"), "nothing is");
  EXPECT_THAT(daemon_->shell({"events"}).out, HasSubstr("The PBX lacks the latest accounts"));
  EXPECT_THAT(daemon_->shell({"status"}).out, HasSubstr("Promise 8"));
  EXPECT_EQ(daemon_->log().find("the-first-secret"), std::string::npos);
  EXPECT_EQ(log_in("2041", "the-first-secret"), kNo);

  kill(daemon_->process().pid(), SIGKILL);
  daemon_->process().wait();
  writable(true);
  ASSERT_TRUE(daemon_->start_again());
  ASSERT_TRUE(settled());
  EXPECT_EQ(log_in("2041", "the-first-secret"), kYes);

  writable(false);
  done({"user", "set", "2041", "--sip-secret"}, "the-second-secret\n");
  ASSERT_TRUE(wait_until([&] { return status("trouble") != "none"; }));
  writable(true);
  ASSERT_TRUE(settled());
  EXPECT_EQ(log_in("2041", "the-second-secret"), kYes);
  EXPECT_THAT(daemon_->shell({"events"}).out, HasSubstr("The PBX has all accounts again"));
}

}  // namespace
}  // namespace stormdoor
