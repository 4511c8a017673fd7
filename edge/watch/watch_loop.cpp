#include "edge/watch/watch_loop.hpp"

#include <poll.h>

#include <cerrno>
#include <tuple>
#include <variant>

namespace stormdoor::edge::watch {
namespace {

constexpr seconds kSignOfLife(2);

}  // namespace

WatchLoop::WatchLoop(std::vector<Capture> captures, PacketChannel server,
                     std::optional<PacketChannel> enforce, SipWatchSettings sip)
    : captures_(std::move(captures)),
      server_(std::move(server)),
      enforce_(std::move(enforce)),
      watcher_(kMostAddresses, std::move(sip), [this](const WatchReport& told) { report(told); }),
      judge_(QueueJudgeSettings{}) {}

Result<void> WatchLoop::run() {
  while (!server_.closed()) TRY(turn());
  return {};
}

Result<void> WatchLoop::turn() {
  std::vector<pollfd> waiting{{server_.descriptor(), POLLIN, 0}};
  for (const Capture& capture : captures_) waiting.push_back({capture.descriptor(), POLLIN, 0});
  if (enforce_) waiting.push_back({enforce_->descriptor(), POLLIN, 0});
  const SteadyTime before = read_clocks().steady;
  if (poll(waiting.data(), waiting.size(), wait_until_next_sign(before)) < 0 && errno != EINTR)
    return system_error("wait for frames", errno);
  // Questions first: a packet waits in the kernel for each.
  TRY(read_questions());
  TRY(read_captures());
  TRY(read_orders());
  tell_that_we_live(read_clocks().steady);
  return {};
}

Result<void> WatchLoop::read_captures() {
  for (Capture& capture : captures_)
    std::ignore = TRY(capture.read(kMostAtOnce, [&](Bytes frame, int64_t time_us) {
      watcher_.on_frame(capture.link_type(), frame, capture.interface(), time_us);
    }));
  return {};
}

Result<void> WatchLoop::read_orders() {
  for (int i = 0; i < kMostAtOnce; ++i) {
    const auto packet = TRY(server_.receive());
    if (!packet) return {};
    const WatchOrder order = TRY(decode_watch_order(*packet));
    TRY(std::visit([this](const auto& known) { return follow(known); }, order));
  }
  return {};
}

Result<void> WatchLoop::follow(const WatchSettings& settings) {
  watcher_.set_sip_ports(settings.sip_ports);
  for (Capture& capture : captures_) TRY(capture.set_sip_ports(settings.sip_ports));
  return {};
}

Result<void> WatchLoop::follow(const WatchBlame& blame) {
  if (blame.add)
    judge_.blame(blame.source, blame.account);
  else
    judge_.forgive(blame.source, blame.account);
  return {};
}

Result<void> WatchLoop::read_questions() {
  for (int i = 0; enforce_ && i < kMostAtOnce; ++i) {
    const auto packet = TRY(enforce_->receive());
    if (!packet) break;
    const QueuedPacket question = TRY(decode_queued_packet(*packet));
    answer(question);
  }
  // A stormdoor-enforce that was restarted comes with another watch.
  if (enforce_ && enforce_->closed()) enforce_.reset();
  return {};
}

// A later fragment gets as far as the first one did: it can say nothing by itself.
bool WatchLoop::may_pass(const QueuedPacket& question) {
  const FrameView frame = parse_frame(LinkType::RawIp, std::as_bytes(std::span(question.bytes)));
  switch (frame.kind) {
    case FrameView::Kind::Malformed:
      return false;
    case FrameView::Kind::Udp:
    case FrameView::Kind::Tcp: {
      const auto since_boot = read_clocks().steady.time_since_epoch();
      const int64_t now_us =
          std::chrono::duration_cast<std::chrono::microseconds>(since_boot).count();
      return judge_.judge(sip_packet_of(frame, now_us)) == QueueJudge::Verdict::Accept;
    }
    default:
      return true;
  }
}

void WatchLoop::answer(const QueuedPacket& question) {
  const bool accept = may_pass(question);
  ++(accept ? queue_accepted_ : queue_refused_);
  // Without room for the answer the packet waits in vain and is dropped there.
  (void)enforce_->send(encode(QueueAnswer{question.id, accept}));
}

void WatchLoop::report(const WatchReport& report) {
  if (server_.send(encode(report)) == PacketChannel::Sent::Full) ++unsent_;
}

void WatchLoop::tell_that_we_live(SteadyTime now) {
  if (now < next_sign_) return;
  next_sign_ = now + kSignOfLife;
  WatchCounters counters = watcher_.counters();
  for (Capture& capture : captures_) counters.kernel_drops += capture.count_drops();
  counters.unsent = unsent_;
  counters.queue_accepted = queue_accepted_;
  counters.queue_refused = queue_refused_;
  report(counters);
  report(WatchAlive{});
}

int WatchLoop::wait_until_next_sign(SteadyTime now) const {
  if (now >= next_sign_) return 0;
  return static_cast<int>(std::chrono::ceil<milliseconds>(next_sign_ - now).count());
}

}  // namespace stormdoor::edge::watch
