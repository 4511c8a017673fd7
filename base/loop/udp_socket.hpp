#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/loop/udp_batch.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

// A nonblocking UDP socket of one family (IPv6 sockets take IPv6 only) that knows for every
// datagram which address was asked, and answers from a chosen one. Has no event of its own: put
// fd() into an IoEvent or a PollSet. Used by one thread at a time.
class UdpSocket {
 public:
  struct Options {
    // The kernel's queue in bytes; see enlarge_receive_queue(). 0 leaves it as it is.
    int receive_queue_bytes = 0;
    bool reuse_port = false;  // bind() only
  };
  static Result<UdpSocket> bind(const Endpoint& local, const Options& options);
  // A bound socket that the privileged parent has opened.
  static Result<UdpSocket> adopt(UniqueFd fd, const Options& options);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const Endpoint& local() const { return local_; }
  // What the kernel granted (it counts its own overhead in).
  [[nodiscard]] int receive_queue_bytes() const;

  // Up to the inbox's capacity, and `most`, of waiting datagrams; empty when none waits. Valid
  // until the inbox is used again.
  std::span<const Datagram> receive(UdpInbox& inbox, size_t most = SIZE_MAX);
  // Sends everything in the outbox and empties it. Runs of equal-size datagrams to one peer leave
  // by segmentation offload where the kernel can. What cannot be sent now (full queue, unreachable
  // peer) is dropped and counted: UDP promises no more, and whoever needs it sends it again.
  void send(UdpOutbox& outbox);

  struct Counters {
    uint64_t received = 0, sent = 0, dropped = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // As if the kernel could not segment.
  void disable_segmentation_for_test() { segmentation_ = false; }
  [[nodiscard]] bool segmentation_for_test() const { return segmentation_; }

 private:
  UdpSocket(UniqueFd fd, const Endpoint& local, bool segmentation)
      : fd_(std::move(fd)), local_(local), segmentation_(segmentation) {}

  int receive_one(UdpInbox::State& in);
  void send_singly(UdpOutbox& outbox, size_t run);

  UniqueFd fd_;
  Endpoint local_;
  bool segmentation_ = false;
  Counters counters_;
};

}  // namespace stormdoor::loop
