#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/loop/event_loop.hpp"
#include "base/metrics.hpp"
#include "base/unique_fd.hpp"
#include "tftp-http/http_config.hpp"
#include "tftp-http/http_handler.hpp"
#include "tftp-http/http_source_counts.hpp"
#include "tftp-http/tls_context.hpp"

namespace stormdoor::http {

// What a server works with; all of it outlives the server.
struct HttpServerParts {
  loop::EventLoop& loop;
  HttpHandler& handler;
  HttpGate& gate;
  HttpSourceCounts& sources;  // shared by all workers
  MetricsShard& metrics;      // this worker's
};

// HTTP/1.1 over TCP and TLS for one worker: connections, their limits and deadlines. Knows nothing
// of files and phones (http_files.hpp does). Lives on its loop's thread.
//
// Bounds: HttpConfig. When `connections` are open, the one that has been idle longest is closed for
// a new one, else the one that has kept us waiting longest for its handshake or header (at least
// one second); else new ones wait in the kernel's queue. TLS handshakes that are too many for
// one turn wait without a session (HandshakeDoor). A source at `connections_per_source` gets
// 503 (plain) or is closed (TLS). An open connection holds under 1 KB of ours (and OpenSSL's 15 KB
// with TLS) while it waits, up to `head_bytes` and `body_bytes` and 16 KiB while requests arrive,
// and 64 KiB of an answer that the client is slow to take (nothing, if it is a file over plain
// HTTP).
//
// The program must ignore SIGPIPE: sendfile() cannot be told to.
class HttpServer {
 public:
  HttpServer(const HttpServerParts& parts, const HttpConfig& config);
  // Closes everything at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Serves on a bound socket (from the privileged parent) or binds one itself. Without a context it
  // is plain HTTP. Returns where it listens.
  Result<Endpoint> adopt(UniqueFd listener, std::shared_ptr<const TlsContext> tls = nullptr);
  Result<Endpoint> listen(const Endpoint& local, bool reuse_port,
                          std::shared_ptr<const TlsContext> tls = nullptr);
  // New connections at `local` use this context from now on; open ones keep theirs.
  void replace_tls(const Endpoint& local, std::shared_ptr<const TlsContext> tls);
  // For new connections.
  void replace_config(const HttpConfig& config);
  // Stops accepting, lets running answers finish and closes idle connections. `on_empty` is called
  // once when the last connection has gone.
  void drain(std::function<void()> on_empty);

  [[nodiscard]] size_t open_connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::http
