#include "tftp-http/http_response.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace stormdoor::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const WallTime kModified = *parse_http_date("Sun, 01 Mar 2026 08:15:30 GMT");

struct Asking {
  std::shared_ptr<const Content> content = make_content("0123456789", kModified);

  [[nodiscard]] ContentPart with(std::vector<HttpHeader> headers,
                                 std::string_view method = "GET") const {
    HttpRequest request;
    request.method = method;
    request.headers = std::move(headers);
    return choose_part(request, *content);
  }
};

void expect_part(const ContentPart& part, int status, uint64_t first, uint64_t length) {
  EXPECT_EQ(part.status, status);
  EXPECT_EQ(part.first, first);
  EXPECT_EQ(part.length, length);
}

TEST(HttpDate, IsWrittenAndReadAsTheRfcShowsIt) {
  const auto time = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->time_since_epoch(), seconds(784111777));
  EXPECT_EQ(format_http_date(*time), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const char* wrong : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Xxx 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                            "Sun, 06 Nov 1994 08-49-37 GMT  ", "784111777"})
    EXPECT_FALSE(parse_http_date(wrong)) << wrong;
}

TEST(ChoosePart, SendsTheWholeWithoutConditions) {
  expect_part(Asking().with({}), 200, 0, 10);
}

TEST(ChoosePart, SendsOneRange) {
  const Asking ask;
  expect_part(ask.with({{"Range", "bytes=0-0"}}), 206, 0, 1);
  expect_part(ask.with({{"range", "bytes=2-5"}}), 206, 2, 4);
  expect_part(ask.with({{"Range", "bytes=2-"}}), 206, 2, 8);
  expect_part(ask.with({{"Range", "bytes=-3"}}), 206, 7, 3);
  expect_part(ask.with({{"Range", "bytes=-30"}}), 206, 0, 10);
  expect_part(ask.with({{"Range", "bytes=9-9"}}), 206, 9, 1);
  expect_part(ask.with({{"Range", "bytes=5-99999999999"}}), 206, 5, 5);
}

TEST(ChoosePart, RefusesARangePastTheEnd) {
  const Asking ask;
  expect_part(ask.with({{"Range", "bytes=10-"}}), 416, 0, 0);
  expect_part(ask.with({{"Range", "bytes=10-20"}}), 416, 0, 0);
  expect_part(ask.with({{"Range", "bytes=-0"}}), 416, 0, 0);
  const Asking empty{make_content("", kModified)};
  expect_part(empty.with({{"Range", "bytes=0-"}}), 416, 0, 0);
}

TEST(ChoosePart, IgnoresRangesItCannotServe) {
  const Asking ask;
  for (const char* range :
       {"bytes=0-1,3-4", "bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-b", "lines=0-1",
        "bytes 0-1", "bytes=--1", "bytes=1--2", "bytes=18446744073709551616-"})
    expect_part(ask.with({{"Range", range}}), 200, 0, 10);
  expect_part(ask.with({{"Range", "bytes=0-1"}}, "HEAD"), 200, 0, 10);
}

TEST(ChoosePart, SendsNothingThatTheClientHas) {
  const Asking ask;
  const std::string tag = ask.content->etag();
  const std::string list = "\"other\", W/" + tag;
  expect_part(ask.with({{"If-None-Match", tag}}), 304, 0, 0);
  expect_part(ask.with({{"If-None-Match", list}}), 304, 0, 0);
  expect_part(ask.with({{"If-None-Match", "*"}}), 304, 0, 0);
  expect_part(ask.with({{"If-None-Match", "\"other\""}}), 200, 0, 10);
  expect_part(ask.with({{"If-Modified-Since", "Sun, 01 Mar 2026 08:15:30 GMT"}}), 304, 0, 0);
  expect_part(ask.with({{"If-Modified-Since", "Sun, 01 Mar 2026 08:15:29 GMT"}}), 200, 0, 10);
  expect_part(ask.with({{"If-Modified-Since", "yesterday"}}), 200, 0, 10);
  expect_part(ask.with({{"If-None-Match", "\"other\""},
                        {"If-Modified-Since", "Sun, 01 Mar 2026 08:15:30 GMT"}}),
              200, 0, 10);
}

TEST(ChoosePart, ADateSaysThatNothingChangedOnlyIfItIsExactlyTheFiles) {
  expect_part(Asking().with({{"If-Modified-Since", "Sun, 01 Mar 2026 08:15:31 GMT"}}), 200, 0, 10);
  // An older file has taken the place of the one that the client has.
  const Asking older{make_content("0123456789", kModified - std::chrono::hours(1))};
  expect_part(older.with({{"If-Modified-Since", "Sun, 01 Mar 2026 08:15:30 GMT"}}), 200, 0, 10);
}

TEST(ChoosePart, WithoutATimeOfItsOwnNoDateSaysAnything) {
  const Asking ask{make_content("0123456789")};
  expect_part(ask.with({{"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}}), 200, 0, 10);
  expect_part(ask.with({{"Range", "bytes=2-5"}, {"If-Range", "Thu, 01 Jan 1970 00:00:00 GMT"}}),
              200, 0, 10);
  expect_part(ask.with({{"If-None-Match", ask.content->etag()}}), 304, 0, 0);
}

TEST(ChoosePart, HonoursIfMatch) {
  const Asking ask;
  const std::string tag = ask.content->etag();
  const std::string weak = "W/" + tag;
  expect_part(ask.with({{"If-Match", tag}}), 200, 0, 10);
  expect_part(ask.with({{"If-Match", "\"other\""}}), 412, 0, 0);
  expect_part(ask.with({{"If-Match", weak}}), 412, 0, 0);
  expect_part(ask.with({{"If-Match", "*"}}), 200, 0, 10);
}

TEST(ChoosePart, ReadsSeveralLinesOfTagsAsOneList) {
  const Asking ask;
  const std::string tag = ask.content->etag();
  expect_part(ask.with({{"If-Match", "\"other\""}, {"if-match", tag}}), 200, 0, 10);
  expect_part(ask.with({{"If-None-Match", "\"other\""}, {"If-None-Match", tag}}), 304, 0, 0);
  expect_part(ask.with({{"If-None-Match", "\"other\""}, {"If-None-Match", "\"third\""}}), 200, 0,
              10);
}

TEST(ChoosePart, HonoursIfUnmodifiedSince) {
  const Asking ask;
  const HttpHeader same{"If-Unmodified-Since", "Sun, 01 Mar 2026 08:15:30 GMT"};
  const HttpHeader earlier{"If-Unmodified-Since", "Sun, 01 Mar 2026 08:15:29 GMT"};
  expect_part(ask.with({same}), 200, 0, 10);
  expect_part(ask.with({{"If-Unmodified-Since", "Sun, 01 Mar 2026 08:15:31 GMT"}}), 200, 0, 10);
  expect_part(ask.with({earlier}), 412, 0, 0);
  expect_part(ask.with({earlier, {"Range", "bytes=2-5"}}), 412, 0, 0);
  expect_part(ask.with({{"If-Unmodified-Since", "yesterday"}}), 200, 0, 10);
  const Asking timeless{make_content("0123456789")};
  expect_part(timeless.with({earlier}), 200, 0, 10);
}

TEST(ChoosePart, EvaluatesConditionsInTheOrderOfTheRfc) {
  const Asking ask;
  const std::string tag = ask.content->etag();
  const HttpHeader earlier{"If-Unmodified-Since", "Sun, 01 Mar 2026 08:15:29 GMT"};
  const HttpHeader same{"If-Modified-Since", "Sun, 01 Mar 2026 08:15:30 GMT"};
  expect_part(ask.with({earlier, {"If-Match", tag}}), 200, 0, 10);
  expect_part(ask.with({{"If-None-Match", tag}, {"If-Match", "\"other\""}}), 412, 0, 0);
  expect_part(ask.with({{"If-None-Match", tag}, {"If-Match", tag}}), 304, 0, 0);
  expect_part(ask.with({{"If-None-Match", tag}, earlier}), 412, 0, 0);
  expect_part(ask.with({same, {"If-Match", tag}}), 304, 0, 0);
  expect_part(ask.with({same, {"If-Modified-Since", same.value}}), 200, 0, 10);
}

TEST(ChoosePart, SendsARangeOnlyOfTheVersionThatTheClientHas) {
  const Asking ask;
  const std::string tag = ask.content->etag();
  const HttpHeader range{"Range", "bytes=2-5"};
  expect_part(ask.with({range, {"If-Range", tag}}), 206, 2, 4);
  expect_part(ask.with({range, {"If-Range", "\"old\""}}), 200, 0, 10);
  expect_part(ask.with({range, {"If-Range", "Sun, 01 Mar 2026 08:15:30 GMT"}}), 206, 2, 4);
  expect_part(ask.with({range, {"If-Range", "Sun, 01 Mar 2026 08:15:31 GMT"}}), 200, 0, 10);
}

TEST(AppendHead, SaysWhatAPartIs) {
  HttpResponse response;
  response.content = make_content("0123456789", kModified);
  response.content_type = "text/xml";
  const auto head = [&](const ContentPart& part) {
    std::string out;
    append_head(out, response, {.date = "D", .part = part, .keep_alive = true});
    return out;
  };
  const std::string partial = head({206, 2, 4});
  EXPECT_THAT(partial, HasSubstr("HTTP/1.1 206 Partial Content\r\nDate: D\r\n"));
  EXPECT_THAT(partial, HasSubstr("\r\nContent-Range: bytes 2-5/10\r\n"));
  EXPECT_THAT(partial, HasSubstr("\r\nContent-Length: 4\r\n"));
  EXPECT_THAT(partial, HasSubstr("\r\nLast-Modified: Sun, 01 Mar 2026 08:15:30 GMT\r\n"));
  EXPECT_THAT(partial, Not(HasSubstr("Connection")));
  EXPECT_THAT(head({416, 0, 0}), HasSubstr("\r\nContent-Range: bytes */10\r\n"));
  const std::string unchanged = head({304, 0, 0});
  EXPECT_THAT(unchanged, HasSubstr("\r\nETag: "));
  EXPECT_THAT(unchanged, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(unchanged, Not(HasSubstr("Content-Type")));
  response.content = make_content("0123456789");
  EXPECT_THAT(head({200, 0, 10}), Not(HasSubstr("Last-Modified")));
}

}  // namespace
}  // namespace stormdoor::http
