#include "tftp-http/tftp_packet.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"

namespace stormdoor::tftp {
namespace {

enum class Opcode : uint16_t {
  ReadRequest = 1,
  WriteRequest = 2,
  Data = 3,
  Ack = 4,
  Error = 5,
  OptionAck = 6,
};

uint16_t read_u16(std::span<const std::byte> bytes, size_t at) {
  return static_cast<uint16_t>(std::to_integer<unsigned>(bytes[at]) << 8 |
                               std::to_integer<unsigned>(bytes[at + 1]));
}

void write_u16(std::span<std::byte> room, size_t at, uint16_t value) {
  room[at] = static_cast<std::byte>(value >> 8);
  room[at + 1] = static_cast<std::byte>(value & 0xff);
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Takes one NUL-terminated string off the front.
std::optional<std::string_view> take_string(std::string_view& rest) {
  const size_t end = rest.find('\0');
  if (end == std::string_view::npos) return {};
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return text;
}

Mode parse_mode(std::string_view text) {
  if (equals_ignoring_case(text, "octet")) return Mode::Octet;
  if (equals_ignoring_case(text, "netascii")) return Mode::Netascii;
  if (equals_ignoring_case(text, "mail")) return Mode::Mail;
  return Mode::Unknown;
}

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::Netascii:
      return "netascii";
    case Mode::Mail:
      return "mail";
    default:
      return "octet";
  }
}

// Decimal digits and nothing else.
template <typename Number>
std::optional<Number> parse_value(std::string_view text, uint64_t least, uint64_t most) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || stopped != end || value < least || value > most) return {};
  return static_cast<Number>(value);
}

void keep_option(std::string_view name, std::string_view value, unsigned& seen, Options& options) {
  const auto first_time = [&seen](unsigned bit) {
    const bool first = (seen & bit) == 0;
    seen |= bit;
    return first;
  };
  if (equals_ignoring_case(name, "blksize")) {
    if (first_time(1))
      options.block_size = parse_value<uint32_t>(value, kLeastBlockSize, kMostBlockSize);
  } else if (equals_ignoring_case(name, "tsize")) {
    if (first_time(2))
      options.transfer_size = parse_value<uint64_t>(value, 0, std::numeric_limits<uint64_t>::max());
  } else if (equals_ignoring_case(name, "timeout")) {
    if (first_time(4)) options.timeout_seconds = parse_value<uint8_t>(value, 1, 255);
  } else if (equals_ignoring_case(name, "windowsize")) {
    if (first_time(8)) options.window_size = parse_value<uint16_t>(value, 1, 65535);
  }
}

std::optional<Options> parse_options(std::string_view rest) {
  Options options;
  unsigned seen = 0;
  while (!rest.empty()) {
    const auto name = take_string(rest);
    if (!name) return {};
    if (name->empty()) {  // padding, if nothing else follows
      if (rest.find_first_not_of('\0') != std::string_view::npos) return {};
      break;
    }
    const auto value = take_string(rest);
    if (!value) return {};
    keep_option(*name, *value, seen, options);
  }
  return options;
}

std::optional<TftpPacket> parse_request(bool write, std::span<const std::byte> bytes) {
  if (bytes.size() > kMostRequestBytes) return {};
  std::string_view rest = as_text(bytes.subspan(2));
  const auto file = take_string(rest);
  if (!file) return {};
  const auto mode = take_string(rest);
  if (!mode) return {};
  const auto options = parse_options(rest);
  if (!options) return {};
  return Request{write, *file, parse_mode(*mode), *options};
}

// Appends strings with their NULs; remembers when one did not fit.
class Writer {
 public:
  explicit Writer(std::span<std::byte> room) : room_(room) {}
  void number(uint16_t value) {
    if (!reserve(2)) return;
    write_u16(room_, used_, value);
    used_ += 2;
  }
  void string(std::string_view text) {
    if (!reserve(text.size() + 1)) return;
    if (!text.empty()) std::memcpy(room_.data() + used_, text.data(), text.size());
    room_[used_ + text.size()] = std::byte{0};
    used_ += text.size() + 1;
  }
  template <typename Value>
  void option(std::string_view name, const std::optional<Value>& value) {
    if (!value) return;
    char digits[24];
    const auto [end, failure] = std::to_chars(digits, digits + sizeof digits, uint64_t{*value});
    string(name);
    string({digits, end});
  }
  void options(const Options& options) {
    option("blksize", options.block_size);
    option("tsize", options.transfer_size);
    option("timeout", options.timeout_seconds);
    option("windowsize", options.window_size);
  }
  [[nodiscard]] bool fitted() const { return fitted_; }
  [[nodiscard]] size_t used() const { return used_; }

 private:
  bool reserve(size_t bytes) {
    fitted_ = fitted_ && used_ + bytes <= room_.size();
    return fitted_;
  }
  std::span<std::byte> room_;
  size_t used_ = 0;
  bool fitted_ = true;
};

// The longest start of `text` with at most `most` bytes that ends at a UTF-8 character.
std::string_view cut_at_character(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

std::optional<TftpPacket> parse_packet(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes) return {};
  switch (static_cast<Opcode>(read_u16(bytes, 0))) {
    case Opcode::ReadRequest:
      return parse_request(false, bytes);
    case Opcode::WriteRequest:
      return parse_request(true, bytes);
    case Opcode::Data:
      return Data{read_u16(bytes, 2), bytes.subspan(kHeaderBytes)};
    case Opcode::Ack:
      return Ack{read_u16(bytes, 2)};
    case Opcode::Error: {
      const std::string_view text = as_text(bytes.subspan(kHeaderBytes));
      return ErrorMessage{read_u16(bytes, 2), text.substr(0, text.find('\0'))};
    }
    case Opcode::OptionAck: {
      const auto options = parse_options(as_text(bytes.subspan(2)));
      if (!options) return {};
      return OptionAck{*options};
    }
  }
  return {};
}

size_t write_data_header(std::span<std::byte> room, uint16_t block) {
  STORMDOOR_CHECK(room.size() >= kHeaderBytes, "a header has four bytes");
  write_u16(room, 0, static_cast<uint16_t>(Opcode::Data));
  write_u16(room, 2, block);
  return kHeaderBytes;
}

size_t write_ack(std::span<std::byte> room, uint16_t block) {
  STORMDOOR_CHECK(room.size() >= kHeaderBytes, "a header has four bytes");
  write_u16(room, 0, static_cast<uint16_t>(Opcode::Ack));
  write_u16(room, 2, block);
  return kHeaderBytes;
}

size_t write_option_ack(std::span<std::byte> room, const Options& options) {
  Writer writer(room);
  writer.number(static_cast<uint16_t>(Opcode::OptionAck));
  writer.options(options);
  STORMDOOR_CHECK(writer.fitted(), "four options fit into kMostOptionAckBytes");
  return writer.used();
}

size_t write_error(std::span<std::byte> room, ErrorNumber number, std::string_view text) {
  constexpr std::string_view kCut = "...";
  STORMDOOR_CHECK(room.size() > kHeaderBytes + kCut.size(), "an error has room for a text");
  const size_t most = room.size() - kHeaderBytes - 1;
  text = text.substr(0, text.find('\0'));
  write_u16(room, 0, static_cast<uint16_t>(Opcode::Error));
  write_u16(room, 2, static_cast<uint16_t>(number));
  const bool whole = text.size() <= most;
  const std::string_view shown = whole ? text : cut_at_character(text, most - kCut.size());
  size_t used = kHeaderBytes;
  if (!shown.empty()) std::memcpy(room.data() + used, shown.data(), shown.size());
  used += shown.size();
  if (!whole) {
    std::memcpy(room.data() + used, kCut.data(), kCut.size());
    used += kCut.size();
  }
  room[used] = std::byte{0};
  return used + 1;
}

size_t write_request(std::span<std::byte> room, const Request& request) {
  Writer writer(room.first(std::min(room.size(), kMostRequestBytes)));
  writer.number(static_cast<uint16_t>(request.write ? Opcode::WriteRequest : Opcode::ReadRequest));
  writer.string(request.file);
  writer.string(name_of(request.mode));
  writer.options(request.options);
  return writer.fitted() ? writer.used() : 0;
}

}  // namespace stormdoor::tftp
