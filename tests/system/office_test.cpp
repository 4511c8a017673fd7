// The whole product between an office behind one address, its PBX and the world: the real programs,
// the real kernel, Kamailio, sipp, sipvicious and a TFTP client, in network namespaces.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "base/mac_address.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/sip_client.hpp"

namespace stormdoor {
namespace {

using nlohmann::json;
using test::OfficeNetwork;
using test::Phones;
using test::Registrar;
using test::RunningDaemon;
using test::wait_until;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";
const std::string kPbx = "203.0.113.1";
const std::string kOffice = "203.0.113.20";
const std::string kAttacker = "203.0.113.66";
const std::string kVictim = "203.0.113.77";
const std::map<std::string, std::string> kSecrets = {{"2041", "a-secret-of-2041"},
                                                     {"2042", "a-secret-of-2042"},
                                                     {"2043", "a-secret-of-2043"},
                                                     {"2044", "the-new-secret-of-2044"}};
constexpr size_t kLimit = 10;  // failures that SIP may have, as configured by default
// Answers to what had been sent when the last failure was seen.
constexpr size_t kOnTheirWay = 3;

std::map<std::string, std::string> accounts(std::initializer_list<const char*> names) {
  std::map<std::string, std::string> some;
  for (const char* name : names) some[name] = kSecrets.at(name);
  return some;
}

// The office, its PBX and stormdoord in front of it.
class Office : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason =
            test::missing_for_networks({"kamailio", "sipp", "svcrack", "svwar", "ss", "tftp"}))
      GTEST_SKIP() << *reason;
  }

  void start(const std::string& enforce = "kernel", const std::string& extra = kEverybody) {
    if (!network_) network_.emplace();
    registrar_.emplace(*network_, kSecrets);
    RunningDaemon::Options options;
    options.address = kPbx;
    options.within = network_->at("edge", {});
    options.top_config = "enforce = \"" + enforce + "\"\n";
    options.extra_config = "[watch]\ninterfaces = [\"eth0\"]\n" + extra;
    auto daemon = RunningDaemon::start(kPrograms, kProfiles, options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
    ASSERT_TRUE(wait_until([&] { return works(enforce); })) << daemon_->log();
  }
  void TearDown() override {
    if (HasFailure() && daemon_) std::cerr << daemon_->log() << daemon_->shell({"status"}).out;
  }

  static constexpr const char* kEverybody = R"(
[[network]]
name = "Everybody"
prefixes = ["0.0.0.0/0"]
services = ["provisioning", "desk-login", "sip"]
)";

  // What `stormdoor status` says under a title beside a name.
  std::string status(const std::string& title, const std::string& name) const {
    const auto answer = daemon_->shell_json({"status"});
    if (!answer.is_object() || !answer.contains("data")) return {};
    for (const auto& section : answer["data"]["sections"])
      if (section["title"] == title)
        for (const auto& row : section["rows"])
          if (row[0] == name) return row[1].get<std::string>();
    return {};
  }
  bool works(const std::string& enforce) const {
    return status("Watch", "stormdoor-watch") == "watches" &&
           (enforce != "kernel" || status("Enforcement", "stormdoor-enforce") == "enforces");
  }

  json rows(const std::vector<std::string>& command) const {
    const auto answer = daemon_->shell_json(command);
    if (!answer.is_object() || !answer.contains("data")) return json::array();
    return answer["data"].is_array() ? answer["data"] : answer["data"].value("rows", json::array());
  }
  // Blocks of SIP of that source, of the whole of it ("") or of an account.
  size_t blocks(const std::string& source, const std::string& account) const {
    size_t count = 0;
    for (const auto& row : rows({"blocks"}))
      if (row["source"] == source && row["service"] == "sip" && row["account"] == account) ++count;
    return count;
  }
  size_t events(const std::string& kind) const {
    size_t count = 0;
    for (const auto& row : rows({"events", "--last", "1000"}))
      if (row["kind"] == kind) ++count;
    return count;
  }
  std::string why(const std::string& about) const { return daemon_->shell({"why", about}).out; }
  // The kernel's set, as nft lists it.
  std::string kernel(const std::string& set) const {
    return network_->run("edge", {"nft", "list", "set", "inet", "stormdoor", set}).out;
  }
  bool registered(const std::string& account, size_t more) const {
    const size_t before = registrar_->answers("registered", account);
    return wait_until([&] { return registrar_->answers("registered", account) >= before + more; });
  }

  // Whoever is at `place` tries passwords for an account, each from a port of its own.
  void guess(const std::string& place, const std::string& account, int tries) const {
    for (int i = 0; i < tries; ++i)
      (void)test::SipClient(*network_, place).log_in(account, "guess " + std::to_string(i));
  }
  test::Finished svcrack(const std::string& place, const std::string& account) const {
    std::string words;
    for (int i = 0; i < 500; ++i) words += "word" + std::to_string(i) + "\n";
    const auto file = daemon_->directory().write("words", words);
    return test::run_program(
        network_->at(place, {"timeout", "4", "svcrack", "-u", account, "-d", file, kPbx}));
  }
  // Everything that was sent to the PBX before has arrived there: somebody else is answered.
  void let_it_arrive() const {
    EXPECT_TRUE(
        wait_until([&] { return test::SipClient(*network_, "victim").ask("2041").has_value(); }));
  }
  size_t all_answers(const std::string& address) const {
    size_t all = 0;
    for (const char* kind : {"refused", "registered", "challenged", "unknown"})
      all += registrar_->answers(kind, {}, address);
    return all;
  }

  std::optional<OfficeNetwork> network_;
  std::optional<Registrar> registrar_;
  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(Office, Promise5PhonesBehindOneAddressAreSeenToBeWell) {
  start();
  const Phones phones(*network_, accounts({"2042", "2043"}));
  EXPECT_TRUE(registered("2042", 2) && registered("2043", 2)) << registrar_->log();
  EXPECT_TRUE(wait_until([&] {
    return why(kOffice).find("healthy there: 2042 and 2043; 2 registered flows") !=
           std::string::npos;
  })) << why(kOffice);
}

TEST_F(Office, Promise13SvcrackGetsTheLimitsAnswersAndItsStoryIsTold) {
  start();
  svcrack("attacker", "2041");
  EXPECT_EQ(blocks(kAttacker, ""), 1U) << daemon_->log();
  EXPECT_NE(kernel("blocked_sip_v4_32").find(kAttacker), std::string::npos);
  EXPECT_GE(registrar_->answers("refused", "", kAttacker), kLimit);
  EXPECT_LE(registrar_->answers("refused", "", kAttacker), kLimit + kOnTheirWay);
  EXPECT_NE(why(kAttacker).find("10 different mistakes with sip within 10m (limit 10)"),
            std::string::npos)
      << why(kAttacker);

  const size_t all = all_answers(kAttacker);
  EXPECT_FALSE(test::SipClient(*network_, "attacker").ask("2041"));
  let_it_arrive();
  EXPECT_EQ(all_answers(kAttacker), all);
}

TEST_F(Office, Promise5AGuesserBehindTheOfficesAddressTakesNothingFromItsPhones) {
  start();
  const Phones phones(*network_, accounts({"2042", "2043"}));
  ASSERT_TRUE(registered("2042", 1) && registered("2043", 1)) << registrar_->log();
  guess("inside", "2041", int(kLimit));
  EXPECT_TRUE(wait_until([&] { return blocks(kOffice, "2041") == 1; })) << daemon_->log();
  EXPECT_EQ(blocks(kOffice, ""), 0U);
  EXPECT_NE(kernel("contested_v4_32").find(kOffice), std::string::npos);

  const size_t answers = registrar_->answers("refused", "2041");
  EXPECT_LE(answers, kLimit + kOnTheirWay);
  guess("inside", "2041", 4);
  svcrack("inside", "2041");
  EXPECT_EQ(registrar_->answers("refused", "2041"), answers);
  EXPECT_TRUE(registered("2042", 2) && registered("2043", 2)) << "they register again";
  EXPECT_EQ(test::SipClient(*network_, "phones").log_in("2044", kSecrets.at("2044")), 200)
      << "a phone that was not there before";
  EXPECT_NE(why(kOffice).find("\"2041\" from 203.0.113.20/32 is blocked"), std::string::npos)
      << why(kOffice);
}

TEST_F(Office, Promise5APhoneWhoseOwnAccountIsGuessedKeepsItsService) {
  start();
  const Phones phones(*network_, accounts({"2042", "2043"}));
  ASSERT_TRUE(registered("2042", 1) && registered("2043", 1)) << registrar_->log();
  guess("inside", "2042", int(kLimit));
  EXPECT_TRUE(wait_until([&] { return blocks(kOffice, "2042") == 1; })) << daemon_->log();
  const size_t answers = registrar_->answers("refused", "2042");
  guess("inside", "2042", 3);
  EXPECT_EQ(registrar_->answers("refused", "2042"), answers);
  EXPECT_TRUE(registered("2042", 2) && registered("2043", 2));
}

TEST_F(Office, Promise4SvwarIsMeteredAndNeverBlocked) {
  start();
  constexpr size_t kProbes = 60, kBurst = 30, kPerMinute = 60;
  const auto is_metered = [&] {
    const auto table = network_->run("edge", {"nft", "list", "table", "inet", "stormdoor"}).out;
    return table.find(kAttacker) != std::string::npos;
  };
  for (size_t i = 1; i < kProbes; ++i)
    (void)test::SipClient(*network_, "attacker").ask(std::to_string(5000 + i));
  let_it_arrive();
  EXPECT_FALSE(is_metered()) << "fewer than that are nobody's sweep";
  const test::TempDir directory;
  test::ChildProcess svwar(network_->at("attacker", {"timeout", "10", "svwar", "-e", "5000-9000",
                                                     "-m", "REGISTER", kPbx}),
                           {}, directory.file("svwar"));
  ASSERT_TRUE(wait_until(is_metered)) << daemon_->log();
  // How many come in before depends on the machine; from here on it is the meter that counts.
  let_it_arrive();
  const auto began = std::chrono::steady_clock::now();
  const size_t before = all_answers(kAttacker);
  (void)svwar.wait();
  let_it_arrive();
  const auto took = std::chrono::steady_clock::now() - began;
  const auto metered =
      size_t(std::chrono::ceil<std::chrono::seconds>(took).count()) * kPerMinute / 60;
  EXPECT_GE(all_answers(kAttacker), kProbes);
  EXPECT_LE(all_answers(kAttacker) - before, kBurst + metered + kOnTheirWay);
  EXPECT_EQ(events("metered"), 1U);
  EXPECT_EQ(rows({"blocks"}).size(), 0U);
  EXPECT_NE(
      network_->run("edge", {"nft", "list", "table", "inet", "stormdoor"}).out.find(kAttacker),
      std::string::npos);
}

TEST_F(Office, Promise3APhoneWithItsOldSecretIsStaleAndNoGuesser) {
  start();
  const auto done = [&](const std::vector<std::string>& command, const std::string& input = {}) {
    const auto answer = daemon_->shell(command, input);
    EXPECT_EQ(answer.status, 0) << answer.err;
  };
  const std::string mac = "00:0F:D3:05:48:48";
  done({"location", "add", "hq", "--emergency-number", "+12025550123"});
  done({"user", "add", "2044", "--name", "Ada King", "--sip-secret"}, "the-old-secret\n");
  done({"phone", "add", mac, "--location", "hq"});
  done({"phone", "assign", mac, "2044"});
  done({"user", "set", "2044", "--sip-secret"}, kSecrets.at("2044") + "\n");

  for (size_t i = 0; i < 2 * kLimit; ++i)
    EXPECT_EQ(test::SipClient(*network_, "phones").log_in("2044", "the-old-secret"), 401);
  EXPECT_TRUE(wait_until([&] { return events("stale-phone") > 0; })) << daemon_->log();
  EXPECT_EQ(rows({"blocks"}).size(), 0U);
  EXPECT_NE(daemon_->shell({"events"}).out.find(mac + " still uses a secret that it had before"),
            std::string::npos);
  EXPECT_EQ(status("Leases", "open"), "1");

  EXPECT_EQ(test::SipClient(*network_, "phones").log_in("2044", kSecrets.at("2044")), 200);
  EXPECT_TRUE(wait_until([&] { return events("lease-closed") == 1; })) << daemon_->log();
}

TEST_F(Office, Promise4WhateverIsSaidInAVictimsNameDoesNotBlockIt) {
  start();
  const Phones phone(*network_, accounts({"2041"}), "victim");
  ASSERT_TRUE(registered("2041", 1)) << registrar_->log();
  test::SipClient attacker(*network_, "attacker");
  ASSERT_EQ(attacker.ask("2041"), 401);
  const std::string nonce = attacker.nonce();  // sent to the attacker, not to the victim
  const auto raw = network_->socket("attacker", AF_INET, SOCK_RAW, IPPROTO_RAW);
  sockaddr_in pbx{};
  pbx.sin_family = AF_INET;
  inet_pton(AF_INET, kPbx.c_str(), &pbx.sin_addr);
  const auto say = [&](uint16_t port, const std::string& text) {
    const auto packet = test::forged_datagram(kVictim, port, kPbx, 5060, text);
    EXPECT_EQ(sendto(raw.get(), packet.data(), packet.size(), 0,
                     reinterpret_cast<const sockaddr*>(&pbx), sizeof pbx),
              ssize_t(packet.size()))
        << strerror(errno);
  };
  constexpr int kRounds = 10, kEach = 40;
  for (int round = 1; round <= kRounds; ++round) {
    for (int i = 0; i < kEach; ++i)
      say(uint16_t(20'000 + i),
          test::SipClient::answering(nonce, "2041", "no", std::to_string(round * 100 + i)));
    EXPECT_TRUE(wait_until(
        [&] { return registrar_->answers("refused", "2041", kVictim) >= size_t(round); }));
  }
  EXPECT_TRUE(registered("2041", 2));
  EXPECT_EQ(rows({"blocks"}).size(), 0U) << daemon_->log();
}

TEST_F(Office, Promise4AnAnswerThatSomebodyElseWroteInThePbxsNameTeachesNothing) {
  start();
  const auto line = network_->socket("attacker", AF_PACKET, SOCK_DGRAM, 0);
  sockaddr_ll edge{};
  edge.sll_family = AF_PACKET;
  edge.sll_protocol = htons(ETH_P_IP);
  edge.sll_ifindex = network_->index("attacker");
  edge.sll_halen = 6;
  const auto mac = MacAddress::parse(network_->mac("edge"));
  ASSERT_TRUE(mac);
  std::ranges::copy(mac->bytes(), edge.sll_addr);
  const auto put = [&](const std::string& packet) {
    EXPECT_EQ(sendto(line.get(), packet.data(), packet.size(), 0,
                     reinterpret_cast<const sockaddr*>(&edge), sizeof edge),
              ssize_t(packet.size()))
        << strerror(errno);
  };
  for (size_t i = 1; i <= 2 * kLimit; ++i) {
    const std::string first = "a" + std::to_string(i), second = "b" + std::to_string(i);
    put(test::forged_datagram(kVictim, 30'000, kPbx, 5060, test::SipClient::asking("2041", first)));
    put(test::forged_datagram(kPbx, 5060, kVictim, 30'000,
                              test::SipClient::challenging("2041", first, first)));
    put(test::forged_datagram(kVictim, 30'000, kPbx, 5060,
                              test::SipClient::answering(first, "2041", "no", second)));
    ASSERT_TRUE(wait_until([&] { return registrar_->answers("refused", {}, kVictim) >= i; }));
  }
  EXPECT_EQ(rows({"blocks"}).size(), 0U) << daemon_->log();
}

TEST_F(Office, Promise7OnAWireAFileLeavesForItsOwnMacOnly) {
  const std::string mac = "00:0F:D3:05:48:48";
  network_.emplace();
  network_->set_mac("victim", mac);
  start("kernel", R"(
[[network]]
name = "Phones"
prefixes = ["203.0.113.0/24"]
services = ["provisioning", "sip"]
identity = "wire"
)");
  const auto done = [&](const std::vector<std::string>& command, const std::string& input = {}) {
    const auto answer = daemon_->shell(command, input);
    EXPECT_EQ(answer.status, 0) << answer.err;
  };
  done({"location", "add", "hq", "--emergency-number", "+12025550123"});
  done({"user", "add", "2041", "--name", "Ada King", "--sip-secret"}, kSecrets.at("2041") + "\n");
  done({"phone", "add", mac, "--location", "hq"});
  done({"phone", "assign", mac, "2041"});
  const uint16_t port = daemon_->listener("tftp").port;
  const auto fetched = [&](const std::string& place) {
    const std::string file = daemon_->directory().file(place + ".cfg");
    const auto got = network_->run(place, {"tftp", "-m", "binary", kPbx, std::to_string(port), "-c",
                                           "get", "000fd3054848.cfg", file});
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {}) + got.out + got.err;
  };
  EXPECT_TRUE(wait_until([&] {
    return fetched("victim").find(kSecrets.at("2041")) != std::string::npos;
  })) << fetched("victim")
      << daemon_->shell({"bindings"}).out;
  EXPECT_TRUE(wait_until([&] {
    const auto text = fetched("attacker");
    EXPECT_EQ(text.find(kSecrets.at("2041")), std::string::npos);
    return text.find("another phone than the one whose file this is") != std::string::npos;
  })) << fetched("attacker");
}

TEST_F(Office, InShadowNothingIsRefusedAndAllIsDecided) {
  start("shadow");
  guess("attacker", "2041", int(kLimit) + 3);
  EXPECT_EQ(registrar_->answers("refused", "2041", kAttacker), kLimit + 3);
  EXPECT_TRUE(wait_until([&] { return events("block") == 1; })) << daemon_->log();
  EXPECT_NE(network_->run("edge", {"nft", "list", "table", "inet", "stormdoor"}).status, 0);
}

// What is started and killed: the server child and the helpers, by the parent's list.
// A PBX behind this machine: what passes through is refused like what is for us.
TEST_F(Office, Promise11WhatPassesThroughToAPbxBehindIsRefusedAsWell) {
  start();
  const std::string pbx_behind = network_->address("victim");
  for (const char* place : {"attacker", "nat"})
    ASSERT_EQ(network_->run(place, {"ip", "route", "add", pbx_behind, "via", kPbx}).status, 0);
  ASSERT_EQ(network_
                ->run("edge", {"sh", "-c",
                               "cd /proc/sys/net/ipv4; echo 1 >ip_forward; echo 0 "
                               ">conf/all/send_redirects; echo 0 >conf/eth0/send_redirects"})
                .status,
            0);
  const UniqueFd listener = network_->socket("victim", AF_INET, SOCK_DGRAM, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(5060);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
  sockaddr_in there = here;
  ASSERT_EQ(inet_pton(AF_INET, pbx_behind.c_str(), &there.sin_addr), 1);
  const auto send_from = [&](const char* place, const std::string& text) {
    const UniqueFd socket = network_->socket(place, AF_INET, SOCK_DGRAM, 0);
    EXPECT_EQ(sendto(socket.get(), text.data(), text.size(), 0,
                     reinterpret_cast<const sockaddr*>(&there), sizeof there),
              ssize_t(text.size()));
  };
  const auto next = [&]() -> std::string {
    pollfd waiting{listener.get(), POLLIN, 0};
    char text[32];
    if (poll(&waiting, 1, 10'000) != 1) return "nothing";
    const ssize_t size = recv(listener.get(), text, sizeof text, 0);
    return {text, size_t(std::max<ssize_t>(size, 0))};
  };
  send_from("attacker", "before");
  EXPECT_EQ(next(), "before");

  ASSERT_EQ(daemon_->shell({"blocks", "add", kAttacker, "--service", "sip"}).status, 0);
  ASSERT_TRUE(
      wait_until([&] { return kernel("blocked_sip_v4_32").find(kAttacker) != std::string::npos; }));
  send_from("attacker", "while blocked");
  send_from("nat", "from the office");
  EXPECT_EQ(next(), "from the office");

  ASSERT_EQ(daemon_->shell({"blocks", "remove", kAttacker}).status, 0);
  ASSERT_TRUE(
      wait_until([&] { return kernel("blocked_sip_v4_32").find(kAttacker) == std::string::npos; }));
  send_from("attacker", "after");
  EXPECT_EQ(next(), "after");
}

class Kills : public Office {
 protected:
  std::vector<pid_t> children() const {
    const auto parent = std::to_string(daemon_->process().pid());
    std::ifstream in("/proc/" + parent + "/task/" + parent + "/children");
    std::vector<pid_t> pids;
    for (pid_t pid = 0; in >> pid;) pids.push_back(pid);
    return pids;
  }
  pid_t child(const std::string& name) const {
    for (const pid_t pid : children()) {
      std::string comm;
      std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), comm);
      if (comm == name) return pid;
    }
    return -1;
  }
  // The addresses that the kernel refuses SIP.
  bool kernel_refuses_the_attacker_only() const {
    const auto set = kernel("blocked_sip_v4_32");
    const size_t elements = set.find("elements = {");
    return elements != std::string::npos && set.find(kAttacker, elements) != std::string::npos &&
           set.find(',', elements) == std::string::npos;
  }
};

TEST_F(Kills, Promise5AContestedOfficeHasItsSipAfterAnOrderlyStop) {
  start();
  const Phones phones(*network_, accounts({"2042", "2043"}));
  ASSERT_TRUE(registered("2042", 1) && registered("2043", 1)) << registrar_->log();
  guess("inside", "2041", int(kLimit));
  ASSERT_TRUE(wait_until([&] { return blocks(kOffice, "2041") == 1; })) << daemon_->log();
  EXPECT_NE(kernel("contested_v4_32").find(kOffice), std::string::npos);
  const pid_t watch = child("stormdoor-watch");
  const pid_t enforce = child("stormdoor-enfor");  // the kernel cuts it
  ASSERT_TRUE(watch > 0 && enforce > 0);
  for (const pid_t pid : children()) kill(pid, SIGTERM);  // as a terminal or a service manager may
  kill(enforce, SIGSTOP);                                 // it is slow
  daemon_->process().signal(SIGTERM);
  EXPECT_TRUE(wait_until([&] { return kill(watch, 0) != 0; }));
  kill(enforce, SIGCONT);
  EXPECT_EQ(daemon_->process().wait(), 0) << daemon_->log();
  EXPECT_EQ(test::SipClient(*network_, "phones").log_in("2044", kSecrets.at("2044")), 200)
      << "nobody reads the queue any more";
}

TEST_F(Kills, Promise11WhateverIsKilledTheKernelRefusesWhatTheListSays) {
  start();
  ASSERT_EQ(daemon_->shell({"blocks", "add", kAttacker, "--service", "sip"}).status, 0);
  ASSERT_TRUE(wait_until([&] { return kernel_refuses_the_attacker_only(); }));
  const bool is_long = getenv("STORMDOOR_LONG_TESTS") != nullptr;
  const int kills = is_long ? 500 : 20;
  const unsigned seed = std::random_device{}();
  std::mt19937 random{seed};
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::SipClient attacker(*network_, "attacker");
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    std::vector<pid_t> pids;
    ASSERT_TRUE(wait_until([&] {
      pids = children();
      return pids.size() == 3 && works("kernel");
    })) << daemon_->log();
    poll(nullptr, 0, int(random() % 30));
    kill(pids[random() % pids.size()], SIGKILL);
    EXPECT_TRUE(kernel_refuses_the_attacker_only()) << "after kill " << i;
    attacker.send("2041");
  }
  ASSERT_TRUE(wait_until([&] { return works("kernel"); })) << daemon_->log();
  EXPECT_TRUE(kernel_refuses_the_attacker_only());
  EXPECT_EQ(blocks(kAttacker, ""), 1U);
  ASSERT_EQ(daemon_->shell({"blocks", "remove", kAttacker}).status, 0);
  EXPECT_TRUE(
      wait_until([&] { return kernel("blocked_sip_v4_32").find("elements") == std::string::npos; },
                 std::chrono::seconds(2)));
  let_it_arrive();
  EXPECT_EQ(all_answers(kAttacker), 0U);
}

}  // namespace
}  // namespace stormdoor
