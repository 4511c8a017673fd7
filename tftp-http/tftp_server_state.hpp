#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/loop/poll_set.hpp"
#include "base/loop/timer.hpp"
#include "base/loop/udp_batch.hpp"
#include "tftp-http/firmware_pass.hpp"
#include "tftp-http/tftp_book.hpp"
#include "tftp-http/tftp_metrics.hpp"
#include "tftp-http/tftp_packet.hpp"
#include "tftp-http/tftp_ports.hpp"
#include "tftp-http/tftp_server.hpp"
#include "tftp-http/tftp_timer_wheel.hpp"
#include "tftp-http/tftp_transfer.hpp"
#include "tftp-http/tftp_unproven_budget.hpp"

// The inside of TftpServer: only for tftp_server.cpp (sockets, time), tftp_requests.cpp (what an
// arriving packet means) and tftp_firmware.cpp (what waits for its turn on a link).
namespace stormdoor::tftp {

class TftpServer::State {
 public:
  State(loop::EventLoop& loop, const TftpConfig& config, http::FileSource& source,
        MetricsShard& metrics, TftpPorts ports);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  Result<void> start(loop::EventLoop& loop);
  void apply(const TftpRules& rules);
  [[nodiscard]] size_t active() const { return book_.size(); }

 private:
  // One transfer with what surrounds it; its place is its number in the book.
  struct Slot {
    std::optional<TftpTransfer> transfer;
    uint32_t socket = 0;  // the place of the port it uses
    loop::UdpFlow flow;
    uint64_t request_hash = 0;
    bool touched = false;     // acknowledged in this batch
    bool large = false;       // comes after the small ones when many are touched
    SteadyTime spoken_at{};   // when its request was last answered
    uint64_t owed_bytes = 0;  // taken from the unproven budget, to be given back
    http::FileAnswer answer;
    std::string path;
    std::unique_ptr<http::FirmwarePass> pass;  // null: nothing paces it
    bool held = false;                         // until the pass's time, not the transfer's
  };
  // A packet that arrived, and what an answer needs of it.
  struct Arrival {
    uint32_t socket = 0;
    const loop::Datagram& datagram;
    Now now;
    [[nodiscard]] TransferKey key() const { return {datagram.peer, datagram.asked}; }
    [[nodiscard]] size_t bytes() const { return datagram.payload.size(); }
  };
  struct Finished {  // direct-mapped: a later one overwrites
    uint64_t hash = 0;
    SteadyTime until{};
    uint32_t socket = 0;
    bool quietly = false;  // what comes late for it is not answered
  };

  // tftp_server.cpp: sockets and time.
  void on_readable(std::span<const uint32_t> places);
  void drain(uint32_t place, int most_batches, size_t batch, Now now);
  // Reads what has arrived at a transfer's port before its turn, in the middle of a request.
  void hear_out(uint32_t place, Now now);
  void settle_touched(Now now);
  void settle(uint32_t id, Now now);
  void on_large_left();
  void on_tick();
  // Sends what the transfer wants to send. `paid_bytes` came in for it just now.
  void pump(uint32_t id, size_t paid_bytes, Now now);
  bool charge(Slot& slot, size_t bytes, size_t& paid_bytes, Now now);
  // Whether its link has no turn for the next packet now (tftp_firmware.cpp).
  bool is_held(Slot& slot, Now now);
  void on_turn(uint32_t id, Now now);
  // Ends the transfer, counted under `how`.
  void end(uint32_t id, Counter& how, Now now);
  void send_from(uint32_t socket);  // what is written next leaves from there
  void flush();
  void watch_time();

  // tftp_requests.cpp: what packets mean.
  void on_datagram(const Arrival& arrival);
  void on_request(const Arrival& arrival, const Request& request);
  // True when the request concerns a transfer that is already there, and is done with.
  bool on_known_endpoint(const Arrival& arrival, uint64_t request_hash);
  // Ends the transfer of whoever has just asked for something else.
  void replace(uint32_t id, const Arrival& arrival);
  void begin(const Arrival& arrival, const Request& request, uint64_t request_hash,
             http::FileAnswer answer);
  bool make_room(const Arrival& arrival);
  [[nodiscard]] const Patience& patience_for(const Terms& terms, const Arrival& arrival) const;
  void on_ack(const Arrival& arrival, uint16_t block);
  void on_first_ack(uint32_t id, Now now);
  void on_error(const Arrival& arrival);
  void on_stray(const Arrival& arrival);
  void answer_error(const Arrival& arrival, ErrorNumber number, std::string_view text);
  void answer_unfound(const Arrival& arrival, const http::FileAnswer& answer);
  void remember_finished(const TransferKey& key, uint32_t socket, bool quietly, SteadyTime now);
  [[nodiscard]] const Finished* just_finished(const TransferKey& key, SteadyTime now) const;

  TftpSizes sizes_;
  TftpRules rules_;
  // How long transfers wait, by how they begin: with an option acknowledgement to a peer that has
  // (not) answered lately, with data. Transfers point here.
  Patience patience_options_;
  Patience patience_known_;
  Patience patience_data_;
  loop::EventLoop& loop_;
  http::FileSource& source_;
  TftpMetrics metrics_;
  TftpPorts ports_;
  TransferBook book_;
  UnprovenBudget budget_;
  TimerWheel wheel_;
  std::deque<Slot> slots_;
  std::vector<uint32_t> touched_;
  std::vector<uint32_t> touched_large_;
  std::array<Finished, 4096> finished_{};
  loop::UdpInbox inbox_;
  loop::UdpInbox aside_;  // for hear_out()
  std::unique_ptr<loop::UdpOutbox> outbox_;
  size_t outbox_packet_bytes_ = 0;
  uint32_t sending_from_ = 0;
  loop::Timer tick_;
  bool ticking_ = false;
  loop::Timer large_left_;
  std::unique_ptr<loop::PollSet> poll_;
};

}  // namespace stormdoor::tftp
