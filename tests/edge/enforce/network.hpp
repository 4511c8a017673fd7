#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/process.hpp"

namespace stormdoor::test {

// Two network namespaces of this thread's own, joined by a virtual cable: the PBX's at 192.0.2.1
// and fd00::1, the phones' with several addresses. The thread stands in the PBX's; sockets are made
// in either and used from here. Everything is gone with the object.
class Network {
 public:
  static constexpr std::chrono::milliseconds kPatience{5'000};

  // False, with the reason, where namespaces cannot be made.
  static std::optional<std::string> missing() {
    if (geteuid() != 0) return "needs root, to make network namespaces";
    if (!program_exists("nft") || !program_exists("ip")) return "needs nft and ip";
    return {};
  }

  static constexpr const char* kPbxMac = "02:00:00:00:00:01";

  Network() : home_(open_own()) {
    phones_ = make_namespace();
    pbx_ = make_namespace();
    const auto phones_path =
        "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(phones_.get());
    ip({"link", "add", "pbx", "address", kPbxMac, "type", "veth", "peer", "name", "phones"});
    ip({"link", "set", "phones", "netns", phones_path});
    ip({"link", "set", "lo", "up"});
    configure("pbx", {"192.0.2.1/24", "fd00::1/64"});
    enter(phones_);
    configure("phones", {"192.0.2.10/24", "192.0.2.11/24", "192.0.2.12/24", "fd00::10/64",
                         "fd00::11/64", "fd00:1::10/64"});
    ip({"-6", "route", "add", "fd00::/16", "dev", "phones"});
    // Known from the start: what is sent arrives in the order in which it was sent.
    for (const char* pbx : {"192.0.2.1", "fd00::1"})
      ip({"neigh", "replace", pbx, "lladdr", kPbxMac, "dev", "phones", "nud", "permanent"});
    enter(pbx_);
    ip({"-6", "route", "add", "fd00:1::/64", "dev", "pbx"});
  }
  ~Network() { enter(home_); }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // A socket of a phone, bound.
  UniqueFd phone(const std::string& address, uint16_t port, int type = SOCK_DGRAM) const {
    enter(phones_);
    auto socket = bound(address, port, type);
    enter(pbx_);
    return socket;
  }
  // A socket of the PBX, for both families; listening if it is of TCP.
  static UniqueFd service(uint16_t port, int type = SOCK_DGRAM) {
    auto socket = bound("::", port, type);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(listen(socket.get(), 16), 0);
    }
    return socket;
  }

  static void send(const UniqueFd& from, const std::string& to, uint16_t port,
                   const std::string& text) {
    const auto address = address_of(to, port);
    EXPECT_EQ(sendto(from.get(), text.data(), text.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address),
              ssize_t(text.size()))
        << strerror(errno);
  }
  // Begins to connect; whether it succeeds is asked later.
  static int connect(const UniqueFd& from, const std::string& to, uint16_t port) {
    const auto address = address_of(to, port);
    if (::connect(from.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return 0;
    return errno;
  }
  // Waits until something is there; false when the patience has ended.
  static bool wait(const UniqueFd& socket, short events) {
    pollfd polled{socket.get(), events, 0};
    return poll(&polled, 1, int(kPatience.count())) == 1;
  }
  // The next text; empty when none came.
  static std::string receive(const UniqueFd& socket) {
    if (!wait(socket, POLLIN)) return {};
    std::string text(2048, '\0');
    const ssize_t got = recv(socket.get(), text.data(), text.size(), 0);
    text.resize(size_t(std::max<ssize_t>(got, 0)));
    return text;
  }
  // What had arrived before `last`, which was sent last over the same cable.
  static std::multiset<std::string> receive_until(const UniqueFd& socket, const std::string& last) {
    std::multiset<std::string> texts;
    while (true) {
      auto text = receive(socket);
      EXPECT_FALSE(text.empty()) << "\"" << last << "\" did not arrive";
      if (text == last || text.empty()) return texts;
      texts.insert(std::move(text));
    }
  }

  static std::string nft(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{"nft"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto done = run_program(command);
    EXPECT_EQ(done.status, 0) << done.err;
    return done.out;
  }
  static std::string nft_file(const std::string& text) {
    const auto done = run_program({"nft", "-f", "-"}, text);
    EXPECT_EQ(done.status, 0) << done.err;
    return done.out;
  }

 private:
  static UniqueFd open_own() {
    return UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }
  static UniqueFd make_namespace() {
    EXPECT_EQ(unshare(CLONE_NEWNET), 0) << strerror(errno);
    return open_own();
  }
  static void enter(const UniqueFd& ns) { EXPECT_EQ(setns(ns.get(), CLONE_NEWNET), 0); }
  static void ip(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ip");
    const auto done = run_program(arguments);
    EXPECT_EQ(done.status, 0) << done.err;
  }
  static void configure(const std::string& device, const std::vector<std::string>& addresses) {
    for (const auto& address : addresses) {
      std::vector<std::string> command{"addr", "add", address, "dev", device};
      if (address.find(':') != std::string::npos) command.emplace_back("nodad");
      ip(command);
    }
    ip({"link", "set", device, "up"});
  }
  static sockaddr_in6 address_of(const std::string& text, uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    const auto parsed = IpAddress::parse(text);
    std::copy(parsed->bytes().begin(), parsed->bytes().end(), address.sin6_addr.s6_addr);
    return address;
  }
  static UniqueFd bound(const std::string& text, uint16_t port, int type) {
    UniqueFd socket(::socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    const int off = 0;
    setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = address_of(text, port);
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
        << text << ": " << strerror(errno);
    return socket;
  }

  UniqueFd home_, phones_, pbx_;
};

}  // namespace stormdoor::test
