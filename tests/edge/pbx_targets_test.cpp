// The targets against a real SQLite file of Kamailio's schema, SQLite's own client, and files.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/crypto/crypto.hpp"
#include "edge/pbx_target.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor::edge {
namespace {

using test::text_of;

using hotdesk::PbxAccount;
using testing::HasSubstr;
using testing::Not;

const std::atomic<bool> kGoOn = false;

// As Kamailio 5.6 makes it, with a column that an administrator has added.
constexpr const char* kSchema = R"(
CREATE TABLE subscriber (
    id INTEGER PRIMARY KEY NOT NULL,
    username VARCHAR(64) DEFAULT '' NOT NULL,
    domain VARCHAR(64) DEFAULT '' NOT NULL,
    password VARCHAR(64) DEFAULT '' NOT NULL,
    ha1 VARCHAR(128) DEFAULT '' NOT NULL,
    ha1b VARCHAR(128) DEFAULT '' NOT NULL,
    email VARCHAR(64) DEFAULT '' NOT NULL,
    CONSTRAINT subscriber_account_idx UNIQUE (username, domain)
);
INSERT INTO subscriber (username, domain, ha1, email) VALUES ('9000', 'office', 'theirs', 'x@y');
INSERT INTO subscriber (username, domain, ha1) VALUES ('2041', 'elsewhere', 'theirs');
)";

std::string outcome(const Result<void>& result) {
  return result ? "done" : result.error().message();
}

PbxAccount account(const std::string& name, const std::string& secret) {
  return {name, Secret(secret), ""};
}

class KamailioTargetTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::program_exists("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed";
    ASSERT_EQ(sql(kSchema), "");
  }
  std::string sql(const std::string& text) const {
    const auto ran = test::run_program({"sqlite3", database_}, text);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  }
  // "2041 ha1 is of SECRET" and so on would hide a wrong formula: the columns as they are.
  [[nodiscard]] std::string rows() const {
    return sql(
        "SELECT username, domain, password, ha1, ha1b, email FROM subscriber"
        " ORDER BY domain, username;");
  }
  static std::string row(const std::string& name, const std::string& secret,
                         const std::string& password = "", const std::string& email = "") {
    using crypto::Hash;
    return name + "|office|" + password + "|" +
           crypto::hash_hex(Hash::Md5, name + ":desks:" + secret) + "|" +
           crypto::hash_hex(Hash::Md5, name + "@office:desks:" + secret) + "|" + email + "\n";
  }
  [[nodiscard]] PbxAccountsConfig config() const {
    PbxAccountsConfig config;
    config.target = PbxTargetKind::Kamailio;
    config.file = database_;
    config.domain = "office";
    config.realm = "desks";
    return config;
  }
  [[nodiscard]] PbxAccountsConfig through_a_command() const {
    auto config = this->config();
    config.target = PbxTargetKind::KamailioCommand;
    config.command = {"sqlite3", "-bail", database_};
    return config;
  }

  void tell_a_story(PbxTarget& target) {
    EXPECT_EQ(outcome(target.apply({account("2041", "one"), account("2042", "two")}, kGoOn)),
              "done");
    EXPECT_EQ(rows(), kElsewhere + row("2041", "one") + row("2042", "two") + kTheirs);
    EXPECT_EQ(outcome(target.apply({account("2041", "other"), account("2043", "three")}, kGoOn)),
              "done");
    EXPECT_EQ(rows(), kElsewhere + row("2041", "other") + row("2043", "three") + kTheirs);
    EXPECT_EQ(outcome(target.apply({}, kGoOn)), "done");
    EXPECT_EQ(rows(), kElsewhere + kTheirs);
  }

  static inline const std::string kElsewhere = "2041|elsewhere||theirs||\n";
  static inline const std::string kTheirs = "9000|office||theirs||x@y\n";
  test::TempDir directory_;
  std::string database_ = directory_.file("kamailio.sqlite");
};

TEST_F(KamailioTargetTest, WritesDigestsAndTouchesNobodyElsesRows) {
  tell_a_story(*make_pbx_target(config()));
}

TEST_F(KamailioTargetTest, DoesTheSameThroughACommand) {
  tell_a_story(*make_pbx_target(through_a_command()));
}

TEST_F(KamailioTargetTest, ARestartComparesWithWhatIsThere) {
  EXPECT_EQ(outcome(make_pbx_target(config())->apply(
                {account("2041", "one"), account("2042", "two")}, kGoOn)),
            "done");
  sql("UPDATE subscriber SET ha1 = 'tampered' WHERE username = '2041' AND domain = 'office';");
  const auto ids = sql("SELECT id FROM subscriber WHERE username = '2041';");
  // What was removed while nobody looked goes, what was changed is mended, in the rows as they are.
  EXPECT_EQ(outcome(make_pbx_target(config())->apply({account("2041", "one")}, kGoOn)), "done");
  EXPECT_EQ(rows(), kElsewhere + row("2041", "one") + kTheirs);
  EXPECT_EQ(sql("SELECT id FROM subscriber WHERE username = '2041';"), ids);
}

TEST_F(KamailioTargetTest, TakesOverARowOfThatNameWithItsOtherColumns) {
  EXPECT_EQ(outcome(make_pbx_target(config())->apply({account("9000", "ours")}, kGoOn)), "done");
  EXPECT_EQ(rows(), kElsewhere + row("9000", "ours", "", "x@y"));
}

TEST_F(KamailioTargetTest, WritesThePasswordOnlyWhenAsked) {
  auto with_passwords = config();
  with_passwords.passwords = true;
  const auto odd = account("2041", "it's\\;--");
  EXPECT_EQ(outcome(make_pbx_target(with_passwords)->apply({odd}, kGoOn)), "done");
  EXPECT_EQ(rows(), kElsewhere + row("2041", "it's\\;--", "it's\\;--") + kTheirs);
  EXPECT_EQ(outcome(make_pbx_target(config())->apply({odd}, kGoOn)), "done");
  EXPECT_EQ(rows(), kElsewhere + row("2041", "it's\\;--") + kTheirs);
}

TEST_F(KamailioTargetTest, AFailureIsSaidAndLeavesEverythingAndTheNextTryIsWhole) {
  for (const auto& how : {config(), through_a_command()}) {
    const auto target = make_pbx_target(how);
    EXPECT_EQ(outcome(target->apply({account("2041", "one")}, kGoOn)), "done");
    sql("CREATE TRIGGER no BEFORE UPDATE ON subscriber BEGIN SELECT RAISE(ABORT, 'not now'); END;");
    const auto failed =
        outcome(target->apply({account("2041", "two-secret"), account("2042", "x-secret")}, kGoOn));
    EXPECT_THAT(failed, HasSubstr("not now"));
    EXPECT_THAT(failed, Not(HasSubstr("-secret")));
    EXPECT_EQ(rows(), kElsewhere + row("2041", "one") + kTheirs);
    sql("DROP TRIGGER no;");
    EXPECT_EQ(outcome(target->apply({account("2041", "two")}, kGoOn)), "done");
    EXPECT_EQ(rows(), kElsewhere + row("2041", "two") + kTheirs);
  }
}

TEST_F(KamailioTargetTest, NoticesThatSomebodyUndoesIt) {
  sql("CREATE TRIGGER theirs AFTER UPDATE ON subscriber BEGIN UPDATE subscriber SET ha1 = 'mine'"
      " WHERE id = new.id; END; PRAGMA recursive_triggers = 0;");
  const auto target = make_pbx_target(config());
  EXPECT_EQ(outcome(target->apply({account("9000", "one")}, kGoOn)),
            "the table subscriber has 0 of the 1 accounts as they were written; somebody else "
            "writes the same rows");
}

TEST_F(KamailioTargetTest, SaysWhatADatabaseOrCommandLacks) {
  auto no_table = config();
  no_table.file = directory_.write("empty.sqlite", "");
  EXPECT_THAT(outcome(make_pbx_target(no_table)->apply({}, kGoOn)), HasSubstr("no such table"));
  auto silent = through_a_command();
  silent.command = {"true"};
  EXPECT_EQ(outcome(make_pbx_target(silent)->apply({}, kGoOn)),
            "true did not print the answer to the last query; expected \"stormdoor-accounts\" and "
            "a number");
}

TEST_F(KamailioTargetTest, TakesAWholeCompany) {
  std::vector<PbxAccount> many;
  for (int i = 0; i < 20'000; ++i) many.push_back(account(std::to_string(10'000 + i), "secret"));
  const auto target = make_pbx_target(config());
  EXPECT_EQ(outcome(target->apply(many, kGoOn)), "done");
  EXPECT_EQ(sql("SELECT count(*) FROM subscriber WHERE domain = 'office';"), "20001\n");
  many[7].secret = Secret("another");
  EXPECT_EQ(outcome(target->apply(many, kGoOn)), "done");
}

class AsteriskTargetTest : public testing::Test {
 protected:
  [[nodiscard]] PbxAccountsConfig config(const std::string& hook) const {
    PbxAccountsConfig config;
    config.target = PbxTargetKind::Asterisk;
    config.file = file_;
    config.realm = "asterisk";
    if (!hook.empty()) config.command = {"sh", "-c", hook, "hook", directory_.path()};
    return config;
  }
  test::TempDir directory_;
  std::string file_ = directory_.file("accounts.conf");
};

TEST_F(AsteriskTargetTest, ReplacesTheFileAndTellsTheHookWhatIsNew) {
  const auto target = make_pbx_target(config("cat >> \"$1/told\"; echo ran >> \"$1/told\""));
  EXPECT_EQ(outcome(target->apply({account("2041", "one"), account("2042", "two")}, kGoOn)),
            "done");
  EXPECT_THAT(text_of(file_), HasSubstr("[2042](stormdoor-endpoint)\n"));
  EXPECT_EQ(outcome(target->apply({account("2041", "one"), account("2042", "two")}, kGoOn)),
            "done");  // nothing differs: nobody is bothered
  EXPECT_EQ(outcome(target->apply({account("2042", "other")}, kGoOn)), "done");
  EXPECT_THAT(text_of(file_), Not(HasSubstr("2041")));
  EXPECT_EQ(text_of(directory_.file("told")), "+2041\n+2042\nran\n+2042\n-2041\nran\n");
  struct stat facts{};
  ASSERT_EQ(stat(file_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, mode_t{0640});
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 2);
}

TEST_F(AsteriskTargetTest, AFailedHookIsTriedAgainWithTheSameFile) {
  const auto target = make_pbx_target(config(
      "if [ -e \"$1/up\" ]; then echo ran >> \"$1/told\"; else echo 'no pbx' >&2; exit 1; fi"));
  EXPECT_EQ(outcome(target->apply({account("2041", "one")}, kGoOn)),
            "sh ended with status 1: no pbx");
  directory_.write("up", "");
  EXPECT_EQ(outcome(target->apply({account("2041", "one")}, kGoOn)), "done");
  EXPECT_EQ(text_of(directory_.file("told")), "ran\n");
}

TEST_F(AsteriskTargetTest, ARestartAsksTheHookOnceThoughTheFileIsRight) {
  const std::string hook = "echo ran >> \"$1/told\"";
  EXPECT_EQ(outcome(make_pbx_target(config(hook))->apply({account("2041", "one")}, kGoOn)), "done");
  struct stat before{};
  ASSERT_EQ(stat(file_.c_str(), &before), 0);
  EXPECT_EQ(outcome(make_pbx_target(config(hook))->apply({account("2041", "one")}, kGoOn)), "done");
  struct stat after{};
  ASSERT_EQ(stat(file_.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(text_of(directory_.file("told")), "ran\nran\n");
}

TEST_F(AsteriskTargetTest, WithoutAHookTheFileIsAll) {
  EXPECT_EQ(outcome(make_pbx_target(config(""))->apply({}, kGoOn)), "done");
  EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(AsteriskTargetTest, SaysWhenItCannotWrite) {
  auto nowhere = config("");
  nowhere.file = directory_.file("none/accounts.conf");
  EXPECT_THAT(outcome(make_pbx_target(nowhere)->apply({account("2041", "one")}, kGoOn)),
              HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace stormdoor::edge
