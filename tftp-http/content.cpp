#include "tftp-http/content.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

class FileContent final : public Content {
 public:
  FileContent(UniqueFd fd, uint64_t size, WallTime modified, std::string etag)
      : fd_(std::move(fd)), size_(size), modified_(modified), etag_(std::move(etag)) {}

  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] std::span<const std::byte> in_memory() const override { return {}; }
  [[nodiscard]] int descriptor() const override { return fd_.get(); }
  [[nodiscard]] Result<size_t> read(uint64_t offset, std::span<std::byte> into) const override {
    if (offset >= size_) return size_t{0};
    const size_t wanted = std::min<uint64_t>(into.size(), size_ - offset);
    size_t done = 0;
    while (done < wanted) {
      const ssize_t got =
          ::pread(fd_.get(), into.data() + done, wanted - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("read a file", errno);
      if (got == 0)
        return Error(ErrorCode::Unavailable, "the file was cut short while it was served");
      done += static_cast<size_t>(got);
    }
    return done;
  }
  [[nodiscard]] const std::string& etag() const override { return etag_; }
  [[nodiscard]] WallTime modified() const override { return modified_; }

 private:
  UniqueFd fd_;
  uint64_t size_;
  WallTime modified_;
  std::string etag_;
};

}  // namespace

std::shared_ptr<const Content> make_content(std::string bytes, WallTime modified) {
  return std::make_shared<MemoryContent>(std::move(bytes), modified);
}

std::shared_ptr<const Content> make_content(UniqueFd file, uint64_t size, WallTime modified,
                                            std::string etag) {
  return std::make_shared<FileContent>(std::move(file), size, modified, std::move(etag));
}

}  // namespace stormdoor::http
