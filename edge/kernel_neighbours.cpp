#include "edge/kernel_neighbours.hpp"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace stormdoor::edge {
namespace {

constexpr uint16_t kHasBeenHeard =
    NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;

struct Question {
  nlmsghdr header;
  ndmsg neighbour;
  rtattr destination;
  std::array<uint8_t, 16> address;
};

Question question_for(const IpAddress& address, uint32_t interface, uint32_t sequence) {
  Question question{};
  const bool v4 = address.is_v4();
  const size_t size = v4 ? 4 : 16;
  std::memcpy(question.address.data(), address.bytes().data() + (16 - size), size);
  question.destination.rta_type = NDA_DST;
  question.destination.rta_len = uint16_t(RTA_LENGTH(size));
  question.neighbour.ndm_family = v4 ? AF_INET : AF_INET6;
  question.neighbour.ndm_ifindex = int(interface);
  question.header.nlmsg_type = RTM_GETNEIGH;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.header.nlmsg_seq = sequence;
  question.header.nlmsg_len = uint32_t(NLMSG_LENGTH(sizeof(ndmsg)) + RTA_LENGTH(size));
  return question;
}

// The link-layer address in an answer.
std::optional<MacAddress> mac_in(std::span<const std::byte> answer, uint32_t sequence) {
  nlmsghdr header{};
  ndmsg neighbour{};
  constexpr size_t kFixed = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof neighbour);
  if (answer.size() < kFixed) return {};
  std::memcpy(&header, answer.data(), sizeof header);
  if (header.nlmsg_type != RTM_NEWNEIGH || header.nlmsg_seq != sequence ||
      header.nlmsg_len > answer.size())
    return {};
  std::memcpy(&neighbour, answer.data() + NLMSG_HDRLEN, sizeof neighbour);
  if ((neighbour.ndm_state & kHasBeenHeard) == 0) return {};
  for (size_t at = kFixed; at + sizeof(rtattr) <= header.nlmsg_len;) {
    rtattr attribute{};
    std::memcpy(&attribute, answer.data() + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > header.nlmsg_len)
      return {};
    std::array<uint8_t, 6> mac{};
    if (attribute.rta_type == NDA_LLADDR && attribute.rta_len == RTA_LENGTH(mac.size())) {
      std::memcpy(mac.data(), answer.data() + at + RTA_LENGTH(0), mac.size());
      return MacAddress(mac);
    }
    at += RTA_ALIGN(attribute.rta_len);
  }
  return {};
}

}  // namespace

Result<KernelNeighbours> KernelNeighbours::open() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.valid()) return system_error("ask for the neighbour table", errno);
  const timeval patience{.tv_sec = 0, .tv_usec = 100'000};  // the kernel answers at once or never
  (void)setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return KernelNeighbours(std::move(socket));
}

std::optional<MacAddress> KernelNeighbours::find(const IpAddress& address, uint32_t interface) {
  const Question question = question_for(address, interface, ++sequence_);
  if (send(socket_.get(), &question, question.header.nlmsg_len, 0) < 0) return {};
  std::array<std::byte, 4096> answer;
  const ssize_t got = recv(socket_.get(), answer.data(), answer.size(), 0);
  if (got <= 0) return {};
  return mac_in(std::span(answer).first(size_t(got)), sequence_);
}

}  // namespace stormdoor::edge
