// What a connection does within one turn of the loop, and what it leaves for the next.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/tls_fixture.hpp"

namespace stormdoor::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A client whose bytes leave only when they are told to.
class HeldTlsClient {
 public:
  HeldTlsClient(const Endpoint& server, int version)
      : client_(server),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        tls_((SSL_CTX_set_max_proto_version(context_.get(), version), SSL_new(context_.get())),
             SSL_free) {
    SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(tls_.get());
  }

  // All but the last flight of ours, which is still held.
  bool shake_hands() {
    while (SSL_do_handshake(tls_.get()) != 1)
      if (!let_go() || !take_in()) return false;
    return true;
  }
  void write(std::string_view bytes) { SSL_write(tls_.get(), bytes.data(), int(bytes.size())); }
  bool let_go() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(tls_.get()), &bytes);
    const bool sent = client_.send({bytes, size_t(size)});
    (void)BIO_reset(SSL_get_wbio(tls_.get()));
    return sent;
  }
  // Until the connection ends or cannot be understood.
  std::string read_all() {
    std::array<char, 4096> room;
    std::string text;
    while (true) {
      const int got = SSL_read(tls_.get(), room.data(), int(room.size()));
      if (got > 0)
        text.append(room.data(), size_t(got));
      else if (SSL_get_error(tls_.get(), got) != SSL_ERROR_WANT_READ || !take_in())
        return text;
    }
  }

 private:
  bool take_in() {
    std::array<char, 16'384> bytes;
    const ssize_t got = recv(client_.fd(), bytes.data(), bytes.size(), 0);
    return got > 0 && BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), int(got)) == got;
  }

  RawClient client_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
};

// A refusal takes the last step of a turn, and the time of the request's head is over in that turn.
TEST(HttpTurns, ARefusalAtTheEndOfATurnIsTheOnlyAnswer) {
  FakeHandler handler;
  HttpConfig config;
  config.times.header = milliseconds(200);
  RunningServer server(handler, config);
  const Endpoint at = server.listen(test_context());
  server.run();
  HeldTlsClient client(at, TLS1_2_VERSION);
  ASSERT_TRUE(client.shake_hands());  // the server's Finished was the last: it waits for a head
  std::promise<void> sent;
  server.loop().post([&] {
    sent.get_future().wait();
    // The loop has been held up until the header's time is over, and its timers are due.
    const auto over = std::chrono::steady_clock::now() + config.times.header + milliseconds(100);
    while (std::chrono::steady_clock::now() < over) std::this_thread::yield();
  });
  const std::string head = "GET /" + std::string(57, 'a') + "\n";  // 63 bytes: a bare LF is refused
  for (const char c : head) client.write({&c, 1});                 // a record each
  ASSERT_TRUE(client.let_go());
  sent.set_value();
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 400 "));
}

// The handshake's last bytes go out although the first answer takes its time.
TEST(HttpTurns, WhatTheHandshakeLeftIsNotLostWhileTheFirstAnswerIsMade) {
  FakeHandler handler;
  std::promise<HttpReply> reply;
  handler.on_request = [&](HttpExchange& exchange) { reply.set_value(exchange.later()); };
  RunningServer server(handler);
  TlsSettings settings;
  settings.resumption = TlsResumption::All;
  const Endpoint at = server.listen(test_context(settings));
  server.run();
  HeldTlsClient client(at, TLS1_3_VERSION);
  ASSERT_TRUE(client.shake_hands());
  client.write(get("/slow", "Connection: close\r\n"));
  ASSERT_TRUE(client.let_go());  // Finished and the request at once
  auto later = reply.get_future().get();
  // Another connection has its turn meanwhile.
  RawClient other(at);
  other.send("x");
  server.on_loop([](HttpServer&) {});
  server.on_loop([&](HttpServer&) { later.send(HttpResponse::text(200, "at last")); });
  EXPECT_THAT(client.read_all(), HasSubstr("at last"));
}

// Nor while a request comes in more pieces than are read in one turn.
TEST(HttpTurns, WhatTheHandshakeLeftIsNotLostWhenTheRequestIsLong) {
  FakeHandler handler;
  RunningServer server(handler);
  TlsSettings settings;
  settings.resumption = TlsResumption::All;
  const Endpoint at = server.listen(test_context(settings));
  server.run();
  HeldTlsClient client(at, TLS1_3_VERSION);
  ASSERT_TRUE(client.shake_hands());
  for (const char c : get("/" + std::string(200, 'a'), "Connection: close\r\n"))
    client.write({&c, 1});
  ASSERT_TRUE(client.let_go());
  EXPECT_THAT(client.read_all(), HasSubstr(std::string(200, 'a') + "\n"));
}

}  // namespace
}  // namespace stormdoor::http
