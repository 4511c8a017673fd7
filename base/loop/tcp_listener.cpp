#include "base/loop/tcp_listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/loop/acceptor.hpp"
#include "base/loop/socket_address.hpp"

namespace stormdoor::loop {

struct TcpListener::State {
  Endpoint local;
  Acceptor acceptor;
};

TcpListener::TcpListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
TcpListener::~TcpListener() = default;

Result<std::unique_ptr<TcpListener>> TcpListener::bind(EventLoop& loop, const Endpoint& local,
                                                       bool reuse_port, OnAccept on_accept) {
  return adopt(loop, TRY(bind_socket(SOCK_STREAM, local, reuse_port)), std::move(on_accept));
}

Result<std::unique_ptr<TcpListener>> TcpListener::adopt(EventLoop& loop, UniqueFd fd,
                                                        OnAccept on_accept) {
  TRY(prepare_adopted(fd.get(), SOCK_STREAM));
  const Endpoint local = TRY(local_endpoint(fd.get()));
  if (listen(fd.get(), SOMAXCONN) != 0)
    return system_error("listen on " + local.to_string(), errno);
  auto hand_over = [on_accept = std::move(on_accept)](UniqueFd connection,
                                                      const sockaddr_storage& peer) {
    on_accept(std::move(connection), to_endpoint(peer));
  };
  auto state =
      std::unique_ptr<State>(new State{local, Acceptor(loop, std::move(fd), std::move(hand_over))});
  return std::unique_ptr<TcpListener>(new TcpListener(std::move(state)));
}

const Endpoint& TcpListener::local() const {
  return state_->local;
}
void TcpListener::pause() {
  state_->acceptor.pause();
}
void TcpListener::resume() {
  state_->acceptor.resume();
}
uint64_t TcpListener::out_of_descriptors() const {
  return state_->acceptor.out_of_descriptors();
}

}  // namespace stormdoor::loop
