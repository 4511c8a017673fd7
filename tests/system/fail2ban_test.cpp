// The real fail2ban, asking us before it counts an address (etc/guards/fail2ban-jail.local). An
// instance of its own: own configuration, socket and database, and an action that writes to a file.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "tests/support/process.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor {
namespace {

using test::replaced;
using test::text_of;

const std::string kSnippet = std::string(STORMDOOR_SOURCE_DIR) + "/etc/guards/fail2ban-jail.local";

// What Asterisk writes now for one wrong answer.
std::string refused_login(const std::string& source, int number) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[64];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
  return fmt::format(
      "[{}] SECURITY[4583] res_security_log.c: SecurityEvent=\"ChallengeResponseFailed\","
      "EventTV=\"{}-{:06}\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\","
      "AccountID=\"2041\",SessionID=\"s{}\",LocalAddress=\"IPV4/TLS/192.0.2.1/5061\","
      "RemoteAddress=\"IPV4/TLS/{}/5061\",Challenge=\"n{}\",Response=\"r\",ExpectedResponse=\"\"\n",
      stamp, now, number, number, source, number);
}

// fail2ban with our jail, reading `log` and asking `command`; who is banned stands in `banned`.
class RunningFail2ban {
 public:
  explicit RunningFail2ban(const std::string& ask) {
    namespace fs = std::filesystem;
    fs::create_directories(directory_.file("f/filter.d"));
    for (const char* filter : {"asterisk.conf", "common.conf"})
      fs::copy_file(std::string("/etc/fail2ban/filter.d/") + filter,
                    directory_.file(std::string("f/filter.d/") + filter));
    directory_.write("f/fail2ban.conf",
                     fmt::format("[Definition]\nloglevel = INFO\nlogtarget = {0}/f2b.log\n"
                                 "syslogsocket = auto\nsocket = {0}/sock\npidfile = {0}/pid\n"
                                 "dbfile = {0}/db.sqlite3\ndbmaxmatches = 10\ndbpurgeage = 1d\n"
                                 "[Thread]\n",
                                 directory_.path()));
    directory_.write("f/action.d/note.conf",
                     fmt::format("[Definition]\nactionban = echo <ip> >> {}/banned\n"
                                 "actionunban = true\n",
                                 directory_.path()));
    directory_.write("f/jail.conf",
                     "[DEFAULT]\nbackend = polling\nusedns = no\naction = note\n"
                     "enabled = false\nfilter = %(__name__)s\nignoreself = false\n");
    std::string jail = replaced(text_of(kSnippet), "/var/log/asterisk/security.log", log());
    jail = replaced(jail, "/usr/local/bin/stormdoor excused <ip>", ask);
    directory_.write("f/jail.d/stormdoor.local", jail);
    directory_.write("security.log", "");
  }

  [[nodiscard]] std::string log() const { return directory_.file("security.log"); }
  [[nodiscard]] const test::TempDir& directory() const { return directory_; }
  [[nodiscard]] std::string diary() const { return text_of(directory_.file("f2b.log")); }
  [[nodiscard]] std::string banned() const { return text_of(directory_.file("banned")); }

  test::Finished client(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {"fail2ban-client",       "-c", directory_.file("f"),  "-s",
                                    directory_.file("sock"), "-p", directory_.file("pid")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return test::run_program(all);
  }
  bool start() {
    server_ =
        test::ChildProcess({"/usr/bin/fail2ban-server", "-c", directory_.file("f"), "-s",
                            directory_.file("sock"), "-p", directory_.file("pid"), "-f", "start"},
                           {}, directory_.file("stderr"));
    return until([&] { return client({"status", "asterisk"}).status == 0; });
  }
  template <typename Condition>
  bool until(const Condition& condition) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      (void)client({"ping"});  // takes its time, so that we need no sleep
    }
    return false;
  }
  void refuse(const std::string& source, int times) const {
    std::ofstream out(log(), std::ios::app);
    for (int i = 0; i < times; ++i) out << refused_login(source, i);
  }

 private:
  test::TempDir directory_;
  test::ChildProcess server_;
};

TEST(Fail2ban, TheSnippetIsOneThatItUnderstands) {
  if (!test::program_exists("fail2ban-client")) GTEST_SKIP() << "fail2ban is not installed";
  const RunningFail2ban fail2ban("/bin/false <ip>");
  const auto checked = fail2ban.client({"-t"});
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
}

// The whole way: the PBX said where the phone's account is, an administrator takes the phone from
// its user, which opens a lease, and fail2ban asks the running daemon before it counts.
TEST(Promise1, Fail2banLeavesAPhoneAloneThatHasALease) {
  if (!test::program_exists("fail2ban-server")) GTEST_SKIP() << "fail2ban is not installed";
  const test::TempDir keys;
  const std::string token = "a-word-for-this-test-only";
  const auto token_file = keys.write("token", token);
  const std::string programs = STORMDOOR_BIN_DIR;
  const auto started = test::RunningDaemon::start(
      programs, std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones",
      {.extra_config = fmt::format("[api]\ntoken_file = \"{}\"\n[[network]]\nname = \"here\"\n"
                                   "prefixes = [\"127.0.0.0/8\"]\nservices = [\"api\"]\n",
                                   token_file)});
  ASSERT_TRUE(started) << started.error().message();
  const auto& daemon = **started;
  const auto done = [&](std::vector<std::string> arguments, const std::string& input = {}) {
    const auto ran = daemon.shell(std::move(arguments), input);
    EXPECT_EQ(ran.status, 0) << ran.err;
  };
  const std::string mac = "00:0F:D3:05:48:48";
  done({"location", "add", "hq", "--emergency-number", "+12025550123"});
  done({"user", "add", "2041", "--name", "Ada King", "--sip-secret"}, "an-old-secret\n");
  done({"phone", "add", mac, "--location", "hq"});
  done({"phone", "assign", mac, "2041"});
  const auto told = test::run_program(
      {"curl", "-sS", "--fail-with-body", "-H", "Authorization: Bearer " + token, "--data",
       R"({"service":"sip","source":"198.51.100.7","kind":"success","account":"2041",)"
       R"("port":40001,"transport":"tls"})",
       fmt::format("http://{}/api/v1/failures", daemon.listener("status").to_string())});
  ASSERT_EQ(told.status, 0) << told.out << told.err;
  done({"phone", "unassign", mac});
  ASSERT_EQ(daemon.shell({"excused", "198.51.100.7"}).status, 0)
      << daemon.shell({"lease", "list"}).out << daemon.log();

  RunningFail2ban fail2ban(programs + "/stormdoor --socket " + daemon.socket() + " excused <ip>");
  ASSERT_TRUE(fail2ban.start()) << fail2ban.diary();
  fail2ban.refuse("198.51.100.7", 40);
  fail2ban.refuse("203.0.113.9", 40);
  EXPECT_TRUE(fail2ban.until([&] { return !fail2ban.banned().empty(); })) << fail2ban.diary();
  EXPECT_EQ(fail2ban.banned(), "203.0.113.9\n");
  EXPECT_NE(fail2ban.diary().find("Ignore 198.51.100.7 by command"), std::string::npos)
      << fail2ban.diary();
}

// fail2ban must not take a daemon that is down for an excuse.
TEST(Promise1, Fail2banCountsAsEverWhenStormdoorIsDown) {
  if (!test::program_exists("fail2ban-server")) GTEST_SKIP() << "fail2ban is not installed";
  const std::string shell = std::string(STORMDOOR_BIN_DIR) + "/stormdoor";
  RunningFail2ban fail2ban(shell + " --socket /nonexistent/control.sock excused <ip>");
  ASSERT_TRUE(fail2ban.start()) << fail2ban.diary();
  fail2ban.refuse("198.51.100.7", 40);
  EXPECT_TRUE(fail2ban.until([&] { return !fail2ban.banned().empty(); })) << fail2ban.diary();
  EXPECT_EQ(fail2ban.banned(), "198.51.100.7\n");
}

}  // namespace
}  // namespace stormdoor
