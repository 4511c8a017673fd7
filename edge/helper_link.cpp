#include "edge/helper_link.hpp"

#include <utility>

namespace stormdoor::edge {

HelperLink::HelperLink(loop::EventLoop& loop, OnPacket on_packet, OnBad on_bad)
    : loop_(loop), on_packet_(std::move(on_packet)), on_bad_(std::move(on_bad)) {}

void HelperLink::connect(UniqueFd channel) {
  disconnect();
  channel_.emplace(std::move(channel));
  last_heard_ = loop_.now().steady;
  events_ = std::make_unique<loop::IoEvent>(loop_, channel_->descriptor(),
                                            [this](loop::Readiness ready) { on_ready(ready); });
  events_->wait_for({.read = true, .write = false});
}

void HelperLink::disconnect() {
  events_.reset();
  channel_.reset();
  backlog_.clear();
  lost_ = false;
}

bool HelperLink::send(std::string packet) {
  if (!channel_) return false;
  if (backlog_.empty()) {
    const auto sent = channel_->send(packet);
    if (sent == PacketChannel::Sent::Yes) return true;
    if (sent == PacketChannel::Sent::Closed) return false;  // read() finds out
  }
  if (backlog_.size() >= kMostBacklog) {
    lost_ = true;
    return false;
  }
  backlog_.push_back(std::move(packet));
  events_->wait_for({.read = true, .write = true});
  return true;
}

void HelperLink::check(SteadyTime now) {
  if (channel_ && now - last_heard_ > kPatience)
    fail(Error(ErrorCode::Timeout, "it has said nothing for " + format_duration(kPatience)));
}

void HelperLink::on_ready(loop::Readiness ready) {
  if (ready.write) flush();
  if (ready.read && channel_) read();
}

void HelperLink::read() {
  for (int i = 0; i < kMostPacketsPerTurn && channel_; ++i) {
    auto packet = channel_->receive();
    if (!packet) return fail(packet.error());
    if (!*packet) {
      if (channel_->closed()) disconnect();  // the parent sees its end as well
      return;
    }
    last_heard_ = loop_.now().steady;
    if (const auto taken = on_packet_(**packet); !taken) return fail(taken.error());
  }
}

void HelperLink::flush() {
  while (!backlog_.empty()) {
    const auto sent = channel_->send(backlog_.front());
    if (sent == PacketChannel::Sent::Full) return;
    if (sent == PacketChannel::Sent::Closed) break;
    backlog_.pop_front();
  }
  backlog_.clear();
  events_->wait_for({.read = true, .write = false});
}

void HelperLink::fail(const Error& error) {
  disconnect();
  on_bad_(error);
}

}  // namespace stormdoor::edge
