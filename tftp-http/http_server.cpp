#include "tftp-http/http_server.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "base/loop/socket_address.hpp"
#include "base/loop/tcp_listener.hpp"
#include "base/loop/timer.hpp"
#include "tftp-http/http_connection.hpp"
#include "tftp-http/http_worker.hpp"

namespace stormdoor::http {
namespace {

constexpr milliseconds kTick{50};  // how exactly deadlines are kept
constexpr milliseconds kLeastWaitBeforeEviction{1'000};

struct Listener {
  std::unique_ptr<loop::TcpListener> socket;
  bool is_tls = false;
  std::shared_ptr<const TlsContext> tls;
};

}  // namespace

struct HttpServer::State {
  HttpWorker worker;
  loop::Timer ticks;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::function<void()> on_empty;
  bool paused = false;
  bool ticking = false;

  State(const HttpServerParts& parts, const HttpConfig& config)
      : worker{.loop = parts.loop,
               .handler = parts.handler,
               .gate = parts.gate,
               .sources = parts.sources,
               .metrics = HttpMetrics(parts.metrics),
               .config = std::make_shared<const HttpConfig>(config),
               .table = {},
               .wakes = HttpWakes(parts.loop),
               .on_closed = [this] { connection_closed(); },
               .request = {},
               .out = {},
               .plain = {}},
        ticks(parts.loop, [this] { tick(); }) {}

  Result<Endpoint> add_listener(UniqueFd fd, std::shared_ptr<const TlsContext> tls);
  void accept(const Listener& listener, UniqueFd fd, const Endpoint& peer);
  [[nodiscard]] bool make_room(Now now);
  void refuse_source(bool tls, UniqueFd fd, Now now);
  void pause();
  void resume();
  void tick();
  void connection_closed();
  void close_all();
};

HttpServer::HttpServer(const HttpServerParts& parts, const HttpConfig& config)
    : state_(std::make_unique<State>(parts, config)) {}

HttpServer::~HttpServer() {
  state_->listeners.clear();
  state_->on_empty = nullptr;
  state_->close_all();
}

Result<Endpoint> HttpServer::adopt(UniqueFd listener, std::shared_ptr<const TlsContext> tls) {
  return state_->add_listener(std::move(listener), std::move(tls));
}

Result<Endpoint> HttpServer::listen(const Endpoint& local, bool reuse_port,
                                    std::shared_ptr<const TlsContext> tls) {
  return state_->add_listener(TRY(loop::bind_socket(SOCK_STREAM, local, reuse_port)),
                              std::move(tls));
}

void HttpServer::replace_tls(const Endpoint& local, std::shared_ptr<const TlsContext> tls) {
  for (const auto& listener : state_->listeners)
    if (listener->socket->local() == local && listener->is_tls) listener->tls = tls;
}

void HttpServer::replace_config(const HttpConfig& config) {
  state_->worker.config = std::make_shared<const HttpConfig>(config);
}

void HttpServer::drain(std::function<void()> on_empty) {
  state_->listeners.clear();
  state_->worker.draining = true;
  state_->on_empty = std::move(on_empty);
  for (const HttpPhase phase : {HttpPhase::Idle, HttpPhase::Streaming})
    for (const auto& connection : state_->worker.table.in_phase(phase)) connection->close();
  if (state_->worker.table.size() == 0 && state_->on_empty)
    std::exchange(state_->on_empty, nullptr)();
}

size_t HttpServer::open_connections() const {
  return state_->worker.table.size();
}

Result<Endpoint> HttpServer::State::add_listener(UniqueFd fd,
                                                 std::shared_ptr<const TlsContext> tls) {
  // Inherited by accepted sockets. Every answer is written as one piece: waiting for more is vain.
  const int on = 1;
  if (setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    return system_error("listen for HTTP", errno);
  auto listener = std::make_unique<Listener>();
  listener->is_tls = tls != nullptr;
  listener->tls = std::move(tls);
  listener->socket = TRY(loop::TcpListener::adopt(
      worker.loop, std::move(fd),
      [this, raw = listener.get()](UniqueFd connection, const Endpoint& peer) {
        accept(*raw, std::move(connection), peer);
      }));
  listeners.push_back(std::move(listener));
  return listeners.back()->socket->local();
}

void HttpServer::State::accept(const Listener& listener, UniqueFd fd, const Endpoint& peer) {
  const Now now = worker.loop.now();
  worker.metrics.connections.add();
  if (!worker.sources.try_add(peer.address, worker.config->connections_per_source)) {
    worker.metrics.refused_per_source.add();
    refuse_source(listener.is_tls, std::move(fd), now);
    return;
  }
  const auto refusal = worker.gate.refuse(peer.address, now);
  if (refusal) worker.metrics.refused_by_rule.add();
  if ((refusal && listener.is_tls) || !make_room(now)) {
    worker.sources.remove(peer.address);
    return;
  }
  worker.metrics.open.add(1);
  if (!std::exchange(ticking, true)) ticks.start_every(kTick);
  const auto connection =
      std::make_shared<HttpConnection>(worker, std::move(fd), peer, listener.tls);
  if (refusal)
    connection->start_refused(HttpResponse::text(403, *refusal), now);
  else
    connection->start(now);
  // Full: newcomers wait in the kernel's queue, if nobody can be evicted.
  if (worker.table.size() >= worker.config->connections && !listeners.empty()) pause();
}

// Whether one more connection fits, if need be instead of another.
bool HttpServer::State::make_room(Now now) {
  if (worker.table.size() < worker.config->connections) return true;
  const auto victim = worker.table.to_evict(now.steady, kLeastWaitBeforeEviction);
  if (!victim) return false;
  worker.metrics.evicted.add();
  victim->close();
  return true;
}

// A 503 as well as it can be said without a connection of our own.
void HttpServer::State::refuse_source(bool tls, UniqueFd fd, Now now) {
  if (tls) return;
  HttpResponse response =
      HttpResponse::text(503, "Too many connections from this address; try again.");
  response.headers.emplace_back("Retry-After", fmt::format("{}", worker.config->retry_after_most));
  std::string text;
  append_head(text, response,
              {.date = worker.date(now.wall), .part = {503, 0, response.body.size()}});
  text += response.body;
  // Unread bytes would turn the close into a reset.
  recv(fd.get(), worker.piece.data(), worker.piece.size(), 0);
  send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
  shutdown(fd.get(), SHUT_WR);
  worker.metrics.count_response(503);
}

void HttpServer::State::pause() {
  const Now now = worker.loop.now();
  if (worker.table.to_evict(now.steady, kLeastWaitBeforeEviction)) return;
  paused = true;
  for (const auto& listener : listeners) listener->socket->pause();
}

void HttpServer::State::resume() {
  if (!std::exchange(paused, false)) return;
  for (const auto& listener : listeners) listener->socket->resume();
}

void HttpServer::State::tick() {
  const Now now = worker.loop.now();
  while (const auto connection = worker.table.expired(now.steady)) connection->on_deadline(now);
  if (paused && worker.table.to_evict(now.steady, kLeastWaitBeforeEviction)) resume();
}

void HttpServer::State::connection_closed() {
  resume();
  if (worker.table.size() > 0) return;
  if (std::exchange(ticking, false)) ticks.cancel();
  if (on_empty) std::exchange(on_empty, nullptr)();
}

void HttpServer::State::close_all() {
  for (size_t phase = 0; phase < kHttpPhases; ++phase)
    for (const auto& connection : worker.table.in_phase(static_cast<HttpPhase>(phase)))
      connection->close();
}

}  // namespace stormdoor::http
