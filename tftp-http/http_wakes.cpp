#include "tftp-http/http_wakes.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tftp-http/http_connection.hpp"

namespace stormdoor::http {

HttpWakes::HttpWakes(loop::EventLoop& loop) : loop_(loop), timer_(loop, [this] { on_time(); }) {}

void HttpWakes::wake(std::weak_ptr<HttpConnection> connection, SteadyTime at) {
  const bool first = heap_.empty() || at < heap_.front().at;
  heap_.push_back({at, std::move(connection)});
  std::ranges::push_heap(heap_, later);
  if (first) start_timer();
}

// What is woken may wait again at once: that is for the next time.
void HttpWakes::on_time() {
  const Now now = loop_.now();
  for (size_t most = heap_.size(); most > 0 && !heap_.empty() && heap_.front().at <= now.steady;
       --most) {
    std::ranges::pop_heap(heap_, later);
    const auto connection = heap_.back().connection.lock();
    heap_.pop_back();
    if (connection) connection->on_turn(now);
  }
  if (!heap_.empty()) start_timer();
}

void HttpWakes::start_timer() {
  const auto left = std::chrono::ceil<milliseconds>(heap_.front().at - loop_.now().steady);
  timer_.start_once(std::max(left, milliseconds(1)));
}

}  // namespace stormdoor::http
