#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stormdoor::http {

// What one request may be at most. Past a bound the request is refused with the status named.
struct HttpRequestLimits {
  size_t request_line_bytes = 2048;  // 414
  size_t head_bytes = 8192;          // request line and all headers: 431
  size_t header_count = 64;          // 431
  size_t body_bytes = 0;             // 413; 0: no request may have a body
  bool operator==(const HttpRequestLimits&) const = default;
};

struct HttpHeader {
  std::string_view name;
  std::string_view value;  // without the white space around it
};

// The head of one HTTP/1.0 or 1.1 request. The views point into the bytes that were parsed.
struct HttpRequest {
  std::string_view method;  // as sent: "GET"
  std::string_view target;  // as sent: "/p/a%20b.cfg?x=1", "http://host/path"
  std::string path;         // decoded and normalised: "/p/a b.cfg"; always begins with a slash
  std::string_view query;   // as sent, without the question mark; never for logs
  std::string_view host;    // what the client called us, without port; empty if unsaid
  int minor_version = 1;    // HTTP/1.x
  bool keep_alive = true;   // what version and Connection header ask for
  bool expects_continue = false;
  uint64_t body_bytes = 0;  // Content-Length
  std::vector<HttpHeader> headers;

  // The first header of that name (any case); empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] size_t header_count(std::string_view name) const;
};

// Why a request is refused: the status to answer, and a sentence for the body.
struct HttpRefusal {
  int status = 400;
  std::string_view reason;
};

// Finds the end of a request's head in bytes that arrive piece by piece, and parses it. Pure; holds
// no bytes itself. Strict where leniency lets two readers of the same bytes disagree (RFC 9112
// section 11.2): lines end in CR LF and nothing else, no folded lines, no space before a colon, one
// Content-Length of digits, no Transfer-Encoding (411: nothing that we serve needs one), exactly
// one Host in HTTP/1.1. Whether a body or method is welcome is for the server to say.
class HttpRequestParser {
 public:
  enum class State : uint8_t { NeedMore, Complete, Refused };

  // `bytes` is everything since the end of the previous request, the new bytes at its end. After
  // Complete, `request` is valid while those bytes are and head_bytes() of them are used up; after
  // Refused, refusal() says why and nothing more can be read from that connection.
  State parse(std::string_view bytes, const HttpRequestLimits& limits, HttpRequest& request);
  // Begins the next request.
  void reset() { *this = {}; }

  [[nodiscard]] size_t head_bytes() const { return head_bytes_; }
  [[nodiscard]] const HttpRefusal& refusal() const { return refusal_; }

 private:
  std::optional<size_t> find_end(std::string_view bytes, const HttpRequestLimits& limits);

  size_t scanned_ = 0;     // bytes that hold no end of the head
  size_t line_start_ = 0;  // where the line that scanned_ is in begins
  size_t head_bytes_ = 0;
  bool seen_request_line_ = false;
  HttpRefusal refusal_{0, {}};
};

// Percent-decodes and normalises an origin-form path (RFC 3986 section 5.2.4, and runs of slashes
// are one): the result begins with a slash and has no "." or ".." segment. Nothing for a NUL or
// other control character, a broken escape, an encoded slash, a backslash, or ".." above the root.
[[nodiscard]] std::optional<std::string> normalise_path(std::string_view raw);

}  // namespace stormdoor::http
