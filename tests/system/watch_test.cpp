// stormdoor-watch as it is run: on a capture, and live between two ends of a virtual cable in a
// network namespace of the test's own (needs root; skipped otherwise).

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include "edge/messages_enforce.hpp"
#include "edge/messages_packet.hpp"
#include "edge/messages_watch.hpp"
#include "tests/edge/watch/frames.hpp"
#include "tests/edge/watch/pcap_file.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using namespace test;

constexpr std::chrono::seconds kPatience(20);
const std::string kProgram = std::string(STORMDOOR_BIN_DIR) + "/stormdoor-watch";

std::string line(const std::string& text, size_t number) {
  size_t begin = 0;
  for (; number > 0 && begin != std::string::npos; --number) {
    begin = text.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

TEST(WatchProgram, PrintsTheBindingsOfACapture) {
  TempDir folder;
  const std::string file = folder.file("some.pcap");
  write_pcap(file,
             {ethernet(0x0806, arp(1, kPhoneMac, ip("0.0.0.0"), ip("10.20.0.7"))),
              ethernet(0x0806, arp(1, kPhoneMac, ip("10.20.0.7"), ip("10.20.0.7"))),
              ethernet(0x0806, arp(1, kPhoneMac, ip("10.20.0.7"), ip("10.20.0.1")), kOtherMac),
              ethernet(0x0806, "short")});
  const auto ran = run_program({kProgram, "--read", file, "--print"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(line(ran.out, 0),
            "binding address=10.20.0.7 mac=00:0F:D3:05:48:48 source=gratuitous-arp");
  EXPECT_EQ(line(ran.out, 1), "binding address=10.20.0.7 mac=00:0F:D3:05:48:48 source=arp foreign");
  EXPECT_TRUE(line(ran.out, 2).starts_with("counters frames=4 malformed=1 ")) << ran.out;
}

TEST(WatchProgram, BelievesOnlyTheServersThatItIsTold) {
  TempDir folder;
  const std::string file = folder.file("sip.pcap");
  SipRequestText request;
  const auto frame = [](const char* from, const char* to, const std::string& text) {
    return ethernet(0x0800, ipv4({.source = ip(from), .destination = ip(to), .protocol = 17},
                                 udp(5060, 5060, text)));
  };
  write_pcap(file, {frame("10.20.0.7", "10.20.0.1", request.text()),
                    frame("10.20.0.1", "10.20.0.7", request.answer(401, challenge_header("n1")))});
  const auto reads = [&](const std::string& servers) {
    const auto ran = run_program({kProgram, "--read", file, "--print", "--sip-server", servers});
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out.find("\nsip ") != std::string::npos || ran.out.starts_with("sip ");
  };
  EXPECT_TRUE(reads("10.20.0.1"));
  EXPECT_TRUE(reads("10.20.0.0/30"));
  EXPECT_FALSE(reads("10.20.0.2"));
}

TEST(WatchProgram, SaysHowItIsUsed) {
  EXPECT_EQ(run_program({kProgram, "--help"}).status, 0);
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{},
        {"--read", "x"},
        {"--channel", "3"},
        {"--interface", "lo"},
        {"--channel", "3", "--interface", "lo", "--sip-port", "0"},
        {"--read", "x", "--print", "--sip-server", "pbx"},
        {"--channel", "-1", "--interface", "lo"},
        {"--no-such-option"},
        {"--help", "surplus"}}) {
    std::vector<std::string> arguments{kProgram};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const auto ran = run_program(arguments);
    EXPECT_EQ(ran.status, 2) << (wrong.empty() ? "" : wrong[0]);
    EXPECT_NE(ran.err.find("usage: "), std::string::npos);
  }
  const auto missing = run_program({kProgram, "--read", "/nowhere/x.pcap", "--print"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_NE(missing.err.find("/nowhere/x.pcap"), std::string::npos);
}

// A cable with the watch at one end, and the test at the other. Lives in the thread that made it,
// which has left the machine's network.
class Cable {
 public:
  // False without the right to do so.
  bool lay() {
    if (unshare(CLONE_NEWNET) != 0) return false;
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"ip", "link", "add", "watched", "type", "veth", "peer", "name",
                                   "phone"},
          {"ip", "link", "set", "watched", "up"},
          {"ip", "link", "set", "phone", "up"}})
      if (run_program(command).status != 0) return false;
    phone_.reset(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = int(if_nametoindex("phone"));
    return bind(phone_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  void send(const std::string& frame) {
    ASSERT_EQ(::send(phone_.get(), frame.data(), frame.size(), 0), ssize_t(frame.size()));
  }
  void take_down_and_up() {
    for (const char* state : {"down", "up"})
      ASSERT_EQ(run_program({"ip", "link", "set", "watched", state}).status, 0);
  }
  void cut() { ASSERT_EQ(run_program({"ip", "link", "del", "phone"}).status, 0); }

 private:
  UniqueFd phone_;
};

class RunningWatch {
 public:
  RunningWatch() {
    auto server = PacketChannel::create_pair();
    auto enforce = PacketChannel::create_pair();
    if (!server || !enforce) return;
    const int theirs = dup(server->second.get());  // without close-on-exec
    const int theirs_too = dup(enforce->second.get());
    child_.emplace(
        std::vector<std::string>{kProgram, "--channel", std::to_string(theirs), "--enforce-channel",
                                 std::to_string(theirs_too), "--interface", "watched", "--sip-port",
                                 "5060", "--user", "nobody"},
        std::map<std::string, std::string>{}, folder_.file("log"));
    close(theirs);
    close(theirs_too);
    server_.emplace(std::move(server->first));
    enforce_.emplace(std::move(enforce->first));
  }

  // The next report of this kind; others are dropped.
  template <typename Report>
  std::optional<Report> next() {
    while (auto packet = receive(*server_)) {
      const auto report = decode_watch_report(*packet);
      if (!report) return {};
      if (const auto* wanted = std::get_if<Report>(&*report)) return *wanted;
    }
    return {};
  }
  std::optional<QueueAnswer> ask(const QueuedPacket& question) {
    enforce_->send(encode(question));
    const auto packet = receive(*enforce_);
    if (!packet) return {};
    const auto answer = decode_queue_answer(*packet);
    return answer ? std::optional(*answer) : std::nullopt;
  }
  void order(const WatchOrder& order) { server_->send(encode(order)); }
  void order_raw(const std::string& packet) { server_->send(packet); }
  void close_channel() { server_.reset(); }
  int wait() { return child_->wait(); }
  // "Seccomp:\t2" and so on.
  std::string status_of_process(const std::string& name) {
    std::ifstream file(fmt::format("/proc/{}/status", child_->pid()));
    for (std::string text; std::getline(file, text);)
      if (text.starts_with(name + ":\t")) return text.substr(name.size() + 2);
    return "";
  }
  std::string log() {
    std::ifstream file(folder_.file("log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static std::optional<std::string> receive(PacketChannel& channel) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      auto packet = channel.receive();
      if (!packet || channel.closed()) return {};
      if (*packet) return **packet;
      pollfd waiting{channel.descriptor(), POLLIN, 0};
      poll(&waiting, 1, 100);
    }
    return {};
  }

  TempDir folder_;
  std::optional<PacketChannel> server_, enforce_;
  std::optional<ChildProcess> child_;
};

// On a thread with a network of its own.
void on_a_cable(const std::function<void(Cable&, RunningWatch&)>& story) {
  bool laid = false;
  std::jthread([&] {
    Cable cable;
    laid = cable.lay();
    if (!laid) return;
    RunningWatch watch;
    ASSERT_TRUE(watch.next<WatchAlive>()) << watch.log();
    story(cable, watch);
  }).join();
  if (!laid) GTEST_SKIP() << "needs the right to make a network namespace";
}

std::string phone_says(const IpAddress& address) {
  return ethernet(0x0806, arp(1, kPhoneMac, address, ip("10.20.0.1")));
}

TEST(WatchProgram, TellsWhatItSeesAtOnce) {
  on_a_cable([](Cable& cable, RunningWatch& watch) {
    std::vector<double> microseconds;
    for (uint32_t i = 1; i <= 200; ++i) {
      const auto before = std::chrono::steady_clock::now();
      cable.send(phone_says(IpAddress::v4(0x0A140000 + i)));
      const auto seen = watch.next<BindingSeen>();
      ASSERT_TRUE(seen) << watch.log();
      EXPECT_EQ(seen->mac, kPhoneMac);
      EXPECT_EQ(seen->address, IpAddress::v4(0x0A140000 + i));
      EXPECT_NE(seen->interface, 0U);
      microseconds.push_back(
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before)
              .count());
    }
    std::ranges::sort(microseconds);
    RecordProperty("median_us", int(microseconds[100]));
    RecordProperty("p99_us", int(microseconds[197]));
    EXPECT_LT(microseconds[100], 100'000) << "frames are handed over at once, not in batches";
    cable.send(
        ethernet(0x8100, vlan(20, 0x0806, arp(1, kPhoneMac, ip("10.30.0.7"), ip("10.30.0.1")))));
    const auto tagged = watch.next<BindingSeen>();
    ASSERT_TRUE(tagged);
    EXPECT_EQ(tagged->vlan, 20);
  });
}

TEST(WatchProgram, HasNoRightsWhenItReadsTheFirstFrame) {
  on_a_cable([](Cable&, RunningWatch& watch) {
    EXPECT_EQ(watch.status_of_process("Seccomp"), "2");
    EXPECT_EQ(watch.status_of_process("NoNewPrivs"), "1");
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
      EXPECT_EQ(watch.status_of_process(set), "0000000000000000") << set;
    EXPECT_EQ(watch.status_of_process("Uid").find("0\t"), std::string::npos);
    EXPECT_EQ(watch.status_of_process("Groups").find_first_not_of(" \t"), std::string::npos);
  });
}

TEST(WatchProgram, OutlivesAnInterfaceThatIsDownForAWhile) {
  on_a_cable([](Cable& cable, RunningWatch& watch) {
    cable.take_down_and_up();
    ASSERT_TRUE(watch.next<WatchAlive>()) << watch.log();
    cable.send(phone_says(ip("10.20.0.7")));
    EXPECT_TRUE(watch.next<BindingSeen>()) << watch.log();
  });
}

TEST(WatchProgram, AnswersAboutSinglePackets) {
  on_a_cable([](Cable&, RunningWatch& watch) {
    const auto answer =
        watch.ask({7, ipv4({.source = ip("198.51.100.7")}, udp(40000, 5060, "\r\n\r\n"))});
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (QueueAnswer{7, true})) << "a keep-alive";
    EXPECT_EQ(watch.ask({8, "no packet"}), (QueueAnswer{8, false}));
  });
}

std::string register_request(const std::string& user, int cseq, const std::string& more = {}) {
  return fmt::format(
      "REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.0.7:5060;branch=z9hG4bK{1}\r\n"
      "From: <sip:{0}@pbx>;tag=1\r\nTo: <sip:{0}@pbx>\r\nCall-ID: call\r\n"
      "CSeq: {1} REGISTER\r\n{2}Content-Length: 0\r\n\r\n",
      user, cseq, more);
}
std::string answer_to(const std::string& request, const std::string& status,
                      const std::string& more = {}) {
  const size_t line_end = request.find("\r\n");
  const size_t last = request.find("Content-Length");
  return "SIP/2.0 " + status + request.substr(line_end, last - line_end) + more +
         "Content-Length: 0\r\n\r\n";
}

TEST(WatchProgram, PrintsTheOutcomesOfACapture) {
  TempDir folder;
  const std::string file = folder.file("some.pcap");
  const auto there = [](const std::string& message) {
    return ethernet(0x0800, ipv4({}, udp(5062, 5060, message)));
  };
  const auto back = [](const std::string& message) {
    return ethernet(0x0800, ipv4({.source = ip("10.20.0.1"), .destination = ip("10.20.0.7")},
                                 udp(5060, 5062, message)));
  };
  const std::string first = register_request("2041", 1);
  const std::string second = register_request(
      "2041", 2,
      "Authorization: Digest username=\"2041\", realm=\"pbx\", nonce=\"n\", uri=\"sip:pbx\", "
      "response=\"00000000000000000000000000000000\"\r\n");
  write_pcap(file, {there(first),
                    back(answer_to(first, "401 Unauthorized",
                                   "WWW-Authenticate: Digest realm=\"pbx\", nonce=\"n\"\r\n")),
                    there(second), back(answer_to(second, "403 Forbidden"))});
  const auto ran = run_program({kProgram, "--read", file, "--print"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(line(ran.out, 0).starts_with("sip probed method=REGISTER status=401 cseq=1 "))
      << ran.out;
  EXPECT_TRUE(
      line(ran.out, 1)
          .starts_with(
              "sip refused method=REGISTER status=403 cseq=2 account=\"2041\" username=\"2041\" "
              "client=10.20.0.7:5062 server=10.20.0.1:5060 transport=udp expires=0 "
              "nonce_was_sent_there=true "))
      << ran.out;
  EXPECT_TRUE(line(ran.out, 2)
                  .starts_with("counters frames=4 malformed=0 fragments=0 "
                               "sip_messages=4 "))
      << ran.out;
}

TEST(WatchProgram, FollowsOtherPortsWithoutARestart) {
  on_a_cable([](Cable& cable, RunningWatch& watch) {
    const auto probe = [&](int cseq) {
      const std::string request = register_request("2041", cseq);
      cable.send(ethernet(0x0800, ipv4({}, udp(40000, 5070, request))));
      cable.send(ethernet(0x0800, ipv4({.source = ip("10.20.0.1"), .destination = ip("10.20.0.7")},
                                       udp(5070, 40000, answer_to(request, "401 Unauthorized")))));
    };
    probe(1);
    watch.order(WatchSettings{{5070}});
    // One sign of life may have been on its way already; the next one comes after the order.
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(watch.next<WatchAlive>()) << watch.log();
    probe(2);
    const auto outcome = watch.next<SipOutcome>();
    ASSERT_TRUE(outcome) << watch.log();
    EXPECT_EQ(outcome->cseq, 2U) << "the first one came before the order";
  });
}

TEST(Promise5_OnePhoneNeverDarkensTheOffice, PacketsThatNameABlamedAccountAreRefused) {
  on_a_cable([](Cable&, RunningWatch& watch) {
    const auto asked = [&](const std::string& user) {
      return watch.ask(
          {9, ipv4({.source = ip("198.51.100.7")}, udp(40000, 5060, register_request(user, 1)))});
    };
    EXPECT_EQ(asked("2041"), (QueueAnswer{9, true}));
    watch.order(WatchBlame{true, *IpPrefix::parse("198.51.100.7"), "2041"});
    // The order comes another way than the question; it is there soon.
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (asked("2041") == QueueAnswer{9, true} && std::chrono::steady_clock::now() < deadline) {
    }
    EXPECT_EQ(asked("2041"), (QueueAnswer{9, false}));
    EXPECT_EQ(asked("2042"), (QueueAnswer{9, true})) << "the neighbour behind the same address";
  });
}

TEST(WatchProgram, EndsWithItsChannelItsInterfaceOrANonsensicalOrder) {
  on_a_cable([](Cable&, RunningWatch& watch) {
    watch.close_channel();
    EXPECT_EQ(watch.wait(), 0) << watch.log();
  });
  on_a_cable([](Cable& cable, RunningWatch& watch) {
    cable.cut();
    EXPECT_EQ(watch.wait(), 1) << watch.log();
    EXPECT_NE(watch.log().find("watched"), std::string::npos) << watch.log();
  });
  on_a_cable([](Cable&, RunningWatch& watch) {
    watch.order_raw("\xff");
    EXPECT_EQ(watch.wait(), 1) << watch.log();
  });
}

// The helpers never have the server's libraries (and secrets) in memory, nor the server theirs.
TEST(Programs, LinkOnlyWhatTheyMay) {
  const auto links = [](const std::string& program) {
    const std::string file = std::string(STORMDOOR_BIN_DIR) + "/" + program;
    return access(file.c_str(), X_OK) == 0 ? run_program({"ldd", file}).out : "";
  };
  const auto expect_none = [&](const std::string& program, std::vector<std::string> libraries) {
    const std::string linked = links(program);
    for (const auto& library : libraries)
      EXPECT_EQ(linked.find(library), std::string::npos) << program << " links " << library;
  };
  EXPECT_NE(links("stormdoor-watch").find("libpcap"), std::string::npos) << "ldd was understood";
  for (const char* helper : {"stormdoor-watch", "stormdoor-enforce"})
    expect_none(helper, {"libsqlite3", "libssl", "libcrypto", "libevent"});
  expect_none("stormdoor-watch", {"libnftables", "libnetfilter_queue"});
  expect_none("stormdoor-enforce", {"libpcap", "libosip"});
  for (const char* ours : {"stormdoord", "stormdoor"})
    expect_none(ours, {"libpcap", "libosip", "libnftables", "libnetfilter_queue"});
}

}  // namespace
}  // namespace stormdoor::edge
