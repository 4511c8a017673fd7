// What one request costs the HTTP server: parsing alone, and over loopback against a client on a
// thread of its own. Time is the server thread's CPU time; see bench/README.md.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <time.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/loop/event_loop.hpp"
#include "base/loop/socket_address.hpp"
#include "base/metrics.hpp"
#include "tftp-http/certificate_issue.hpp"
#include "tftp-http/http_request.hpp"
#include "tftp-http/http_server.hpp"

namespace stormdoor::http {
namespace {

constexpr std::string_view kRequest =
    "GET /prov/000fd3054848.cfg HTTP/1.1\r\nHost: pbx.example.com\r\n"
    "User-Agent: Digium D65 2.0\r\nAccept: */*\r\n";

void parse_request(benchmark::State& state) {
  const std::string bytes = std::string(kRequest) + "\r\n";
  HttpRequest request;
  for ([[maybe_unused]] auto _ : state) {
    HttpRequestParser parser;
    benchmark::DoNotOptimize(parser.parse(bytes, {}, request));
  }
}
BENCHMARK(parse_request);

class OneFile final : public HttpHandler {
 public:
  void handle(HttpExchange& exchange) override {
    HttpResponse response;
    response.content = content_;
    response.content_type = "text/xml";
    exchange.respond(std::move(response));
  }

 private:
  std::shared_ptr<const Content> content_ = make_content(std::string(8192, 'x'), WallTime());
};

class OpenGate final : public HttpGate {
 public:
  std::optional<std::string> refuse(const IpAddress& /*source*/, Now /*now*/) override {
    return {};
  }
};

std::shared_ptr<const TlsContext> make_context(ServerKey kind, TlsResumption resumption) {
  const Now now = read_clocks();
  const auto authority = issue_authority(Secret(), now).value();
  const auto server = issue_server(authority, kind, {"127.0.0.1"}, now).value();
  TlsSettings settings;
  settings.resumption = resumption;
  return TlsContext::create({{"bench", server.certificate_pem, server.key_pem}}, settings,
                            Secret(std::string(32, 't')), now)
      .value();
}

// A server on a thread of its own that can tell how much CPU it has used.
class BenchServer {
 public:
  explicit BenchServer(std::shared_ptr<const TlsContext> tls)
      : loop_(std::move(loop::EventLoop::create()).value()),
        server_(HttpServerParts{*loop_, handler_, gate_, sources_, metrics_.worker(0)},
                unlimited()) {
    at = server_.listen(*Endpoint::parse("127.0.0.1:0"), false, std::move(tls)).value();
    thread_ = std::thread([this] { loop_->run(); });
  }
  ~BenchServer() {
    loop_->stop();
    thread_.join();
  }
  [[nodiscard]] double cpu_seconds() {
    std::promise<double> used;
    loop_->post([&] {
      timespec time{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      used.set_value(double(time.tv_sec) + double(time.tv_nsec) * 1e-9);
    });
    return used.get_future().get();
  }

  Endpoint at;

 private:
  static HttpConfig unlimited() {
    HttpConfig config;
    config.requests_per_connection = SIZE_MAX;
    return config;
  }
  std::unique_ptr<loop::EventLoop> loop_;
  OneFile handler_;
  OpenGate gate_;
  HttpSourceCounts sources_;
  Metrics metrics_{1};
  HttpServer server_;
  std::thread thread_;
};

// A client that blocks; with a context over TLS.
class BenchClient {
 public:
  BenchClient(const Endpoint& server, SSL_CTX* context)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const loop::SocketAddress address(server);
    STORMDOOR_CHECK(connect(fd_.get(), address.get(), address.length) == 0, "the server listens");
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd_.get());
    STORMDOOR_CHECK(SSL_connect(ssl_.get()) == 1, "the server speaks TLS");
  }
  void fetch(bool close) {
    const std::string request =
        std::string(kRequest) + (close ? "Connection: close\r\n\r\n" : "\r\n");
    if (ssl_)
      SSL_write(ssl_.get(), request.data(), int(request.size()));
    else
      send(fd_.get(), request.data(), request.size(), 0);
    char buffer[16384];
    size_t left = 8192;
    while (left > 0) {  // more than the body: the head is read with it
      const ssize_t got = ssl_ ? SSL_read(ssl_.get(), buffer, sizeof buffer)
                               : recv(fd_.get(), buffer, sizeof buffer, 0);
      STORMDOOR_CHECK(got > 0, "the server answers");
      left -= std::min(left, size_t(got));
    }
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  UniqueFd fd_;
  std::unique_ptr<SSL, Free> ssl_;
};

void measure(benchmark::State& state, const std::shared_ptr<const TlsContext>& tls, bool keep_alive,
             int version) {
  BenchServer server(tls);
  SSL_CTX* context = tls ? SSL_CTX_new(TLS_client_method()) : nullptr;
  if (context != nullptr) SSL_CTX_set_max_proto_version(context, version);
  std::optional<BenchClient> kept;
  if (keep_alive) kept.emplace(server.at, context);
  double used = server.cpu_seconds();
  for ([[maybe_unused]] auto _ : state) {
    if (kept)
      kept->fetch(false);
    else
      BenchClient(server.at, context).fetch(true);
  }
  used = server.cpu_seconds() - used;
  state.counters["server_cpu_us"] = used * 1e6 / double(state.iterations());
  kept.reset();
  SSL_CTX_free(context);
}

void plain_connection(benchmark::State& state) {
  measure(state, nullptr, false, 0);
}
BENCHMARK(plain_connection)->UseRealTime();
void plain_keep_alive(benchmark::State& state) {
  measure(state, nullptr, true, 0);
}
BENCHMARK(plain_keep_alive)->UseRealTime();
void tls13_ecdsa(benchmark::State& state) {
  measure(state, make_context(ServerKey::Ecdsa, TlsResumption::Tls12), false, TLS1_3_VERSION);
}
BENCHMARK(tls13_ecdsa)->UseRealTime();
void tls13_ecdsa_ticket(benchmark::State& state) {
  measure(state, make_context(ServerKey::Ecdsa, TlsResumption::All), false, TLS1_3_VERSION);
}
BENCHMARK(tls13_ecdsa_ticket)->UseRealTime();
void tls13_rsa(benchmark::State& state) {
  measure(state, make_context(ServerKey::Rsa, TlsResumption::Tls12), false, TLS1_3_VERSION);
}
BENCHMARK(tls13_rsa)->UseRealTime();
void tls12_ecdsa(benchmark::State& state) {
  measure(state, make_context(ServerKey::Ecdsa, TlsResumption::Tls12), false, TLS1_2_VERSION);
}
BENCHMARK(tls12_ecdsa)->UseRealTime();
void tls13_keep_alive(benchmark::State& state) {
  measure(state, make_context(ServerKey::Ecdsa, TlsResumption::Tls12), true, TLS1_3_VERSION);
}
BENCHMARK(tls13_keep_alive)->UseRealTime();

}  // namespace
}  // namespace stormdoor::http

BENCHMARK_MAIN();
