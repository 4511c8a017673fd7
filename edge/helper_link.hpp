#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/loop/event_loop.hpp"
#include "base/loop/io_event.hpp"
#include "edge/messages_packet.hpp"

namespace stormdoor::edge {

// The server's end of a helper's channel. Lives on the main thread. A helper that sends what does
// not decode, or has said nothing for kPatience, is reported once by `on_bad` and cut off; the
// parent ends it and starts another, whose channel comes by connect().
//
// Never blocks: what does not fit waits in a backlog of at most kMostBacklog packets; beyond that
// packets are lost and `lost()` says so, until the next connect() or until asked.
class HelperLink {
 public:
  static constexpr milliseconds kPatience{10'000};
  static constexpr size_t kMostBacklog = 1024;
  static constexpr int kMostPacketsPerTurn = 256;  // then the loop's other work is due

  using OnPacket = std::function<Result<void>(std::string_view)>;
  using OnBad = std::function<void(const Error&)>;
  HelperLink(loop::EventLoop& loop, OnPacket on_packet, OnBad on_bad);

  void connect(UniqueFd channel);
  void disconnect();
  // True when it is on its way or waits; false when there is no helper or no room.
  bool send(std::string packet);
  // To be called every second or so.
  void check(SteadyTime now);

  [[nodiscard]] bool connected() const { return channel_.has_value(); }
  [[nodiscard]] bool take_lost() { return std::exchange(lost_, false); }
  [[nodiscard]] size_t backlog() const { return backlog_.size(); }

 private:
  void on_ready(loop::Readiness ready);
  void read();
  void flush();
  void fail(const Error& error);

  loop::EventLoop& loop_;
  OnPacket on_packet_;
  OnBad on_bad_;
  std::optional<PacketChannel> channel_;
  std::unique_ptr<loop::IoEvent> events_;
  std::deque<std::string> backlog_;
  SteadyTime last_heard_{};
  bool lost_ = false;
};

}  // namespace stormdoor::edge
