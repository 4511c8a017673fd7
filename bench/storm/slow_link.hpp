#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"
#include "bench/storm/link_queue.hpp"

namespace stormdoor::storm {

// A long and bad line between phones and servers, for kernels without one of their own (netem) as
// well: the thread that opens it is in a network namespace of its own from then on, where all
// addresses of `phones` are local, and whatever leaves it goes through two TUN devices and a thread
// here that delays and loses packets. Servers on this machine are reached at any of its addresses
// but loopback; servers elsewhere must know the way back to `phones`. Needs root (CAP_NET_ADMIN,
// CAP_SYS_ADMIN) and the program `ip`. All of it is gone with the process; the line with this.
class SlowLink {
 public:
  static Result<std::unique_ptr<SlowLink>> open(const std::vector<IpPrefix>& phones,
                                                const LinkQuality& quality, uint32_t seed);
  // Packets on their way are lost.
  ~SlowLink();
  SlowLink(const SlowLink&) = delete;
  SlowLink& operator=(const SlowLink&) = delete;

 private:
  SlowLink(UniqueFd near, UniqueFd far, UniqueFd stop, const LinkQuality& quality, uint32_t seed);
  void run();

  UniqueFd near_;  // the servers' side
  UniqueFd far_;   // the phones'
  UniqueFd stop_;  // readable: it is over
  LinkQueue to_phones_;
  LinkQueue to_servers_;
  std::thread thread_;
};

}  // namespace stormdoor::storm
