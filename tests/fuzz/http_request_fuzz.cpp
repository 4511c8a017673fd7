#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tftp-http/credentials_digest.hpp"
#include "tftp-http/http_request.hpp"
#include "tftp-http/http_response.hpp"

// A request's head in one piece and in two must parse alike; its path never leaves the root; what
// stands in its headers is read without harm.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor;
  using State = http::HttpRequestParser::State;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  http::HttpRequestParser whole, pieces;
  http::HttpRequest request, other;
  const State state = whole.parse(bytes, {}, request);
  State piecewise = pieces.parse(bytes.substr(0, size / 2), {}, other);
  if (piecewise == State::NeedMore) piecewise = pieces.parse(bytes, {}, other);
  if (piecewise != state) std::abort();
  if (state != State::Complete) return 0;
  if (request.path != other.path || whole.head_bytes() > size) std::abort();
  if (!request.path.starts_with('/') || request.path.find("/../") != std::string::npos ||
      request.path.ends_with("/..") || request.path.find('\0') != std::string::npos)
    std::abort();
  static const auto content = http::make_content("0123456789", WallTime(seconds(1'000'000)));
  const auto part = http::choose_part(request, *content);
  if (part.first + part.length > content->size()) std::abort();
  const std::string_view authorization = request.header("authorization");
  if (const auto digest = http::parse_digest(authorization.substr(0, authorization.size())))
    if (http::expected_digest(*digest, request.method, Secret("x")).empty()) std::abort();
  return 0;
}
