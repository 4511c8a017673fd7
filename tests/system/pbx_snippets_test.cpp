// What etc/pbx/kamailio shows an administrator, in a Kamailio that includes it as its comments say,
// beside the real daemon, in network namespaces of the test's own (needs root; skipped otherwise).

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <filesystem>
#include <optional>

#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/sip_client.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor {
namespace {

using test::OfficeNetwork;
using test::RunningDaemon;
using test::SipClient;
using test::wait_until;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kSnippets = std::string(STORMDOOR_SOURCE_DIR) + "/etc/pbx/kamailio/";
const std::string kToken(40, 't');
constexpr uint16_t kSip = 5060, kTrunk = 5070;
constexpr const char* kPhone = "00:15:65:00:00:01";

// kamailio.cfg of an administrator, with the lines that the snippets' comments give.
constexpr const char* kHead = R"cfg(debug=1
log_stderror=yes
memdbg=5
memlog=5
children=2
disable_tcp=yes
auto_aliases=no
shm_mem_size=16
listen=udp:203.0.113.1:5060
#!substdef "!STORMDOOR_URL!http://{0}/api/v1/failures!g"
#!substdef "!STORMDOOR_EMERGENCY!http://{0}/api/v1/emergency-number!g"
#!substdef "!STORMDOOR_TOKEN!{1}!g"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "mqueue.so"
loadmodule "rtimer.so"
loadmodule "http_client.so"
include_file "accounts.cfg"
modparam("auth", "qop", "auth")
{2}
include_file "stormdoor.cfg"
include_file "emergency.cfg"
)cfg";

constexpr const char* kRoute = R"cfg(
request_route {
  if (is_method("INVITE")) {
    route(DESK_NUMBER);
    $du = "sip:203.0.113.77:5070";
    forward();
    exit;
  }
  if (!auth_check("office", "subscriber", "1")) {
    $var(auth) = $rc;
    route(STORMDOOR_REFUSED);
    auth_challenge("office", "1");
    exit;
  }
  route(STORMDOOR_ACCEPTED);
  sl_send_reply("200", "OK");
}
)cfg";

constexpr const char* kComparesSources = R"cfg(#!substdef "!STORMDOOR_ANSWERED!true!g"
modparam("auth", "auth_checks_register", 8)
)cfg";

bool has_module(const std::string& name) {
  return !test::run_program({"sh", "-c", "ls /usr/lib/*/kamailio/modules/" + name}).out.empty();
}

class KamailioSnippets : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::missing_for_networks({"kamailio", "sqlite3", "ss"}))
      GTEST_SKIP() << *reason;
    if (!has_module("http_client.so")) GTEST_SKIP() << "needs kamailio-utils-modules";
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0777));
    if (!test::make_subscriber_database(database_))
      GTEST_SKIP() << "Kamailio's SQLite schema is not installed (kamailio-sqlite-modules)";
    std::filesystem::permissions(database_, std::filesystem::perms(0666));
    network_.emplace();
    start_daemon();
  }
  void TearDown() override {
    if (HasFailure() && daemon_)
      std::cerr << daemon_->log() << test::text_of(directory_.file("log"));
  }

  void start_daemon() {
    directory_.write("token", kToken + "\n");
    std::filesystem::permissions(directory_.file("token"), std::filesystem::perms(0600));
    RunningDaemon::Options options;
    options.address = "203.0.113.1";
    options.within = network_->at("edge", {});
    options.extra_config = fmt::format(R"([pbx.accounts]
target = "kamailio"
domain = "office"
file = "{}"
[api]
token_file = "{}"
[[network]]
name = "Office"
prefixes = ["203.0.113.0/24"]
services = ["provisioning", "desk-login", "sip", "api"]
)",
                                       database_, directory_.file("token"));
    auto daemon = RunningDaemon::start(STORMDOOR_BIN_DIR,
                                       std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones", options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
    done({"location", "add", "lobby", "--label", "Lobby", "--emergency-number", "+12025550123"});
    done({"user", "add", "2041", "--name", "Ada King", "--main-phone", "hot-desking", "--pin"},
         "4711\n");
    done({"phone", "add", kPhone, "--vendor", "yealink", "--hot-desk", "--location", "lobby"});
  }
  std::string config(const std::string& more) const {
    directory_.write("accounts.cfg",
                     test::replaced(test::text_of(kSnippets + "accounts.cfg"),
                                    "/var/lib/kamailio/kamailio.sqlite", database_));
    for (const char* snippet : {"stormdoor.cfg", "emergency.cfg"})
      directory_.write(snippet, test::text_of(kSnippets + snippet));
    return directory_.write(
        "kamailio.cfg",
        fmt::format(kHead, daemon_->listener("status").to_string(), kToken, more) + kRoute);
  }
  void start_kamailio(const std::string& more = {}) {
    kamailio_ = test::ChildProcess(
        network_->at("edge", {"kamailio", "-f", config(more), "-DD", "-E", "-w", directory_.path(),
                              "-Y", directory_.path(), "-P", directory_.file("pid")}),
        {}, directory_.file("log"));
    ASSERT_TRUE(wait_until([&] {
      return kamailio_.has_ended() ||
             network_->run("edge", {"ss", "-Hlun", "sport = :5060"}).out.find("5060") !=
                 std::string::npos;
    })) << test::text_of(directory_.file("log"));
  }
  std::string done(const std::vector<std::string>& command, const std::string& input = {}) const {
    const auto ran = daemon_->shell(command, input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  }
  void guess(int times) const {
    for (int i = 0; i < times; ++i)
      EXPECT_EQ(SipClient(*network_, "victim").log_in("2041", fmt::format("guess {}", i)), 401);
  }
  size_t failures_told() const {
    const auto events = daemon_->shell_json({"events"});
    return size_t(std::ranges::count_if(events["data"], [](const auto& event) {
      return event["kind"] == "failure" && event["extension"] == "2041" &&
             event["source"] == "203.0.113.77";
    }));
  }
  // What reaches the other side of the PBX of an emergency call of this account.
  std::string relayed_call(const std::string& account) const {
    const auto trunk = network_->socket("victim", AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(kTrunk);
    EXPECT_EQ(bind(trunk.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const std::string call = fmt::format(
        "INVITE sip:911@203.0.113.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 203.0.113.77:5070;branch=z9hG4bK{0}\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:{0}@office>;tag=1\r\nTo: <sip:911@203.0.113.1>\r\n"
        "Call-ID: {0}\r\nCSeq: 1 INVITE\r\nContact: <sip:{0}@203.0.113.77:5070>\r\n"
        "P-Asserted-Identity: <sip:666@office>\r\nContent-Length: 0\r\n\r\n",
        account);
    address.sin_port = htons(kSip);
    inet_pton(AF_INET, "203.0.113.1", &address.sin_addr);
    EXPECT_EQ(sendto(trunk.get(), call.data(), call.size(), 0,
                     reinterpret_cast<sockaddr*>(&address), sizeof address),
              ssize_t(call.size()));
    pollfd readable{trunk.get(), POLLIN, 0};
    if (poll(&readable, 1, 10'000) != 1) return "nothing came";
    std::string relayed(4096, '\0');
    relayed.resize(size_t(std::max<ssize_t>(recv(trunk.get(), relayed.data(), 4096, 0), 0)));
    return relayed;
  }

  test::TempDir directory_;
  std::string database_ = directory_.file("kamailio.sqlite");
  std::optional<OfficeNetwork> network_;
  std::unique_ptr<RunningDaemon> daemon_;
  test::ChildProcess kamailio_;
};

TEST_F(KamailioSnippets, AreAcceptedWithAndWithoutWhatTheirCommentsOffer) {
  for (const std::string more : {"", kComparesSources}) {
    const auto checked = test::run_program({"kamailio", "-c", "-f", config(more)});
    EXPECT_EQ(checked.status, 0) << checked.err;
    EXPECT_THAT(checked.err, HasSubstr("config file ok")) << more;
  }
}

TEST_F(KamailioSnippets, RefusedLoginsAreToldAndCountForNothingWhileTheirSourceCanBeForged) {
  start_kamailio();
  guess(12);
  EXPECT_TRUE(wait_until([&] { return failures_told() == 12; })) << done({"events"});
  EXPECT_THAT(daemon_->shell_json({"blocks"})["data"], IsEmpty());
}

TEST_F(KamailioSnippets, RefusedLoginsLeadToABlockWhereKamailioComparesSources) {
  start_kamailio(kComparesSources);
  guess(12);
  EXPECT_TRUE(wait_until([&] {
    return done({"blocks"}).find("203.0.113.77") != std::string::npos;
  })) << done({"events"});
}

TEST_F(KamailioSnippets, Promise9AnEmergencyCallCarriesTheNumberOfTheDesk) {
  start_kamailio();
  const std::string device = "d001565000001";
  EXPECT_THAT(relayed_call(device),
              HasSubstr("P-Asserted-Identity: <sip:+12025550123@office>\r\n"));
  EXPECT_THAT(relayed_call(device), Not(HasSubstr("666"))) << "a caller says not who it is";
  done({"desk", "login", kPhone, "2041"});
  EXPECT_THAT(relayed_call("2041"),
              HasSubstr("P-Asserted-Identity: <sip:+12025550123@office>\r\n"));
  // Nothing holds a call up: not a caller that nobody knows, nor a stormdoor that is gone.
  EXPECT_THAT(relayed_call("nobody"), HasSubstr("INVITE sip:911@"));
  daemon_->process() = {};
  EXPECT_THAT(relayed_call("2041"), HasSubstr("INVITE sip:911@"));
}

}  // namespace
}  // namespace stormdoor
