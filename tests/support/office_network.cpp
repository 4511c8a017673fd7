#include "tests/support/office_network.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <sstream>
#include <thread>

namespace stormdoor::test {
namespace {

constexpr std::array kPlaces = {"net", "edge", "nat", "phones", "inside", "attacker", "victim"};
constexpr const char* kMasquerade =
    "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" "
    "masquerade; }; }";

}  // namespace

bool wait_until(const std::function<bool()>& done, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    poll(nullptr, 0, 20);  // what is waited for is another program's, and cannot be polled
  }
  return true;
}

std::optional<std::string> missing_for_networks(std::initializer_list<const char*> programs) {
  if (geteuid() != 0) return "needs root, to make network namespaces";
  for (const char* program : {"ip", "nft"})
    if (!program_exists(program)) return fmt::format("needs {}", program);
  for (const char* program : programs)
    if (!program_exists(program)) return fmt::format("needs {}", program);
  return {};
}

OfficeNetwork::OfficeNetwork() {
  static std::atomic<int> made{0};
  prefix_ = fmt::format("sd{}-{}-", getpid(), ++made);
  for (const char* place : kPlaces) make(place);
  ip({"-n", name("net"), "link", "add", "br0", "type", "bridge"});
  ip({"-n", name("net"), "link", "set", "br0", "up"});
  join("nat", "wan", "net");
  for (const char* place : {"edge", "attacker", "victim"}) join(place, "eth0", "net");
  ip({"-n", name("nat"), "link", "add", "br0", "type", "bridge"});
  ip({"-n", name("nat"), "addr", "add", "192.168.7.1/24", "dev", "br0"});
  ip({"-n", name("nat"), "link", "set", "br0", "up"});
  for (const char* place : {"phones", "inside"}) {
    join(place, "eth0", "nat");
    ip({"-n", name(place), "route", "add", "default", "via", "192.168.7.1"});
  }
  EXPECT_EQ(run("nat", {"sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"}).status, 0);
  const auto translating = run("nat", {"nft", "-f", "-"}, kMasquerade);
  EXPECT_EQ(translating.status, 0) << translating.err;
}

OfficeNetwork::~OfficeNetwork() {
  for (const char* place : kPlaces) {
    std::istringstream pids(run_program({"ip", "netns", "pids", name(place)}).out);
    for (pid_t pid = 0; pids >> pid;) kill(pid, SIGKILL);
    run_program({"ip", "netns", "del", name(place)});
  }
}

void OfficeNetwork::make(const std::string& place) const {
  ip({"netns", "add", name(place)});
  ip({"-n", name(place), "link", "set", "lo", "up"});
}

void OfficeNetwork::join(const std::string& place, const std::string& device,
                         const std::string& where) const {
  const std::string peer = "to-" + place;
  ip({"-n", name(place), "link", "add", device, "type", "veth", "peer", "name", peer, "netns",
      name(where)});
  ip({"-n", name(where), "link", "set", peer, "master", "br0", "up"});
  ip({"-n", name(place), "addr", "add", address(place) + "/24", "dev", device});
  ip({"-n", name(place), "link", "set", device, "up"});
}

void OfficeNetwork::ip(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "ip");
  const auto done = run_program(arguments);
  EXPECT_EQ(done.status, 0) << done.err;
}

std::vector<std::string> OfficeNetwork::at(const std::string& place,
                                           std::vector<std::string> command) const {
  const std::array<std::string, 5> before = {"/usr/bin/env", "ip", "netns", "exec", name(place)};
  command.insert(command.begin(), before.begin(), before.end());
  return command;
}

Finished OfficeNetwork::run(const std::string& place, const std::vector<std::string>& command,
                            const std::string& input) const {
  return run_program(at(place, command), input);
}

std::string OfficeNetwork::address(const std::string& place) const {
  static const std::map<std::string, std::string> kAddresses = {
      {"edge", "203.0.113.1"},    {"nat", "203.0.113.20"},    {"attacker", "203.0.113.66"},
      {"victim", "203.0.113.77"}, {"phones", "192.168.7.10"}, {"inside", "192.168.7.66"}};
  return kAddresses.at(place);
}

std::string OfficeNetwork::mac(const std::string& place) const {
  return run(place, {"cat", "/sys/class/net/eth0/address"}).out.substr(0, 17);
}

int OfficeNetwork::index(const std::string& place) const {
  return std::atoi(run(place, {"cat", "/sys/class/net/eth0/ifindex"}).out.c_str());
}

void OfficeNetwork::set_mac(const std::string& place, const std::string& mac) const {
  ip({"-n", name(place), "link", "set", "eth0", "address", mac});
}

void OfficeNetwork::add_addresses(const std::string& place, int first, int count) const {
  std::string script;
  for (int host = first; host < first + count; ++host)
    script += "addr add 203.0.113." + std::to_string(host) + "/24 dev eth0\n";
  const auto done = run(place, {"ip", "-batch", "-"}, script);
  EXPECT_EQ(done.status, 0) << done.err;
}

// A thread may go to another network on its own.
void OfficeNetwork::within(const std::string& place, const std::function<void()>& use) const {
  std::thread([&] {
    const UniqueFd there(open(("/run/netns/" + name(place)).c_str(), O_RDONLY | O_CLOEXEC));
    if (setns(there.get(), CLONE_NEWNET) == 0) use();
  }).join();
}

UniqueFd OfficeNetwork::socket(const std::string& place, int family, int type, int protocol) const {
  UniqueFd socket;
  within(place, [&] { socket.reset(::socket(family, type | SOCK_CLOEXEC, protocol)); });
  EXPECT_TRUE(socket.valid()) << name(place);
  return socket;
}

}  // namespace stormdoor::test
