// A whole office is converted to hot desking, between the real programs, Kamailio that takes its
// accounts from stormdoor, phones behind one address and beside it, and somebody who guesses from
// behind that address, in network namespaces. Where they boot from, phones have read in option 66
// of a lease that dnsmasq gave: most boot over HTTPS with a token, those of Cisco by TFTP, which
// are known by the wire. Needs root. STORMDOOR_LONG_TESTS=1: 500 phones.

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

#include "tests/support/dhcp.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/sip_client.hpp"
#include "tests/system/desk_phones.hpp"

namespace stormdoor {
namespace {

using nlohmann::json;
using test::BaresipPhone;
using test::Desk;
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

class OfficeIsConverted : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::missing_for_networks(
            {"kamailio", "sqlite3", "ss", "baresip", "dnsmasq", "dhclient"}))
      GTEST_SKIP() << *reason;
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0777));
    if (!test::make_subscriber_database(database_))
      GTEST_SKIP() << "Kamailio's SQLite schema is not installed (kamailio-sqlite-modules)";
    std::filesystem::permissions(database_, std::filesystem::perms(0666));
    network_.emplace();
    dhcp_.emplace(*network_, "edge", kProvisioning);
    office_dhcp_.emplace(*network_, "nat", kProvisioning);
    registrar_.emplace(*network_, database_);
    start();
    furnish();
  }
  void TearDown() override {
    if (HasFailure() && daemon_)
      std::cerr << daemon_->log() << daemon_->shell({"status"}).out
                << daemon_->shell({"blocks"}).out << daemon_->shell({"bindings"}).out
                << network_->run("edge", {"ip", "neigh"}).out << daemon_->shell({"conversions"}).out
                << registrar_->log();
  }

  static bool is_long() { return getenv("STORMDOOR_LONG_TESTS") != nullptr; }
  static size_t phones() { return is_long() ? 500 : 60; }
  // Those that stand beside the office, with addresses of their own, which change on the way: so
  // many of each kind, the last in desks_.
  static size_t movers() { return phones() / 10; }
  [[nodiscard]] std::span<Desk> yealinks_beside() {
    return {desks_.data() + (phones() - 2 * movers()), movers()};
  }
  [[nodiscard]] std::span<Desk> ciscos() {
    return {desks_.data() + (phones() - movers()), movers()};
  }

  void start() {
    RunningDaemon::Options options;
    options.address = "203.0.113.1";
    options.https_port = kHttps;
    options.tftp_port = 69;  // no option tells another
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
[[network]]
name = "Cisco phones"
prefixes = ["203.0.113.192/26"]
services = ["provisioning", "desk-login", "sip"]
identity = "wire"
)",
                                       kHttps, database_);
    auto daemon = RunningDaemon::start(kPrograms, kProfiles, options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
    boots_.emplace(*network_, daemon_->directory().file("state/keys/tls/authority.pem"));
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
      Desk desk = i < phones() - movers() ? test::yealink_t46g(uint16_t(i))
                                          : test::cisco_7945g(uint16_t(i));
      desk.extension = fmt::format("{}", 4000 + i);
      desk.phone.expected = {kEmergency, desk.extension};
      desk.place = i < phones() - 2 * movers() ? "phones" : "victim";
      desk.is_real = i < kRealPhones;
      users += fmt::format("{0},User {0},desk\n", desk.extension);
      list += fmt::format("{},{},{},desk,hall,{},0\n", desk.phone.mac.to_string(),
                          desk.phone.vendor, desk.phone.model, desk.extension);
      desks_.push_back(std::move(desk));
    }
    done({"location", "add", "hall", "--label", "The hall", "--emergency-number", kEmergency});
    done({"user", "import", "-"}, users);
    done({"phone", "import", "-"}, list);
    ASSERT_TRUE(settled());
    plug_in_the_office();
    for (Desk& desk : yealinks_beside()) plug_in(desk);
    for (Desk& desk : ciscos()) plug_in(desk);
    EXPECT_EQ(desks_.front().provisioning, kProvisioning);
    EXPECT_EQ(desks_.back().provisioning, "203.0.113.1");
  }
  // Those behind the router share one port, and hear what its lease says.
  void plug_in_the_office() {
    const DhcpPhone port(*network_, "phones", desks_.front().phone.mac,
                         desks_.front().vendor_class);
    const auto lease = port.lease_in_time();
    ASSERT_TRUE(lease) << office_dhcp_->log();
    for (Desk& desk : desks_) desk.provisioning = lease->tftp_server_name;
  }
  // Gets an address, and hears where stormdoor is.
  void plug_in(Desk& desk) const {
    desk.port =
        std::make_unique<DhcpPhone>(*network_, desk.place, desk.phone.mac, desk.vendor_class);
    const auto lease = desk.port->lease_in_time();
    ASSERT_TRUE(lease) << dhcp_->log();
    desk.address = lease->address;
    desk.provisioning = lease->tftp_server_name;
    const auto is_seen = [&] {
      const auto latest = latest_holder(desk.address);
      return latest["mac"] == desk.phone.mac.to_string() && latest["learned_by"] == "DHCP";
    };
    EXPECT_TRUE(wait_until(is_seen)) << daemon_->shell({"bindings"}).out;
  }
  // A phone that reboots asks for its address anew; that is how it is known again on the wire after
  // stormdoor was away.
  void restart(Desk& desk) const {
    const std::string before = desk.address;
    desk.simulated.reset();
    desk.port.reset();
    plug_in(desk);
    EXPECT_EQ(desk.address, before);
  }
  // Who has the address, and how the watch knows.
  json latest_holder(const std::string& address) const {
    for (const auto& row : rows({"bindings"}))
      if (row["address"] == address) return row["holders"].front();
    return {{"mac", ""}, {"learned_by", ""}};
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
  // Each gets the address that another of its kind had before.
  void move(std::span<Desk> beside) const {
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
  void expect_that_no_wire_gives_another_phones_file() {
    const std::string others = storm::fill_in("SEP{MAC}.cnf.xml", ciscos().back().phone);
    const auto answer = boots_->fetch(ciscos().front(), others);
    EXPECT_EQ(answer.outcome, storm::FetchResult::Outcome::Refused) << answer.reason;
    EXPECT_THAT(answer.body.text(), IsEmpty());
  }
  void guess(int times) const {
    for (int i = 0; i < times; ++i)
      (void)SipClient(*network_, "inside").log_in(kGuessed, fmt::format("guess {}", guesses_++));
  }

  test::TempDir directory_;
  std::string database_ = directory_.file("kamailio.sqlite");
  std::optional<OfficeNetwork> network_;
  std::optional<DhcpServer> dhcp_, office_dhcp_;
  std::optional<Registrar> registrar_;
  std::unique_ptr<RunningDaemon> daemon_;
  std::optional<test::PhoneBoots> boots_;
  std::vector<Desk> desks_;
  mutable int guesses_ = 0;
};

TEST_F(OfficeIsConverted, Promise1NoPhoneIsBlockedAllComeBackAndTheGuesserIsStopped) {
  boots_->boot(all());
  ASSERT_FALSE(HasFailure());
  expect_that_no_wire_gives_another_phones_file();
  register_all(all());
  ASSERT_FALSE(HasFailure());

  std::vector<std::string> command = {"convert"};
  for (const Desk& desk : desks_) command.push_back(desk.phone.mac.to_string());
  command.insert(command.end(),
                 {"--location", "hall", "--at-once", fmt::format("{}", phones() / 6)});
  done(command);

  std::set<std::string> tried_twice;
  constexpr int kMostRounds = 40;
  for (int round = 0; round < kMostRounds && conversion()["state"] != "over"; ++round) {
    ASSERT_TRUE(settled());
    const auto rebooting = away();
    if (round < 2)
      for (const Desk* desk : rebooting)
        if (desk->simulated) tried_twice.insert(desk->phone.mac.to_string());
    // Everybody tries what it had, those that wait too: theirs is still right.
    for (int again = 0; again < 2; ++again)
      for (const Desk* desk : rebooting) expect_answer(*desk, kNo);
    for (const Desk& desk : desks_)
      if (!desk.is_back && !std::ranges::count(rebooting, &desk)) expect_answer(desk, kYes);
    guess(round == 0 ? int(kLimit) : 2);
    if (round == 1) move(yealinks_beside());
    if (round == 1) move(ciscos());
    if (round == 2 || round == 4) pull_the_plug();
    for (Desk* desk : rebooting) desk->phone.expected = {kEmergency, "The hall"};
    for (Desk* desk : rebooting)
      if (desk->port) restart(*desk);
    boots_->boot(rebooting);
    for (Desk* desk : rebooting) EXPECT_NE(desk->account, desk->extension);
    ASSERT_FALSE(HasFailure()) << "in round " << round;
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
  // What was tried while stormdoor was being killed, a crash may have taken with it.
  for (const auto& phone : report["list"])
    if (tried_twice.contains(phone["phone"].get<std::string>())) {
      EXPECT_GE(phone["old_password_tries"], 2) << phone.dump();
    }
  EXPECT_THAT(tried_twice, Not(IsEmpty()));
  EXPECT_GE(report["forgiven"], 2 * tried_twice.size());
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
