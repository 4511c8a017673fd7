#include "bench/storm/storm_loop.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace stormdoor::storm {
namespace {

// Windows of the largest blocks arrive together; only touched pages are real.
constexpr size_t kInboxDatagrams = 64;
constexpr size_t kLongestDatagram = 65'536;
constexpr size_t kOutboxBytes = 1024;

}  // namespace

StormLoop::StormLoop(loop::EventLoop& loop)
    : loop_(loop),
      inbox_(kInboxDatagrams, kLongestDatagram),
      outbox_(8, kOutboxBytes),
      timer_(loop, [this] { run_due(); }) {}

void StormLoop::wake_by(SteadyTime when) {
  if (when >= wake_at_) return;
  wake_at_ = when;
  // Rounded up: waking a moment early would find nothing due and wake again.
  timer_.start_once(std::chrono::ceil<milliseconds>(std::max(when - now().steady, {})));
}

void StormLoop::run_due() {
  wake_at_ = SteadyTime::max();
  deadlines_.run(now().steady);
  wake_by(deadlines_.next());
}

size_t allow_descriptors(size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  rlimit more = limit;
  more.rlim_cur = wanted;
  more.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);  // root may raise this one, too
  if (setrlimit(RLIMIT_NOFILE, &more) == 0) return wanted;
  more = {std::min<rlim_t>(wanted, limit.rlim_max), limit.rlim_max};
  return setrlimit(RLIMIT_NOFILE, &more) == 0 ? more.rlim_cur : limit.rlim_cur;
}

}  // namespace stormdoor::storm
