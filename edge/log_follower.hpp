#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/guarded.hpp"
#include "base/loop/event_loop.hpp"
#include "edge/asterisk_log.hpp"
#include "edge/followed_file.hpp"

namespace stormdoor::edge {

// Follows the security log of an Asterisk and tells the logins in it: for PBXs whose SIP we cannot
// read on its way. A thread of its own, since reading files blocks; woken by inotify, and twice a
// second to look for rotation. Constructed and destroyed on the main thread.
//
// A file that is not there or may not be read is tried again until it can be; health() says so. A
// login that is older than kOldest when it is read (after a long stop, or from a machine whose
// clock is wrong) is not told, only counted: it would be judged as if it happened now.
class LogFollower {
 public:
  static constexpr milliseconds kOldest{300'000};

  struct Options {
    std::string file;
    std::string position_file;
    AsteriskLog::Options log;
  };
  // Runs on the follower's thread, with what one turn has read; at most a few hundred.
  using Tell = std::function<void(const std::vector<LoggedLogin>&, Now)>;

  static Result<std::unique_ptr<LogFollower>> start(const Options& options, Tell tell);
  ~LogFollower();  // finishes its turn
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  struct Health {
    std::string trouble;  // why the file cannot be read; empty: it can
    FollowedFile::Counters file;
    AsteriskLog::Counters log;
    uint64_t too_old = 0;
  };
  [[nodiscard]] Health health() const;  // any thread

 private:
  struct Inside;
  LogFollower();
  std::unique_ptr<loop::EventLoop> loop_;
  Guarded<Health> health_;
  std::jthread thread_;
};

}  // namespace stormdoor::edge
