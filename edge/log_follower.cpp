#include "edge/log_follower.hpp"

#include <pthread.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/log.hpp"
#include "base/loop/io_event.hpp"
#include "base/loop/timer.hpp"

namespace stormdoor::edge {
namespace {

constexpr milliseconds kLookForRotation{500};

}  // namespace

// Born, used and gone on the follower's thread.
struct LogFollower::Inside {
  loop::EventLoop& loop;
  Guarded<Health>& shown;
  Tell tell;
  FollowedFile file;
  AsteriskLog log;
  UniqueFd changes;
  loop::IoEvent changed;
  loop::Timer rotation;
  Health health;
  std::vector<LoggedLogin> logins;
  uint64_t watched = 0;  // generation of the file that inotify looks at
  bool turn_posted = false;

  Inside(loop::EventLoop& its_loop, const Options& options, Tell to_tell, Guarded<Health>& to_show,
         UniqueFd inotify)
      : loop(its_loop),
        shown(to_show),
        tell(std::move(to_tell)),
        file(options.file, options.position_file),
        log(options.log),
        changes(std::move(inotify)),
        changed(loop, changes.get(), [this](loop::Readiness) { on_change(); }),
        rotation(loop, [this] { turn(); }) {
    changed.wait_for({.read = true, .write = false});
    rotation.start_every(kLookForRotation);
    turn();
  }

  void on_change() {
    std::array<char, 4096> ignored;
    while (read(changes.get(), ignored.data(), ignored.size()) > 0) {
    }
    turn();
  }

  // One piece of the file; then the loop has its turn, so that it can be stopped.
  void turn() {
    const Now now = loop.now();
    logins.clear();
    const auto more = file.read([&](std::string_view line) { take(line, now); });
    if (!logins.empty()) tell(logins, now);
    note_trouble(more ? "" : more.error().message());
    watch();
    health.file = file.counters();
    health.log = log.counters();
    shown.with([this](Health& seen) { seen = health; });
    if (more && *more && !std::exchange(turn_posted, true))
      loop.post([this] {
        turn_posted = false;
        turn();
      });
  }

  void take(std::string_view line, Now now) {
    auto login = log.read(line, now.wall);
    if (!login) return;
    if (login->time + kOldest < now.wall)
      ++health.too_old;
    else
      logins.push_back(std::move(*login));
  }

  void note_trouble(const std::string& trouble) {
    if (trouble == health.trouble) return;
    health.trouble = trouble;
    if (trouble.empty())
      log_info("log-followed", {});
    else
      log_warning("log-not-followed", {{"why", trouble}});
  }

  // The open file and not its name, which may mean another one already.
  void watch() {
    if (watched == file.generation()) return;
    watched = file.generation();
    const std::string open_file = "/proc/self/fd/" + std::to_string(file.descriptor());
    // Without it (no /proc) the timer is enough.
    inotify_add_watch(changes.get(), open_file.c_str(), IN_MODIFY);
  }
};

LogFollower::LogFollower() = default;

Result<std::unique_ptr<LogFollower>> LogFollower::start(const Options& options, Tell tell) {
  std::unique_ptr<LogFollower> follower(new LogFollower);
  follower->loop_ = TRY(loop::EventLoop::create());
  UniqueFd inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify.valid()) return system_error("follow " + options.file, errno);
  follower->thread_ = std::jthread([raw = follower.get(), options, tell = std::move(tell),
                                    inotify = std::move(inotify)]() mutable {
    pthread_setname_np(pthread_self(), "log-follower");
    const Inside inside(*raw->loop_, options, std::move(tell), raw->health_, std::move(inotify));
    raw->loop_->run();
  });
  return follower;
}

LogFollower::~LogFollower() {
  if (!thread_.joinable()) return;
  loop_->stop();
  thread_.join();
}

LogFollower::Health LogFollower::health() const {
  return health_.with([](const Health& health) { return health; });
}

}  // namespace stormdoor::edge
