#include "bench/storm/tftp_fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

enum Opcode : uint16_t { kRead = 1, kData = 3, kAck = 4, kError = 5, kOptionAck = 6 };
enum TftpError : uint16_t { kNotFound = 1, kAccess = 2, kUnknownTransfer = 5, kBadOptions = 8 };

// Writes a packet; what does not fit is left out (the room is larger than any packet of ours).
class Writer {
 public:
  explicit Writer(std::span<std::byte> room) : room_(room) {}
  Writer& number(uint16_t value) {
    byte(uint8_t(value >> 8));
    byte(uint8_t(value));
    return *this;
  }
  Writer& string(std::string_view text) {
    for (const char c : text) byte(uint8_t(c));
    byte(0);
    return *this;
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  void byte(uint8_t value) {
    if (size_ < room_.size()) room_[size_++] = std::byte{value};
  }
  std::span<std::byte> room_;
  size_t size_ = 0;
};

uint16_t number_at(std::span<const std::byte> bytes, size_t at) {
  return uint16_t(uint16_t(bytes[at]) << 8 | uint16_t(bytes[at + 1]));
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The next zero-terminated string of an option acknowledgement.
std::optional<std::string_view> take_string(std::string_view& rest) {
  const size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return text;
}

std::optional<uint64_t> to_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

TftpFetch::Reply error_to(const Endpoint& to, uint16_t code, std::string_view text,
                          std::span<std::byte> room) {
  Writer packet(room);
  packet.number(kError).number(code).string(text);
  return {packet.size(), to};
}

}  // namespace

TftpFetch::TftpFetch(const Endpoint& server, std::string path, const TftpOptions& options,
                     const TftpPatience& patience, bool hashed)
    : server_(server), path_(std::move(path)), options_(options), patience_(patience) {
  result_.body = Body(hashed);
  // RFC 1350 has no limit; ours keeps the request in one small packet.
  if (path_.size() > 400) path_.resize(400);
}

TftpFetch::Reply TftpFetch::start(SteadyTime now, std::span<std::byte> room) {
  give_up_ = now + patience_.total;
  return request(now, room);
}

TftpFetch::Reply TftpFetch::request(SteadyTime now, std::span<std::byte> room) {
  Writer packet(room);
  packet.number(kRead).string(path_).string("octet");
  if (options_.block_size != 0)
    packet.string("blksize").string(fmt::format("{}", options_.block_size));
  if (options_.size) packet.string("tsize").string("0");
  if (options_.timeout != 0) packet.string("timeout").string(fmt::format("{}", options_.timeout));
  if (options_.window != 0) packet.string("windowsize").string(fmt::format("{}", options_.window));
  ++sent_;
  deadline_ = std::min(now + patience_.wait, give_up_);
  return {packet.size(), server_};
}

TftpFetch::Reply TftpFetch::acknowledge(SteadyTime now, std::span<std::byte> room) {
  Writer packet(room);
  packet.number(kAck).number(last_block_);
  in_window_ = 0;
  ++sent_;
  deadline_ = std::min(now + patience_.wait, give_up_);
  return {packet.size(), *peer_};
}

TftpFetch::Reply TftpFetch::on_deadline(SteadyTime now, std::span<std::byte> room) {
  if (ended_ || now < deadline_) return {};
  if (sent_ >= patience_.tries || now >= give_up_) {
    fail(peer_ ? "transfer stalled" : "no answer");
    result_.hung_up = !peer_;
    return {};
  }
  ++result_.retries;
  result_.most_tries = std::max(result_.most_tries, static_cast<uint32_t>(sent_) + 1);
  return peer_ ? acknowledge(now, room) : request(now, room);
}

TftpFetch::Reply TftpFetch::on_packet(const Endpoint& from, std::span<const std::byte> packet,
                                      SteadyTime now, std::span<std::byte> room) {
  if (ended_ || packet.size() < 4) return {};
  // The server answers from a port of its choice, which the first answer fixes (RFC 1350, 4).
  if (peer_ ? from != *peer_ : from.address != server_.address)
    return error_to(from, kUnknownTransfer, "unknown transfer", room);
  const uint16_t opcode = number_at(packet, 0);
  if (opcode == kData) {
    peer_ = from;
    return on_data(packet, now, room);
  }
  if (opcode == kOptionAck && options_.any() && !data_seen_) {
    peer_ = from;
    return on_options(text_of(packet.subspan(2)), now, room);
  }
  if (opcode == kError) on_error(packet);
  return {};
}

TftpFetch::Reply TftpFetch::on_data(std::span<const std::byte> packet, SteadyTime now,
                                    std::span<std::byte> room) {
  const uint16_t block = number_at(packet, 2);
  const auto payload = packet.subspan(4);
  data_seen_ = true;
  if (block != uint16_t(last_block_ + 1)) {
    // Lock-step: an old block again, so our acknowledgement was lost. Windows: a gap, told once
    // (RFC 7440, 4), for each of the blocks behind it is out of order too.
    if (gap_told_) return {};
    gap_told_ = window_ > 1;
    const int sent = sent_;
    const Reply again = acknowledge(now, room);
    sent_ = sent;  // answering is no try of ours
    return again;
  }
  if (payload.size() > block_size_) {
    fail("block too long");
    return error_to(*peer_, 0, "block too long", room);
  }
  result_.body.add(payload);
  last_block_ = block;
  ++in_window_;
  gap_told_ = false;
  progress(now);
  const bool last = payload.size() < block_size_;
  if (!last && in_window_ < window_) return {};
  const Reply reply = acknowledge(now, room);
  if (last) finish();
  return reply;
}

TftpFetch::Reply TftpFetch::on_options(std::string_view options, SteadyTime now,
                                       std::span<std::byte> room) {
  while (!options.empty()) {
    const auto name = take_string(options);
    const auto value = take_string(options);
    const auto number = value ? to_number(*value) : std::nullopt;
    if (!name || !number || !agree(*name, *number)) return refuse_options(room);
  }
  progress(now);
  return acknowledge(now, room);
}

// Whether the server answered what was asked, within what was asked.
bool TftpFetch::agree(std::string_view name, uint64_t value) {
  if (equals_ignoring_case(name, "blksize")) {
    if (value < 8 || value > options_.block_size) return false;
    block_size_ = uint16_t(value);
    return true;
  }
  if (equals_ignoring_case(name, "windowsize")) {
    if (value < 1 || value > options_.window) return false;
    window_ = uint16_t(value);
    return true;
  }
  if (equals_ignoring_case(name, "tsize")) {
    told_size_ = value;
    return options_.size;
  }
  if (equals_ignoring_case(name, "timeout")) return value == options_.timeout;
  return false;
}

void TftpFetch::on_error(std::span<const std::byte> packet) {
  const uint16_t code = number_at(packet, 2);
  std::string_view text = text_of(packet.subspan(4));
  text = text.substr(0, text.find('\0'));
  fail(fmt::format("TFTP error {}: {}", code, printable(text, 60)));
  result_.status = code;
  if (code == kNotFound) result_.outcome = FetchResult::Outcome::Missing;
  if (code == kAccess) result_.outcome = FetchResult::Outcome::Refused;
}

void TftpFetch::progress(SteadyTime now) {
  sent_ = 0;
  deadline_ = std::min(now + patience_.wait, give_up_);
}

TftpFetch::Reply TftpFetch::refuse_options(std::span<std::byte> room) {
  fail("options not as asked");
  return error_to(*peer_, kBadOptions, "options not as asked", room);
}

void TftpFetch::fail(std::string reason) {
  ended_ = true;
  result_.outcome = FetchResult::Outcome::Failed;
  result_.reason = std::move(reason);
}

void TftpFetch::finish() {
  if (told_size_ && *told_size_ != result_.body.bytes())
    return fail("file not as long as announced");
  ended_ = true;
  result_.outcome = FetchResult::Outcome::Found;
}

}  // namespace stormdoor::storm
