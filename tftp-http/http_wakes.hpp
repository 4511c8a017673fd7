#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/loop/timer.hpp"

namespace stormdoor::http {

class HttpConnection;

// Wakes connections that wait for their turn on a paced link, each at a time of its own. Holds one
// entry per such connection (HttpConfig::connections), 32 bytes each, also of one that was closed
// meanwhile, until its time. HttpServer owns it; its loop's thread.
class HttpWakes {
 public:
  explicit HttpWakes(loop::EventLoop& loop);

  void wake(std::weak_ptr<HttpConnection> connection, SteadyTime at);

 private:
  struct Entry {
    SteadyTime at;
    std::weak_ptr<HttpConnection> connection;
  };
  static bool later(const Entry& a, const Entry& b) { return a.at > b.at; }
  void on_time();
  void start_timer();

  loop::EventLoop& loop_;
  loop::Timer timer_;
  std::vector<Entry> heap_;  // the next one first
};

}  // namespace stormdoor::http
