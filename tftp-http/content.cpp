#include "tftp-http/content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/keyed_hash.hpp"

namespace stormdoor::http {
namespace {

// Fixed keys, so that every worker and every start of the program gives the same bytes the same
// ETag. The bytes are ours, nobody outside gains by finding two files with one tag.
constexpr HashKey kTagKey{0x73746f726d646f6f, 0x7220657461672031};
constexpr HashKey kOtherTagKey{0x73746f726d646f6f, 0x7220657461672032};

std::string tag_of(std::string_view bytes) {
  return fmt::format("\"{:016x}{:016x}\"", keyed_hash(kTagKey, bytes),
                     keyed_hash(kOtherTagKey, bytes));
}

class MemoryContent final : public Content {
 public:
  MemoryContent(std::string bytes, WallTime modified)
      : bytes_(std::move(bytes)), etag_(tag_of(bytes_)), modified_(modified) {}

  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> in_memory() const override {
    return std::as_bytes(std::span(bytes_.data(), bytes_.size()));
  }
  [[nodiscard]] int descriptor() const override { return -1; }
  [[nodiscard]] Result<size_t> read(uint64_t offset, std::span<std::byte> into) const override {
    if (offset >= bytes_.size()) return size_t{0};
    const size_t count = std::min<size_t>(into.size(), bytes_.size() - offset);
    if (count > 0) std::memcpy(into.data(), bytes_.data() + offset, count);
    return count;
  }
  [[nodiscard]] const std::string& etag() const override { return etag_; }
  [[nodiscard]] WallTime modified() const override { return modified_; }

 private:
  std::string bytes_;
  std::string etag_;
  WallTime modified_;
};

}  // namespace

std::shared_ptr<const Content> make_content(std::string bytes, WallTime modified) {
  return std::make_shared<MemoryContent>(std::move(bytes), modified);
}

}  // namespace stormdoor::http
