// Answers that come bit by bit.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/tls_fixture.hpp"

namespace stormdoor::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class HttpStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    handler_.on_request = [this](HttpExchange& exchange) {
      HttpResponse response;
      response.content_type = "text/event-stream";
      response.body = "first;";
      stream_.emplace(exchange.stream(std::move(response)));
    };
    restart({});
  }
  void restart(const HttpTimes& times) {
    HttpConfig config;
    config.times = times;
    server_.emplace(handler_, config);
    address_ = server_->listen();
    tls_address_ = server_->listen(test_context());
    server_->run();
  }
  void TearDown() override {
    server_->on_loop([this](HttpServer&) { stream_.reset(); });
    server_.reset();
  }
  bool write(std::string_view text) {
    bool written = false;
    server_->on_loop([&](HttpServer&) { written = stream_->write(text); });
    return written;
  }

  FakeHandler handler_;
  std::optional<HttpStream> stream_;
  std::optional<RunningServer> server_;
  Endpoint address_;
  Endpoint tls_address_;
};

TEST_F(HttpStreamTest, ComesBitByBitAndEndsWithTheConnection) {
  RawClient client(address_);
  ASSERT_TRUE(client.send(get("/events")));
  const std::string head = client.read_until("first;");
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_TRUE(write("second;"));
  EXPECT_EQ(client.read_until("second;"), "second;");
  EXPECT_TRUE(write("third;"));
  EXPECT_TRUE(write("fourth;"));
  EXPECT_EQ(client.read_until("fourth;"), "third;fourth;");
  server_->on_loop([this](HttpServer&) { stream_.reset(); });
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(client.end_of_reading(), RawClient::End::Closed);
}

TEST_F(HttpStreamTest, LivesLongerThanARequestMay) {
  restart({.request = milliseconds(500)});
  RawClient client(address_);
  ASSERT_TRUE(client.send(get("/events")));
  client.read_until("first;");
  const auto over = std::chrono::steady_clock::now() + milliseconds(600);
  while (std::chrono::steady_clock::now() < over) {
    ASSERT_TRUE(write("more;"));
    ASSERT_EQ(client.read_until("more;"), "more;");
  }
}

TEST_F(HttpStreamTest, WhatWasWrittenBeforeItsEndArrives) {
  RawClient client(address_);
  ASSERT_TRUE(client.send(get("/events")));
  client.read_until("first;");
  server_->on_loop([this](HttpServer&) {
    EXPECT_TRUE(stream_->write("last;"));
    stream_.reset();
  });
  EXPECT_EQ(client.read_all(), "last;");
}

// Without the alert the client must think that somebody has cut the wire.
TEST_F(HttpStreamTest, OverTlsItsEndIsSaid) {
  const RawClient client(tls_address_);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
  SSL_set_fd(tls.get(), client.fd());
  ASSERT_EQ(SSL_connect(tls.get()), 1);
  const std::string request = get("/events");
  ASSERT_EQ(SSL_write(tls.get(), request.data(), int(request.size())), int(request.size()));
  std::array<char, 4096> room;
  std::string text;
  for (int got = 1; got > 0 && !text.ends_with("first;");) {
    got = SSL_read(tls.get(), room.data(), int(room.size()));
    text.append(room.data(), size_t(std::max(got, 0)));
  }
  server_->on_loop([this](HttpServer&) { stream_.reset(); });
  const int end = SSL_read(tls.get(), room.data(), int(room.size()));
  EXPECT_EQ(SSL_get_error(tls.get(), end), SSL_ERROR_ZERO_RETURN);
}

TEST_F(HttpStreamTest, AClientThatLeavesIsNoticed) {
  {
    RawClient client(address_);
    ASSERT_TRUE(client.send(get("/events")));
    client.read_until("first;");
    EXPECT_EQ(server_->open_connections(), 1U);
  }
  while (server_->open_connections() > 0) std::this_thread::yield();
  EXPECT_FALSE(write("second;"));
}

TEST_F(HttpStreamTest, WhoDoesNotReadIsCutOff) {
  RawClient client(address_);
  ASSERT_TRUE(client.send(get("/events")));
  client.read_until("first;");
  const std::string piece(64 * 1024, 'x');
  int written = 0;
  while (written < 10'000 && write(piece)) ++written;
  EXPECT_GE(written, 4);
  EXPECT_LT(written, 10'000) << "it would hold what nobody reads";
  while (server_->open_connections() > 0) std::this_thread::yield();
}

TEST_F(HttpStreamTest, HeadHasNoBodyToGoOnWith) {
  RawClient client(address_);
  ASSERT_TRUE(client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(client.read_all(), EndsWith("\r\n\r\n"));
  EXPECT_FALSE(write("second;"));
}

TEST_F(HttpStreamTest, WhatTheClientSendsMeanwhileIsNotRead) {
  RawClient client(address_);
  ASSERT_TRUE(client.send(get("/events")));
  client.read_until("first;");
  ASSERT_TRUE(client.send(get("/another")));
  EXPECT_TRUE(write("second;"));
  EXPECT_EQ(client.read_until("second;"), "second;");
}

}  // namespace
}  // namespace stormdoor::http
