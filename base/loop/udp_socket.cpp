#include "base/loop/udp_socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/loop/socket_address.hpp"
#include "base/loop/udp_wire.hpp"

namespace stormdoor::loop {
namespace {

Result<void> ask_for_destinations(int fd, bool v4) {
  const int on = 1;
  const int failed = v4 ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on)
                        : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  if (failed != 0) return system_error("ask for destination addresses", errno);
  return {};
}

bool can_segment(int fd) {
  int size = 0;
  socklen_t length = sizeof size;
  return getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0;
}

void read_destination(msghdr& header, Datagram& datagram) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      // ipi_spec_dst is the address to answer from; it differs from the header's for broadcasts.
      datagram.asked = to_address(info.ipi_spec_dst);
      datagram.to_one_host = info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      datagram.asked = to_address(info.ipi6_addr);
      datagram.to_one_host = !IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
    }
  }
}

// As SocketAddress does, without clearing what an IPv4 address does not use.
socklen_t write_address(const Endpoint& endpoint, sockaddr_storage& storage) {
  if (!endpoint.address.is_v4()) {
    const SocketAddress address(endpoint);
    std::memcpy(&storage, &address.storage, address.length);
    return address.length;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.v4_value());
  std::memcpy(&storage, &address, sizeof address);
  return sizeof address;
}

template <typename Value>
void append_control(msghdr& header, ControlBuffer& buffer, int level, int type,
                    const Value& value) {
  auto* c = reinterpret_cast<cmsghdr*>(buffer.bytes.data() + header.msg_controllen);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(c), &value, sizeof value);
  header.msg_control = buffer.bytes.data();
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

void choose_source(msghdr& header, ControlBuffer& buffer, const UdpFlow& flow,
                   const IpAddress& bound) {
  if (flow.from.is_unspecified() || flow.from == bound) return;
  if (flow.from.is_v4()) {
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(flow.from.v4_value());
    append_control(header, buffer, IPPROTO_IP, IP_PKTINFO, info);
    return;
  }
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, flow.from.bytes().data(), 16);
  info.ipi6_ifindex = flow.peer.scope_id;
  append_control(header, buffer, IPPROTO_IPV6, IPV6_PKTINFO, info);
}

// One message: address, source and bytes; the caller adds the segment size for a run.
msghdr& make_header(mmsghdr& entry, iovec& part, sockaddr_storage& peer, ControlBuffer& control,
                    const UdpFlow& flow, const IpAddress& bound) {
  entry = {};
  entry.msg_hdr.msg_name = &peer;
  entry.msg_hdr.msg_namelen = write_address(flow.peer, peer);
  entry.msg_hdr.msg_iov = &part;
  entry.msg_hdr.msg_iovlen = 1;
  choose_source(entry.msg_hdr, control, flow, bound);
  return entry.msg_hdr;
}

// How many of them went out, or -1. One alone goes by the cheapest call that can say it all.
int send_prepared(int fd, std::vector<mmsghdr>& headers, size_t count) {
  if (count > 1) return sendmmsg(fd, headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  const msghdr& header = headers[0].msg_hdr;
  const ssize_t sent =
      header.msg_controllen == 0
          ? sendto(fd, header.msg_iov->iov_base, header.msg_iov->iov_len, MSG_DONTWAIT,
                   static_cast<const sockaddr*>(header.msg_name), header.msg_namelen)
          : sendmsg(fd, &header, MSG_DONTWAIT);
  return sent < 0 ? -1 : 1;
}

}  // namespace

Result<UdpSocket> UdpSocket::bind(const Endpoint& local, const Options& options) {
  return adopt(TRY(bind_socket(SOCK_DGRAM, local, options.reuse_port)), options);
}

Result<UdpSocket> UdpSocket::adopt(UniqueFd fd, const Options& options) {
  TRY(prepare_adopted(fd.get(), SOCK_DGRAM));
  const Endpoint local = TRY(local_endpoint(fd.get()));
  // One that is bound to an address hears what is sent to that address alone.
  if (local.address.is_unspecified()) TRY(ask_for_destinations(fd.get(), local.address.is_v4()));
  enlarge_receive_queue(fd.get(), options.receive_queue_bytes);
  const bool segmentation = can_segment(fd.get());
  return UdpSocket(std::move(fd), local, segmentation);
}

int UdpSocket::receive_queue_bytes() const {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  getsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length);
  return bytes;
}

std::span<const Datagram> UdpSocket::receive(UdpInbox& inbox, size_t most) {
  UdpInbox::State& in = *inbox.state_;
  in.datagrams.clear();
  in.renew();
  int got = 0;
  do {
    if (most == 1) {  // what recvmmsg does around one message costs a tenth of it
      got = receive_one(in);
    } else {
      got =
          recvmmsg(fd_.get(), in.headers.data(),
                   static_cast<unsigned>(std::min(most, in.headers.size())), MSG_DONTWAIT, nullptr);
    }
  } while (got < 0 && errno == EINTR);
  in.used = static_cast<size_t>(std::max(got, 0));
  for (int i = 0; i < got; ++i) {
    Datagram& datagram = in.datagrams.emplace_back();
    datagram.peer = to_endpoint(in.peers[i]);
    datagram.asked = local_.address;
    datagram.truncated = (in.headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    datagram.payload = std::span(in.bytes).subspan(i * in.most_bytes, in.headers[i].msg_len);
    read_destination(in.headers[i].msg_hdr, datagram);
  }
  counters_.received += in.datagrams.size();
  return in.datagrams;
}

// By the cheapest call that tells what is to be known: where the destination is, recvfrom().
int UdpSocket::receive_one(UdpInbox::State& in) {
  msghdr& header = in.headers[0].msg_hdr;
  const bool destination_known = !local_.address.is_unspecified();
  const ssize_t bytes =
      destination_known
          ? recvfrom(fd_.get(), in.bytes.data(), in.most_bytes, MSG_DONTWAIT | MSG_TRUNC,
                     static_cast<sockaddr*>(header.msg_name), &header.msg_namelen)
          : recvmsg(fd_.get(), &header, MSG_DONTWAIT);
  if (bytes < 0) return -1;
  const auto size = static_cast<size_t>(bytes);
  if (destination_known) {  // MSG_TRUNC tells the whole size, of what may not have fitted
    header.msg_controllen = 0;
    header.msg_flags = size > in.most_bytes ? MSG_TRUNC : 0;
  }
  in.headers[0].msg_len = static_cast<unsigned>(std::min(size, in.most_bytes));
  return 1;
}

void UdpSocket::send(UdpOutbox& outbox) {
  UdpOutbox::Headers& out = *outbox.headers_;
  const size_t runs = outbox.runs_.size();
  size_t next = 0;
  while (next < runs) {
    size_t prepared = 0;
    for (; next + prepared < runs; ++prepared) {
      const UdpOutbox::Run& run = outbox.runs_[next + prepared];
      if (run.datagrams > 1 && !segmentation_) break;
      out.parts[prepared] = {outbox.bytes_.data() + run.offset, run.bytes};
      msghdr& header = make_header(out.headers[prepared], out.parts[prepared], out.peers[prepared],
                                   out.controls[prepared], run.flow, local_.address);
      if (run.datagrams > 1)
        append_control(header, out.controls[prepared], IPPROTO_UDP, UDP_SEGMENT, run.segment);
    }
    if (prepared == 0) {
      send_singly(outbox, next++);
      continue;
    }
    const int sent = send_prepared(fd_.get(), out.headers, prepared);
    if (sent > 0) {
      for (int i = 0; i < sent; ++i) counters_.sent += outbox.runs_[next + i].datagrams;
      next += sent;
      continue;
    }
    if (errno == EINTR) continue;
    // The first of them is the one that failed. A run may fail for its segments alone (a device
    // without checksum offload, a path narrower than the segment): one by one it may still pass.
    if (outbox.runs_[next].datagrams > 1 && errno != EAGAIN) {
      if (errno == EIO || errno == ENOPROTOOPT || errno == EOPNOTSUPP) segmentation_ = false;
      send_singly(outbox, next);
    } else {
      counters_.dropped += outbox.runs_[next].datagrams;
    }
    ++next;
  }
  outbox.clear();
}

void UdpSocket::send_singly(UdpOutbox& outbox, size_t run_index) {
  const UdpOutbox::Run& run = outbox.runs_[run_index];
  UdpOutbox::Headers& out = *outbox.headers_;
  for (size_t i = 0; i < run.datagrams; ++i) {
    const size_t at = i * run.segment;
    out.parts[i] = {outbox.bytes_.data() + run.offset + at,
                    std::min<size_t>(run.segment, run.bytes - at)};
    make_header(out.headers[i], out.parts[i], out.peers[i], out.controls[i], run.flow,
                local_.address);
  }
  size_t next = 0;
  while (next < run.datagrams) {
    const int sent = sendmmsg(fd_.get(), out.headers.data() + next,
                              static_cast<unsigned>(run.datagrams - next), MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent > 0) {
      counters_.sent += sent;
      next += sent;
    } else {
      ++counters_.dropped;
      ++next;
    }
  }
}

}  // namespace stormdoor::loop
