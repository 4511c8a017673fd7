#pragma once

#include <memory>
#include <optional>

#include "edge/enforce/enforcer.hpp"
#include "edge/enforce/queue.hpp"
#include "edge/enforce/saved_state.hpp"
#include "edge/enforce/watcher_health.hpp"
#include "edge/messages_packet.hpp"

namespace stormdoor::edge::enforce {

// The program's loop, one thread: orders from the server, answers from stormdoor-watch, packets of
// the kernel's queue. Waits for nothing but the kernel's own answers. News that the server does not
// fetch are kept up to kMostNews, then it counts as dead and we end; orders beyond what one
// transaction takes wait in the channel.
class Service {
 public:
  static constexpr size_t kMostNews = 100'000;

  Service(Enforcer enforcer, PacketChannel server, std::optional<PacketChannel> watch,
          std::optional<StateFiles> state);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Until the server's channel closes; the table stays in force, with contested sources metered.
  // An order that does not decode is an error, and so is a server that does not listen.
  Result<void> run();

 private:
  void wait() const;
  Result<void> read_orders();
  void take(EnforceOrder order, SteadyTime now);
  void use_settings(EnforceSettings settings, SteadyTime now);
  void reopen_queue(const EnforceSettings& settings);
  void read_answers(SteadyTime now);
  void follow_watcher(SteadyTime now);
  void every_second(Now now);
  void save(Now now);
  void end(Now now);
  Result<void> send_news();
  [[nodiscard]] EnforceReport report() const;

  Enforcer enforcer_;
  PacketChannel server_;
  std::optional<PacketChannel> watch_;
  std::optional<StateFiles> state_;
  std::unique_ptr<PacketQueue> queue_;
  PacketQueue::Counts earlier_;  // of queues that were closed
  WatcherHealth watcher_;
  uint64_t unanswered_seen_ = 0;
  std::vector<EnforceNews> news_;
  SteadyTime next_check_{}, next_alive_{}, next_save_{};
  bool unsaved_ = false;
};

}  // namespace stormdoor::edge::enforce
