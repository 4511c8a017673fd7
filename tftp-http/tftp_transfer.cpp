#include "tftp-http/tftp_transfer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

namespace stormdoor::tftp {
namespace {

constexpr size_t kUdpHeader = 8;
constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;

uint32_t to_us(SteadyTime::duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(us, 1, 60'000'000));
}

}  // namespace

Terms agree(const Request& request, uint64_t size, bool ipv4, size_t path_mtu,
            uint16_t most_window) {
  Terms terms;
  terms.netascii = request.mode == Mode::Netascii;
  if (const auto asked = request.options.block_size) {
    const size_t overhead = (ipv4 ? kIpv4Header : kIpv6Header) + kUdpHeader + kHeaderBytes;
    const auto most = static_cast<uint32_t>(
        std::clamp<size_t>(path_mtu, overhead + kLeastBlockSize, overhead + kMostBlockSize) -
        overhead);
    terms.accepted.block_size = std::min(*asked, most);
    terms.block_size = static_cast<uint16_t>(*terms.accepted.block_size);
  }
  if (request.options.transfer_size && !terms.netascii) terms.accepted.transfer_size = size;
  if (const auto asked = request.options.timeout_seconds) {
    terms.accepted.timeout_seconds = asked;
    terms.timeout_seconds = *asked;
  }
  if (const auto asked = request.options.window_size) {
    terms.accepted.window_size = std::min(*asked, std::max<uint16_t>(most_window, 1));
    terms.window = *terms.accepted.window_size;
  }
  return terms;
}

TftpTransfer::TftpTransfer(std::shared_ptr<const http::Content> content, const Terms& terms,
                           const Patience& patience, SteadyTime now)
    : content_(std::move(content)),
      patience_(&patience),
      window_sent_(now),
      last_progress_(now),
      accepted_(terms.accepted),
      block_size_(terms.block_size),
      window_(terms.window),
      fixed_timeout_seconds_(terms.timeout_seconds),
      repeats_left_(patience.first_repeats),
      netascii_(terms.netascii),
      option_ack_due_(terms.accepted.any()),
      option_ack_pending_(terms.accepted.any()) {
  if (!netascii_) last_block_ = content_->size() / block_size_ + 1;
  timeout_ms_ = fixed_timeout_seconds_ != 0 ? fixed_timeout_seconds_ * 1000U
                                            : static_cast<uint32_t>(patience.first_timeout.count());
  schedule(now);
}

bool TftpTransfer::wants_to_send() const {
  if (state_ != State::Running || lost_) return false;
  if (option_ack_pending_ || option_ack_due_) return option_ack_due_;
  return next_ <= base_ + window_ && (last_block_ == 0 || next_ <= last_block_);
}

size_t TftpTransfer::most_packet_bytes() const {
  return option_ack_due_ ? kMostOptionAckBytes : kHeaderBytes + block_size_;
}

Result<size_t> TftpTransfer::write_next(std::span<std::byte> room, SteadyTime now) {
  STORMDOOR_CHECK(wants_to_send() && room.size() >= most_packet_bytes(),
                  "there is a packet to be sent and room for it");
  if (option_ack_due_) {
    option_ack_due_ = false;
    window_sent_ = now;
    return write_option_ack(room, accepted_);
  }
  if (next_ == base_ + 1) window_sent_ = now;
  write_data_header(room, static_cast<uint16_t>(next_));
  auto read = read_block(room.subspan(kHeaderBytes, block_size_));
  if (!read) {
    state_ = State::Unreadable;
    return std::move(read).error();
  }
  if (*read < block_size_) last_block_ = next_;
  if (next_ <= furthest_) ++retransmissions_;
  furthest_ = std::max(furthest_, next_);
  ++next_;
  return kHeaderBytes + *read;
}

Result<size_t> TftpTransfer::read_block(std::span<std::byte> into) {
  if (netascii_) return read_netascii(*content_, next_cursor_, into);
  const uint64_t offset = (next_ - 1) * block_size_;
  const size_t wanted = std::min<uint64_t>(into.size(), content_->size() - offset);
  if (content_->descriptor() < 0) {
    if (wanted > 0) std::memcpy(into.data(), content_->in_memory().data() + offset, wanted);
    return wanted;
  }
  const size_t got = wanted == 0 ? 0 : TRY(content_->read(offset, into.first(wanted)));
  // A short block in the middle would end the file at the peer as if it were whole.
  if (got != wanted) return Error(ErrorCode::Unavailable, "the file became shorter");
  return got;
}

bool TftpTransfer::on_ack(uint16_t block, SteadyTime now) {
  if (state_ != State::Running) return false;
  if (option_ack_pending_) {
    if (block != 0) return false;
    measure(now);
    clean_ = true;
    option_ack_due_ = false;
    option_ack_pending_ = false;
    answered_ = true;
    last_progress_ = now;
    start_window(now);
    return true;
  }
  const auto ahead = static_cast<uint16_t>(block - static_cast<uint16_t>(base_));
  if (ahead == 0) {
    // Also true for one that changes nothing: it acknowledges what we sent.
    if (window_ > 1 && !restarted_here_ && next_ > base_ + 1) lost_ = true;
    return answered_;
  }
  if (ahead > furthest_ - base_) return false;  // from an earlier window, or never sent
  if (base_ + ahead + 1 == next_) measure(now);
  answered_ = true;
  last_progress_ = now;
  if (!advance_to(base_ + ahead)) {
    state_ = State::Unreadable;
    return true;
  }
  if (base_ == last_block_) {
    state_ = State::Complete;
    return true;
  }
  start_window(now);
  return true;
}

void TftpTransfer::settle(SteadyTime now) {
  if (!lost_ || state_ != State::Running) return;
  const SteadyTime round_trip_over = window_sent_ + std::chrono::microseconds(smoothed_us_);
  if (now < round_trip_over) {
    deadline_ = std::min(deadline_, round_trip_over);
    return;
  }
  restart_window();
  restarted_here_ = true;
  schedule(now);
}

void TftpTransfer::restart_window() {
  next_ = base_ + 1;
  next_cursor_ = base_cursor_;
  lost_ = false;
  clean_ = false;
}

// Moves base_; whether what was sent beyond it must be sent again (RFC 7440 section 4) shows later.
Result<void> TftpTransfer::advance_to(uint64_t block) {
  if (netascii_) {
    std::array<std::byte, 4096> scratch;
    for (uint64_t rest = (block - base_) * block_size_; rest > 0;) {
      const auto piece = std::span(scratch).first(std::min<uint64_t>(scratch.size(), rest));
      if (TRY(read_netascii(*content_, base_cursor_, piece)) < piece.size()) break;
      rest -= piece.size();
    }
  }
  base_ = block;
  if (next_ <= base_ + 1) {
    next_ = base_ + 1;
    next_cursor_ = base_cursor_;
  }
  lost_ = next_ > base_ + 1;
  // Only when the end of all that went out is acknowledged is nothing in doubt.
  clean_ = base_ == furthest_;
  restarted_here_ = false;
  return {};
}

void TftpTransfer::start_window(SteadyTime now) {
  repeats_left_ = patience_->later_repeats;
  schedule(now);
}

// RFC 6298 with the loop's granularity; only times of packets that were sent once (Karn).
void TftpTransfer::measure(SteadyTime now) {
  if (!clean_) return;
  const uint32_t sample = to_us(now - window_sent_);
  if (smoothed_us_ == 0) {
    smoothed_us_ = sample;
    variance_us_ = sample / 2;
  } else {
    const uint32_t off = sample > smoothed_us_ ? sample - smoothed_us_ : smoothed_us_ - sample;
    variance_us_ = (3 * variance_us_ + off) / 4;
    smoothed_us_ = std::max(1U, (7 * smoothed_us_ + sample) / 8);
  }
  if (fixed_timeout_seconds_ != 0) return;
  const uint32_t wanted_ms = (smoothed_us_ + 4 * variance_us_) / 1000 + 1;
  timeout_ms_ = std::clamp(wanted_ms, static_cast<uint32_t>(patience_->least_timeout.count()),
                           static_cast<uint32_t>(patience_->most_timeout.count()));
}

milliseconds TftpTransfer::give_up_after() const {
  if (!answered_) return patience_->give_up_unanswered;
  return std::max(patience_->give_up, milliseconds(fixed_timeout_seconds_ * 3000));
}

void TftpTransfer::schedule(SteadyTime now) {
  const SteadyTime end = last_progress_ + give_up_after();
  deadline_ = repeats_left_ == 0 ? end : std::min(now + milliseconds(timeout_ms_), end);
}

void TftpTransfer::on_time(SteadyTime now) {
  if (state_ != State::Running || now < deadline_) return;
  if (now >= last_progress_ + give_up_after() || repeats_left_ == 0) {
    state_ = State::TimedOut;
    return;
  }
  if (lost_) {  // settle() asked for this time: no timeout, a known gap
    restart_window();
    restarted_here_ = true;
    schedule(now);
    return;
  }
  ++timeouts_;
  if (repeats_left_ != Patience::kUnlimited) --repeats_left_;
  if (fixed_timeout_seconds_ == 0)
    timeout_ms_ = std::min(timeout_ms_ * 2, static_cast<uint32_t>(patience_->most_timeout.count()));
  restart_window();
  restarted_here_ = false;
  if (option_ack_pending_) {
    option_ack_due_ = true;
    ++retransmissions_;
  }
  schedule(now);
}

// A window that goes out in pieces says nothing of the round trip.
void TftpTransfer::hold_back() {
  if (next_ > base_ + 1) clean_ = false;
}

bool TftpTransfer::repeat_option_ack(SteadyTime now) {
  if (state_ != State::Running || !answered_ || furthest_ != 0 || !accepted_.any()) return false;
  option_ack_due_ = true;
  last_progress_ = now;
  ++retransmissions_;
  return true;
}

void TftpTransfer::on_repeated_request(SteadyTime now) {
  if (answered_ || state_ != State::Running) return;
  if (option_ack_pending_) {
    if (!option_ack_due_) ++retransmissions_;
    option_ack_due_ = true;
    clean_ = false;
    return;
  }
  if (repeats_left_ == 0 || next_ == base_ + 1) return;
  if (repeats_left_ != Patience::kUnlimited) --repeats_left_;
  restart_window();
  schedule(now);
}

}  // namespace stormdoor::tftp
