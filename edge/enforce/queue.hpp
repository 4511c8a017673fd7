#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

struct nfq_handle;
struct nfq_q_handle;

namespace stormdoor::edge::enforce {

// Packets that wait in the kernel for a verdict. Pure. At most kMostWaiting: what comes beyond is
// to be dropped at once (a phone sends its request again), and what has waited for kPatience too.
class WaitingPackets {
 public:
  static constexpr size_t kMostWaiting = 1024;
  static constexpr milliseconds kPatience{200};

  // False when there is no room, or one of that number waits.
  bool add(uint32_t id, SteadyTime now);
  // Whether it still waited; each is answered once.
  bool answer(uint32_t id);
  // Those whose time is over; they no longer wait.
  [[nodiscard]] std::vector<uint32_t> expire(SteadyTime now);
  [[nodiscard]] size_t size() const { return waiting_.size(); }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

 private:
  std::unordered_map<uint32_t, SteadyTime> waiting_;  // since
  std::deque<std::pair<SteadyTime, uint32_t>> by_age_;
};

// The kernel's packet queue. Hands each packet on unread and sets verdicts by number; without one
// the packet is dropped. Needs CAP_NET_ADMIN. Used by one thread.
class PacketQueue {
 public:
  // False: it cannot be asked about now; it is dropped.
  using Ask = std::function<bool(uint32_t id, std::string_view bytes)>;
  struct Counts {
    uint64_t queued = 0;
    uint64_t refused = 0;     // by verdict
    uint64_t unanswered = 0;  // dropped without one
  };

  static Result<std::unique_ptr<PacketQueue>> open(uint16_t number, Ask ask);
  ~PacketQueue();
  PacketQueue(const PacketQueue&) = delete;
  PacketQueue& operator=(const PacketQueue&) = delete;

  [[nodiscard]] int descriptor() const;
  [[nodiscard]] uint16_t number() const { return number_; }
  // Reads what has come, a bounded number at a time.
  void read(SteadyTime now);
  void answer(uint32_t id, bool accept);
  void expire(SteadyTime now);
  [[nodiscard]] bool waiting() const { return !waiting_.empty(); }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  struct Close {
    void operator()(nfq_handle* handle) const;
  };
  struct Destroy {
    void operator()(nfq_q_handle* queue) const;
  };
  PacketQueue(uint16_t number, Ask ask) : number_(number), ask_(std::move(ask)) {}
  Result<void> start();
  void on_packet(uint32_t id, std::string_view bytes);
  void drop(uint32_t id);

  uint16_t number_;
  Ask ask_;
  std::unique_ptr<nfq_handle, Close> handle_;
  std::unique_ptr<nfq_q_handle, Destroy> queue_;
  WaitingPackets waiting_;
  Counts counts_;
  SteadyTime now_{};
};

}  // namespace stormdoor::edge::enforce
