#include "tftp-http/certificate_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/unique_fd.hpp"

namespace stormdoor::http {

Result<std::string> read_pem_descriptor(int descriptor, const std::string& name) {
  constexpr size_t kMost = size_t{256} * 1024;
  std::string text(kMost + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = pread(descriptor, text.data() + size, text.size() - size, off_t(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read " + name, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kMost)
    return Error(ErrorCode::ResourceExhausted, "read " + name + ": more than 256 KiB");
  text.resize(size);
  return text;
}

Result<std::string> read_pem_file(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open " + path, errno);
  return read_pem_descriptor(fd.get(), path);
}

FileWatch::FileWatch(std::vector<std::string> paths) : paths_(std::move(paths)) {
  for (const std::string& path : paths_) stamps_.push_back(stamp_of(path));
}

bool FileWatch::changed() {
  bool any = false;
  for (size_t i = 0; i < paths_.size(); ++i) {
    const Stamp now = stamp_of(paths_[i]);
    any = any || now != stamps_[i];
    stamps_[i] = now;
  }
  return any;
}

FileWatch::Stamp FileWatch::stamp_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return {};
  constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
  return {status.st_dev, status.st_ino, static_cast<uint64_t>(status.st_size),
          status.st_ctim.tv_sec * kNanosecondsPerSecond + status.st_ctim.tv_nsec};
}

}  // namespace stormdoor::http
