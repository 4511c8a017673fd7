#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "tftp-http/firmware_link.hpp"

namespace stormdoor::http {

// One transfer's way over a paced link. Asked before each piece; asks for its seat when it is asked
// first, so that whoever has not shown that he receives takes none. One thread, that of its
// transfer; leaves the link when destroyed.
class FirmwarePass {
 public:
  FirmwarePass(std::shared_ptr<FirmwareLink> link, const FirmwarePatience& patience)
      : link_(std::move(link)), patience_(patience) {}
  ~FirmwarePass();
  FirmwarePass(const FirmwarePass&) = delete;
  FirmwarePass& operator=(const FirmwarePass&) = delete;

  // How many bytes may leave now; 0: none before again(). A piece of `least` bytes may leave even
  // when less is left; the next turn pays for it.
  [[nodiscard]] uint64_t allowance(uint64_t least, SteadyTime now);
  void spend(uint64_t bytes);
  // When to ask again, after a 0.
  [[nodiscard]] SteadyTime again() const { return again_; }
  [[nodiscard]] bool seated() const { return seated_.load(std::memory_order_relaxed); }

  // How soon who waits sees that he has got a seat.
  static constexpr milliseconds kLook{250};

 private:
  friend class FirmwareLink;
  uint64_t take_turn(uint64_t least, SteadyTime now);
  uint64_t wait_for_seat(uint64_t least, SteadyTime now);

  std::shared_ptr<FirmwareLink> link_;
  FirmwarePatience patience_;
  FirmwareLink::Places places_;      // while it waits; the link's, under its lock
  std::atomic<bool> seated_{false};  // set by whoever makes room, on any thread
  bool asked_ = false;
  bool reserved_ = false;
  FirmwareLink::Turn turn_;
  uint64_t left_ = 0;       // of this turn
  uint64_t overdrawn_ = 0;  // beyond it
  uint64_t used_ = 0;       // not told to the link yet
  SteadyTime last_piece_{};
  SteadyTime again_{};
};

}  // namespace stormdoor::http
