#include "tftp-http/firmware_pass.hpp"
#include "tftp-http/http_connection.hpp"

// An answer that shares the line to its site (FirmwareLink): it goes out in turns.
namespace stormdoor::http {
namespace {

// What whoever waits for a seat on a link is given now and then.
constexpr uint64_t kLeastPacedPiece = 1400;

}  // namespace

uint64_t HttpConnection::allowance(Now now) {
  return answer_->pass ? answer_->pass->allowance(kLeastPacedPiece, now.steady) : UINT64_MAX;
}

void HttpConnection::spend(uint64_t bytes) {
  if (answer_->pass) answer_->pass->spend(bytes);
}

// No stall of the client's: its deadline begins when the next piece goes out.
HttpConnection::Step HttpConnection::wait_for_turn(Now now) {
  if (place_->phase != HttpPhase::Paced) enter(HttpPhase::Paced, time_left(now), now);
  wait({});
  worker_.wakes.wake(weak_from_this(), answer_->pass->again());
  return Step::Wait;
}

void HttpConnection::on_turn(Now now) {
  if (place_ && place_->phase == HttpPhase::Paced) run(now);
}

}  // namespace stormdoor::http
