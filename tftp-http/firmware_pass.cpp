#include "tftp-http/firmware_pass.hpp"

#include <algorithm>

namespace stormdoor::http {

FirmwarePass::~FirmwarePass() {
  if (!asked_) return;
  const uint64_t given_back = left_ + (reserved_ ? turn_.bytes : 0);
  link_->leave(*this, used_, given_back, last_piece_);
}

uint64_t FirmwarePass::allowance(uint64_t least, SteadyTime now) {
  if (left_ > 0) return left_;
  if (!asked_) {
    asked_ = true;
    last_piece_ = now;
    link_->ask_for_seat(*this, now + patience_.whole, now);
  }
  return seated() ? take_turn(least, now) : wait_for_seat(least, now);
}

uint64_t FirmwarePass::take_turn(uint64_t least, SteadyTime now) {
  if (!reserved_) {
    turn_ = link_->reserve(least, overdrawn_, used_, now);
    overdrawn_ = used_ = 0;
    reserved_ = true;
  }
  again_ = turn_.at;
  if (now < turn_.at) return 0;
  reserved_ = false;
  last_piece_ = now;
  left_ = turn_.bytes;
  return left_;
}

uint64_t FirmwarePass::wait_for_seat(uint64_t least, SteadyTime now) {
  again_ = now + kLook;
  const SteadyTime due = last_piece_ + patience_.most_pause;
  if (now < due) {
    again_ = std::min(again_, due);
    return 0;
  }
  if (!link_->take_trickle(least, used_, now)) return 0;
  used_ = 0;
  last_piece_ = now;
  left_ = least;
  return left_;
}

void FirmwarePass::spend(uint64_t bytes) {
  used_ += bytes;
  overdrawn_ += bytes - std::min(bytes, left_);
  left_ -= std::min(bytes, left_);
}

}  // namespace stormdoor::http
