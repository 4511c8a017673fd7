#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "bench/storm/fetch.hpp"

namespace stormdoor::storm {

// What a phone asks for beside the file (RFC 2347 to 2349, 7440); 0 or false: not asked.
struct TftpOptions {
  uint16_t block_size = 0;
  bool size = false;  // tsize
  uint16_t window = 0;
  uint8_t timeout = 0;  // seconds
  [[nodiscard]] bool any() const { return block_size != 0 || size || window != 0 || timeout != 0; }
};

struct TftpPatience {
  int tries = 5;  // how often one packet is sent before the phone gives up
  milliseconds wait{1000};
  milliseconds total{std::chrono::minutes(20)};
};

// One file read by TFTP, as a phone does it: packets and time in, at most one packet out. Pure; the
// socket is TftpClient's. Its bound is what the server sends within `total`.
class TftpFetch {
 public:
  // A packet that has been written into the room; 0 bytes: nothing to send.
  struct Reply {
    size_t bytes = 0;
    Endpoint to;
  };
  // What `room` must hold.
  static constexpr size_t kMostReply = 600;

  TftpFetch(const Endpoint& server, std::string path, const TftpOptions& options,
            const TftpPatience& patience, bool hashed);

  Reply start(SteadyTime now, std::span<std::byte> room);
  Reply on_packet(const Endpoint& from, std::span<const std::byte> packet, SteadyTime now,
                  std::span<std::byte> room);
  Reply on_deadline(SteadyTime now, std::span<std::byte> room);

  [[nodiscard]] bool ended() const { return ended_; }
  // When on_deadline() is due.
  [[nodiscard]] SteadyTime deadline() const { return deadline_; }
  // Once, after it has ended.
  [[nodiscard]] FetchResult take_result() { return std::move(result_); }

 private:
  Reply on_data(std::span<const std::byte> packet, SteadyTime now, std::span<std::byte> room);
  Reply on_options(std::string_view options, SteadyTime now, std::span<std::byte> room);
  void on_error(std::span<const std::byte> packet);
  Reply request(SteadyTime now, std::span<std::byte> room);
  Reply acknowledge(SteadyTime now, std::span<std::byte> room);
  bool agree(std::string_view name, uint64_t value);
  void progress(SteadyTime now);
  void fail(std::string reason);
  Reply refuse_options(std::span<std::byte> room);
  void finish();

  Endpoint server_;
  std::string path_;
  TftpOptions options_;
  TftpPatience patience_;
  std::optional<Endpoint> peer_;  // known with the first answer
  std::optional<uint64_t> told_size_;
  uint16_t block_size_ = 512;
  uint16_t window_ = 1;
  uint16_t last_block_ = 0;  // the last that came in order
  uint16_t in_window_ = 0;   // since the last acknowledgement
  bool data_seen_ = false;
  bool gap_told_ = false;
  bool ended_ = false;
  int sent_ = 0;  // how often the present packet has been sent
  SteadyTime deadline_{};
  SteadyTime give_up_{};
  FetchResult result_;
};

}  // namespace stormdoor::storm
