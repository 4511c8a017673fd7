#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tftp-http/tftp_packet.hpp"

namespace stormdoor::tftp {

// The receiving side as RFC 1350 and RFC 7440 describe it: takes blocks in order, acknowledges at
// the end of a window and of the file, and, once per gap, the last good block when one is missing.
class Receiver {
 public:
  // The acknowledgement to send, if any.
  std::optional<uint16_t> on_packet(std::span<const std::byte> bytes) {
    const auto packet = parse_packet(bytes);
    if (!packet) return {};
    if (const auto* options = std::get_if<OptionAck>(&*packet)) return on_option_ack(*options);
    if (const auto* data = std::get_if<Data>(&*packet)) return on_data(*data);
    return {};
  }
  // What it repeats when nothing comes: the last acknowledgement; nothing before the first.
  [[nodiscard]] std::optional<uint16_t> on_timeout() {
    in_window_ = 0;
    gap_reported_ = false;
    return heard_ ? std::optional(static_cast<uint16_t>(blocks_)) : std::nullopt;
  }

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] uint64_t blocks() const { return blocks_; }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  std::optional<uint16_t> on_option_ack(const OptionAck& ack) {
    if (blocks_ > 0) return {};
    heard_ = true;
    options_ = ack.options;
    return uint16_t{0};
  }
  std::optional<uint16_t> on_data(const Data& data) {
    const auto wanted = static_cast<uint16_t>(blocks_ + 1);
    if (done_ || data.block != wanted) return out_of_order(data.block);
    heard_ = true;
    gap_reported_ = false;
    file_.append(reinterpret_cast<const char*>(data.bytes.data()), data.bytes.size());
    ++blocks_;
    done_ = data.bytes.size() < options_.block_size.value_or(512);
    if (++in_window_ < options_.window_size.value_or(1) && !done_) return {};
    in_window_ = 0;
    return static_cast<uint16_t>(blocks_);
  }
  std::optional<uint16_t> out_of_order(uint16_t block) {
    // An old block in lock-step: acknowledged again, as RFC 1350 receivers do.
    if (options_.window_size.value_or(1) == 1)
      return heard_ && blocks_ > 0 && block == static_cast<uint16_t>(blocks_) ? std::optional(block)
                                                                              : std::nullopt;
    if (gap_reported_ && !done_) return {};
    gap_reported_ = true;
    in_window_ = 0;
    return static_cast<uint16_t>(blocks_);
  }

  Options options_;
  std::string file_;
  uint64_t blocks_ = 0;
  uint32_t in_window_ = 0;
  bool heard_ = false;
  bool done_ = false;
  bool gap_reported_ = false;
};

}  // namespace stormdoor::tftp
