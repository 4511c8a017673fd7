#include "tftp-http/tftp_netascii.hpp"

#include <algorithm>
#include <array>

namespace stormdoor::tftp {
namespace {

constexpr std::byte kLineFeed{'\n'};
constexpr std::byte kCarriageReturn{'\r'};
constexpr std::byte kNul{0};
constexpr uint8_t kThenLineFeed = 1 + '\n';
constexpr uint8_t kThenNul = 1 + 0;

// Bytes of the content from `offset`, at most as many as `room`: a view when it is in memory.
Result<std::span<const std::byte>> some_bytes(const http::Content& content, uint64_t offset,
                                              std::span<std::byte> room) {
  if (offset >= content.size()) return std::span<const std::byte>{};
  const std::span<const std::byte> memory = content.in_memory();
  if (content.descriptor() < 0)
    return memory.subspan(offset, std::min<uint64_t>(room.size(), memory.size() - offset));
  const size_t got = TRY(content.read(offset, room));
  return std::span<const std::byte>(room.first(got));
}

}  // namespace

Result<size_t> read_netascii(const http::Content& content, NetasciiCursor& cursor,
                             std::span<std::byte> into) {
  std::array<std::byte, 1024> room;
  size_t used = 0;
  while (used < into.size()) {
    if (cursor.second != 0) {
      into[used++] = cursor.second == kThenLineFeed ? kLineFeed : kNul;
      cursor.second = 0;
      continue;
    }
    const auto bytes = TRY(some_bytes(
        content, cursor.offset, std::span(room).first(std::min(room.size(), into.size() - used))));
    if (bytes.empty()) break;
    for (const std::byte byte : bytes) {
      ++cursor.offset;
      if (byte == kLineFeed || byte == kCarriageReturn) {
        into[used++] = kCarriageReturn;
        cursor.second = byte == kLineFeed ? kThenLineFeed : kThenNul;
        break;  // the pair's second byte comes first now
      }
      into[used++] = byte;
    }
  }
  return used;
}

}  // namespace stormdoor::tftp
