#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.hpp"
#include "tftp-http/content.hpp"

namespace stormdoor::tftp {

// A place in a file as netascii (RFC 764, RFC 1350) sees it: a line feed leaves as CR LF and a lone
// carriage return as CR NUL, and a block may end between the two.
struct NetasciiCursor {
  uint64_t offset = 0;  // the next byte of the content
  uint8_t second = 0;   // 1 + the second byte of a pair that is still to be sent; 0: none
  bool operator==(const NetasciiCursor&) const = default;
};

// Converts from the cursor on until `into` is full or the content ends; moves the cursor. Less than
// a full `into` means the end.
Result<size_t> read_netascii(const http::Content& content, NetasciiCursor& cursor,
                             std::span<std::byte> into);

}  // namespace stormdoor::tftp
