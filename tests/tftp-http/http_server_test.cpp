#include "tftp-http/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/tftp-http/http_fixture.hpp"

namespace stormdoor::http {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using End = RawClient::End;

TEST(HttpServer, AnswersARequest) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/a.cfg", "Connection: close\r\n"));
  const std::string answer = client.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n/a.cfg\n"));
  EXPECT_EQ(client.end_of_reading(), End::Closed);
}

TEST(HttpServer, AnswersARequestThatComesByteByByte) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  for (const char c : get("/slow.cfg", "Connection: close\r\n")) client.send({&c, 1});
  EXPECT_THAT(client.read_all(), EndsWith("/slow.cfg\n"));
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get("/" + std::to_string(i));
  requests += get("/last", "Connection: close\r\n");
  client.send(requests);
  const std::string answers = client.read_all();
  size_t found = 0;
  for (int i = 0; i < 200; ++i) {
    found = answers.find("\r\n\r\n/" + std::to_string(i) + "\n", found);
    ASSERT_NE(found, std::string::npos) << i;
  }
  EXPECT_THAT(answers, EndsWith("/last\n"));
}

TEST(HttpServer, AnswersAClientThatHasClosedItsHalf) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/a") + get("/b"));
  client.end();
  EXPECT_THAT(client.read_all(), EndsWith("/b\n"));
  EXPECT_EQ(client.end_of_reading(), End::Closed);
}

TEST(HttpServer, RefusesWhatCouldBeSmuggled) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 411 "));
  EXPECT_EQ(client.end_of_reading(), End::Closed);
}

TEST(HttpServer, RefusesUploadsWithASentenceAndReadsThemAway) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send("PUT /000fd3054848-boot.log HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n");
  client.send(std::string(30'000, 'x'));
  const std::string answer = client.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_THAT(answer, HasSubstr("files are not taken from phones"));
  client.end();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(client.end_of_reading(), End::Closed) << "not reset: the phone could lose the answer";
}

TEST(HttpServer, TakesABodyUpToItsLimit) {
  FakeHandler handler;
  handler.methods = "GET, HEAD, POST";
  handler.on_request = [](HttpExchange& exchange) {
    exchange.respond(HttpResponse::text(200, std::to_string(exchange.body().size())));
  };
  HttpConfig config;
  config.request.body_bytes = 20'000;
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  const auto post = [&](size_t size) {
    RawClient client(at);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
                std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
    return client.read_all();
  };
  EXPECT_THAT(post(20'000), EndsWith("\r\n\r\n20000\n"));
  EXPECT_THAT(post(20'001), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, TellsAClientThatWaitsToSendItsBody) {
  FakeHandler handler;
  handler.methods = "POST";
  HttpConfig config;
  config.request.body_bytes = 100;
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_THAT(client.read_until("/b\n"), StartsWith("HTTP/1.1 200 OK"));
}

TEST(HttpServer, AnswersLater) {
  FakeHandler handler;
  std::optional<HttpReply> reply;
  std::promise<void> asked;
  handler.on_request = [&](HttpExchange& exchange) {
    reply.emplace(exchange.later());
    asked.set_value();
  };
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/x", "Range: bytes=1-2\r\nConnection: close\r\n"));
  asked.get_future().wait();
  server.on_loop([&](HttpServer&) {
    HttpResponse response;
    response.content = make_content("0123456789", {});
    reply->send(response);
    reply.reset();
  });
  const std::string answer = client.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 206 ")) << "the request's headers still count";
  EXPECT_THAT(answer, EndsWith("\r\n\r\n12"));
}

TEST(HttpServer, AReplyForAConnectionThatHasGoneIsReportedAsUndelivered) {
  FakeHandler handler;
  std::optional<HttpReply> reply;
  std::promise<void> asked;
  handler.on_request = [&](HttpExchange& exchange) {
    reply.emplace(exchange.later());
    asked.set_value();
  };
  HttpConfig config;
  config.times.answer = milliseconds(1);
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/x"));
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 503 "));
  client.end();
  std::promise<bool> delivered;
  server.on_loop([&](HttpServer&) {
    HttpResponse response = HttpResponse::text(200, "late");
    response.on_done = [&](bool complete) { delivered.set_value(complete); };
    reply->send(response);
    reply.reset();
  });
  EXPECT_FALSE(delivered.get_future().get());
}

TEST(HttpServer, AForgottenReplyBecomesA500) {
  FakeHandler handler;
  handler.on_request = [](HttpExchange& exchange) { [[maybe_unused]] auto r = exchange.later(); };
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/x", "Connection: close\r\n"));
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 500 "));
}

TEST(HttpServer, ClosesAConnectionThatNeverFinishesItsHeader) {
  FakeHandler handler;
  HttpConfig config;
  config.times.header = milliseconds(1);
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient slow(at);
  slow.send("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(slow.read_all(), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(slow.end_of_reading(), End::Closed);
  RawClient silent(at);
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(silent.end_of_reading(), End::Closed);
}

TEST(HttpServer, ClosesAnIdleConnection) {
  FakeHandler handler;
  HttpConfig config;
  config.times.idle = milliseconds(1);
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/a"));
  EXPECT_THAT(client.read_all(), EndsWith("/a\n"));
  EXPECT_EQ(client.end_of_reading(), End::Closed);
}

TEST(HttpServer, CutsOffAClientThatDoesNotTakeItsAnswer) {
  FakeHandler handler;
  std::promise<bool> done;
  handler.on_request = [&](HttpExchange& exchange) {
    HttpResponse response;
    response.content = make_content(std::string(20 << 20, 'x'), {});
    response.on_done = [&](bool complete) { done.set_value(complete); };
    exchange.respond(response);
  };
  HttpConfig config;
  config.times.stall = milliseconds(1);
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/firmware"));
  EXPECT_FALSE(done.get_future().get());
}

TEST(HttpServer, SendsNothingMoreOnceARequestsTimeIsOver) {
  FakeHandler handler;
  std::optional<HttpReply> reply;
  std::promise<void> asked;
  handler.on_request = [&](HttpExchange& exchange) {
    reply.emplace(exchange.later());
    asked.set_value();
  };
  HttpConfig config;
  config.times.request = milliseconds(1);
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/x"));
  asked.get_future().wait();
  const auto time_there = [&] {
    SteadyTime time;
    server.on_loop([&](HttpServer&) { time = server.loop().now().steady; });
    return time;
  };
  const SteadyTime over = time_there() + config.times.request;
  while (time_there() < over) std::this_thread::yield();
  std::promise<bool> done;
  server.on_loop([&](HttpServer&) {
    HttpResponse response = HttpResponse::text(200, "late");
    response.on_done = [&](bool complete) { done.set_value(complete); };
    reply->send(std::move(response));
    reply.reset();
  });
  EXPECT_FALSE(done.get_future().get());
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(server.count("stormdoor_http_timeouts_total"), 1);
}

TEST(HttpServer, SlowClientsDoNotHoldAPhoneUp) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  std::vector<RawClient> slow;
  for (int i = 0; i < 200; ++i) {
    slow.emplace_back(at, "127.0.0.2");
    slow.back().send("GET / HTTP/1.1\r\nX: ");
  }
  RawClient phone(at, "127.0.0.3");
  phone.send(get("/phone.cfg", "Connection: close\r\n"));
  EXPECT_THAT(phone.read_all(), EndsWith("/phone.cfg\n"));
}

TEST(HttpServer, KeepsASourceToItsConnections) {
  FakeHandler handler;
  HttpConfig config;
  config.connections_per_source = 2;
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient first(at), second(at);
  first.send(get("/1"));
  second.send(get("/2"));
  EXPECT_THAT(first.read_until("/1\n"), HasSubstr("200 OK"));
  EXPECT_THAT(second.read_until("/2\n"), HasSubstr("200 OK")) << "just below the limit";
  RawClient third(at);
  third.send(get("/3"));
  const std::string refusal = third.read_all();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503 ")) << "just above";
  EXPECT_THAT(refusal, HasSubstr("Retry-After: "));
  RawClient other(at, "127.0.0.9");
  other.send(get("/4"));
  EXPECT_THAT(other.read_until("/4\n"), HasSubstr("200 OK")) << "another source has its own";
  EXPECT_EQ(server.count("stormdoor_http_refused_total", {{"reason", "too-many-connections"}}), 1);
}

TEST(HttpServer, ClosesTheLongestIdleConnectionForANewOne) {
  FakeHandler handler;
  HttpConfig config;
  config.connections = 2;
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient first(at), second(at);
  first.send(get("/1"));
  EXPECT_THAT(first.read_until("/1\n"), HasSubstr("200 OK"));
  second.send(get("/2"));
  EXPECT_THAT(second.read_until("/2\n"), HasSubstr("200 OK"));
  EXPECT_EQ(server.count("stormdoor_http_evicted_total"), 0);
  RawClient third(at);
  third.send(get("/3"));
  EXPECT_THAT(third.read_until("/3\n"), HasSubstr("200 OK"));
  EXPECT_EQ(first.read_all(), "");
  EXPECT_EQ(first.end_of_reading(), End::Closed);
  second.send(get("/again"));
  EXPECT_THAT(second.read_until("/again\n"), HasSubstr("200 OK"));
}

TEST(HttpServer, NewcomersWaitWhileEverybodyIsBeingServed) {
  FakeHandler handler;
  std::vector<HttpReply> replies;
  std::promise<void> both;
  handler.on_request = [&](HttpExchange& exchange) {
    replies.push_back(exchange.later());
    if (replies.size() == 2) both.set_value();
  };
  HttpConfig config;
  config.connections = 2;
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient first(at), second(at);
  first.send(get("/1", "Connection: close\r\n"));
  second.send(get("/2", "Connection: close\r\n"));
  both.get_future().wait();
  RawClient third(at);
  EXPECT_TRUE(third.connected()) << "in the kernel's queue";
  third.send(get("/3", "Connection: close\r\n"));
  EXPECT_EQ(server.open_connections(), 2U);
  server.on_loop([&](HttpServer&) {
    handler.on_request = [](HttpExchange& exchange) {
      exchange.respond(HttpResponse::text(200, "now"));
    };
    replies.clear();
  });
  EXPECT_THAT(third.read_all(), EndsWith("now\n"));
}

TEST(HttpServer, SaysWhyASourceIsRefused) {
  FakeHandler handler;
  RunningServer server(handler);
  server.gate.shut();
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/a"));
  const std::string answer = client.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer, HasSubstr("blocked until 10:00"));
}

TEST(HttpServer, ABlockAlsoEndsOpenConnections) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/a"));
  EXPECT_THAT(client.read_until("/a\n"), HasSubstr("200 OK"));
  server.gate.shut();
  client.send(get("/b"));
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 403 "));
}

TEST(HttpServer, EndsAConnectionAfterItsLastRequest) {
  FakeHandler handler;
  HttpConfig config;
  config.requests_per_connection = 2;
  RunningServer server(handler, config);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/1"));
  EXPECT_THAT(client.read_until("/1\n"), Not(HasSubstr("Connection: close")));
  client.send(get("/2"));
  EXPECT_THAT(client.read_all(), HasSubstr("Connection: close"));
}

TEST(HttpServer, DrainsWithoutCuttingAnswersOff) {
  FakeHandler handler;
  std::optional<HttpReply> reply;
  std::promise<void> asked;
  handler.on_request = [&](HttpExchange& exchange) {
    if (exchange.request().path == "/idle")
      return exchange.respond(HttpResponse::text(200, "idle"));
    reply.emplace(exchange.later());
    asked.set_value();
  };
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient idle(at), busy(at);
  idle.send(get("/idle"));
  EXPECT_THAT(idle.read_until("idle\n"), HasSubstr("200 OK"));
  busy.send(get("/busy"));
  asked.get_future().wait();
  std::promise<void> empty;
  server.on_loop([&](HttpServer& http) { http.drain([&] { empty.set_value(); }); });
  EXPECT_EQ(idle.read_all(), "");
  server.on_loop([&](HttpServer&) {
    reply->send(HttpResponse::text(200, "finished"));
    reply.reset();
  });
  EXPECT_THAT(busy.read_all(), EndsWith("finished\n"));
  empty.get_future().wait();
  EXPECT_FALSE(RawClient(at).connected());
}

TEST(HttpServer, SendsHeadersOfHeadWithoutBody) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send("HEAD /abc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 5\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, SaysOfEachAnswerWhetherTheClientHasAllOfItThen) {
  FakeHandler handler;
  const auto content = make_content("0123456789");
  std::vector<bool> has_all;
  handler.on_request = [&](HttpExchange& exchange) {
    HttpResponse response;
    response.content = content;
    response.on_done = [&](bool complete) { has_all.push_back(complete); };
    exchange.respond(std::move(response));
  };
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient client(at);
  client.send(get("/a") + "HEAD /a HTTP/1.1\r\nHost: phone\r\n\r\n" +
              get("/a", "Range: bytes=0-8\r\n") + get("/a", "Range: bytes=10-\r\n") +
              get("/a", "If-Match: \"other\"\r\n") + get("/a", "Range: bytes=0-\r\n") +
              get("/a", "Connection: close\r\nIf-None-Match: " + content->etag() + "\r\n"));
  client.read_all();
  server.on_loop([&](HttpServer&) {
    EXPECT_THAT(has_all, ElementsAre(true, false, false, false, false, true, true))
        << "whole, head, part, past the end, another version, all in a range, unchanged";
  });
}

TEST(HttpServer, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  FakeHandler handler;
  RunningServer server(handler);
  const Endpoint at = server.listen();
  server.run();
  RawClient old(at);
  old.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_all(), EndsWith("/old\n"));
  RawClient keeps(at);
  keeps.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(keeps.read_until("/a\n"), HasSubstr("\r\nConnection: keep-alive\r\n"));
  keeps.send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_THAT(keeps.read_all(), EndsWith("/b\n"));
}

}  // namespace
}  // namespace stormdoor::http
