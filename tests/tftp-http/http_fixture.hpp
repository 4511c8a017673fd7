#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "base/loop/socket_address.hpp"
#include "base/metrics.hpp"
#include "base/unique_fd.hpp"
#include "tftp-http/http_server.hpp"

namespace stormdoor::http {

// Admits everybody until told otherwise. Any thread.
class FakeGate final : public HttpGate {
 public:
  std::optional<std::string> refuse(const IpAddress& /*source*/, Now /*now*/) override {
    if (closed_) return "This address is blocked until 10:00 for guessing passwords.";
    return {};
  }
  void shut() { closed_ = true; }

 private:
  std::atomic<bool> closed_ = false;
};

// Answers with a function.
class FakeHandler final : public HttpHandler {
 public:
  std::function<void(HttpExchange&)> on_request = [](HttpExchange& exchange) {
    exchange.respond(HttpResponse::text(200, exchange.request().path));
  };
  std::string methods = "GET, HEAD";

  void handle(HttpExchange& exchange) override { on_request(exchange); }
  [[nodiscard]] std::string_view allowed_methods() const override { return methods; }
};

// An HttpServer on a loop and a thread of its own, for clients that block.
class RunningServer {
 public:
  explicit RunningServer(HttpHandler& handler, const HttpConfig& config = {})
      : loop_(std::move(loop::EventLoop::create()).value()),
        server_(std::make_unique<HttpServer>(
            HttpServerParts{*loop_, handler, gate, sources, metrics.worker(0)}, config)) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~RunningServer() {
    if (thread_.joinable()) {
      loop_->post([this] { server_.reset(); });
      loop_->stop();
      thread_.join();
    }
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  // Before run().
  Endpoint listen(std::shared_ptr<const TlsContext> tls = nullptr) {
    return std::move(server_->listen(*Endpoint::parse("127.0.0.1:0"), false, std::move(tls)))
        .value();
  }
  void run() {
    thread_ = std::thread([this] { loop_->run(); });
  }
  // Runs on the server's thread and waits for it.
  void on_loop(const std::function<void(HttpServer&)>& task) {
    std::promise<void> done;
    loop_->post([&] {
      task(*server_);
      done.set_value();
    });
    done.get_future().wait();
  }
  size_t open_connections() {
    size_t open = 0;
    on_loop([&](HttpServer& server) { open = server.open_connections(); });
    return open;
  }
  loop::EventLoop& loop() { return *loop_; }
  [[nodiscard]] double count(std::string_view name, const MetricLabels& labels = {}) const {
    return metrics.value(name, labels).value_or(-1);
  }

  FakeGate gate;
  HttpSourceCounts sources;
  Metrics metrics{1};

 private:
  std::unique_ptr<loop::EventLoop> loop_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

// A plain TCP client that blocks, at most ten seconds.
class RawClient {
 public:
  explicit RawClient(const Endpoint& server, const char* from = "127.0.0.1")
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const loop::SocketAddress local({*IpAddress::parse(from), 0, 0});
    const loop::SocketAddress remote(server);
    connected_ = bind(fd_.get(), local.get(), local.length) == 0 &&
                 connect(fd_.get(), remote.get(), remote.length) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  bool send(std::string_view bytes) const {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == ssize_t(bytes.size());
  }
  void end() const { shutdown(fd_.get(), SHUT_WR); }
  // Reads at most `count` bytes; less at the end of the connection.
  std::string read(size_t count) {
    std::string bytes(count, '\0');
    size_t size = 0;
    while (size < count) {
      const ssize_t got = recv(fd_.get(), bytes.data() + size, count - size, 0);
      if (got <= 0) {
        end_ = got == 0 ? End::Closed : errno == EAGAIN ? End::TimedOut : End::Reset;
        break;
      }
      size += size_t(got);
    }
    bytes.resize(size);
    return bytes;
  }
  std::string read_all() { return read(64 << 20); }
  // Reads until `text` has come, and returns all so far.
  std::string read_until(std::string_view text) {
    std::string bytes;
    while (bytes.find(text) == std::string::npos) {
      const std::string byte = read(1);
      if (byte.empty()) break;
      bytes += byte;
    }
    return bytes;
  }

  enum class End { Open, Closed, Reset, TimedOut };
  [[nodiscard]] End end_of_reading() const { return end_; }

 private:
  UniqueFd fd_;
  bool connected_ = false;
  End end_ = End::Open;
};

// "GET PATH HTTP/1.1" with a Host and these further header lines.
inline std::string get(std::string_view path, std::string_view further = "") {
  std::string request = "GET ";
  return request.append(path).append(" HTTP/1.1\r\nHost: phone\r\n").append(further).append("\r\n");
}

}  // namespace stormdoor::http
