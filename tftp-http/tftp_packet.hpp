#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

// TFTP packets to bytes and back (RFC 1350; options: RFC 2347, 2348, 2349, 7440). Pure, allocates
// nothing: what is parsed points into the packet's bytes.
namespace stormdoor::tftp {

inline constexpr size_t kHeaderBytes = 4;           // opcode and block number or error code
inline constexpr size_t kMostRequestBytes = 512;    // RFC 2347 section 2
inline constexpr size_t kDefaultBlockSize = 512;    // RFC 1350
inline constexpr uint32_t kLeastBlockSize = 8;      // RFC 2348
inline constexpr uint32_t kMostBlockSize = 65464;   // RFC 2348
inline constexpr size_t kMostOptionAckBytes = 128;  // all our options with their longest values

enum class Mode : uint8_t { Octet, Netascii, Mail, Unknown };

enum class ErrorNumber : uint16_t {
  Undefined = 0,
  FileNotFound = 1,
  AccessViolation = 2,
  DiskFull = 3,
  IllegalOperation = 4,
  UnknownTransfer = 5,
  FileExists = 6,
  NoSuchUser = 7,
  OptionRefused = 8,  // RFC 2347
};

// The options we know, where present with a valid value; others count as absent, as RFC 2347 wants
// ("simply be ignored"). Of an option that appears twice the first counts.
struct Options {
  std::optional<uint32_t> block_size = {};      // "blksize", 8 to 65464
  std::optional<uint64_t> transfer_size = {};   // "tsize"
  std::optional<uint8_t> timeout_seconds = {};  // "timeout", 1 to 255
  std::optional<uint16_t> window_size = {};     // "windowsize", 1 to 65535

  [[nodiscard]] bool any() const {
    return block_size || transfer_size || timeout_seconds || window_size;
  }
  bool operator==(const Options&) const = default;
};

struct Request {
  bool write = false;
  std::string_view file;  // any bytes but NUL
  Mode mode = Mode::Octet;
  Options options = {};
};
struct Data {
  uint16_t block = 0;
  std::span<const std::byte> bytes;
};
struct Ack {
  uint16_t block = 0;
};
struct ErrorMessage {
  uint16_t number = 0;
  std::string_view text;  // foreign
};
struct OptionAck {
  Options options;
};
using TftpPacket = std::variant<Request, Data, Ack, ErrorMessage, OptionAck>;

// Nothing when the bytes are no TFTP packet: too short or too long, unknown opcode, a string
// without its end, an option without its value. Zero bytes after the last string are padding that
// some boot loaders send.
[[nodiscard]] std::optional<TftpPacket> parse_packet(std::span<const std::byte> bytes);

// Each writes one packet and says how many bytes it took. The room must suffice: 4 bytes for a
// header, kMostOptionAckBytes, kMostRequestBytes.
size_t write_data_header(std::span<std::byte> room, uint16_t block);
size_t write_ack(std::span<std::byte> room, uint16_t block);
size_t write_option_ack(std::span<std::byte> room, const Options& options);
// A text that does not fit is cut at a character and ends in "...".
size_t write_error(std::span<std::byte> room, ErrorNumber number, std::string_view text);
// 0 when the name is too long for a request.
size_t write_request(std::span<std::byte> room, const Request& request);

}  // namespace stormdoor::tftp
