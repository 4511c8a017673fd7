#include "base/loop/udp_batch.hpp"

#include "base/error.hpp"
#include "base/loop/udp_wire.hpp"

namespace stormdoor::loop {

UdpInbox::UdpInbox(size_t most, size_t most_bytes) : state_(std::make_unique<State>()) {
  STORMDOOR_CHECK(most > 0 && most_bytes > 0, "an inbox without room takes nothing");
  state_->most_bytes = most_bytes;
  state_->bytes.resize(most * most_bytes);
  state_->headers.resize(most);
  state_->parts.resize(most);
  state_->peers.resize(most);
  state_->controls.resize(most);
  state_->datagrams.reserve(most);
  for (size_t i = 0; i < most; ++i)
    state_->parts[i] = {state_->bytes.data() + i * most_bytes, most_bytes};
  state_->used = most;
  state_->renew();
}

void UdpInbox::State::renew() {
  for (size_t i = 0; i < used; ++i) {
    msghdr& header = headers[i].msg_hdr;
    header = {};
    header.msg_name = &peers[i];
    header.msg_namelen = sizeof peers[i];
    header.msg_iov = &parts[i];
    header.msg_iovlen = 1;
    header.msg_control = controls[i].bytes.data();
    header.msg_controllen = kControlBytes;
  }
  used = 0;
}
UdpInbox::~UdpInbox() = default;

UdpOutbox::UdpOutbox(size_t most, size_t most_bytes)
    : most_(most),
      most_bytes_(most_bytes),
      bytes_(most * most_bytes),
      headers_(std::make_unique<Headers>()) {
  STORMDOOR_CHECK(most > 0 && most_bytes > 0, "an outbox without room sends nothing");
  runs_.reserve(most);
  headers_->headers.resize(most);
  headers_->parts.resize(most);
  headers_->peers.resize(most);
  headers_->controls.resize(most);
}
UdpOutbox::~UdpOutbox() = default;

std::span<std::byte> UdpOutbox::room() {
  STORMDOOR_CHECK(!full(), "a full outbox is sent before more is written");
  return std::span(bytes_).subspan(used_, most_bytes_);
}

void UdpOutbox::add(const UdpFlow& flow, size_t size) {
  STORMDOOR_CHECK(!full() && size <= most_bytes_, "a datagram is no longer than its room");
  Run* last = runs_.empty() ? nullptr : &runs_.back();
  const bool joins = last != nullptr && !last->closed && size > 0 && size <= last->segment &&
                     last->flow == flow && last->datagrams < kMostSegments &&
                     last->bytes + size <= kMostRunBytes;
  if (joins) {
    last->bytes += size;
    ++last->datagrams;
    last->closed = size < last->segment;
  } else {
    runs_.push_back({flow, used_, size, 1, static_cast<uint16_t>(size), size == 0});
  }
  used_ += size;
  ++count_;
}

void UdpOutbox::clear() {
  runs_.clear();
  used_ = 0;
  count_ = 0;
}

}  // namespace stormdoor::loop
