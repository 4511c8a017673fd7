#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "base/loop/timer.hpp"
#include "edge/disk_thread.hpp"
#include "edge/handover_state.hpp"
#include "edge/pbx_target.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::edge {

// Keeps the PBX's accounts what the registry says (promise 8: what stopped working here stops
// working there). Everything but the target's work, which has a thread of its own, is on the main
// thread. Nothing is kept on disk: after a start everything is compared with what the PBX has.
class PbxHandover {
 public:
  static constexpr size_t kMostWaiting = 10'000;

  // Told on the main thread when it begins to fail (with why) and when it works again (empty).
  using Tell = std::function<void(const std::string& trouble)>;

  PbxHandover(loop::EventLoop& loop, std::unique_ptr<PbxTarget> target, Tell tell);
  // Ends a command that runs; what the target does otherwise it finishes.
  ~PbxHandover();
  PbxHandover(const PbxHandover&) = delete;
  PbxHandover& operator=(const PbxHandover&) = delete;

  // The registry as it is now committed. Cheap; call it for every version.
  void publish(std::shared_ptr<const hotdesk::Registry> registry);

  // Whether the PBX has this version of the registry.
  [[nodiscard]] bool in_effect(uint64_t version) const { return state_.in_effect(version); }
  // Whether it lacks something: what was changed is done here and not yet there.
  [[nodiscard]] bool pending() const { return state_.pending_since().has_value(); }
  [[nodiscard]] const HandoverState& state() const { return state_; }

  // Calls `then` once: at once or later, when the PBX has this version, or when an attempt with it
  // has failed (others follow by themselves). ResourceExhausted at once when kMostWaiting wait.
  // Forgotten when this goes.
  using Then = std::function<void(const Result<void>&)>;
  void when_in_effect(uint64_t version, Then then);

 private:
  void go_on();
  void ended(uint64_t version, const Result<void>& result);

  struct Waiting {
    uint64_t version = 0;
    Then then;
  };

  loop::EventLoop& loop_;
  Tell tell_;
  HandoverState state_;
  std::shared_ptr<const hotdesk::Registry> registry_;
  std::vector<Waiting> waiting_;
  loop::Timer retry_;
  std::shared_ptr<PbxHandover*> self_;  // what comes back after we are gone finds nobody
  std::atomic<bool> stop_ = false;
  std::unique_ptr<PbxTarget> target_;  // of the thread
  DiskThread thread_;                  // last: it uses the target
};

}  // namespace stormdoor::edge
