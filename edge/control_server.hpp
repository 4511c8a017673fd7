#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>

#include "base/loop/event_loop.hpp"
#include "base/loop/unix_listener.hpp"
#include "edge/actor.hpp"
#include "edge/control_protocol.hpp"

namespace stormdoor::edge {

// The way back to one client, for a handler that answers now, later or several times. Copies share
// it. Answers to a client that has left go nowhere. Main thread only.
class Responder {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void send(const ControlResponse& response, UniqueFd attached) = 0;
    virtual void on_gone(std::function<void()> gone) = 0;
  };
  Responder(std::weak_ptr<Sink> sink, Actor by) : sink_(std::move(sink)), by_(std::move(by)) {}

  // Who asked.
  [[nodiscard]] const Actor& by() const { return by_; }

  void respond(const ControlResponse& response, UniqueFd attached = {}) const {
    if (const auto sink = sink_.lock()) sink->send(response, std::move(attached));
  }
  // Called once when the client leaves (not when the daemon stops).
  void on_gone(std::function<void()> gone) const {
    if (const auto sink = sink_.lock()) sink->on_gone(std::move(gone));
  }

 private:
  std::weak_ptr<Sink> sink_;
  Actor by_;
};

// The local socket that the shell client talks to. Who may connect is decided by the socket file's
// mode and owner; who it is says the kernel. Main thread only. At most kMostClients; a further one
// is told so. A client that does not read its answers is dropped when kMostUnsent wait for it.
class ControlServer {
 public:
  static constexpr size_t kMostClients = 64;
  static constexpr size_t kMostUnsent = kMostResponseBytes;
  using Handler = std::function<void(const ControlRequest&, const Responder&)>;

  // `listener` is a listening socket that the parent opened.
  static Result<std::unique_ptr<ControlServer>> create(loop::EventLoop& loop, UniqueFd listener,
                                                       Handler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  class Client;
  ControlServer(loop::EventLoop& loop, Handler handler)
      : loop_(loop), handler_(std::move(handler)) {}
  void accept(UniqueFd connection, const loop::UnixListener::Peer& peer);
  void remove(const Client* client);

  loop::EventLoop& loop_;
  Handler handler_;
  std::unique_ptr<loop::UnixListener> listener_;
  std::list<std::shared_ptr<Client>> clients_;
};

}  // namespace stormdoor::edge
