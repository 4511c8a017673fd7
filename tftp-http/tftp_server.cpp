#include "tftp-http/tftp_server.hpp"

#include <algorithm>
#include <utility>

#include "tftp-http/tftp_server_state.hpp"

namespace stormdoor::tftp {
namespace {

constexpr size_t kInboxDatagrams = 64;
// Longer than any request may be, so that a too long one is seen as such.
constexpr size_t kInboxBytes = kMostRequestBytes + 512;
constexpr size_t kOutboxDatagrams = 128;
// Requests read per turn before transfers have theirs: more than any one burst that fits the queue
// of a turn, yet an end.
constexpr int kRequestBatches = 32;
// Large transfers that go on in one turn, a window each: a few milliseconds' work. Then requests
// and configurations have theirs.
constexpr size_t kMostLargePerTurn = 64;
constexpr milliseconds kTick{10};
constexpr size_t kTicks = 1024;

}  // namespace

TftpServer::State::State(loop::EventLoop& loop, const TftpConfig& config, http::FileSource& source,
                         MetricsShard& metrics, TftpPorts ports)
    : sizes_(config.sizes),
      loop_(loop),
      source_(source),
      metrics_(metrics),
      ports_(std::move(ports)),
      book_(config.sizes.transfers),
      budget_(config.sizes.unproven),
      wheel_(kTick, kTicks, loop.now().steady),
      inbox_(kInboxDatagrams, kInboxBytes),
      aside_(kInboxDatagrams, kInboxBytes),
      tick_(loop, [this] { on_tick(); }),
      large_left_(loop, [this] { on_large_left(); }) {
  apply(config.rules);
}

TftpServer::State::~State() {
  const Now now = loop_.now();
  for (const uint32_t id : book_.all()) end(id, metrics_.evicted, now);
}

Result<void> TftpServer::State::start(loop::EventLoop& loop) {
  poll_ = TRY(loop::PollSet::create(
      loop, ports_.size(), [this](std::span<const uint32_t> places) { on_readable(places); }));
  for (uint32_t place = 0; place < ports_.size(); ++place)
    TRY(poll_->add(ports_.socket(place).fd(), place));
  return {};
}

void TftpServer::State::apply(const TftpRules& rules) {
  rules_ = rules;
  const Patience patience{
      .first_timeout = rules.first_timeout,
      .least_timeout = rules.least_timeout,
      .most_timeout = rules.most_timeout,
      .give_up = rules.give_up,
      .give_up_unanswered = std::min(rules.give_up, Patience{}.give_up_unanswered),
      .first_repeats = 2,
      // Where nothing proves that the peer receives, each block is as limited as the first.
      .later_repeats = sizes_.single_port ? uint8_t{2} : Patience::kUnlimited};
  patience_data_ = patience;
  patience_known_ = patience;
  patience_options_ = patience;
  patience_options_.first_repeats = 0;
  // Never smaller: transfers under way keep the block size that they have agreed on.
  const size_t packet = std::max(rules.path_mtu, kHeaderBytes + kDefaultBlockSize);
  if (packet <= outbox_packet_bytes_) return;
  outbox_packet_bytes_ = packet;
  outbox_ = std::make_unique<loop::UdpOutbox>(kOutboxDatagrams, packet);
}

void TftpServer::State::on_readable(std::span<const uint32_t> places) {
  const Now now = loop_.now();
  // Requests first: the kernel drops what its queue cannot hold, and phones wait long before they
  // ask again; transfers lose nothing by waiting for a moment.
  for (const uint32_t place : places)
    if (ports_.is_listener(place)) drain(place, kRequestBatches, kInboxDatagrams, now);
  // While each port has few transfers, one packet is what waits at most of them; more are reported
  // again. All are read before any is answered: a peer on this machine, or behind one link, is
  // woken once, not for each.
  const bool crowded = book_.size() > ports_.size() / 2;
  for (const uint32_t place : places)
    if (!ports_.is_listener(place)) drain(place, 1, crowded ? kInboxDatagrams : 1, now);
  settle_touched(now);
  flush();
  watch_time();
}

void TftpServer::State::drain(uint32_t place, int most_batches, size_t batch, Now now) {
  for (int i = 0; i < most_batches; ++i) {
    const auto datagrams = ports_.socket(place).receive(inbox_, batch);
    for (const loop::Datagram& datagram : datagrams) on_datagram({place, datagram, now});
    if (datagrams.size() < batch) return;
  }
}

void TftpServer::State::hear_out(uint32_t place, Now now) {
  for (const loop::Datagram& datagram : ports_.socket(place).receive(aside_, kInboxDatagrams))
    on_datagram({place, datagram, now});
}

// Acknowledgements that arrived together are answered together: the last one of a transfer counts.
void TftpServer::State::settle_touched(Now now) {
  for (const uint32_t id : touched_) settle(id, now);
  touched_.clear();
  if (touched_large_.empty()) return;
  const size_t count = std::min(touched_large_.size(), kMostLargePerTurn);
  for (size_t i = 0; i < count; ++i) settle(touched_large_[i], now);
  touched_large_.erase(touched_large_.begin(), touched_large_.begin() + ptrdiff_t(count));
  if (!touched_large_.empty()) large_left_.start_once(milliseconds(0));
}

void TftpServer::State::settle(uint32_t id, Now now) {
  Slot& slot = slots_[id];
  if (!slot.touched) return;  // ended since, or listed twice
  slot.touched = false;
  slot.transfer->settle(now.steady);
  pump(id, 0, now);
}

// Behind whatever has arrived meanwhile, if the loop has already seen it.
void TftpServer::State::on_large_left() {
  settle_touched(loop_.now());
  flush();
  watch_time();
}

void TftpServer::State::on_tick() {
  const Now now = loop_.now();
  for (const uint32_t id : wheel_.take_due(now.steady)) {
    if (slots_[id].held) {
      on_turn(id, now);
      continue;
    }
    TftpTransfer& transfer = *slots_[id].transfer;
    transfer.on_time(now.steady);
    if (transfer.state() == TftpTransfer::State::TimedOut)
      end(id, metrics_.timed_out, now);
    else
      pump(id, 0, now);
  }
  flush();
  watch_time();
}

void TftpServer::State::watch_time() {
  if (ticking_ != wheel_.empty()) return;
  ticking_ = !ticking_;
  if (ticking_)
    tick_.start_every(wheel_.tick());
  else
    tick_.cancel();
}

void TftpServer::State::pump(uint32_t id, size_t paid_bytes, Now now) {
  Slot& slot = slots_[id];
  TftpTransfer& transfer = *slot.transfer;
  send_from(slot.socket);
  while (transfer.wants_to_send()) {
    if (slot.pass && is_held(slot, now)) break;
    if (outbox_->full()) flush();
    const std::span<std::byte> room = outbox_->room();
    const auto size = transfer.write_next(room, now.steady);
    if (!size) break;
    if (!transfer.answered() && !charge(slot, *size, paid_bytes, now)) {
      end(id, metrics_.silenced, now);
      return;
    }
    outbox_->add(slot.flow, *size);
    metrics_.bytes.add(*size);
    if (slot.pass) slot.pass->spend(*size);
  }
  // A gap that was found meanwhile waits for its own time.
  if (slot.held && !transfer.wants_to_send()) slot.held = false;
  switch (transfer.state()) {
    case TftpTransfer::State::Running:
      wheel_.set(id, slot.held ? slot.pass->again() : transfer.deadline());
      return;
    case TftpTransfer::State::Complete:
      end(id, metrics_.complete, now);
      return;
    case TftpTransfer::State::TimedOut:
      end(id, metrics_.timed_out, now);
      return;
    case TftpTransfer::State::Unreadable:
      if (outbox_->full()) flush();
      outbox_->add(slot.flow, write_error(outbox_->room(), ErrorNumber::Undefined,
                                          "the file could not be read"));
      end(id, metrics_.unreadable, now);
      return;
  }
}

// What goes to a source that has not shown that it receives, beyond what it has just sent.
bool TftpServer::State::charge(Slot& slot, size_t bytes, size_t& paid_bytes, Now now) {
  const size_t free = std::min(bytes, paid_bytes);
  paid_bytes -= free;
  if (!budget_.take(slot.flow.peer.address, bytes - free, now.steady)) return false;
  slot.owed_bytes += bytes - free;
  return true;
}

void TftpServer::State::end(uint32_t id, Counter& how, Now now) {
  Slot& slot = slots_[id];
  const TftpTransfer& transfer = *slot.transfer;
  const bool complete = transfer.state() == TftpTransfer::State::Complete;
  how.add();
  metrics_.retransmissions.add(transfer.retransmissions());
  metrics_.timeouts.add(transfer.timeouts());
  // Others hear that their transfer is gone when they go on.
  const bool quietly = complete || &how == &metrics_.given_up_by_peer;
  remember_finished(book_.key_of(id), slot.socket, quietly, now.steady);

  http::FileRequest request;
  request.transport = http::Transport::Tftp;
  request.source = slot.flow.peer.address;
  request.proof = book_.proven(id) ? acl::PathProof::Acknowledged : acl::PathProof::None;
  request.path = slot.path;
  source_.delivered(slot.answer, request, complete, now);

  wheel_.cancel(id);
  book_.close(id);
  slot = Slot{};
  metrics_.active.add(-1);
}

void TftpServer::State::send_from(uint32_t socket) {
  if (sending_from_ == socket) return;
  flush();
  sending_from_ = socket;
}

void TftpServer::State::flush() {
  if (outbox_->empty()) return;
  loop::UdpSocket& socket = ports_.socket(sending_from_);
  const loop::UdpSocket::Counters before = socket.counters();
  socket.send(*outbox_);
  metrics_.packets.add(socket.counters().sent - before.sent);
  const uint64_t dropped = socket.counters().dropped - before.dropped;
  if (dropped > 0) metrics_.dropped.add(dropped);
}

TftpServer::TftpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TftpServer::~TftpServer() = default;

Result<std::unique_ptr<TftpServer>> TftpServer::create(loop::EventLoop& loop,
                                                       const TftpConfig& config,
                                                       http::FileSource& source,
                                                       MetricsShard& metrics,
                                                       std::vector<UniqueFd> listeners) {
  STORMDOOR_CHECK(!listeners.empty(), "a server without a listener is not made");
  const size_t ports = config.sizes.single_port ? 0 : config.sizes.transfer_ports;
  auto opened = TRY(TftpPorts::open(std::move(listeners), ports, config.sizes.request_queue_bytes));
  auto state = std::make_unique<State>(loop, config, source, metrics, std::move(opened));
  TRY(state->start(loop));
  return std::unique_ptr<TftpServer>(new TftpServer(std::move(state)));
}

void TftpServer::apply(const TftpRules& rules) {
  state_->apply(rules);
}
size_t TftpServer::active_transfers() const {
  return state_->active();
}

}  // namespace stormdoor::tftp
