#include "bench/storm/tftp_client.hpp"

#include <utility>

namespace stormdoor::storm {

TftpClient::TftpClient(StormLoop& storm, const IpAddress& source)
    : storm_(storm), source_(source), deadline_(storm, [this] { on_deadline(); }) {}
TftpClient::~TftpClient() = default;

void TftpClient::fetch(const TftpRequest& request, OnDone on_done) {
  STORMDOOR_CHECK(!running_, "a phone reads one file at a time");
  on_done_ = std::move(on_done);
  running_.emplace(request.server, request.path, request.options, request.patience, request.hashed);
  auto socket = loop::UdpSocket::bind({source_, 0, 0}, {});
  if (!socket) {
    FetchResult result;
    result.reason = socket.error().message();
    // Not from within fetch(): the caller is still busy with the file before.
    deadline_.clear();
    running_.reset();
    storm_.loop().post([this, alive = std::weak_ptr<int>(alive_),
                        result = std::make_shared<FetchResult>(std::move(result))] {
      if (!alive.expired()) end(std::move(*result));
    });
    return;
  }
  socket_.emplace(std::move(*socket));
  readable_.emplace(storm_.loop(), socket_->fd(), [this](loop::Readiness) { on_readable(); });
  readable_->wait_for({.read = true});
  send(running_->start(storm_.now().steady, storm_.outbox().room()));
  deadline_.set(running_->deadline());
}

void TftpClient::send(const TftpFetch::Reply& reply) {
  if (reply.bytes == 0) return;
  storm_.outbox().add({reply.to, {}}, reply.bytes);
  socket_->send(storm_.outbox());
}

void TftpClient::on_readable() {
  const SteadyTime now = storm_.now().steady;
  for (const loop::Datagram& datagram : socket_->receive(storm_.inbox())) {
    send(running_->on_packet(datagram.peer, datagram.payload, now, storm_.outbox().room()));
    if (running_->ended()) break;
  }
  settle();
}

void TftpClient::on_deadline() {
  if (!running_) return;
  send(running_->on_deadline(storm_.now().steady, storm_.outbox().room()));
  settle();
}

void TftpClient::settle() {
  if (running_->ended()) return end(running_->take_result());
  deadline_.set(running_->deadline());
}

void TftpClient::end(FetchResult result) {
  deadline_.clear();
  running_.reset();
  readable_.reset();
  socket_.reset();
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(std::move(result));
}

}  // namespace stormdoor::storm
