// Who speaks is not logged out and no phone is restarted under somebody's hands (promise 9): the
// real programs, Kamailio as registrar and proxy, baresip as the phone, sipp as whoever is called.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <regex>

#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor {
namespace {

using nlohmann::json;
using test::BaresipPhone;
using test::OfficeNetwork;
using test::Registrar;
using test::RunningDaemon;
using test::wait_until;
using testing::HasSubstr;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";
const std::string kPhone = "00:15:65:00:00:01";
const std::string kOtherPhone = "00:15:65:00:00:02";
const std::string kSecret = "a-secret-of-2041";

class CallsAtDesks : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::missing_for_networks({"kamailio", "ss", "baresip", "sipp"}))
      GTEST_SKIP() << *reason;
    network_.emplace();
    registrar_.emplace(*network_, std::map<std::string, std::string>{{"2041", kSecret}},
                       "sip:203.0.113.77:5070");
    called_ = test::ChildProcess(network_->at("victim", {"sipp", "-sn", "uas", "-i", "203.0.113.77",
                                                         "-p", "5070", "-nostdin"}),
                                 {}, directory_.file("sipp.log"));
    start("");
    done({"location", "add", "hq", "--emergency-number", "+12025550123"});
    done({"phone", "add", kPhone, kOtherPhone, "--hot-desk", "--location", "hq"});
    done({"user", "add", "2041", "--main-phone", "hot-desking", "--sip-secret"}, kSecret + "\n");
    done({"desk", "login", kPhone, "2041"});
    phone_.emplace(*network_, "2041", kSecret);
    ASSERT_TRUE(wait_until([&] { return registrar_->answers("registered", "2041") > 0; }));
  }
  void TearDown() override {
    if (HasFailure() && daemon_)
      std::cerr << daemon_->log() << kept() << daemon_->shell({"why", "203.0.113.20"}).out
                << daemon_->shell({"phone", "show", kPhone}).out << daemon_->shell({"status"}).out
                << registrar_->log() << (phone_ ? phone_->log() : "")
                << test::text_of(directory_.file("sipp.log"));
  }

  static std::string config(const std::string& desk) {
    return "base_url = \"https://prov.example.com\"\n[watch]\ninterfaces = [\"eth0\"]\nsip_servers "
           "= [\"203.0.113.1\"]\n[desk]\n" +
           desk +
           "[[network]]\nname = \"Everybody\"\nprefixes = [\"0.0.0.0/0\"]\n"
           "services = [\"provisioning\", \"desk-login\", \"sip\"]\n";
  }
  void start(const std::string& desk) {
    RunningDaemon::Options options;
    options.address = "203.0.113.1";
    options.within = network_->at("edge", {});
    options.extra_config = config(desk);
    auto daemon = RunningDaemon::start(kPrograms, kProfiles, options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
    ASSERT_TRUE(watches()) << daemon_->log();
  }
  bool watches() const {
    return wait_until(
        [&] { return daemon_->shell({"status"}).out.find("watches") != std::string::npos; });
  }
  void reload(const std::string& desk) const {
    daemon_->write_config(config(desk));
    const auto reloaded = daemon_->shell({"reload"});
    ASSERT_EQ(reloaded.status, 0) << reloaded.err;
  }
  void done(std::vector<std::string> command, const std::string& input = {}) const {
    const auto finished = daemon_->shell(std::move(command), input);
    ASSERT_EQ(finished.status, 0) << finished.out << finished.err;
  }
  std::string kept() const { return test::text_of(daemon_->directory().file("state/data/calls")); }
  std::string desk(const std::string& phone, const char* column) const {
    const auto answer = daemon_->shell_json({"desk", "list"});
    for (const auto& row : answer["data"])
      if (row["phone"] == phone) return row[column].get<std::string>();
    return {};
  }
  // A desk's page, as people's own phones fetch it.
  std::string fetch(const std::string& path, const std::string& form = {}) const {
    std::vector<std::string> command = {
        "curl", "-sk", fmt::format("https://{}{}", daemon_->listener("https").to_string(), path)};
    if (!form.empty()) command.insert(command.end(), {"--data", "@-"});
    return test::run_program(network_->at("edge", std::move(command)), form).out;
  }
  // Goes on to where the page at `path` leads.
  std::string follow(const std::string& path, const char* link,
                     const std::string& form = {}) const {
    const std::string page = fetch(path);
    std::smatch found;
    if (!std::regex_search(page, found, std::regex(link))) return page;
    return fetch(found[1], form);
  }
  std::string pages() const {
    const auto told = daemon_->shell_json({"desk", "link", kPhone});
    return told["data"]["url"].get<std::string>().substr(strlen("https://prov.example.com"));
  }
  bool becomes(const char* column, const std::string& text) const {
    return wait_until([&] { return desk(kPhone, column).find(text) != std::string::npos; });
  }

  test::TempDir directory_;
  std::optional<OfficeNetwork> network_;
  std::optional<Registrar> registrar_;
  test::ChildProcess called_;
  std::unique_ptr<RunningDaemon> daemon_;
  std::optional<BaresipPhone> phone_;
};

TEST_F(CallsAtDesks, Promise9NobodyIsLoggedOutInTheMiddleOfACall) {
  phone_->dial("2042");
  ASSERT_TRUE(becomes("call", "is in a call since"));
  const auto refused = daemon_->shell({"desk", "logout", "2041"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("is in a call since"));
  EXPECT_THAT(refused.err, HasSubstr("--even-in-call"));
  reload("log_out_after = \"1s\"\n");
  const auto ended = [&] { return daemon_->shell({"events"}).out.find("its time was over"); };
  // Rounds of looking, not a time: each second the daemon ends what is over.
  for (int round = 0; round < 3; ++round) {
    (void)wait_until([&] { return desk(kPhone, "state") != "logged in"; }, std::chrono::seconds(1));
    EXPECT_EQ(desk(kPhone, "state"), "logged in");
  }
  EXPECT_EQ(ended(), std::string::npos);
  phone_->hang_up();
  EXPECT_TRUE(wait_until([&] { return desk(kPhone, "state") != "logged in"; }));
  EXPECT_NE(ended(), std::string::npos);
}

TEST_F(CallsAtDesks, Promise9AnEmergencyCallHoldsThePhoneForTheCallBackAlsoAfterAKill) {
  reload("emergency_callback = \"1h\"\n");
  phone_->dial("911");
  ASSERT_TRUE(becomes("call", "is in an emergency call since"));
  EXPECT_EQ(daemon_->shell({"desk", "logout", "2041", "--even-in-call"}).status, 1);
  phone_->hang_up();
  ASSERT_TRUE(becomes("call", "may be called back until"));
  ASSERT_TRUE(wait_until([&] { return kept().find("call-back " + kPhone) != std::string::npos; }));

  kill(daemon_->process().pid(), SIGKILL);
  daemon_->process().wait();
  ASSERT_TRUE(daemon_->start_again());
  EXPECT_THAT(desk(kPhone, "call"), HasSubstr("may be called back until"));
  const auto refused = daemon_->shell({"desk", "logout", "--all", "--even-in-call"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("may be called back until"));

  EXPECT_THAT(follow(pages() + "logout", "href=\"([^\"]+/logout/[^\"]+)\""),
              HasSubstr("may be called back until"));
  EXPECT_EQ(desk(kPhone, "extension"), "2041");

  // Logging in elsewhere is in force at once; the old phone is told when nobody will call back.
  done({"desk", "login", kOtherPhone, "2041"});
  EXPECT_EQ(desk(kOtherPhone, "extension"), "2041");
  EXPECT_EQ(desk(kPhone, "extension"), "");
  // Nobody logs in there until then: that would take the account that is called back.
  done({"user", "add", "2043", "--main-phone", "hot-desking", "--pin"}, "5813\n");
  EXPECT_THAT(follow(pages() + "login", "action=\"([^\"]+)\"", "ext=2043&pin=5813"),
              HasSubstr("may be called back until"));
  const auto other = daemon_->shell({"desk", "login", kPhone, "2043"});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("may be called back until"));
  EXPECT_TRUE(wait_until([&] {
    return daemon_->shell({"phone", "show", kPhone}).out.find("may be called back") !=
           std::string::npos;
  })) << daemon_->shell({"phone", "show", kPhone}).out;
  reload("emergency_callback = \"1h\"\nemergency_numbers = []\n");
  EXPECT_THAT(desk(kPhone, "call"), HasSubstr("may be called back until"))
      << "what has been promised to a caller stays";
}

}  // namespace
}  // namespace stormdoor
