#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "tftp-http/content.hpp"
#include "tftp-http/http_request.hpp"

namespace stormdoor::http {

class FirmwarePass;

// An answer. The server adds Date, Content-Length, Connection and, for content, ETag,
// Last-Modified, Accept-Ranges and what ranges and conditions ask for.
struct HttpResponse {
  int status = 200;
  std::string content_type;                                  // empty: none is sent
  std::vector<std::pair<std::string, std::string>> headers;  // further ones; no CR or LF in them
  std::shared_ptr<const Content> content;                    // the body of a 200, if set
  std::string body;                                          // else this
  bool close = false;                                        // end the connection after it
  std::shared_ptr<FirmwarePass> pass;                        // paces the body; null: nothing does
  // Called once on the loop's thread, when it was written or cannot be: whether the client has all
  // of the body now. After HEAD or a part it has not; a 304 says that it had it already.
  std::function<void(bool complete)> on_done;

  // A short text for people: a refusal in a sentence.
  static HttpResponse text(int status, std::string_view sentence);
};

// "200 OK". A status that we never send has the reason "Unknown".
[[nodiscard]] std::string_view reason_phrase(int status);

// IMF-fixdate (RFC 9110 section 5.6.7), and its only accepted form when read.
[[nodiscard]] std::string format_http_date(WallTime time);
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);

// Which part of a content a request gets.
struct ContentPart {
  int status = 200;  // 200, 206, 304, 412 or 416
  uint64_t first = 0;
  uint64_t length = 0;  // of the body; 0 for 304, 412 and 416
};

// Applies If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, Range and If-Range
// (RFC 9110 sections 13 and 14). Several ranges in one request, units other than bytes and broken
// ranges are ignored, as the RFC allows: the whole is sent. A date says that nothing has changed
// only if it is exactly that of the content.
[[nodiscard]] ContentPart choose_part(const HttpRequest& request, const Content& content);

// What the head of a response says besides the response's own headers.
struct HeadFacts {
  std::string_view date;  // formatted
  bool endless = false;   // the body ends with the connection
  ContentPart part;       // with content; else length is the body's
  bool keep_alive = false;
  int minor_version = 1;
};

// Appends status line and headers with the empty line.
void append_head(std::string& out, const HttpResponse& response, const HeadFacts& facts);

}  // namespace stormdoor::http
