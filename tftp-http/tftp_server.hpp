#pragma once

#include <memory>
#include <vector>

#include "base/error.hpp"
#include "base/loop/event_loop.hpp"
#include "base/metrics.hpp"
#include "base/unique_fd.hpp"
#include "tftp-http/file_source.hpp"
#include "tftp-http/tftp_config.hpp"

namespace stormdoor::tftp {

// Serves files over TFTP: RFC 1350, 2347, 2348, 2349 and 7440, IPv4 and IPv6, reading only. One per
// worker, on its loop's thread; every transfer is born, used and freed there.
//
// Requests arrive at the well-known sockets, which are drained first; copies of one that were read
// in the same turn are answered once. Of transfers that were acknowledged in one turn the small
// ones (64 KiB) go on first, then a number of large ones, the rest in the next turn: so a request
// or a configuration waits for a few milliseconds of firmware at most. The answers leave from one
// of a pool of random ports, drawn for each transfer, always from the address that was asked. A
// transfer is known by its peer's endpoint and the address asked; whoever asks for the next file
// from the same port has all of the one before if it has acknowledged that by then. What is sent
// before the peer's first acknowledgement at the right port (its proof) is little and budgeted
// (promise 4):
//   - a request with options: the option acknowledgement, once per request that arrives; from an
//     address that answered within the last minute also two timed repeats;
//   - one without: its first block and at most two repeats;
//   - an error: at most as many bytes as the request, or 64.
// An acknowledgement at a wrong port ends its endpoint's transfer and leaves that address windows
// of 1 for a minute: somebody may be guessing in its name. In single-port mode proof stays None.
//
// Bounds: TransferBook and UnprovenBudget say what happens at each. When there is no room for a
// source: error 0, "busy". Nothing is sent to broadcasts (RFC 1123 section 4.2.3.5), as answer to
// errors, or to what is no TFTP packet.
//
// Firmware for a site with a byte budget (FileAnswer::link) waits for its turns once its peer has
// proven itself; whoever waits for a seat hears the option acknowledgement again as often as it
// repeats the acknowledgement of that, and gets a block now and then.
//
// FileSource::find() is called with proof None; delivered() for each transfer that began, with
// proof Acknowledged if the peer proved itself.
class TftpServer {
 public:
  // `listeners` are bound UDP sockets, one or more, IPv4 or IPv6; the server opens its transfer
  // ports by itself. The loop, the source and the metrics outlive it.
  static Result<std::unique_ptr<TftpServer>> create(loop::EventLoop& loop, const TftpConfig& config,
                                                    http::FileSource& source, MetricsShard& metrics,
                                                    std::vector<UniqueFd> listeners);
  // Ends all transfers, as not complete.
  ~TftpServer();
  TftpServer(const TftpServer&) = delete;
  TftpServer& operator=(const TftpServer&) = delete;

  // For transfers that begin from now on (timeouts: for all).
  void apply(const TftpRules& rules);
  [[nodiscard]] size_t active_transfers() const;

 private:
  class State;
  explicit TftpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::tftp
