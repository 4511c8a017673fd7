#include "tftp-http/tftp_server_state.hpp"

// Firmware that waits for its turn on a link. Only who has proven itself takes a turn: until then
// a transfer is small and budgeted anyway. While none of its data has left, whoever asked with
// options hears the option acknowledgement again as often as he asks for the first block.
namespace stormdoor::tftp {

bool TftpServer::State::is_held(Slot& slot, Now now) {
  TftpTransfer& transfer = *slot.transfer;
  if (!transfer.answered() || transfer.option_ack_is_next()) return false;
  if (slot.pass->allowance(transfer.most_packet_bytes(), now.steady) > 0) {
    if (std::exchange(slot.held, false)) transfer.resume(now.steady);
    return false;
  }
  slot.held = true;
  transfer.hold_back();
  return true;
}

void TftpServer::State::on_turn(uint32_t id, Now now) {
  const TftpTransfer& transfer = *slots_[id].transfer;
  if (now.steady - transfer.last_progress() >= rules_.give_up)
    end(id, metrics_.timed_out, now);
  else
    pump(id, 0, now);
}

}  // namespace stormdoor::tftp
