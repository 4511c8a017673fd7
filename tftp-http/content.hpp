#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::http {

// The bytes of one file, immutable, shared between transfers and threads: a rendered configuration
// or a small file wholly in memory, or a large file that is read piece by piece from an open
// descriptor (its size was fixed when it was opened; a file cut short since yields an error, not
// zeros).
class Content {
 public:
  virtual ~Content() = default;
  [[nodiscard]] virtual uint64_t size() const = 0;
  // All of it, when it is in memory; else empty and descriptor() is valid.
  [[nodiscard]] virtual std::span<const std::byte> in_memory() const = 0;
  [[nodiscard]] virtual int descriptor() const = 0;  // -1 when in memory; owned by the Content
  // Copies up to `into.size()` bytes from `offset`; less only at the end.
  [[nodiscard]] virtual Result<size_t> read(uint64_t offset, std::span<std::byte> into) const = 0;

  [[nodiscard]] virtual const std::string& etag() const = 0;  // strong, with its quotes
  // The epoch: unknown.
  [[nodiscard]] virtual WallTime modified() const = 0;
};

// Text or bytes in memory; the ETag is a hash of them.
[[nodiscard]] std::shared_ptr<const Content> make_content(std::string bytes,
                                                          WallTime modified = {});
// A file of that size, open for reading.
[[nodiscard]] std::shared_ptr<const Content> make_content(UniqueFd file, uint64_t size,
                                                          WallTime modified, std::string etag);

}  // namespace stormdoor::http
