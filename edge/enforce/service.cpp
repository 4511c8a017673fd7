#include "edge/enforce/service.hpp"

#include <poll.h>

#include <algorithm>
#include <array>

#include "base/log.hpp"

namespace stormdoor::edge::enforce {
namespace {

constexpr milliseconds kCheckEvery{1'000};
constexpr milliseconds kAliveEvery{2'000};
constexpr milliseconds kSaveEvery{30'000};
constexpr int kMostOrdersAtOnce = 128;
constexpr int kMostAnswersAtOnce = 256;

}  // namespace

Service::Service(Enforcer enforcer, PacketChannel server, std::optional<PacketChannel> watch,
                 std::optional<StateFiles> state)
    : enforcer_(std::move(enforcer)),
      server_(std::move(server)),
      watch_(std::move(watch)),
      state_(std::move(state)),
      watcher_(watch_.has_value()) {}

Result<void> Service::run() {
  while (!server_.closed()) {
    wait();
    TRY(read_orders());
    const auto now = read_clocks();
    if (queue_) {
      read_answers(now.steady);
      queue_->read(now.steady);
      queue_->expire(now.steady);
    }
    follow_watcher(now.steady);
    every_second(now);
    TRY(send_news());
  }
  end(read_clocks());
  return {};
}

void Service::wait() const {
  std::array<pollfd, 3> polled{};
  size_t count = 0;
  const auto more_news = short(news_.empty() ? 0 : POLLOUT);
  polled[count++] = {server_.descriptor(), short(POLLIN | more_news), 0};
  if (watch_) polled[count++] = {watch_->descriptor(), POLLIN, 0};
  if (queue_) polled[count++] = {queue_->descriptor(), POLLIN, 0};
  const auto patience = queue_ && queue_->waiting() ? milliseconds{20} : kCheckEvery / 2;
  (void)poll(polled.data(), count, int(patience.count()));
}

// ---- the server ----

// Everything that is there goes to the kernel together; what comes meanwhile goes together next.
Result<void> Service::read_orders() {
  for (int i = 0; i < kMostOrdersAtOnce && !server_.closed(); ++i) {
    const auto packet = TRY(server_.receive());
    if (!packet) break;
    take(TRY(decode_enforce_order(*packet)), read_clocks().steady);
  }
  enforcer_.flush(read_clocks().steady);
  return {};
}

void Service::take(EnforceOrder order, SteadyTime now) {
  unsaved_ = true;
  if (auto* settings = std::get_if<EnforceSettings>(&order)) {
    enforcer_.flush(now);  // what came before belongs to the settings before
    use_settings(std::move(*settings), now);
  } else {
    enforcer_.take(std::move(order), now);
  }
}

void Service::use_settings(EnforceSettings settings, SteadyTime now) {
  reopen_queue(settings);
  const bool usable = queue_ != nullptr && watcher_.usable(now);
  if (const auto done = enforcer_.load(settings, usable, now); !done) {
    news_.emplace_back(EnforceProblem{done.error().while_doing("load the rules").message(), 0});
    return;
  }
  news_.emplace_back(report());
}

void Service::reopen_queue(const EnforceSettings& settings) {
  const bool wanted = settings.use_queue && watch_.has_value();
  if (queue_ && wanted && queue_->number() == settings.queue_number) return;
  // Closing a queue that rules still name would drop packets; those few are sent again.
  if (queue_) {
    earlier_.queued += queue_->counts().queued;
    earlier_.refused += queue_->counts().refused;
    earlier_.unanswered += queue_->counts().unanswered;
  }
  queue_.reset();
  unanswered_seen_ = 0;
  if (!wanted) return;
  auto opened = PacketQueue::open(settings.queue_number, [this](uint32_t id, auto bytes) {
    return watch_->send(encode(QueuedPacket{id, std::string(bytes)})) == PacketChannel::Sent::Yes;
  });
  if (opened)
    queue_ = *std::move(opened);
  else
    news_.emplace_back(EnforceProblem{opened.error().message(), 0});
}

Result<void> Service::send_news() {
  for (auto& one : enforcer_.take_news()) {
    // Our own counts of packets go out with every report.
    if (auto* made = std::get_if<EnforceReport>(&one)) {
      const auto generation = made->generation;
      *made = report();
      made->generation = generation;
    }
    news_.push_back(std::move(one));
  }
  size_t sent = 0;
  while (sent < news_.size() && server_.send(encode(news_[sent])) == PacketChannel::Sent::Yes)
    ++sent;
  news_.erase(news_.begin(), news_.begin() + ptrdiff_t(sent));
  if (news_.size() > kMostNews)
    return Error(ErrorCode::ResourceExhausted, "the server does not listen any more");
  return {};
}

EnforceReport Service::report() const {
  auto report = enforcer_.report();
  const auto now = queue_ ? queue_->counts() : PacketQueue::Counts{};
  report.queued = earlier_.queued + now.queued;
  report.refused_by_verdict = earlier_.refused + now.refused;
  report.unanswered = earlier_.unanswered + now.unanswered;
  return report;
}

// ---- stormdoor-watch ----

void Service::read_answers(SteadyTime now) {
  for (int i = 0; watch_ && i < kMostAnswersAtOnce; ++i) {
    const auto packet = watch_->receive();
    const auto answer = packet && *packet ? decode_queue_answer(**packet)
                                          : Result<QueueAnswer>(Error(ErrorCode::Corrupt, ""));
    if (answer) {
      queue_->answer(answer->id, answer->accept);
      watcher_.on_answer();
      continue;
    }
    if (packet && !*packet && !watch_->closed()) break;  // nothing there
    if (!watch_->closed()) log_error("watch_malformed_answer");
    // Closed, or not a watcher: it is asked no more until we are started again.
    watcher_.on_closed();
    watch_.reset();
  }
  const auto unanswered = queue_->counts().unanswered;
  if (unanswered > unanswered_seen_) watcher_.on_unanswered(unanswered - unanswered_seen_, now);
  unanswered_seen_ = unanswered;
}

void Service::follow_watcher(SteadyTime now) {
  const auto& settings = enforcer_.settings();
  if (!settings || !settings->use_queue) return;
  const bool usable = queue_ != nullptr && watcher_.usable(now);
  if (usable == enforcer_.queue_in_use()) return;
  const auto copy = *settings;
  if (const auto done = enforcer_.load(copy, usable, now); !done)
    news_.emplace_back(EnforceProblem{done.error().message(), 0});
  else
    news_.emplace_back(report());
}

// ---- from time to time ----

void Service::every_second(Now now) {
  if (now.steady >= next_check_) {
    next_check_ = now.steady + kCheckEvery;
    enforcer_.check(now.steady);
  }
  if (now.steady >= next_alive_) {
    next_alive_ = now.steady + kAliveEvery;
    news_.emplace_back(EnforceAlive{});
  }
  if (unsaved_ && enforcer_.contents_known() && now.steady >= next_save_) {
    next_save_ = now.steady + kSaveEvery;
    save(now);
  }
}

void Service::save(Now now) {
  unsaved_ = false;
  if (!state_ || !enforcer_.settings() || !enforcer_.contents_known()) return;
  const auto done = state_->write(encode_state(*enforcer_.settings(), enforcer_.contents(), now));
  if (!done) news_.emplace_back(EnforceProblem{done.error().message(), 0});
}

void Service::end(Now now) {
  if (const auto settings = enforcer_.settings(); settings && enforcer_.queue_in_use())
    if (const auto done = enforcer_.load(*settings, false, now.steady); !done)
      log_error("enforce_end", {{"error", done.error()}});
  save(now);
}

}  // namespace stormdoor::edge::enforce
