#include "bench/storm/slow_link.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace stormdoor::storm {
namespace {

constexpr size_t kMostPacketBytes = 65'536;
constexpr int kMostPacketsPerTurn = 256;

struct Tun {
  UniqueFd fd;
  std::string name;
};

// A device of the calling thread's namespace; packets without a header before them.
Result<Tun> open_tun() {
  Tun tun{UniqueFd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)), {}};
  if (!tun.fd.valid()) return system_error("open /dev/net/tun", errno);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, "stormlink%d", IFNAMSIZ - 1);
  if (ioctl(tun.fd.get(), TUNSETIFF, &request) != 0)
    return system_error("make a TUN device (this needs root)", errno);
  tun.name = request.ifr_name;
  return tun;
}

// Runs `ip` with these words.
Result<void> ip(std::vector<std::string> words) {
  words.insert(words.begin(), "ip");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  if (const int failure = posix_spawnp(&child, "ip", nullptr, nullptr, arguments.data(), environ))
    return system_error("run ip (package iproute2)", failure);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) {
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
    return Error(ErrorCode::Unavailable, fmt::format("\"{}\" failed", line));
  }
  return {};
}

std::string family(const IpPrefix& prefix) {
  return prefix.is_v4() ? "-4" : "-6";
}

void take_in(int fd, LinkQueue& queue, SteadyTime now) {
  std::array<char, kMostPacketBytes> packet;
  for (int i = 0; i < kMostPacketsPerTurn; ++i) {
    const ssize_t got = read(fd, packet.data(), packet.size());
    if (got <= 0) return;
    queue.push(std::string(packet.data(), size_t(got)), now);
  }
}

void give_out(LinkQueue& queue, int fd, SteadyTime now) {
  // One that the device does not take is lost, as on any other line.
  while (const auto packet = queue.pop(now)) [[maybe_unused]]
    const ssize_t put = write(fd, packet->data(), packet->size());
}

}  // namespace

Result<std::unique_ptr<SlowLink>> SlowLink::open(const std::vector<IpPrefix>& phones,
                                                 const LinkQuality& quality, uint32_t seed) {
  UniqueFd stop(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!stop.valid()) return system_error("eventfd", errno);
  Tun near = TRY(open_tun());
  TRY(ip({"link", "set", near.name, "up"}));
  for (const IpPrefix& prefix : phones)
    TRY(ip({family(prefix), "route", "add", prefix.to_string(), "dev", near.name}));

  if (unshare(CLONE_NEWNET) != 0)
    return system_error("a network namespace for the phones (this needs root)", errno);
  Tun far = TRY(open_tun());
  TRY(ip({"link", "set", "lo", "up"}));
  TRY(ip({"link", "set", far.name, "up"}));
  for (const IpPrefix& prefix : phones) {
    TRY(ip({family(prefix), "route", "add", "local", prefix.to_string(), "dev", "lo"}));
    TRY(ip({family(prefix), "route", "replace", "default", "dev", far.name}));
  }
  return std::unique_ptr<SlowLink>(
      new SlowLink(std::move(near.fd), std::move(far.fd), std::move(stop), quality, seed));
}

SlowLink::SlowLink(UniqueFd near, UniqueFd far, UniqueFd stop, const LinkQuality& quality,
                   uint32_t seed)
    : near_(std::move(near)),
      far_(std::move(far)),
      stop_(std::move(stop)),
      to_phones_(quality, seed),
      to_servers_(quality, seed + 1),
      thread_([this] { run(); }) {}

SlowLink::~SlowLink() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void SlowLink::run() {
  std::array<pollfd, 3> waits{pollfd{near_.get(), POLLIN, 0}, pollfd{far_.get(), POLLIN, 0},
                              pollfd{stop_.get(), POLLIN, 0}};
  while ((waits[2].revents & POLLIN) == 0) {
    const SteadyTime now = read_clocks().steady;
    take_in(near_.get(), to_phones_, now);
    take_in(far_.get(), to_servers_, now);
    give_out(to_phones_, far_.get(), now);
    give_out(to_servers_, near_.get(), now);
    auto wait = std::chrono::nanoseconds(std::chrono::seconds(1));
    for (const LinkQueue* queue : {&to_phones_, &to_servers_})
      if (const auto next = queue->next())
        wait = std::clamp<std::chrono::nanoseconds>(*next - now, std::chrono::nanoseconds(0), wait);
    const timespec patience{wait.count() / 1'000'000'000, wait.count() % 1'000'000'000};
    ppoll(waits.data(), waits.size(), &patience, nullptr);
  }
}

}  // namespace stormdoor::storm
