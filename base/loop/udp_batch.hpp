#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/ip_address.hpp"

namespace stormdoor::loop {

// One datagram as it arrived.
struct Datagram {
  Endpoint peer;
  IpAddress asked;          // the destination address, ours to answer from
  bool to_one_host = true;  // false: sent to a broadcast or multicast address
  bool truncated = false;   // it was longer than the inbox's room
  std::span<const std::byte> payload;
};

// Where an answer goes and which address it leaves from ("::" lets the kernel choose).
struct UdpFlow {
  Endpoint peer;
  IpAddress from;
  bool operator==(const UdpFlow&) const = default;
};

// Room for `most` datagrams of up to `most_bytes` each, allocated once and shared by all sockets of
// one thread.
class UdpInbox {
 public:
  UdpInbox(size_t most, size_t most_bytes);
  ~UdpInbox();
  UdpInbox(const UdpInbox&) = delete;
  UdpInbox& operator=(const UdpInbox&) = delete;

 private:
  friend class UdpSocket;
  struct State;
  std::unique_ptr<State> state_;
};

// Datagrams to be sent by one call, written in place; allocated once and shared by all sockets of
// one thread:
//   if (outbox.full()) socket.send(outbox);
//   const size_t size = serialize(packet, outbox.room());
//   outbox.add(flow, size);
// Neighbours to one peer that are equally long (the last may be shorter) become one run.
class UdpOutbox {
 public:
  // `most_bytes` is the longest datagram that fits.
  UdpOutbox(size_t most, size_t most_bytes);
  ~UdpOutbox();
  UdpOutbox(const UdpOutbox&) = delete;
  UdpOutbox& operator=(const UdpOutbox&) = delete;

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool full() const { return count_ == most_; }
  [[nodiscard]] size_t count() const { return count_; }
  // `most_bytes` to write the next datagram into. Not when full.
  [[nodiscard]] std::span<std::byte> room();
  // The first `size` bytes of room() are a datagram to this flow.
  void add(const UdpFlow& flow, size_t size);

 private:
  friend class UdpSocket;
  struct Run {
    UdpFlow flow;
    size_t offset = 0, bytes = 0;
    uint16_t datagrams = 0;
    uint16_t segment = 0;  // bytes of each but the last
    bool closed = false;   // its last datagram was shorter
  };
  void clear();

  size_t most_ = 0;
  size_t most_bytes_ = 0;
  size_t count_ = 0;
  size_t used_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<Run> runs_;
  struct Headers;
  std::unique_ptr<Headers> headers_;
};

}  // namespace stormdoor::loop
