#pragma once

#include "base/loop/event_loop.hpp"
#include "base/loop/timer.hpp"
#include "base/loop/udp_batch.hpp"
#include "bench/storm/deadlines.hpp"

namespace stormdoor::storm {

// What all simulated phones of one loop share, so that each costs little more than its sockets: one
// inbox, one outbox, one timer. Lives on its loop's thread, longer than the phones.
class StormLoop {
 public:
  explicit StormLoop(loop::EventLoop& loop);

  [[nodiscard]] loop::EventLoop& loop() { return loop_; }
  [[nodiscard]] Now now() const { return loop_.now(); }
  [[nodiscard]] loop::UdpInbox& inbox() { return inbox_; }
  [[nodiscard]] loop::UdpOutbox& outbox() { return outbox_; }

  // One deadline; forgotten when it is destroyed, which its own callback may do.
  class Deadline {
   public:
    Deadline(StormLoop& storm, std::function<void()> on_time)
        : storm_(storm), slot_(storm.deadlines_.add(std::move(on_time))) {}
    ~Deadline() { storm_.deadlines_.remove(slot_); }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    void set(SteadyTime when) {
      storm_.deadlines_.set(slot_, when);
      storm_.wake_by(when);
    }
    void clear() { storm_.deadlines_.clear(slot_); }

   private:
    StormLoop& storm_;
    Deadlines::Slot slot_;
  };

 private:
  void wake_by(SteadyTime when);
  void run_due();

  loop::EventLoop& loop_;
  loop::UdpInbox inbox_;
  loop::UdpOutbox outbox_;
  Deadlines deadlines_;
  SteadyTime wake_at_ = SteadyTime::max();
  loop::Timer timer_;
};

// Raises this process's soft limit of descriptors to `wanted` or, if that is not allowed, as far as
// it goes; returns what it is now.
size_t allow_descriptors(size_t wanted);

}  // namespace stormdoor::storm
