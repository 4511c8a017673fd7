#include "tftp-http/http_response.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// A number as text, for as long as it lives.
class Digits {
 public:
  explicit Digits(uint64_t number)
      : end_(std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr) {}
  Digits(const Digits&) = delete;
  Digits& operator=(const Digits&) = delete;
  operator std::string_view() const { return {text_.data(), end_}; }  // NOLINT(*-explicit-*)

 private:
  std::array<char, 20> text_;
  const char* end_;
};

void append_all(std::string& out, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) out.append(part);
}

std::optional<uint64_t> parse_number(std::string_view digits) {
  uint64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return {};
  return number;
}

// RFC 9110 section 8.8.3.2: weak tags ("W/...") equal a strong one in the weak comparison only.
enum class Comparison : uint8_t { Strong, Weak };

// "*" or a list of tags.
bool tags_match(std::string_view list, std::string_view etag, Comparison comparison) {
  if (trim(list) == "*") return true;
  for (std::string_view tag : split(list, ',')) {
    tag = trim(tag);
    if (comparison == Comparison::Weak && tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

// Whether the header names this tag; its lines are one list. Nothing when it says nothing.
std::optional<bool> names_tag(const HttpRequest& request, std::string_view header,
                              std::string_view etag, Comparison comparison) {
  std::optional<bool> named;
  for (const auto& [name, value] : request.headers)
    if (!value.empty() && equals_ignoring_case(name, header))
      named = named.value_or(false) || tags_match(value, etag, comparison);
  return named;
}

// The date of a header; what is no date, or more than one, says nothing.
std::optional<WallTime> date_in(const HttpRequest& request, std::string_view header) {
  const std::string_view value = request.header(header);
  if (value.empty() || request.header_count(header) > 1) return {};
  return parse_http_date(value);
}

// As Last-Modified says it; nothing when nobody knows.
std::optional<WallTime> last_modified(const Content& content) {
  const auto second = std::chrono::floor<seconds>(content.modified());
  if (second.time_since_epoch().count() <= 0) return {};
  return second;
}

// RFC 9110 section 13.2.2, in its order.
std::optional<int> failed_condition(const HttpRequest& request, const Content& content) {
  const auto modified = last_modified(content);
  const auto match = names_tag(request, "if-match", content.etag(), Comparison::Strong);
  if (match == false) return 412;
  if (!match && modified) {
    const auto unmodified_since = date_in(request, "if-unmodified-since");
    if (unmodified_since && *modified > *unmodified_since) return 412;
  }
  const auto known = names_tag(request, "if-none-match", content.etag(), Comparison::Weak);
  if (known == true) return 304;
  // Exactly this date: a file may have been replaced by one that is older.
  if (!known && modified && date_in(request, "if-modified-since") == modified) return 304;
  return {};
}

// If-Range: the range counts only for exactly this version.
bool range_is_current(const HttpRequest& request, const Content& content) {
  const std::string_view condition = request.header("if-range");
  if (condition.empty()) return true;
  if (condition.starts_with('"')) return condition == content.etag();
  const auto date = date_in(request, "if-range");
  return date && date == last_modified(content);
}

// One "bytes=" range of a content of `size` bytes; nothing when it is not one range that can be
// read; status 416 when it begins past the end.
std::optional<ContentPart> parse_range(std::string_view header, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!equals_ignoring_case(header.substr(0, kUnit.size()), kUnit)) return {};
  const std::string_view range = trim(header.substr(kUnit.size()));
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return {};
  const std::string_view last_text = range.substr(dash + 1);
  const auto last = parse_number(last_text);
  if (!last_text.empty() && !last) return {};
  if (dash == 0) {  // the last N bytes
    if (!last) return {};
    if (*last == 0 || size == 0) return ContentPart{416, 0, 0};
    const uint64_t length = std::min(*last, size);
    return ContentPart{206, size - length, length};
  }
  const auto first = parse_number(range.substr(0, dash));
  if (!first || (last && *last < *first)) return {};
  if (*first >= size) return ContentPart{416, 0, 0};
  const uint64_t end = last && *last < size - 1 ? *last + 1 : size;
  return ContentPart{206, *first, end - *first};
}

}  // namespace

HttpResponse HttpResponse::text(int status, std::string_view sentence) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = fmt::format("{}\n", sentence);
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string format_http_date(WallTime time) {
  const auto second = std::chrono::floor<seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  std::string text = "Sun, 06 Nov 1994 08:49:37 GMT";
  const auto put = [&](size_t at, std::string_view word) { text.replace(at, word.size(), word); };
  const auto put_two = [&](size_t at, int64_t number) {
    text[at] = static_cast<char>('0' + number / 10 % 10);
    text[at + 1] = static_cast<char>('0' + number % 10);
  };
  put(0, kDays[std::chrono::weekday(day).c_encoding()]);
  put_two(5, unsigned(date.day()));
  put(8, kMonths[unsigned(date.month()) - 1]);
  put_two(12, int(date.year()) / 100);
  put_two(14, int(date.year()) % 100);
  put_two(17, clock.hours().count());
  put_two(20, clock.minutes().count());
  put_two(23, clock.seconds().count());
  return text;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  constexpr size_t kLength = 29;
  if (text.size() != kLength || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return {};
  const auto number = [&](size_t at, size_t length) {
    return parse_number(text.substr(at, length));
  };
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = number(5, 2), year = number(12, 4), hour = number(17, 2), minute = number(20, 2),
             second = number(23, 2);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return {};
  if (*hour > 23 || *minute > 59 || *second > 60) return {};
  const std::chrono::year_month_day date(std::chrono::year(int(*year)),
                                         std::chrono::month(unsigned(month - kMonths.begin()) + 1),
                                         std::chrono::day(unsigned(*day)));
  if (!date.ok()) return {};
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + seconds(*second);
}

ContentPart choose_part(const HttpRequest& request, const Content& content) {
  if (const auto status = failed_condition(request, content)) return {*status, 0, 0};
  const ContentPart whole{200, 0, content.size()};
  const std::string_view range = request.header("range");
  // Only GET has ranges (RFC 9110 section 14.2).
  if (range.empty() || request.method != "GET" || !range_is_current(request, content)) return whole;
  return parse_range(range, content.size()).value_or(whole);
}

// By hand, not by fmt: a phone on an open connection costs little else of ours.
void append_head(std::string& out, const HttpResponse& response, const HeadFacts& facts) {
  const ContentPart& part = facts.part;
  append_all(out, {"HTTP/1.1 ", Digits(part.status), " ", reason_phrase(part.status),
                   "\r\nDate: ", facts.date, "\r\n"});
  if (!response.content_type.empty() && part.status != 304 && part.status != 416)
    append_all(out, {"Content-Type: ", response.content_type, "\r\n"});
  // RFC 9110 section 8.6: a 304 and a 204 have no length of their own.
  if (part.status != 304 && part.status != 204 && !facts.endless)
    append_all(out, {"Content-Length: ", Digits(part.length), "\r\n"});
  if (response.content && part.status != 412) {
    append_all(out, {"ETag: ", response.content->etag(), "\r\n"});
    if (const auto modified = last_modified(*response.content))
      append_all(out, {"Last-Modified: ", format_http_date(*modified), "\r\n"});
    out.append("Accept-Ranges: bytes\r\n");
    if (part.status == 206)
      append_all(out, {"Content-Range: bytes ", Digits(part.first), "-",
                       Digits(part.first + part.length - 1), "/", Digits(response.content->size()),
                       "\r\n"});
    if (part.status == 416)
      append_all(out, {"Content-Range: bytes */", Digits(response.content->size()), "\r\n"});
  }
  for (const auto& [name, value] : response.headers) append_all(out, {name, ": ", value, "\r\n"});
  if (!facts.keep_alive)
    out.append("Connection: close\r\n");
  else if (facts.minor_version == 0)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

}  // namespace stormdoor::http
