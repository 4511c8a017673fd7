#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "tftp-http/content.hpp"
#include "tftp-http/tftp_netascii.hpp"
#include "tftp-http/tftp_packet.hpp"

namespace stormdoor::tftp {

// What both sides agreed on.
struct Terms {
  uint16_t block_size = kDefaultBlockSize;
  uint16_t window = 1;
  uint8_t timeout_seconds = 0;  // 0: adaptive
  bool netascii = false;
  Options accepted;  // what the option acknowledgement says; none: data at once
};

// Answers a request's options. A block size is lowered so that no answer is fragmented on a path of
// `path_mtu` bytes, a window to `most_window`. Left out, as RFC 2347 allows: what is invalid or
// unknown, and the size of a netascii file, which nobody knows before it is converted.
[[nodiscard]] Terms agree(const Request& request, uint64_t size, bool ipv4, size_t path_mtu,
                          uint16_t most_window);

// When to send again and when to give up.
struct Patience {
  milliseconds first_timeout{1000};  // before anything was measured
  milliseconds least_timeout{100};
  milliseconds most_timeout{8000};
  milliseconds give_up{20'000};             // without any progress (or three negotiated timeouts)
  milliseconds give_up_unanswered{10'000};  // without any answer at all
  // How often the first packet, and each one after it, is sent again.
  uint8_t first_repeats = kUnlimited;
  uint8_t later_repeats = kUnlimited;
  static constexpr uint8_t kUnlimited = 255;
};

// One file on its way to one peer: acknowledgements and timeouts in, packets out, no socket and no
// clock. Sends the option acknowledgement or the first block, then windows of blocks (RFC 7440; a
// window of 1 is RFC 1350's lock-step). Block numbers roll over to 0. An acknowledgement inside the
// window restarts it there; in lock-step a repeated one never sends anything (the sorcerer's
// apprentice), and in windows neither it nor one inside the window restarts anything before a
// round trip has passed since the window was sent: until then it may speak of copies or of an
// earlier sending, and restarting for those would make more of them, for ever. Timeouts adapt to
// the measured round trip (RFC 6298, Karn's rule) and double until something arrives; a negotiated
// one stays fixed.
class TftpTransfer {
 public:
  // The Patience lives longer than the transfer.
  TftpTransfer(std::shared_ptr<const http::Content> content, const Terms& terms,
               const Patience& patience, SteadyTime now);

  enum class State : uint8_t {
    Running,
    Complete,  // the peer has acknowledged everything
    TimedOut,
    Unreadable,  // the content failed us
  };
  [[nodiscard]] State state() const { return state_; }

  // True when it answered something that is, or was, on its way; false for a packet that makes no
  // sense and changes nothing.
  bool on_ack(uint16_t block, SteadyTime now);
  // To be called at deadline(); earlier it changes nothing.
  void on_time(SteadyTime now);
  // The peer has sent its request again: repeats the first answer, if it was not answered yet. An
  // option acknowledgement is about as long as what it answers, and may always be; a first block
  // uses up its repeats.
  void on_repeated_request(SteadyTime now);

  // To be called after the acknowledgements that arrived together, before sending: restarts the
  // window where one of them, and no later one, says that blocks were lost.
  void settle(SteadyTime now);
  [[nodiscard]] bool wants_to_send() const;
  // Writes the next packet; `room` has 4 bytes more than a block, and kMostOptionAckBytes. An Error
  // means that the content could not be read, and state() is Unreadable: tell the peer.
  Result<size_t> write_next(std::span<std::byte> room, SteadyTime now);
  // How long the next packet will be, at most.
  [[nodiscard]] size_t most_packet_bytes() const;

  // For whoever paces it: what wants to be sent may be held back; time-outs count again from
  // resume().
  void hold_back();
  void resume(SteadyTime now) { schedule(now); }
  // While its first block is held back: the peer asks again, and hears the option acknowledgement
  // again. False: there is none, or data has been sent.
  bool repeat_option_ack(SteadyTime now);
  // Whether the next packet is one, and not data.
  [[nodiscard]] bool option_ack_is_next() const { return option_ack_due_; }

  [[nodiscard]] SteadyTime deadline() const { return deadline_; }
  [[nodiscard]] SteadyTime last_progress() const { return last_progress_; }
  // Something was acknowledged: whoever it is receives what we send to that address.
  [[nodiscard]] bool answered() const { return answered_; }
  // The last block is under way or acknowledged.
  [[nodiscard]] bool last_block_sent() const {
    return last_block_ != 0 && furthest_ >= last_block_;
  }
  [[nodiscard]] uint64_t retransmissions() const { return retransmissions_; }
  [[nodiscard]] uint32_t timeouts() const { return timeouts_; }
  [[nodiscard]] milliseconds timeout() const { return milliseconds(timeout_ms_); }
  // Lowers the window to 1, for peers that are not trusted with more.
  void walk_in_lock_step() { window_ = 1; }

 private:
  void restart_window();
  Result<void> advance_to(uint64_t block);
  void measure(SteadyTime now);
  void start_window(SteadyTime now);
  void schedule(SteadyTime now);
  [[nodiscard]] milliseconds give_up_after() const;
  Result<size_t> read_block(std::span<std::byte> into);

  std::shared_ptr<const http::Content> content_;
  const Patience* patience_;
  uint64_t base_ = 0;        // blocks acknowledged
  uint64_t next_ = 1;        // the block to be sent next; base_ < next_
  uint64_t furthest_ = 0;    // the last block ever sent
  uint64_t last_block_ = 0;  // the short one; 0 while unknown (netascii)
  NetasciiCursor base_cursor_;
  NetasciiCursor next_cursor_;
  SteadyTime window_sent_{};
  SteadyTime last_progress_{};
  SteadyTime deadline_{};
  Options accepted_;
  uint32_t smoothed_us_ = 0;  // 0: never measured
  uint32_t variance_us_ = 0;
  uint32_t timeout_ms_ = 0;
  uint32_t retransmissions_ = 0;
  uint32_t timeouts_ = 0;
  uint16_t block_size_;
  uint16_t window_;
  uint8_t fixed_timeout_seconds_;
  uint8_t repeats_left_;
  State state_ = State::Running;
  bool netascii_;
  bool option_ack_due_ = false;      // to be written (again)
  bool option_ack_pending_ = false;  // not acknowledged yet
  bool answered_ = false;
  bool clean_ = true;            // the window was sent once only: its time may be measured
  bool lost_ = false;            // the last acknowledgement speaks of a gap after base_
  bool restarted_here_ = false;  // after base_, and not to be again before a timeout
};

}  // namespace stormdoor::tftp
