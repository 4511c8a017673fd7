#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "edge/helper_link.hpp"
#include "edge/messages_enforce.hpp"

namespace stormdoor::edge {

// Keeps the kernel's table equal to what the guard intends (promise 11), through stormdoor-enforce.
// Main thread. A change goes out at once when nothing is in flight; what comes while a batch is on
// its way to the kernel is gathered into the next. Every kSyncPeriod, and whenever something was
// lost or refused, the whole intention is sent and compared. Without a helper changes are dropped:
// its first sync brings all of it.
//
// Holds at most what one sync holds: when more changes gather than kMostPending, they are given up
// for a sync.
class Enforcement {
 public:
  static constexpr milliseconds kSyncPeriod{5'000};
  static constexpr size_t kMostPending = 20'000;

  struct Contents {
    std::vector<EnforceElement> elements;
    std::vector<EnforceFlow> flows;
  };
  struct Hooks {
    std::function<Contents()> intended;  // all of it, as of now
    std::function<void()> on_ready;      // the helper has answered its first sync
    std::function<void(const Error&)> on_bad;
    std::function<void(const std::string&)> on_problem;  // one line for an administrator
  };
  Enforcement(loop::EventLoop& loop, EnforceSettings settings, Hooks hooks);

  void connect(UniqueFd channel);
  void change(EnforceOp op, const EnforceElement& element);
  void change(EnforceOp op, const EnforceFlow& flow);
  void flush();  // after a turn's changes
  void sync();
  void check(SteadyTime now);  // every second or so

  struct State {
    bool connected = false;
    bool ready = false;
    EnforceReport report;  // the last one
    uint64_t changes = 0, syncs = 0, problems = 0;
    uint32_t last_microseconds = 0;  // from a batch's sending to the kernel's answer, as told
    std::string last_problem;
  };
  [[nodiscard]] const State& state() const { return state_; }

 private:
  Result<void> on_packet(std::string_view packet);
  void on(const EnforceApplied& applied);
  void on(const EnforceReport& report);
  void on(const EnforceProblem& problem);
  void on(const EnforceAlive&) {}
  [[nodiscard]] bool gathering() const { return in_flight_ != 0; }

  EnforceSettings settings_;
  Hooks hooks_;
  HelperLink link_;
  State state_;
  std::vector<EnforceBatch::Op> elements_;
  std::vector<EnforceFlows::Op> flows_;
  uint64_t sequence_ = 0;
  uint64_t in_flight_ = 0;  // the number whose answer is awaited
  uint64_t generation_ = 0;
  bool sync_due_ = false;
  SteadyTime next_sync_{};
};

}  // namespace stormdoor::edge
