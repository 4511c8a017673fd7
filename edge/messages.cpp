#include "edge/messages.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace stormdoor::edge {
namespace {

struct Header {
  uint32_t magic;
  uint32_t type;
  uint32_t text_size;
  uint32_t descriptors;
};
constexpr uint32_t kMagic = 0x53444d31;  // "SDM1"

bool is_known(uint32_t type) {
  switch (static_cast<MessageType>(type)) {
    case MessageType::Descriptor:
    case MessageType::Start:
    case MessageType::Reload:
    case MessageType::Stop:
    case MessageType::Refused:
    case MessageType::HelperChannel:
    case MessageType::Ready:
    case MessageType::Alive:
    case MessageType::RequestMaterial:
    case MessageType::Failed:
    case MessageType::Status:
    case MessageType::HelperReady:
    case MessageType::HelperSilent:
      return true;
  }
  return false;
}

// Takes every descriptor that came along, so that an unexpected one is closed and not leaked.
std::vector<UniqueFd> take_descriptors(msghdr& message) {
  std::vector<UniqueFd> taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      taken.emplace_back(fd);
    }
  }
  return taken;
}

}  // namespace

Result<std::pair<MessageChannel, UniqueFd>> MessageChannel::create_pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
    return system_error("make a socket pair", errno);
  return std::pair(MessageChannel(UniqueFd(fds[0])), UniqueFd(fds[1]));
}

Result<void> MessageChannel::send(MessageType type, std::string text) {
  return send(Message{type, std::move(text), {}});
}

Result<void> MessageChannel::send(const Message& message) {
  STORMDOOR_CHECK(message.text.size() <= kMostMessageText, "senders keep their texts short");
  Header header{kMagic, static_cast<uint32_t>(message.type), uint32_t(message.text.size()),
                message.descriptor.valid() ? 1U : 0U};
  std::array<iovec, 2> parts{iovec{&header, sizeof header},
                             iovec{const_cast<char*>(message.text.data()), message.text.size()}};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  if (message.descriptor.valid()) {
    packet.msg_control = control.data();
    packet.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&packet);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = message.descriptor.get();
    std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
  }
  ssize_t sent;
  do sent = sendmsg(socket_.get(), &packet, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return system_error("send a message", errno);
  return {};
}

Result<std::optional<Message>> MessageChannel::receive(bool* would_block) {
  if (would_block != nullptr) *would_block = false;
  Header header{};
  std::array<char, kMostMessageText> text;
  std::array<iovec, 2> parts{iovec{&header, sizeof header}, iovec{text.data(), text.size()}};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  packet.msg_control = control.data();
  packet.msg_controllen = control.size();
  ssize_t got;
  do got = recvmsg(socket_.get(), &packet, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) {
    if ((errno == EAGAIN || errno == EWOULDBLOCK) && would_block != nullptr) {
      *would_block = true;
      return std::optional<Message>{};
    }
    if (errno == ECONNRESET) return std::optional<Message>{};
    return system_error("receive a message", errno);
  }
  if (got == 0) return std::optional<Message>{};
  auto descriptors = take_descriptors(packet);
  const bool whole = (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  if (!whole || size_t(got) < sizeof header || header.magic != kMagic || !is_known(header.type) ||
      header.text_size != size_t(got) - sizeof header || header.descriptors != descriptors.size() ||
      descriptors.size() > 1)
    return Error(ErrorCode::Corrupt, "a message between our processes is malformed");
  Message message{
      static_cast<MessageType>(header.type), std::string(text.data(), header.text_size), {}};
  if (!descriptors.empty()) message.descriptor = std::move(descriptors.front());
  return std::optional<Message>(std::move(message));
}

}  // namespace stormdoor::edge
