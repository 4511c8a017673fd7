#include "tftp-http/http_request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

constexpr size_t kMostLeadingEmptyLines = 2;  // RFC 9112 section 2.2: some clients send one

// RFC 9110 section 5.6.2.
bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

// Visible characters, space and tab; bytes above 0x7f are opaque (RFC 9110 section 5.5).
bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}
bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trim_blanks(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes one line without its CR LF from the front; find_end() has seen that each line has both.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end - 1);
  text.remove_prefix(end + 1);
  return line;
}

// "", ":", ":8080".
bool is_port_or_nothing(std::string_view text) {
  return text.empty() || (text.front() == ':' && std::ranges::all_of(text.substr(1), [](char c) {
                            return c >= '0' && c <= '9';
                          }));
}

// "name", "name:8080", "[fd00::1]:8080" to the part before the port; nothing for anything else.
std::optional<std::string_view> host_without_port(std::string_view value) {
  constexpr std::string_view kForbidden = "/?#@\\<>\"' \t,";
  if (value.find_first_of(kForbidden) != std::string_view::npos || !is_visible_ascii(value))
    return {};
  const bool literal = value.starts_with('[');
  if (literal) value.remove_prefix(1);
  const size_t end = literal ? value.find(']') : std::min(value.find(':'), value.size());
  if (end == std::string_view::npos || (literal && end == 0)) return {};
  const std::string_view host = value.substr(0, end);
  const std::string_view rest = value.substr(literal ? end + 1 : end);
  if (host.find_first_of("[]") != std::string_view::npos || !is_port_or_nothing(rest)) return {};
  return host;
}

// Whether a comma-separated list holds this word.
bool list_has(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trim_blanks(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view raw) {
  std::string decoded;
  decoded.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '%') {
      const int high = i + 1 < raw.size() ? hex_value(raw[i + 1]) : -1;
      const int low = i + 2 < raw.size() ? hex_value(raw[i + 2]) : -1;
      if (high < 0 || low < 0) return {};
      c = static_cast<char>(high * 16 + low);
      i += 2;
      if (c == '/') return {};  // would mean another path than the one that was checked
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') return {};
    decoded.push_back(c);
  }
  return decoded;
}

// Parses one head that is there as a whole. Each step returns false after refuse().
struct HeadParser {
  const HttpRequestLimits& limits;
  HttpRequest& request;
  HttpRefusal& refusal;

  bool refuse(int status, std::string_view reason) {
    refusal = {status, reason};
    return false;
  }
  bool parse_head(std::string_view head);
  bool parse_request_line(std::string_view line);
  bool take_authority(std::string_view& target);
  bool parse_header_line(std::string_view line);
  bool interpret_headers();
};

}  // namespace

std::optional<std::string> normalise_path(std::string_view raw) {
  if (!raw.starts_with('/')) return {};
  const auto decoded = percent_decode(raw);
  if (!decoded) return {};
  std::string path;
  path.reserve(decoded->size());
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(end);
    if (segment == "..") {
      if (path.empty()) return {};
      path.resize(path.rfind('/'));
    } else if (!segment.empty() && segment != ".") {
      path.append("/").append(segment);
      continue;
    }
    // A path that ended in a slash, "." or ".." names a folder, and still does.
    if (rest.empty()) path.push_back('/');
  }
  return path;
}

std::string_view HttpRequest::header(std::string_view name) const {
  for (const HttpHeader& header : headers)
    if (equals_ignoring_case(header.name, name)) return header.value;
  return {};
}

size_t HttpRequest::header_count(std::string_view name) const {
  return static_cast<size_t>(std::ranges::count_if(
      headers, [&](const HttpHeader& header) { return equals_ignoring_case(header.name, name); }));
}

HttpRequestParser::State HttpRequestParser::parse(std::string_view bytes,
                                                  const HttpRequestLimits& limits,
                                                  HttpRequest& request) {
  const auto end = find_end(bytes, limits);
  if (!end) return refusal_.status == 0 ? State::NeedMore : State::Refused;
  head_bytes_ = *end;
  HeadParser parser{limits, request, refusal_};
  return parser.parse_head(bytes.substr(0, *end)) ? State::Complete : State::Refused;
}

// The length of the head with its empty line, once that is there. Looks at each byte once.
std::optional<size_t> HttpRequestParser::find_end(std::string_view bytes,
                                                  const HttpRequestLimits& limits) {
  const auto refused = [this](int status, std::string_view reason) {
    refusal_ = {status, reason};
    return std::nullopt;
  };
  while (true) {
    const size_t lf = bytes.find('\n', scanned_);
    const bool whole = lf != std::string_view::npos;
    const size_t line_end = whole ? lf + 1 : bytes.size();
    const bool request_line = !seen_request_line_;
    if (request_line && line_end - line_start_ > limits.request_line_bytes)
      return refused(414, "The request line is too long.");
    if (line_end > limits.head_bytes) return refused(431, "The request's headers are too large.");
    scanned_ = line_end;
    if (!whole) return {};
    if (lf == line_start_ || bytes[lf - 1] != '\r')
      return refused(400, "A line of the request does not end in CR LF.");
    const bool empty = lf - line_start_ == 1;
    line_start_ = line_end;
    if (!empty) {
      seen_request_line_ = true;
    } else if (seen_request_line_) {
      return line_end;
    } else if (line_end > 2 * kMostLeadingEmptyLines) {
      return refused(400, "The request begins with empty lines.");
    }
  }
}

namespace {

bool HeadParser::parse_head(std::string_view head) {
  // Cleared field by field: the capacity of path and headers is used again.
  request.path.clear();
  request.query = request.host = {};
  request.headers.clear();
  request.body_bytes = 0;
  request.expects_continue = false;

  std::string_view line = take_line(head);
  while (line.empty()) line = take_line(head);
  if (!parse_request_line(line)) return false;
  for (line = take_line(head); !line.empty(); line = take_line(head))
    if (!parse_header_line(line)) return false;
  return interpret_headers();
}

bool HeadParser::parse_request_line(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refuse(400, "The request line is not METHOD TARGET VERSION.");
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(request.method) || !is_visible_ascii(request.target) || request.target.empty())
    return refuse(400, "The request line holds characters that do not belong there.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    const bool other = version.starts_with("HTTP/") && version.size() == 8;
    return refuse(other ? 505 : 400, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
  }
  request.minor_version = version.back() - '0';

  std::string_view path = request.target;
  if (!path.starts_with('/') && !take_authority(path)) return false;
  const size_t question = path.find('?');
  if (question != std::string_view::npos) {
    request.query = path.substr(question + 1);
    path = path.substr(0, question);
  }
  auto normal = normalise_path(path.empty() ? "/" : path);
  if (!normal) return refuse(400, "The path of the request is not a clean path.");
  request.path = std::move(*normal);
  return true;
}

// Takes "http://host" from the front of an absolute target (RFC 9112 section 3.2.2).
bool HeadParser::take_authority(std::string_view& target) {
  const size_t scheme_end = target.find("://");
  const std::string_view scheme = target.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")))
    return refuse(400, "The request target is neither a path nor an http URL.");
  target.remove_prefix(scheme_end + 3);
  const size_t authority_end = std::min(target.find_first_of("/?"), target.size());
  const auto host = host_without_port(target.substr(0, authority_end));
  if (!host || host->empty()) return refuse(400, "The URL of the request names no host.");
  request.host = *host;
  target.remove_prefix(authority_end);
  return true;
}

bool HeadParser::parse_header_line(std::string_view line) {
  if (request.headers.size() >= limits.header_count)
    return refuse(431, "The request has too many headers.");
  const size_t colon = line.find(':');
  // A folded line begins with a blank, so it has no token before its colon either.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return refuse(400, "A header line is not NAME: VALUE.");
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (!is_field_value(value)) return refuse(400, "A header holds control characters.");
  request.headers.push_back({line.substr(0, colon), value});
  return true;
}

bool HeadParser::interpret_headers() {
  bool close = false;
  bool keep_alive = false;
  size_t hosts = 0;
  bool has_length = false;
  for (const auto& [name, value] : request.headers) {
    if (equals_ignoring_case(name, "host")) {
      const auto host = host_without_port(value);
      if (!host || ++hosts > 1) return refuse(400, "The Host header is not one host.");
      if (request.host.empty()) request.host = *host;  // an absolute target's goes first
    } else if (equals_ignoring_case(name, "connection")) {
      close = close || list_has(value, "close");
      keep_alive = keep_alive || list_has(value, "keep-alive");
    } else if (equals_ignoring_case(name, "content-length")) {
      const auto [end, failure] =
          std::from_chars(value.data(), value.data() + value.size(), request.body_bytes);
      const bool digits = failure == std::errc{} && end == value.data() + value.size();
      if (!digits || has_length) return refuse(400, "Content-Length is not one number.");
      has_length = true;
    } else if (equals_ignoring_case(name, "transfer-encoding")) {
      return refuse(411, "Transfer-Encoding is not accepted; send Content-Length.");
    } else if (equals_ignoring_case(name, "expect")) {
      if (!equals_ignoring_case(value, "100-continue"))
        return refuse(417, "Only 100-continue can be expected.");
      request.expects_continue = request.minor_version > 0;
    }
  }
  if (hosts == 0 && request.minor_version > 0) return refuse(400, "The Host header is missing.");
  request.keep_alive = !close && (request.minor_version > 0 || keep_alive);
  return true;
}

}  // namespace
}  // namespace stormdoor::http
