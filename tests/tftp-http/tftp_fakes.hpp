#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tftp-http/content.hpp"
#include "tftp-http/file_source.hpp"
#include "tftp-http/tftp_packet.hpp"

// What the TFTP tests share.
namespace stormdoor::tftp {

// Bytes in memory, or, with `as_file`, only to be had by read().
class FakeContent final : public http::Content {
 public:
  explicit FakeContent(std::string bytes, bool as_file = false)
      : bytes_(std::move(bytes)), as_file_(as_file) {}

  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> in_memory() const override {
    return as_file_ ? std::span<const std::byte>() : std::as_bytes(std::span(bytes_));
  }
  [[nodiscard]] int descriptor() const override { return as_file_ ? 1'000'000 : -1; }
  [[nodiscard]] Result<size_t> read(uint64_t offset, std::span<std::byte> into) const override {
    if (offset >= fails_at) return Error(ErrorCode::Unavailable, "cut short");
    const size_t count = std::min<size_t>(into.size(), bytes_.size() - offset);
    std::memcpy(into.data(), bytes_.data() + offset, count);
    return count;
  }
  [[nodiscard]] const std::string& etag() const override { return etag_; }
  [[nodiscard]] WallTime modified() const override { return {}; }

  uint64_t fails_at = ~uint64_t{0};

 private:
  std::string bytes_;
  bool as_file_;
  std::string etag_;
};

// Bytes that differ from block to block whatever the block size.
inline std::string patterned(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 12345;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

inline std::shared_ptr<FakeContent> content_of(std::string bytes, bool as_file = false) {
  return std::make_shared<FakeContent>(std::move(bytes), as_file);
}

inline std::string as_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Files by name, and a record of what was asked and delivered.
class FakeFiles final : public http::FileSource {
 public:
  struct Delivery {
    std::string path;
    acl::PathProof proof;
    bool complete;
  };
  std::map<std::string, http::FileAnswer, std::less<>> answers;
  std::vector<std::string> asked;
  std::vector<Delivery> deliveries;

  void add(const std::string& path, std::string bytes) {
    http::FileAnswer& answer = answers[path];
    answer.outcome = http::FileAnswer::Outcome::Found;
    answer.content = content_of(std::move(bytes));
  }
  http::FileAnswer find(const http::FileRequest& request, Now /*now*/) override {
    std::string_view path = request.path;
    if (path.starts_with('/')) path.remove_prefix(1);
    asked.emplace_back(path);
    const auto found = answers.find(path);
    return found == answers.end() ? http::FileAnswer{} : found->second;
  }
  void delivered(const http::FileAnswer& /*answer*/, const http::FileRequest& request,
                 bool complete, Now /*now*/) override {
    deliveries.push_back({std::string(request.path), request.proof, complete});
  }
};

}  // namespace stormdoor::tftp
