#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <vector>

#include "base/loop/udp_batch.hpp"

// What the kernel wants to see of a batch: only for udp_batch.cpp and udp_socket.cpp.
namespace stormdoor::loop {

inline constexpr size_t kControlBytes = 64;
// More than the kernel's own 64 (UDP_MAX_SEGMENTS) or 64 KB in one run would be refused.
inline constexpr size_t kMostSegments = 64;
inline constexpr size_t kMostRunBytes = 65'000;

struct alignas(cmsghdr) ControlBuffer {
  std::array<std::byte, kControlBytes> bytes;
};

struct UdpInbox::State {
  size_t most_bytes = 0;
  std::vector<std::byte> bytes;
  std::vector<mmsghdr> headers;
  std::vector<iovec> parts;
  std::vector<sockaddr_storage> peers;
  std::vector<ControlBuffer> controls;
  std::vector<Datagram> datagrams;
  size_t used = 0;  // so many headers at the front say what the last call received

  // Makes the used ones what the kernel wants to see again.
  void renew();
};

struct UdpOutbox::Headers {
  std::vector<mmsghdr> headers;
  std::vector<iovec> parts;
  std::vector<sockaddr_storage> peers;
  std::vector<ControlBuffer> controls;
};

}  // namespace stormdoor::loop
