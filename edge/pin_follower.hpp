#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/loop/event_loop.hpp"
#include "base/loop/timer.hpp"
#include "edge/disk_thread.hpp"
#include "edge/voicemail_watcher.hpp"

namespace stormdoor::edge {

// Looks at a voicemail.conf every two seconds, on a thread of its own, and tells what has changed
// on the main thread, where it lives. See VoicemailWatcher for what counts as a change.
class PinFollower {
 public:
  static constexpr milliseconds kPeriod{2'000};
  using Tell = std::function<void(const Result<hotdesk::VoicemailFile>&)>;

  PinFollower(loop::EventLoop& loop, const std::string& path, Tell tell);
  ~PinFollower();
  PinFollower(const PinFollower&) = delete;
  PinFollower& operator=(const PinFollower&) = delete;

  // What was told last could not be used: it is told again.
  void tell_again();

 private:
  void look();

  loop::EventLoop& loop_;
  Tell tell_;
  std::shared_ptr<PinFollower*> self_;  // what comes back after we are gone finds nobody
  bool looking_ = false;
  loop::Timer timer_;
  VoicemailWatcher watcher_;  // of the thread
  DiskThread thread_;         // last: it uses the watcher
};

}  // namespace stormdoor::edge
