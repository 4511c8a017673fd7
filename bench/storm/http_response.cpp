#include "bench/storm/http_response.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

constexpr size_t kMostChunkLine = 256;

Error broken(const char* what) {
  return {ErrorCode::InvalidArgument, what};
}

template <typename Number>
std::optional<Number> to_number(std::string_view text, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string_view> HttpResponse::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [field, value] : fields_)
    if (field == name) found.emplace_back(value);
  return found;
}

Result<size_t> HttpResponse::feed(std::span<const std::byte> bytes) {
  size_t used = 0;
  begun_ = begun_ || !bytes.empty();
  while (used < bytes.size() && !ended()) {
    const bool by_line = part_ == Part::Head || part_ == Part::ChunkHead ||
                         part_ == Part::ChunkEnd || part_ == Part::Trailer;
    if (!by_line) {
      used += take_body_bytes(bytes.subspan(used));
      continue;
    }
    line_ += static_cast<char>(bytes[used++]);
    if (line_.size() > (part_ == Part::Head ? kMostHead : kMostChunkLine))
      return broken("HTTP: line too long");
    if (line_.back() == '\n') TRY(read_line());
  }
  return used;
}

Result<void> HttpResponse::close() {
  if (part_ == Part::UntilClose) part_ = Part::End;
  if (!ended()) return broken(begun_ ? "HTTP: answer cut short" : "connection closed");
  return {};
}

Result<void> HttpResponse::read_line() {
  if (part_ == Part::Head) {
    const bool whole = line_.ends_with("\r\n\r\n") || line_.ends_with("\n\n");
    return whole ? read_head() : Result<void>();
  }
  const std::string line(trim(line_));
  line_.clear();
  if (part_ == Part::ChunkEnd) {
    if (!line.empty()) return broken("HTTP: bad chunk");
    part_ = Part::ChunkHead;
  } else if (part_ == Part::Trailer) {
    if (line.empty()) part_ = Part::End;
  } else {
    const auto size = to_number<uint64_t>(trim(line.substr(0, line.find(';'))), 16);
    if (!size) return broken("HTTP: bad chunk");
    left_ = *size;
    part_ = left_ == 0 ? Part::Trailer : Part::Chunk;
  }
  return {};
}

Result<void> HttpResponse::read_head() {
  const std::string head = std::exchange(line_, {});
  const size_t first = head.find('\n');
  const std::string_view status_line = trim(std::string_view(head).substr(0, first));
  if (!status_line.starts_with("HTTP/1.") || status_line.size() < 12)
    return broken("HTTP: no status line");
  const auto status = to_number<int>(status_line.substr(9, 3), 10);
  if (!status || *status < 100) return broken("HTTP: no status line");
  fields_.clear();
  TRY(read_fields(std::string_view(head).substr(first + 1)));
  if (*status < 200) return {};  // interim: the real one follows (RFC 9110, 15.2)
  status_ = *status;
  keep_alive_ = !status_line.starts_with("HTTP/1.0");
  for (const std::string_view value : values("connection"))
    if (equals_ignoring_case(value, "close")) keep_alive_ = false;
  choose_body();
  return {};
}

Result<void> HttpResponse::read_fields(std::string_view fields) {
  for (const std::string_view line : split(fields, '\n')) {
    if (trim(line).empty()) continue;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return broken("HTTP: bad header");
    fields_.emplace_back(ascii_lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
  }
  return {};
}

void HttpResponse::choose_body() {
  const auto coding = values("transfer-encoding");
  const auto length = values("content-length");
  if (status_ == 204 || status_ == 304) {
    part_ = Part::End;
  } else if (!coding.empty()) {
    part_ = Part::ChunkHead;
  } else if (const auto bytes =
                 length.empty() ? std::nullopt : to_number<uint64_t>(length[0], 10)) {
    left_ = *bytes;
    part_ = left_ == 0 ? Part::End : Part::Length;
  } else {
    part_ = Part::UntilClose;
    keep_alive_ = false;
  }
}

size_t HttpResponse::take_body_bytes(std::span<const std::byte> bytes) {
  if (part_ == Part::UntilClose) {
    body_.add(bytes);
    return bytes.size();
  }
  const size_t count = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
  body_.add(bytes.first(count));
  left_ -= count;
  if (left_ == 0) part_ = part_ == Part::Chunk ? Part::ChunkEnd : Part::End;
  return count;
}

}  // namespace stormdoor::storm
