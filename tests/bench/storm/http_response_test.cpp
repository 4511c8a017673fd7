#include "bench/storm/http_response.hpp"

#include <gtest/gtest.h>

namespace stormdoor::storm {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Whole, and byte by byte: both must say the same.
std::string read(std::string_view text, bool closed = false) {
  std::string said;
  for (const bool whole : {true, false}) {
    HttpResponse response;
    Result<void> failed;
    if (whole) {
      if (const auto used = response.feed(bytes_of(text)); !used) failed = used.error();
    } else {
      for (size_t i = 0; i < text.size() && failed; ++i)
        if (const auto used = response.feed(bytes_of(text.substr(i, 1))); !used)
          failed = used.error();
    }
    if (failed && closed) failed = response.close();
    std::string now;
    if (!failed) {
      now = "error: " + failed.error().message();
    } else if (!response.ended()) {
      now = "unfinished";
    } else {
      now = std::to_string(response.status()) + (response.keeps_alive() ? " keep " : " close ");
      now += response.take_body().text();
    }
    if (whole) said = now;
    EXPECT_EQ(said, now);
  }
  return said;
}

TEST(StormHttpResponse, ReadsABodyOfGivenLength) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), "200 keep hello");
  EXPECT_EQ(read("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), "404 keep ");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"), "unfinished");
}

TEST(StormHttpResponse, ReadsChunks) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "5;x=y\r\nhello\r\nA\r\n, world!!!\r\n0\r\nTrailer: a\r\n\r\n"),
            "200 keep hello, world!!!");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"),
            "error: HTTP: bad chunk");
}

TEST(StormHttpResponse, ReadsUntilTheConnectionCloses) {
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\n\r\nhello", true), "200 close hello");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true),
            "error: HTTP: answer cut short");
  EXPECT_EQ(read("", true), "error: connection closed");
}

TEST(StormHttpResponse, ConnectionCloseIsHeeded) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"),
            "200 close x");
}

TEST(StormHttpResponse, AnInterimAnswerIsNotTheAnswer) {
  EXPECT_EQ(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"), "204 keep ");
}

TEST(StormHttpResponse, WhatIsNotHttpIsAnError) {
  EXPECT_EQ(read("SSH-2.0-x\r\n\r\n"), "error: HTTP: no status line");
  EXPECT_EQ(read("HTTP/1.1 abc\r\n\r\n"), "error: HTTP: no status line");
}

TEST(StormHttpResponse, TheHeadMayBeAsLongAsItsBoundAndNoLonger) {
  const std::string start = "HTTP/1.1 204 x\r\nA: ";
  const std::string end = "\r\n\r\n";
  const size_t room = HttpResponse::kMostHead - start.size() - end.size();
  EXPECT_EQ(read(start + std::string(room, 'a') + end), "204 keep ");
  EXPECT_EQ(read(start + std::string(room + 1, 'a') + end), "error: HTTP: line too long");
}

TEST(StormHttpResponse, LeavesWhatFollowsTheAnswer) {
  HttpResponse response;
  const auto used = response.feed(bytes_of("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc"));
  ASSERT_TRUE(used);
  EXPECT_EQ(*used, 39U);
}

}  // namespace
}  // namespace stormdoor::storm
