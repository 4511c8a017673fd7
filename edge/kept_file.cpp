#include "edge/kept_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include "base/crypto/crypto.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kMostFileBytes = size_t{64} << 20;

}  // namespace

Result<void> write_kept_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  UniqueFd file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) return system_error("write " + fresh, errno);
  for (size_t written = 0; written < text.size();) {
    const ssize_t more = write(file.get(), text.data() + written, text.size() - written);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return system_error("write " + fresh, errno);
    written += size_t(more);
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return system_error("replace " + path, errno);
  return {};
}

std::string read_kept_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = std::clamp<std::streamoff>(file.tellg(), 0, kMostFileBytes);
  file.seekg(0);
  std::string text(size_t(size), '\0');
  file.read(text.data(), std::streamsize(text.size()));
  text.resize(size_t(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

std::string kept_text(std::string_view bytes) {
  return crypto::hex_encode(bytes);
}

std::optional<std::string> kept_bytes(std::string_view hex, size_t most) {
  if (hex.size() % 2 != 0 || hex.size() / 2 > most) return {};
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, failure] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (failure != std::errc{} || end != hex.data() + i + 2) return {};
    bytes += char(byte);
  }
  return bytes;
}

}  // namespace stormdoor::edge
