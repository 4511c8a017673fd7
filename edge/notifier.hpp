#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/loop/event_loop.hpp"
#include "base/loop/io_event.hpp"
#include "base/loop/timer.hpp"
#include "base/loop/udp_socket.hpp"
#include "edge/sip_notify.hpp"

namespace stormdoor::edge {

// Sends NOTIFYs over UDP from ports of our own and says what came of each: joins
// NotifyTransactions to sockets and a timer. Main thread only. At most kMostAtOnce are under way.
class Notifier {
 public:
  static constexpr size_t kMostAtOnce = 10'000;
  // Called once for each send() that returned no error, never from within it: the final answer, or
  // none.
  using Done = std::function<void(const std::optional<SipAnswer>&)>;

  explicit Notifier(loop::EventLoop& loop);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // An error when no socket can be had, there is no way to that address, or too many are under way.
  Result<void> send(const SipNotify& notify, const Endpoint& to, Done done);

 private:
  struct Socket;
  Result<Socket*> socket_for(const IpAddress& address);
  void receive(Socket& socket);
  void work();

  loop::EventLoop& loop_;
  NotifyTransactions transactions_{kMostAtOnce};
  std::map<std::string, Done> waiting_;  // by branch
  std::unique_ptr<Socket> v4_, v6_;      // opened when first needed
  loop::UdpInbox inbox_;
  loop::UdpOutbox outbox_;
  loop::Timer timer_;
};

}  // namespace stormdoor::edge
