// A whole office is converted to hot desking, between the real programs, Kamailio that takes its
// accounts from stormdoor, phones behind one address and beside it, which have their addresses from
// dnsmasq, and somebody who guesses from behind that address, in network namespaces. Needs root.
// STORMDOOR_LONG_TESTS=1: 500 phones.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "base/loop/event_loop.hpp"
#include "bench/storm/http_client.hpp"
#include "bench/storm/storm.hpp"
#include "tests/support/dhcp.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/sip_client.hpp"

namespace stormdoor {
namespace {

using nlohmann::json;
using storm::PhoneSpec;
using test::BaresipPhone;
using test::DhcpPhone;
using test::DhcpServer;
using test::OfficeNetwork;
using test::Registrar;
using test::RunningDaemon;
using test::SipClient;
using test::wait_until;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";
constexpr const char* kEmergency = "+12025550123";
constexpr const char* kOffice = "203.0.113.20";
constexpr const char* kGuessed = "8999";  // whose account the attacker tries
constexpr uint16_t kHttps = 8443;
constexpr const char* kProvisioning = "https://203.0.113.1:8443/";
constexpr size_t kLimit = 10;      // failures that SIP may have, as configured by default
constexpr size_t kOnTheirWay = 3;  // answers to what had been sent when the last one was seen
constexpr int kYes = 200, kNo = 401;
constexpr size_t kRealPhones = 10;

// A phone on a desk: what it has been told, where it is, and the SIP stack it uses.
struct Desk {
  PhoneSpec phone;
  std::string place;    // of OfficeNetwork
  std::string address;  // its own there; empty: the place's
  std::string extension;
  std::string account = {}, secret = {};  // of the configuration it fetched last
  std::string configuration = {};
  std::unique_ptr<DhcpPhone> port = {};  // of those with an address of their own
  std::unique_ptr<SipClient> simulated = {};
  std::unique_ptr<BaresipPhone> real = {};
  bool is_real = false;
  bool is_back = false;
};

std::string value_of(const std::string& configuration, const std::string& key) {
  const std::string mark = "\n" + key + " = ";
  const size_t at = configuration.find(mark);
  if (at == std::string::npos) return {};
  const size_t from = at + mark.size();
  return configuration.substr(from, configuration.find('\n', from) - from);
}

class OfficeIsConverted : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::missing_for_networks(
            {"kamailio", "sqlite3", "ss", "baresip", "dnsmasq", "busybox"}))
      GTEST_SKIP() << *reason;
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0777));
    if (!test::make_subscriber_database(database_))
      GTEST_SKIP() << "Kamailio's SQLite schema is not installed (kamailio-sqlite-modules)";
    std::filesystem::permissions(database_, std::filesystem::perms(0666));
    network_.emplace();
    dhcp_.emplace(*network_, kProvisioning);
    registrar_.emplace(*network_, database_);
    start();
    furnish();
  }
  void TearDown() override {
    if (HasFailure() && daemon_)
      std::cerr << daemon_->log() << daemon_->shell({"status"}).out
                << daemon_->shell({"blocks"}).out << daemon_->shell({"conversions"}).out
                << registrar_->log();
  }

  static bool is_long() { return getenv("STORMDOOR_LONG_TESTS") != nullptr; }
  static size_t phones() { return is_long() ? 500 : 60; }
  // Those that stand beside the office, with addresses of their own, which change on the way.
  static size_t movers() { return phones() / 10; }

  void start() {
    RunningDaemon::Options options;
    options.address = "203.0.113.1";
    options.https_port = kHttps;
    options.within = network_->at("edge", {});
    options.top_config = "enforce = \"kernel\"\n";
    options.extra_config = fmt::format(R"(base_url = "https://203.0.113.1:{}"
variables = {{ sip_server = "203.0.113.1" }}
[watch]
interfaces = ["eth0"]
[pbx.accounts]
target = "kamailio"
domain = "office"
file = "{}"
[[network]]
name = "Office"
prefixes = ["203.0.113.0/24"]
services = ["provisioning", "desk-login", "sip"]
identity = "token"
first_contact = "full"
)",
                                       kHttps, database_);
    auto daemon = RunningDaemon::start(kPrograms, kProfiles, options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
    ASSERT_TRUE(wait_until([&] { return works(); })) << daemon_->log();
  }
  std::string status(const std::string& title, const std::string& name) const {
    const auto answer = daemon_->shell_json({"status"});
    if (!answer.is_object() || !answer.contains("data")) return {};
    for (const auto& section : answer["data"]["sections"])
      if (section["title"] == title)
        for (const auto& row : section["rows"])
          if (row[0] == name) return row[1].get<std::string>();
    return {};
  }
  bool works() const {
    return status("Watch", "stormdoor-watch") == "watches" &&
           status("Enforcement", "stormdoor-enforce") == "enforces";
  }
  bool settled() const {
    return wait_until([&] { return status("PBX accounts", "pending since") == "nothing is"; });
  }
  json rows(const std::vector<std::string>& command) const {
    const auto answer = daemon_->shell_json(command);
    return answer.is_object() && answer.contains("data") ? answer["data"] : json::array();
  }
  void done(const std::vector<std::string>& command, const std::string& input = {}) const {
    const auto ran = daemon_->shell(command, input);
    ASSERT_EQ(ran.status, 0) << ran.err;
  }

  // Users with a desk phone each, and the one whom the attacker knows.
  void furnish() {
    std::string users = fmt::format("extension,name,main_phone\n{},Eve Guessed,desk\n", kGuessed);
    std::string list = "mac,vendor,model,role,location,extension,slot\n";
    for (size_t i = 0; i < phones(); ++i) {
      Desk desk;
      desk.extension = fmt::format("{}", 4000 + i);
      desk.phone.vendor = "yealink";
      desk.phone.model = "T46G";
      desk.phone.mac = MacAddress({0, 0x15, 0x65, 0, uint8_t(i >> 8), uint8_t(i)});
      desk.phone.transport = storm::Transport::Https;
      desk.phone.expected = {kEmergency, desk.extension};
      const bool beside = i >= phones() - movers();
      desk.place = beside ? "victim" : "phones";
      desk.is_real = i < kRealPhones;
      users += fmt::format("{0},User {0},desk\n", desk.extension);
      list += fmt::format("{},yealink,T46G,desk,hall,{},0\n", desk.phone.mac.to_string(),
                          desk.extension);
      desks_.push_back(std::move(desk));
    }
    done({"location", "add", "hall", "--label", "The hall", "--emergency-number", kEmergency});
    done({"user", "import", "-"}, users);
    done({"phone", "import", "-"}, list);
    ASSERT_TRUE(settled());
    for (size_t i = phones() - movers(); i < phones(); ++i) plug_in(desks_[i]);
    // busybox's client takes no URL for a server's name, so it is read off the server.
    EXPECT_THAT(dhcp_->log(), HasSubstr(fmt::format("66 tftp-server  {}", kProvisioning)));
  }
  // Gets an address, and hears where stormdoor is.
  void plug_in(Desk& desk) const {
    desk.port = std::make_unique<DhcpPhone>(*network_, desk.place, desk.phone.mac, "yealink");
    const auto address = desk.port->lease_in_time();
    ASSERT_TRUE(address) << dhcp_->log();
    desk.address = *address;
    const auto is_seen = [&] {
      const auto latest = latest_holder(desk.address);
      return latest["mac"] == desk.phone.mac.to_string() && latest["learned_by"] == "DHCP";
    };
    EXPECT_TRUE(wait_until(is_seen)) << daemon_->shell({"bindings"}).out;
  }
  // Who has the address, and how the watch knows.
  json latest_holder(const std::string& address) const {
    for (const auto& row : rows({"bindings"}))
      if (row["address"] == address) return row["holders"].front();
    return {{"mac", ""}, {"learned_by", ""}};
  }

  // Those of `desks` that are at `place` boot there, over HTTPS, and read what they have got.
  void boot(const std::vector<Desk*>& desks, const std::string& place) const {
    std::vector<Desk*> here;
    storm::StormPlan plan;
    for (Desk* desk : desks) {
      if (desk->place != place) continue;
      desk->phone.source =
          *IpAddress::parse(desk->address.empty() ? network_->address(place) : desk->address);
      here.push_back(desk);
      plan.phones.push_back(desk->phone);
    }
    if (here.empty()) return;
    plan.most_at_once = 20;
    plan.target.https = Endpoint{*IpAddress::parse("203.0.113.1"), kHttps, 0};
    const auto tls = storm::TlsClient::create(
        {.ca_file = daemon_->directory().file("state/keys/tls/authority.pem"),
         .check_names = false});
    ASSERT_TRUE(tls) << tls.error().message();
    plan.target.tls = tls->get();
    network_->within(place, [&] {
      const auto loop = loop::EventLoop::create();
      storm::StormLoop storm_loop(**loop);
      storm::Storm storm(storm_loop, std::move(plan));
      bool ended = false;
      storm.begin([&] { ended = true; });
      while (!ended) (*loop)->run_once(milliseconds(100));
      const auto report = storm.report();
      EXPECT_EQ(report.total().served, here.size())
          << storm::report_text(report, storm::ReportStyle{});
      const auto after = storm.phones_after();
      for (size_t i = 0; i < here.size(); ++i) here[i]->phone = after[i];
      for (Desk* desk : here) read_configuration(**loop, storm_loop, *tls->get(), *desk);
    });
  }
  static void read_configuration(loop::EventLoop& loop, storm::StormLoop& storm_loop,
                                 const storm::TlsClient& tls, Desk& desk) {
    storm::HttpClient client(storm_loop, desk.phone.source);
    storm::HttpRequest request;
    request.server = Endpoint{*IpAddress::parse("203.0.113.1"), kHttps, 0};
    request.tls = &tls;
    const std::string& url = desk.phone.stored_url;
    const size_t path = url.find('/', url.find("://") + 3);
    ASSERT_NE(path, std::string::npos) << desk.phone.mac.to_string() << ": " << url;
    request.path = url.substr(path) + desk.phone.mac.lower_hex() + ".cfg";
    request.user_agent = "Yealink SIP-T46G 66.86.0.15 " + desk.phone.mac.to_string();
    std::optional<storm::FetchResult> result;
    client.fetch(std::move(request), [&](auto answer) { result.emplace(std::move(answer)); });
    while (!result) loop.run_once(milliseconds(100));
    ASSERT_EQ(result->outcome, storm::FetchResult::Outcome::Found) << result->reason;
    desk.configuration = result->body.text();
    desk.account = value_of(desk.configuration, "account.1.auth_name");
    desk.secret = value_of(desk.configuration, "account.1.password");
    ASSERT_THAT(desk.secret, Not(IsEmpty())) << desk.configuration;
  }
  void boot(const std::vector<Desk*>& desks) const {
    for (const char* place : {"phones", "victim"}) boot(desks, place);
  }

  // Each registers as its configuration says.
  void register_all(const std::vector<Desk*>& desks) {
    for (Desk* desk : desks) {
      if (desk->is_real) {
        desk->real.reset();
        desk->real =
            std::make_unique<BaresipPhone>(*network_, desk->account, desk->secret, desk->place);
        continue;
      }
      desk->simulated = std::make_unique<SipClient>(*network_, desk->place, desk->address);
      expect_answer(*desk, kYes);
    }
    for (const Desk* desk : desks) {
      const auto registered = [&] { return registrar_->answers("registered", desk->account) > 0; };
      EXPECT_TRUE(!desk->is_real || wait_until(registered)) << desk->account;
    }
  }
  // What the registrar says when it tries the account that it has; the real ones do by themselves.
  void expect_answer(const Desk& desk, int answer) const {
    if (!desk.simulated) return;
    std::optional<int> got;
    // A phone sends again what is not answered, on a machine that has other things to do.
    for (int tries = 0; tries < 3 && !got; ++tries)
      got = desk.simulated->log_in(desk.account, desk.secret);
    EXPECT_EQ(got, answer) << desk.account;
  }
  std::vector<Desk*> all() {
    std::vector<Desk*> some;
    for (Desk& desk : desks_) some.push_back(&desk);
    return some;
  }
  // Those that stormdoor waits for.
  std::vector<Desk*> away() {
    const auto conversion = daemon_->shell_json({"conversions", "show"})["data"];
    std::set<std::string> macs;
    for (const auto& phone : conversion["list"])
      if (phone["step"] == "away") macs.insert(phone["phone"].get<std::string>());
    std::vector<Desk*> some;
    for (Desk& desk : desks_)
      if (!desk.is_back && macs.contains(desk.phone.mac.to_string())) some.push_back(&desk);
    return some;
  }
  json conversion() const { return daemon_->shell_json({"conversions", "show"})["data"]; }
  void pull_the_plug() {
    kill(daemon_->process().pid(), SIGKILL);
    daemon_->process().wait();
    ASSERT_TRUE(daemon_->start_again());
    ASSERT_TRUE(wait_until([&] { return works(); })) << daemon_->log();
  }
  // Each gets the address that another had before.
  void move_those_beside_the_office() {
    const std::span<Desk> beside(desks_.data() + (phones() - movers()), movers());
    std::map<std::string, std::string> before;
    for (Desk& desk : beside) {
      before[desk.extension] = desk.address;
      desk.port->release();
      desk.port.reset();
    }
    for (size_t i = 0; i < beside.size(); ++i) {
      Desk& desk =
          beside[(i + 1) % beside.size()];  // whoever asks first gets the lowest that is free
      plug_in(desk);
      EXPECT_NE(desk.address, before[desk.extension]);
      desk.simulated = std::make_unique<SipClient>(*network_, desk.place, desk.address);
    }
  }
  void guess(int times) const {
    for (int i = 0; i < times; ++i)
      (void)SipClient(*network_, "inside").log_in(kGuessed, fmt::format("guess {}", guesses_++));
  }

  test::TempDir directory_;
  std::string database_ = directory_.file("kamailio.sqlite");
  std::optional<OfficeNetwork> network_;
  std::optional<DhcpServer> dhcp_;
  std::optional<Registrar> registrar_;
  std::unique_ptr<RunningDaemon> daemon_;
  std::vector<Desk> desks_;
  mutable int guesses_ = 0;
};

TEST_F(OfficeIsConverted, Promise1NoPhoneIsBlockedAllComeBackAndTheGuesserIsStopped) {
  boot(all());
  ASSERT_FALSE(HasFailure());
  register_all(all());
  ASSERT_FALSE(HasFailure());

  std::vector<std::string> command = {"convert"};
  for (const Desk& desk : desks_) command.push_back(desk.phone.mac.to_string());
  command.insert(command.end(),
                 {"--location", "hall", "--at-once", fmt::format("{}", phones() / 6)});
  done(command);

  constexpr int kMostRounds = 40;
  for (int round = 0; round < kMostRounds && conversion()["state"] != "over"; ++round) {
    ASSERT_TRUE(settled());
    const auto rebooting = away();
    // Everybody tries what it had, those that wait too: theirs is still right.
    for (int again = 0; again < 2; ++again)
      for (const Desk* desk : rebooting) expect_answer(*desk, kNo);
    for (const Desk& desk : desks_)
      if (!desk.is_back && !std::ranges::count(rebooting, &desk)) expect_answer(desk, kYes);
    guess(round == 0 ? int(kLimit) : 2);
    if (round == 1) move_those_beside_the_office();
    if (round == 2 || round == 4) pull_the_plug();
    for (Desk* desk : rebooting) desk->phone.expected = {kEmergency, "The hall"};
    boot(rebooting);
    for (Desk* desk : rebooting) EXPECT_NE(desk->account, desk->extension);
    register_all(rebooting);
    for (Desk* desk : rebooting) desk->is_back = true;
    const auto are_back = [&] {
      return conversion()["back"].get<size_t>() >=
             size_t(std::ranges::count_if(desks_, &Desk::is_back));
    };
    ASSERT_TRUE(wait_until(are_back)) << conversion().dump();
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
  const auto report = conversion();
  EXPECT_EQ(report["state"], "over");
  EXPECT_EQ(report["back"], phones());
  EXPECT_EQ(report["not_back"], 0);
  EXPECT_LE(registrar_->answers("refused", kGuessed), kLimit + kOnTheirWay);
  for (const auto& block : rows({"blocks"})) {
    EXPECT_THAT(block["source"].get<std::string>(), HasSubstr(kOffice)) << block.dump();
    EXPECT_EQ(block["account"], kGuessed) << block.dump();
  }
  EXPECT_EQ(rows({"blocks"}).size(), 1U);
  // The phones are well, all of them, behind the guesser's address too.
  for (const Desk& desk : desks_) expect_answer(desk, kYes);
}

}  // namespace
}  // namespace stormdoor
