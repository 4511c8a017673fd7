#include "edge/control_server.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <deque>

#include "base/log.hpp"
#include "base/loop/io_event.hpp"
#include "edge/unix_socket.hpp"
#include "edge/user_name.hpp"

namespace stormdoor::edge {

// One connection: reads requests, one after the other, and writes what the handler answers.
class ControlServer::Client final : public Responder::Sink,
                                    public std::enable_shared_from_this<Client> {
 public:
  Client(ControlServer& server, UniqueFd socket, Actor by)
      : server_(server),
        socket_(std::move(socket)),
        by_(std::move(by)),
        ready_(server.loop_, socket_.get(),
               [this](loop::Readiness readiness) { on_ready(readiness); }) {}
  ~Client() override = default;

  void start() { ready_.wait_for({.read = true, .write = false}); }

  void send(const ControlResponse& response, UniqueFd attached) override {
    if (gone_) return;
    std::string bytes = frame(response.encode());
    unsent_bytes_ += bytes.size();
    if (unsent_bytes_ > kMostUnsent) return leave();
    unsent_.push_back({std::move(bytes), 0, std::move(attached)});
    flush();
  }

  void on_gone(std::function<void()> gone) override { when_gone_ = std::move(gone); }

 private:
  struct Unsent {
    std::string bytes;
    size_t sent;
    UniqueFd attached;
  };

  void on_ready(loop::Readiness readiness) {
    const auto alive = shared_from_this();
    if (readiness.write) flush();
    if (readiness.read && !gone_) read();
  }

  void read() {
    std::array<char, 65536> buffer;
    const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return leave();
    reader_.feed({buffer.data(), size_t(got)});
    for (;;) {
      const auto whole = reader_.next();
      if (!whole) {
        send(ControlResponse::refused(whole.error()), {});
        return leave();
      }
      if (!*whole || gone_) return;
      handle(**whole);
    }
  }

  void handle(const std::string& json) {
    const auto request = ControlRequest::decode(json);
    if (!request) return send(ControlResponse::refused(request.error()), {});
    server_.handler_(*request, Responder(weak_from_this(), by_));
  }

  void flush() {
    while (!unsent_.empty()) {
      auto& next = unsent_.front();
      const std::span<const char> rest(next.bytes.data() + next.sent,
                                       next.bytes.size() - next.sent);
      const ssize_t sent = send_with_descriptor(socket_.get(), rest, next.attached.get());
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN) return leave();
      if (sent < 0) break;
      next.attached.reset();  // it has left with the first byte
      next.sent += size_t(sent);
      unsent_bytes_ -= size_t(sent);
      if (next.sent == next.bytes.size()) unsent_.pop_front();
    }
    ready_.wait_for({.read = true, .write = !unsent_.empty()});
  }

  void leave() {
    if (gone_) return;
    gone_ = true;
    ready_.wait_for({});
    if (when_gone_) std::exchange(when_gone_, {})();
    // Not from within our own callback: the loop lets us go on its next turn.
    server_.loop_.post([alive = shared_from_this()] { alive->server_.remove(alive.get()); });
  }

  ControlServer& server_;
  UniqueFd socket_;
  Actor by_;
  loop::IoEvent ready_;
  FrameReader reader_{kMostRequestBytes};
  std::deque<Unsent> unsent_;
  size_t unsent_bytes_ = 0;
  std::function<void()> when_gone_;
  bool gone_ = false;
};

ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::create(loop::EventLoop& loop,
                                                             UniqueFd listener, Handler handler) {
  std::unique_ptr<ControlServer> server(new ControlServer(loop, std::move(handler)));
  server->listener_ = TRY(loop::UnixListener::adopt(
      loop, std::move(listener),
      [raw = server.get()](UniqueFd connection, const loop::UnixListener::Peer& peer) {
        raw->accept(std::move(connection), peer);
      }));
  return server;
}

void ControlServer::accept(UniqueFd connection, const loop::UnixListener::Peer& peer) {
  if (clients_.size() >= kMostClients) {
    const auto busy = ControlResponse::refused(Error(
        ErrorCode::ResourceExhausted, "too many shells talk to stormdoord already; try again"));
    const std::string bytes = frame(busy.encode());
    (void)send_with_descriptor(connection.get(), bytes, -1);
    return;
  }
  clients_.push_back(
      std::make_shared<Client>(*this, std::move(connection), Actor{user_name(peer.uid)}));
  clients_.back()->start();
}

void ControlServer::remove(const Client* client) {
  std::erase_if(clients_, [&](const auto& candidate) { return candidate.get() == client; });
}

}  // namespace stormdoor::edge
