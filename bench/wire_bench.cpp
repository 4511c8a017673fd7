// How long is an attacker still heard? From the last refusal that the PBX sends to the element in
// the kernel's set: capture, server, guard and enforcement, real, in network namespaces. The first
// failures of each attacker come before; what is measured is the one that is too many. Needs root.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/office_network.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/sip_client.hpp"

namespace stormdoor {
namespace {

using SteadyClock = std::chrono::steady_clock;
using test::OfficeNetwork;
using test::RunningDaemon;
using test::SipClient;

constexpr int kPatienceMs = 5'000;
constexpr int kFailures = 10;  // what SIP may have, by default
constexpr int kAttackers = 140;
constexpr int kFirstHost = 100;  // 203.0.113.100 and on

sockaddr_in endpoint(const std::string& address, uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &at.sin_addr);
  return at;
}

// A UDP socket of a place, bound.
UniqueFd bound(const OfficeNetwork& network, const std::string& place, const std::string& address,
               uint16_t port) {
  UniqueFd socket = network.socket(place, AF_INET, SOCK_DGRAM, 0);
  const auto at = endpoint(address, port);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) socket.reset();
  return socket;
}

// The PBX at 203.0.113.1:5060 and whoever asks it, on one thread.
class Exchange {
 public:
  explicit Exchange(const OfficeNetwork& network)
      : network_(network), pbx_(bound(network, "edge", "203.0.113.1", 5060)) {}

  // One attempt with a wrong password; the moment before its refusal was sent.
  std::optional<SteadyClock::time_point> fail(const std::string& address, int attempt) {
    const UniqueFd client = bound(network_, "attacker", address, 0);
    const std::string branch = fmt::format("{}-{}", address, attempt);
    const std::string nonce = "nonce-" + branch;
    if (!request(client, SipClient::asking("2041", branch)) ||
        !answer(client, SipClient::challenging("2041", branch, nonce)))
      return {};
    const std::string proof = SipClient::answering(nonce, "2041", "guess-" + branch, branch + "b");
    if (!request(client, proof)) return {};
    std::string refusal = "SIP/2.0 403 Forbidden\r\n" + proof.substr(proof.find("\r\n") + 2);
    refusal.erase(refusal.find("Authorization:"),
                  refusal.find("Content-Length") - refusal.find("Authorization:"));
    const auto before = SteadyClock::now();
    return answer(client, refusal) ? std::optional(before) : std::nullopt;
  }

 private:
  bool request(const UniqueFd& client, const std::string& text) {
    const auto pbx = endpoint("203.0.113.1", 5060);
    sendto(client.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&pbx),
           sizeof pbx);
    socklen_t size = sizeof from_;
    pollfd polled{pbx_.get(), POLLIN, 0};
    return poll(&polled, 1, kPatienceMs) == 1 &&
           recvfrom(pbx_.get(), buffer_.data(), buffer_.size(), 0,
                    reinterpret_cast<sockaddr*>(&from_), &size) > 0;
  }
  bool answer(const UniqueFd& client, const std::string& text) {
    sendto(pbx_.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&from_),
           sizeof from_);
    pollfd polled{client.get(), POLLIN, 0};
    return poll(&polled, 1, kPatienceMs) == 1 &&
           recv(client.get(), buffer_.data(), buffer_.size(), 0) > 0;
  }

  const OfficeNetwork& network_;
  UniqueFd pbx_;
  sockaddr_in from_{};
  std::string buffer_ = std::string(65'536, '\0');
};

// The kernel tells of each change of its nftables sets.
class SetMonitor {
 public:
  explicit SetMonitor(const OfficeNetwork& network)
      : socket_(network.socket("edge", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)) {
    sockaddr_nl own{};
    own.nl_family = AF_NETLINK;
    const int group = NFNLGRP_NFTABLES;
    works_ =
        bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0 &&
        setsockopt(socket_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
  }
  [[nodiscard]] bool works() const { return works_; }
  // When an element came into a set; nothing if none came in time.
  std::optional<SteadyClock::time_point> next_element() {
    while (true) {
      pollfd polled{socket_.get(), POLLIN, 0};
      if (poll(&polled, 1, kPatienceMs) != 1) return {};
      const ssize_t got = recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
      const auto now = SteadyClock::now();
      size_t at = 0;
      while (at + sizeof(nlmsghdr) <= size_t(std::max<ssize_t>(got, 0))) {
        nlmsghdr header;
        memcpy(&header, buffer_.data() + at, sizeof header);
        if (header.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM)) return now;
        at += std::max<size_t>(NLMSG_ALIGN(header.nlmsg_len), sizeof header);
      }
    }
  }

 private:
  UniqueFd socket_;
  bool works_ = false;
  std::string buffer_ = std::string(65'536, '\0');
};

std::unique_ptr<RunningDaemon> daemon_in(const OfficeNetwork& network) {
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  RunningDaemon::Options options;
  options.address = "203.0.113.1";
  options.within = network.at("edge", {});
  options.top_config = "enforce = \"kernel\"\n";
  options.extra_config =
      "[watch]\ninterfaces = [\"eth0\"]\n[[network]]\nname = \"Everybody\"\n"
      "prefixes = [\"0.0.0.0/0\"]\nservices = [\"provisioning\", \"sip\"]\n";
  auto daemon =
      RunningDaemon::start(programs, std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones", options);
  if (!daemon) return nullptr;
  const auto ready = [&] {
    const std::string status = (*daemon)->shell({"status"}).out;
    return status.find("watches") != std::string::npos &&
           status.find("enforces") != std::string::npos;
  };
  return test::wait_until(ready) ? std::move(*daemon) : nullptr;
}

void last_wrong_answer_to_kernel(benchmark::State& state) {
  if (const auto reason = test::missing_for_networks({"ip", "nft"}))
    return state.SkipWithError(reason->c_str());
  const OfficeNetwork network;
  network.add_addresses("attacker", kFirstHost, kAttackers);
  const auto daemon = daemon_in(network);
  Exchange exchange(network);
  SetMonitor monitor(network);
  if (!daemon || !monitor.works()) return state.SkipWithError("stormdoord does not work");
  std::vector<double> seconds;
  int host = kFirstHost;
  for (auto _ : state) {
    const std::string address = fmt::format("203.0.113.{}", host++);
    // Another device each: one device's failures are counted wherever it goes.
    network.set_mac("attacker", fmt::format("02:00:00:00:00:{:02x}", host));
    std::optional<SteadyClock::time_point> sent;
    for (int attempt = 0; attempt < kFailures; ++attempt) sent = exchange.fail(address, attempt);
    if (!sent) return state.SkipWithError("the PBX and the attacker do not hear each other");
    const auto seen = monitor.next_element();
    if (!seen) {
      fmt::print(stderr, "{}{}", daemon->log(), daemon->shell({"status"}).out);
      return state.SkipWithError("not blocked");
    }
    seconds.push_back(std::chrono::duration<double>(*seen - *sent).count());
    state.SetIterationTime(seconds.back());
  }
  std::ranges::sort(seconds);
  const auto share = [&](double part) {
    return 1e3 * seconds[size_t(part * double(seconds.size() - 1))];
  };
  state.counters["median_ms"] = share(0.5);
  state.counters["p99_ms"] = share(0.99);
}
BENCHMARK(last_wrong_answer_to_kernel)
    ->Iterations(kAttackers)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stormdoor

BENCHMARK_MAIN();
