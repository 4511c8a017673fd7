// stormdoor-watch: reads frames from the network, or from a file, in a sandbox, and tells the
// server which MAC is behind which address and how logins over SIP ended.
//
// Started by stormdoord with channels and interfaces; by people with --read FILE --print.

#include <fcntl.h>
#include <fmt/format.h>
#include <getopt.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "edge/watch/capture.hpp"
#include "edge/watch/own_addresses.hpp"
#include "edge/watch/report_text.hpp"
#include "edge/watch/sandbox.hpp"
#include "edge/watch/watch_loop.hpp"
#include "edge/watch/watcher.hpp"

namespace stormdoor::edge::watch {
namespace {

constexpr std::string_view kUsage =
    "usage: stormdoor-watch --read FILE --print [--sip-port N]... [--sip-server PREFIX]...\n"
    "         [--user NAME]\n"
    "         prints a line for each binding and each outcome of SIP in a capture\n"
    "       stormdoor-watch --channel FD [--enforce-channel FD] --interface NAME...\n"
    "         [--sip-port N]... [--sip-server PREFIX]... [--user NAME]\n"
    "         as stormdoord starts it\n"
    "Without --sip-port: 5060. Without --sip-server: a PBX is whoever answers on such a port.\n";

constexpr size_t kMostWatchServers = 16;

enum Exit : int { kDone = 0, kFailed = 1, kUsageError = 2 };

struct Arguments {
  std::optional<int> channel;
  std::optional<int> enforce_channel;
  std::vector<std::string> interfaces;
  std::vector<uint16_t> sip_ports;
  std::vector<IpPrefix> sip_servers;
  std::string user;
  std::string file;
  bool print = false;
  bool help = false;
};

std::optional<int> parse_number(std::string_view text, int least, int most) {
  int number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return {};
  if (number < least || number > most) return {};
  return number;
}

bool take_option(Arguments& arguments, int option, const char* value) {
  constexpr int kMostDescriptor = 1 << 20;
  switch (option) {
    case 'c':
      return (arguments.channel = parse_number(value, 0, kMostDescriptor)).has_value();
    case 'e':
      return (arguments.enforce_channel = parse_number(value, 0, kMostDescriptor)).has_value();
    case 'i':
      arguments.interfaces.emplace_back(value);
      return true;
    case 's': {
      const auto port = parse_number(value, 1, 65'535);
      if (!port || arguments.sip_ports.size() == kMostWatchPorts) return false;
      arguments.sip_ports.push_back(static_cast<uint16_t>(*port));
      return true;
    }
    case 'v': {
      const auto prefix = IpPrefix::parse(value);
      if (!prefix || arguments.sip_servers.size() == kMostWatchServers) return false;
      arguments.sip_servers.push_back(*prefix);
      return true;
    }
    case 'u':
      arguments.user = value;
      return true;
    case 'r':
      arguments.file = value;
      return true;
    case 'p':
      return arguments.print = true;
    case 'h':
      return arguments.help = true;
    default:
      return false;
  }
}

bool fit_together(const Arguments& arguments) {
  if (arguments.help) return true;
  if (!arguments.file.empty()) return arguments.print && arguments.interfaces.empty();
  return arguments.channel && !arguments.interfaces.empty() && !arguments.print;
}

std::optional<Arguments> parse_arguments(int argc, char** argv) {
  static const option kOptions[] = {{"channel", required_argument, nullptr, 'c'},
                                    {"enforce-channel", required_argument, nullptr, 'e'},
                                    {"interface", required_argument, nullptr, 'i'},
                                    {"sip-port", required_argument, nullptr, 's'},
                                    {"sip-server", required_argument, nullptr, 'v'},
                                    {"user", required_argument, nullptr, 'u'},
                                    {"read", required_argument, nullptr, 'r'},
                                    {"print", no_argument, nullptr, 'p'},
                                    {"help", no_argument, nullptr, 'h'},
                                    {nullptr, 0, nullptr, 0}};
  Arguments arguments;
  for (;;) {
    const int option = getopt_long(argc, argv, "", kOptions, nullptr);
    if (option == -1) break;
    if (!take_option(arguments, option, optarg)) return {};
  }
  if (optind != argc || !fit_together(arguments)) return {};
  if (arguments.sip_ports.empty()) arguments.sip_ports.push_back(5060);
  return arguments;
}

// Standard output without stdio, which would ask the kernel things that lock_down() forbids.
class Output {
 public:
  void line(const std::string& text) {
    waiting_ += text;
    waiting_ += '\n';
    if (waiting_.size() > kEnough) flush();
  }
  void flush() {
    for (std::string_view rest = waiting_; !rest.empty();) {
      const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) break;
      if (written > 0) rest.remove_prefix(static_cast<size_t>(written));
    }
    waiting_.clear();
  }

 private:
  static constexpr size_t kEnough = 1 << 16;
  std::string waiting_;
};

Result<void> become_harmless(const std::optional<Account>& account,
                             const std::vector<int>& channels) {
  if (account) TRY(drop_privileges(*account));
  return lock_down({STDOUT_FILENO, STDERR_FILENO}, channels);
}

Result<void> print_file(const Arguments& arguments, const std::optional<Account>& account) {
  constexpr int kMostAtOnce = 1'000;
  Capture capture = TRY(Capture::open_file(arguments.file, arguments.sip_ports));
  TRY(become_harmless(account, {}));
  Output output;
  SipWatchSettings sip;
  sip.servers = arguments.sip_servers;
  Watcher watcher(kMostAddresses, std::move(sip), [&](const WatchReport& report) {
    output.line(std::visit([](const auto& told) { return to_text(told); }, report));
  });
  watcher.set_sip_ports(arguments.sip_ports);
  const auto use = [&](Bytes frame, int64_t time_us) {
    watcher.on_frame(capture.link_type(), frame, 0, time_us);
  };
  while (TRY(capture.read(kMostAtOnce, use)) > 0) {
  }
  output.line(to_text(watcher.counters()));
  output.flush();
  return {};
}

int exit_status(const Result<void>& done) {
  if (done) return kDone;
  log_error("watch_failed", {{"why", done.error()}});
  return kFailed;
}

Result<PacketChannel> take_channel(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    return system_error(fmt::format("take the channel {}", fd), errno);
  return PacketChannel(UniqueFd(fd));
}

Result<void> watch_network(const Arguments& arguments, const std::optional<Account>& account) {
  PacketChannel server = TRY(take_channel(*arguments.channel));
  std::vector<int> channels{*arguments.channel};
  std::optional<PacketChannel> enforce;
  if (arguments.enforce_channel) {
    enforce = TRY(take_channel(*arguments.enforce_channel));
    channels.push_back(*arguments.enforce_channel);
  }
  SipWatchSettings sip;
  sip.ports = arguments.sip_ports;
  sip.servers = arguments.sip_servers;
  sip.own = own_addresses();
  std::vector<Capture> captures;
  for (const auto& interface : arguments.interfaces)
    captures.push_back(TRY(Capture::open_live(interface, sip.ports, sip.own)));
  WatchLoop loop(std::move(captures), std::move(server), std::move(enforce), std::move(sip));
  TRY(become_harmless(account, channels));
  // Never back to our caller: to close a capture, libpcap would need more than is allowed now.
  _exit(exit_status(loop.run()));
}

Result<void> run(const Arguments& arguments) {
  std::optional<Account> account;
  if (!arguments.user.empty()) account = TRY(find_account(arguments.user));
  return arguments.file.empty() ? watch_network(arguments, account)
                                : print_file(arguments, account);
}

int main_of(int argc, char** argv) {
  const auto arguments = parse_arguments(argc, argv);
  if (!arguments || arguments->help) {
    const int out = arguments ? STDOUT_FILENO : STDERR_FILENO;
    (void)!write(out, kUsage.data(), kUsage.size());
    return arguments ? kDone : kUsageError;
  }
  return exit_status(run(*arguments));
}

}  // namespace
}  // namespace stormdoor::edge::watch

int main(int argc, char** argv) {
  // Without what the library does at the end, which may need more than lock_down() allows; nothing
  // of ours waits for it.
  _exit(stormdoor::edge::watch::main_of(argc, argv));
}
