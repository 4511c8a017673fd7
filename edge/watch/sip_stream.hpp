#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/watch/sip_message.hpp"

namespace stormdoor::edge::watch {

// One direction of a TCP connection that carries SIP (RFC 3261 section 18.3): segments in, the
// heads of messages out. Used by one thread; SipWatch holds two per connection.
//
// Bodies are skipped, not kept. Holds at most kMostBytes, in kMostWaiting segments that came too
// early; when there are more, the gap before them is given up. After a gap, or after what is no
// SIP, it goes on at the next line that looks like a start line. Of bytes sent twice the first
// count. What is lost that way is not seen; nothing is guessed.
class SipStream {
 public:
  static constexpr size_t kMostBytes = size_t{16} * 1024;
  static constexpr size_t kMostWaiting = 16;
  static constexpr size_t kMostBodyBytes = size_t{64} * 1024;  // more is taken for a lie

  // The message borrows until the function returns.
  using Use = std::function<void(const SipMessage&)>;

  void on_segment(uint32_t seq, bool syn, std::string_view bytes, const Use& use);

  // Bytes held.
  [[nodiscard]] size_t held() const { return buffer_.size() + waiting_bytes_; }
  [[nodiscard]] uint64_t malformed() const { return malformed_; }

 private:
  struct Segment {
    uint32_t seq;
    std::string bytes;
  };

  void restart(uint32_t next);
  void keep(uint32_t seq, std::string_view bytes, const Use& use);
  void give_up_gap(const Use& use);
  void take_waiting(const Use& use);
  void accept(std::string_view bytes, const Use& use);
  void read_messages(const Use& use);
  bool read_message(std::string_view rest, size_t& used, const Use& use);
  bool find_start(std::string_view rest, size_t& used);

  bool known_ = false;   // next_ is
  bool synced_ = false;  // buffer_ begins with a message
  uint32_t next_ = 0;
  size_t skip_ = 0;     // bytes of a body still to come
  size_t scanned_ = 0;  // of buffer_, without an end of the head
  std::string buffer_;
  std::vector<Segment> waiting_;
  size_t waiting_bytes_ = 0;
  uint64_t malformed_ = 0;
};

}  // namespace stormdoor::edge::watch
