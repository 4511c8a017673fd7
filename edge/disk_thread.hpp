#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace stormdoor::edge {

// A thread that may wait for the disk, for work that nobody waits for: syncing the journal, writing
// down who is registered. One job after the other; when kMostJobs wait, one more is refused (there
// will be another like it). Ends with what was given to it done.
class DiskThread {
 public:
  static constexpr size_t kMostJobs = 64;

  DiskThread();
  ~DiskThread();
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;

  // Any thread. False: too many wait.
  bool run(std::function<void()> job);

 private:
  void work();

  std::mutex mutex_;  // of the two below
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace stormdoor::edge
