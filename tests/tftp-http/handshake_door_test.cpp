#include "tftp-http/handshake_door.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/tls_fixture.hpp"

namespace stormdoor::http {
namespace {

using ::testing::ElementsAre;

IpAddress network(const char* text) {
  return *IpAddress::parse(text);
}

std::vector<int> drain(FairQueue<int>& queue) {
  std::vector<int> order;
  while (const auto next = queue.pop()) order.push_back(*next);
  return order;
}

TEST(FairQueue, NetworksTakeTurnsAndWithinOneTheOldestIsFirst) {
  FairQueue<int> queue;
  for (const int i : {1, 2, 3, 4}) queue.push(network("10.0.1.0"), i);
  for (const int i : {11, 12}) queue.push(network("10.0.2.0"), i);
  queue.push(network("fd00::"), 21);
  EXPECT_EQ(queue.size(), 7U);
  EXPECT_EQ(queue.groups(), 3U);
  EXPECT_THAT(drain(queue), ElementsAre(1, 11, 21, 2, 12, 3, 4));
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.groups(), 0U);
}

TEST(FairQueue, AnOfficeBehindOneAddressIsNeitherStarvedNorStarvesOthers) {
  FairQueue<int> queue;
  for (int i = 0; i < 500; ++i) queue.push(network("192.0.2.0"), 0);
  for (int group = 1; group <= 9; ++group)
    for (int i = 0; i < 40; ++i)
      queue.push(IpAddress::v4(0x0a000000U + uint32_t(group) * 256), group);
  std::map<int, int> served;
  for (int i = 0; i < 100; ++i) ++served[*queue.pop()];
  for (const auto& [group, count] : served) EXPECT_EQ(count, 10) << group;
}

TEST(FairQueue, WhoLeavesIsSkippedAndANewcomerWaitsForItsTurn) {
  FairQueue<int> queue;
  queue.push(network("10.0.1.0"), 1);
  const auto gone = queue.push(network("10.0.2.0"), 11);
  queue.push(network("10.0.3.0"), 21);
  queue.push(network("10.0.3.0"), 22);
  EXPECT_EQ(*queue.pop(), 1);
  queue.remove(gone);
  queue.push(network("10.0.2.0"), 12);
  EXPECT_THAT(drain(queue), ElementsAre(21, 12, 22));
}

TEST(FairQueue, AFloodLosesItsOwnNewest) {
  FairQueue<int> queue;
  queue.push(network("10.0.1.0"), 1);
  for (const int i : {11, 12, 13}) queue.push(network("10.0.2.0"), i);
  EXPECT_EQ(queue.newest_of_fullest(), 13);
}

// A phone's TLS connection that goes as far as it can with each step.
class TlsPhone {
 public:
  TlsPhone(const Endpoint& server, const char* from)
      : raw_(server, from), context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    SSL_set_fd(ssl_, raw_.fd());
    SSL_set_connect_state(ssl_);
    fcntl(raw_.fd(), F_SETFL, O_NONBLOCK);
  }
  ~TlsPhone() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsPhone(const TlsPhone&) = delete;
  TlsPhone& operator=(const TlsPhone&) = delete;

  // True when the answer is here, or the connection is gone.
  bool step() {
    if (done_ || gone_) return true;
    if (!SSL_is_init_finished(ssl_) && !note(SSL_do_handshake(ssl_))) return gone_;
    if (!asked_) asked_ = note(SSL_write(ssl_, kAsk.data(), int(kAsk.size())));
    std::array<char, 4096> room;
    for (int got = 0; (got = SSL_read(ssl_, room.data(), int(room.size()))) > 0;)
      answer_.append(room.data(), size_t(got));
    done_ = answer_.ends_with("/a.cfg\n");
    return done_ || gone_;
  }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool gone() const { return gone_; }
  [[nodiscard]] int fd() const { return raw_.fd(); }

 private:
  static constexpr std::string_view kAsk = "GET /a.cfg HTTP/1.1\r\nHost: phone\r\n\r\n";
  bool note(int result) {
    if (result > 0) return true;
    const int error = SSL_get_error(ssl_, result);
    gone_ = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
    return false;
  }
  RawClient raw_;
  SSL_CTX* context_;
  SSL* ssl_;
  std::string answer_;
  bool asked_ = false, done_ = false, gone_ = false;
};

// Until all have an answer or are gone; in the order in which that happened.
std::vector<size_t> serve_all(std::vector<std::unique_ptr<TlsPhone>>& phones) {
  std::vector<size_t> order;
  std::vector<bool> over(phones.size());
  const auto end = std::chrono::steady_clock::now() + seconds(30);
  while (order.size() < phones.size() && std::chrono::steady_clock::now() < end) {
    std::vector<pollfd> waiting;
    for (size_t i = 0; i < phones.size(); ++i) {
      if (over[i]) continue;
      if (phones[i]->step()) {
        over[i] = true;
        order.push_back(i);
      } else {
        waiting.push_back({phones[i]->fd(), POLLIN, 0});
      }
    }
    poll(waiting.data(), waiting.size(), 100);
  }
  return order;
}

HttpConfig few_at_once() {
  HttpConfig config;
  config.handshakes = 2;
  return config;
}

TEST(HandshakeDoor, ThreeHundredPhonesAtOnceAreAllServed) {
  FakeHandler handler;
  RunningServer server(handler, few_at_once());
  const Endpoint at = server.listen(test_context());
  // All of their hellos are there before the server looks.
  std::vector<std::unique_ptr<TlsPhone>> phones;
  for (int i = 0; i < 300; ++i) {
    phones.push_back(std::make_unique<TlsPhone>(at, "127.0.0.2"));
    phones.back()->step();
  }
  server.run();
  EXPECT_EQ(serve_all(phones).size(), 300U);
  for (const auto& phone : phones) EXPECT_TRUE(phone->done());
  EXPECT_EQ(server.count("stormdoor_https_waiting"), 0);
  EXPECT_EQ(server.count("stormdoor_http_handshakes_total", {{"result", "full"}}), 300);
}

// Serves whoever asks, and remembers who did.
struct Seen {
  FakeHandler handler;
  std::vector<IpAddress> sources;  // the server's thread's
  size_t count(RunningServer& server) {
    size_t count = 0;
    server.on_loop([&](HttpServer&) { count = sources.size(); });
    return count;
  }
  Seen() {
    handler.on_request = [this](HttpExchange& exchange) {
      sources.push_back(exchange.peer().remote.address);
      exchange.respond(HttpResponse::text(200, exchange.request().path));
    };
  }
};

void knock(std::vector<std::unique_ptr<TlsPhone>>& phones, const Endpoint& at, const char* from,
           int count) {
  for (int i = 0; i < count; ++i) {
    phones.push_back(std::make_unique<TlsPhone>(at, from));
    phones.back()->step();
  }
}

// Turns the server's loop, at most so often, until it has answered all of these; between turns the
// kernel has time to deliver, so that it does not matter how fast anything is.
bool all_are_answered(RunningServer& server, const std::vector<std::unique_ptr<TlsPhone>>& phones,
                      int most_turns) {
  for (int turn = 0; turn < most_turns; ++turn) {
    server.loop().run_once(milliseconds(0));
    if (std::ranges::all_of(phones, [](const auto& phone) {
          pollfd waiting{phone->fd(), POLLIN, 0};
          return poll(&waiting, 1, 10) == 1;
        }))
      return true;
  }
  return false;
}

TEST(HandshakeDoor, AnotherNetworkNeedNotWaitForAWholeOffice) {
  Seen seen;
  RunningServer server(seen.handler, few_at_once());
  const Endpoint at = server.listen(test_context());
  std::vector<std::unique_ptr<TlsPhone>> office, others;
  knock(office, at, "127.0.0.2", 300);
  knock(others, at, "127.0.1.2", 3);
  EXPECT_TRUE(all_are_answered(server, others, 60));
  EXPECT_GT(server.count("stormdoor_https_waiting"), 150);
}

TEST(HandshakeDoor, NobodyWaitsForClientsThatAreSlow) {
  Seen seen;
  RunningServer server(seen.handler, few_at_once());
  const Endpoint at = server.listen(test_context());
  std::vector<std::unique_ptr<TlsPhone>> slow;
  knock(slow, at, "127.0.0.2", 40);
  // None of them goes on, and all have the server's half.
  EXPECT_TRUE(all_are_answered(server, slow, 100));
}

TEST(HandshakeDoor, Promise12AFloodLosesItsOwnNewestWhenTooManyWait) {
  Seen seen;
  HttpConfig config = few_at_once();
  config.handshakes_waiting = 16;
  RunningServer server(seen.handler, config);
  const Endpoint at = server.listen(test_context());
  std::vector<std::unique_ptr<TlsPhone>> phones;
  knock(phones, at, "127.0.0.2", 60);
  knock(phones, at, "127.0.1.2", 4);
  server.run();
  serve_all(phones);
  size_t gone = 0;
  for (const auto& phone : phones) gone += phone->gone() ? 1 : 0;
  EXPECT_GT(gone, 0U);
  EXPECT_EQ(server.count("stormdoor_http_refused_total", {{"reason", "too-many-handshakes"}}),
            double(gone));
  EXPECT_EQ(seen.count(server) + gone, 64U);
  for (size_t i = 60; i < 64; ++i) EXPECT_TRUE(phones[i]->done());
}

TEST(HandshakeDoor, ClientsThatSayNothingOrStopHalfWayHoldUpNobody) {
  Seen seen;
  RunningServer server(seen.handler, few_at_once());
  const Endpoint at = server.listen(test_context());
  std::vector<std::unique_ptr<TlsPhone>> never, half, phones;
  for (int i = 0; i < 50; ++i) never.push_back(std::make_unique<TlsPhone>(at, "127.0.0.3"));
  knock(half, at, "127.0.0.3", 10);
  knock(phones, at, "127.0.0.2", 10);
  server.run();
  serve_all(phones);
  for (const auto& phone : phones) EXPECT_TRUE(phone->done());
  EXPECT_EQ(server.count("stormdoor_http_timeouts_total"), 0);
  EXPECT_EQ(server.open_connections(), 70U);
}

TEST(HandshakeDoor, WhoHangsUpWhileHeWaitsIsForgotten) {
  Seen seen;
  RunningServer server(seen.handler, few_at_once());
  const Endpoint at = server.listen(test_context());
  std::vector<std::unique_ptr<TlsPhone>> impatient, phones;
  knock(impatient, at, "127.0.0.3", 40);
  impatient.clear();
  knock(phones, at, "127.0.0.3", 1);
  server.run();
  serve_all(phones);
  // Behind all of them in their network's order, so they have had their turns.
  EXPECT_TRUE(phones[0]->done());
  EXPECT_EQ(server.count("stormdoor_https_waiting"), 0);
  EXPECT_EQ(server.count("stormdoor_http_handshakes_total", {{"result", "full"}}), 1);
}

}  // namespace
}  // namespace stormdoor::http
