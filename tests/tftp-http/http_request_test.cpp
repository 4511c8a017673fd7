#include "tftp-http/http_request.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stormdoor::http {
namespace {

using State = HttpRequestParser::State;

// Parses one whole request; the request's views point into `bytes`.
struct Parsed {
  std::string bytes;
  HttpRequestParser parser;
  HttpRequest request;
  State state;

  explicit Parsed(std::string text, const HttpRequestLimits& limits = {})
      : bytes(std::move(text)), state(parser.parse(bytes, limits, request)) {}
  [[nodiscard]] int status() const { return parser.refusal().status; }
};

std::string head(const std::string& lines, const std::string& first = "GET /a HTTP/1.1") {
  return first + "\r\nHost: pbx\r\n" + lines + "\r\n";
}
int status_of(const std::string& text) {
  const Parsed parsed(text);
  return parsed.state == State::Refused ? parsed.status() : 0;
}

TEST(HttpRequestParser, ReadsWhatAPhoneSends) {
  const Parsed p(
      "GET /prov/000fd3054848.cfg?model=D65 HTTP/1.1\r\nHost: pbx.example.com:8443\r\n"
      "User-Agent: Digium D65 2.0\r\nAccept: */*\r\n\r\nGET /next");
  ASSERT_EQ(p.state, State::Complete);
  EXPECT_EQ(p.request.method, "GET");
  EXPECT_EQ(p.request.path, "/prov/000fd3054848.cfg");
  EXPECT_EQ(p.request.query, "model=D65");
  EXPECT_EQ(p.request.target, "/prov/000fd3054848.cfg?model=D65");
  EXPECT_EQ(p.request.host, "pbx.example.com");
  EXPECT_EQ(p.request.header("user-agent"), "Digium D65 2.0");
  EXPECT_TRUE(p.request.keep_alive);
  EXPECT_EQ(p.bytes.substr(p.parser.head_bytes()), "GET /next");
}

TEST(HttpRequestParser, GivesTheSameHoweverTheBytesArrive) {
  const std::string text = head("Range: bytes=0-9\r\nConnection: close\r\n");
  for (size_t step = 1; step <= 7; ++step) {
    HttpRequestParser parser;
    HttpRequest request;
    for (size_t size = step; size < text.size(); size += step)
      ASSERT_EQ(parser.parse(std::string_view(text).substr(0, size), {}, request), State::NeedMore);
    ASSERT_EQ(parser.parse(text, {}, request), State::Complete);
    EXPECT_EQ(request.header("RANGE"), "bytes=0-9");
    EXPECT_FALSE(request.keep_alive);
    EXPECT_EQ(parser.head_bytes(), text.size());
  }
}

TEST(HttpRequestParser, ForgetsTheRequestBefore) {
  HttpRequestParser parser;
  HttpRequest request;
  const std::string first = head("Connection: close\r\nX: 1\r\n", "GET /a?q HTTP/1.1");
  ASSERT_EQ(parser.parse(first, {}, request), State::Complete);
  parser.reset();
  const std::string second = "GET /b HTTP/1.0\r\n\r\n";
  ASSERT_EQ(parser.parse(second, {}, request), State::Complete);
  EXPECT_EQ(request.path, "/b");
  EXPECT_EQ(request.query, "");
  EXPECT_EQ(request.host, "");
  EXPECT_TRUE(request.headers.empty());
  EXPECT_FALSE(request.keep_alive) << "HTTP/1.0 does not keep unless asked";
}

TEST(HttpRequestParser, TakesAbsoluteTargetsAndTheirHost) {
  const Parsed p(head("", "GET HTTP://10.0.0.1:8080/x/y.cfg?t HTTP/1.1"));
  ASSERT_EQ(p.state, State::Complete);
  EXPECT_EQ(p.request.path, "/x/y.cfg");
  EXPECT_EQ(p.request.host, "10.0.0.1");
  EXPECT_EQ(p.request.query, "t");
  const Parsed bare(head("", "GET http://[fd00::1]:80 HTTP/1.1"));
  ASSERT_EQ(bare.state, State::Complete);
  EXPECT_EQ(bare.request.path, "/");
  EXPECT_EQ(bare.request.host, "fd00::1");
  EXPECT_EQ(status_of(head("", "GET ftp://a/b HTTP/1.1")), 400);
  EXPECT_EQ(status_of(head("", "GET http:///b HTTP/1.1")), 400);
  EXPECT_EQ(status_of(head("", "CONNECT pbx:443 HTTP/1.1")), 400);
  for (const char* target : {"http", "https", "HTTP", "http:", "http:/b", "http//b", "https:b"})
    EXPECT_EQ(status_of(head("", std::string("GET ") + target + " HTTP/1.1")), 400) << target;
}

TEST(HttpRequestParser, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: a\n\n"), 400) << "bare LF";
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400) << "bare LF in a header";
  EXPECT_EQ(status_of(head("X: a\rb\r\n")), 400) << "bare CR";
  EXPECT_EQ(status_of(head(" folded: x\r\n")), 400);
  EXPECT_EQ(status_of(head("A: b\r\n folded\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length : 5\r\n")), 400) << "space before the colon";
  EXPECT_EQ(status_of(head("Content-Length: 5\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length: 5, 5\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length: +5\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length: -1\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length: 0x10\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length:\r\n")), 400);
  EXPECT_EQ(status_of(head("Content-Length: 99999999999999999999\r\n")), 400);
  EXPECT_EQ(status_of(head("Transfer-Encoding: chunked\r\n")), 411);
  EXPECT_EQ(status_of(head("transfer-encoding: identity\r\n")), 411);
  EXPECT_EQ(status_of(head("Host: second\r\n")), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a:80x\r\n\r\n"), 400);
  for (const char* host : {"[::1]garbage", "[::1]garbage:80", "[::1]80", "[::1]:80]", "[::1]]",
                           "[[::1]]", "[::1", "[]", "::1]", "a[::1]", "a]", "::1"})
    EXPECT_EQ(status_of(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host)), 400) << host;
}

TEST(HttpRequestParser, RefusesBrokenRequestLines) {
  for (const char* line : {"GET", "GET /", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET  / HTTP/1.1",
                           "G(T / HTTP/1.1", "GET /a b HTTP/1.1", "GET /\x01 HTTP/1.1",
                           "GET /\xff HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.15"})
    EXPECT_EQ(status_of(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  EXPECT_EQ(status_of(head("", "GET / HTTP/2.0")), 505);
  EXPECT_EQ(status_of(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\n", 9)), 400) << "TLS to HTTP";
  EXPECT_EQ(status_of(head(std::string("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(status_of(head("No colon\r\n")), 400);
  EXPECT_EQ(status_of(head(": no name\r\n")), 400);
  EXPECT_EQ(status_of(head("Expect: cake\r\n")), 417);
}

TEST(HttpRequestParser, AllowsTwoEmptyLinesBeforeARequest) {
  EXPECT_EQ(Parsed("\r\n\r\n" + head("")).state, State::Complete);
  EXPECT_EQ(status_of("\r\n\r\n\r\n" + head("")), 400);
}

TEST(HttpRequestParser, HoldsTheRequestLineToItsLimit) {
  HttpRequestLimits limits;
  limits.request_line_bytes = 100;
  const auto line = [](size_t bytes) {  // with its CR LF
    return "GET /" + std::string(bytes - 16, 'a') + " HTTP/1.1";
  };
  EXPECT_EQ(Parsed(head("", line(100)), limits).state, State::Complete);
  EXPECT_EQ(Parsed(head("", line(101)), limits).status(), 414);
  EXPECT_EQ(Parsed(std::string(101, 'a'), limits).status(), 414) << "without waiting for its end";
  EXPECT_EQ(Parsed(std::string(100, 'a'), limits).state, State::NeedMore);
}

TEST(HttpRequestParser, HoldsTheHeadToItsLimit) {
  HttpRequestLimits limits;
  limits.head_bytes = 1000;
  const std::string frame = head("X: \r\n");
  const auto of_size = [&](size_t bytes) {
    return head("X: " + std::string(bytes - frame.size(), 'a') + "\r\n");
  };
  EXPECT_EQ(Parsed(of_size(1000), limits).state, State::Complete);
  EXPECT_EQ(Parsed(of_size(1001), limits).status(), 431);
  EXPECT_EQ(Parsed(of_size(5000).substr(0, 1001), limits).status(), 431) << "unfinished";
}

TEST(HttpRequestParser, HoldsTheNumberOfHeadersToItsLimit) {
  HttpRequestLimits limits;
  limits.header_count = 10;
  const auto with = [](int count) {
    std::string lines;
    for (int i = 1; i < count; ++i) lines += "X: y\r\n";  // Host is one
    return head(lines);
  };
  EXPECT_EQ(Parsed(with(10), limits).state, State::Complete);
  EXPECT_EQ(Parsed(with(11), limits).status(), 431);
}

TEST(HttpRequestParser, ReadsConnectionAsAList) {
  EXPECT_FALSE(Parsed(head("Connection: TE, Close\r\n")).request.keep_alive);
  EXPECT_TRUE(Parsed(head("Connection: closed\r\n")).request.keep_alive);
  EXPECT_TRUE(Parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").request.keep_alive);
  EXPECT_FALSE(
      Parsed("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").request.keep_alive);
}

TEST(NormalisePath, DecodesAndNormalises) {
  EXPECT_EQ(normalise_path("/"), "/");
  EXPECT_EQ(normalise_path("/a%20b.cfg"), "/a b.cfg");
  EXPECT_EQ(normalise_path("//a///b"), "/a/b");
  EXPECT_EQ(normalise_path("/a/./b/../c"), "/a/c");
  EXPECT_EQ(normalise_path("/a/.."), "/");
  EXPECT_EQ(normalise_path("/a/b/"), "/a/b/");
  EXPECT_EQ(normalise_path("/a/b/.."), "/a/");
  EXPECT_EQ(normalise_path("/%61%2e%2e/x"), "/a../x");
  EXPECT_EQ(normalise_path("/..a/.b"), "/..a/.b");
  EXPECT_EQ(normalise_path("/100%25"), "/100%") << "decoded once";
  EXPECT_EQ(normalise_path("/%252e%252e/x"), "/%2e%2e/x");
}

TEST(NormalisePath, NeverEscapes) {
  for (const char* path :
       {"/..", "/../etc/passwd", "/a/../../b", "/%2e%2e/b", "/.%2E/b", "/a/%2e%2e/%2e%2e/b",
        "/%2e%2e%2fb", "/a%2f..%2f..%2fb", "/..\\b", "/%5c..%5cb", "/a%00.cfg", "/a%0d%0ab", "/%",
        "/%4", "/%zz", "/a%7f", "relative", ""})
    EXPECT_EQ(normalise_path(path), std::nullopt) << path;
}

}  // namespace
}  // namespace stormdoor::http
