#include "tftp-http/file_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace stormdoor::http {
namespace {

constexpr size_t kMostName = 255;
constexpr size_t kMostAbsent = 1024;

Error not_found() {
  return {ErrorCode::NotFound, "no such file"};
}

// Neither empty nor hidden parts; "." and ".." are hidden ones.
bool acceptable(std::string_view name) {
  if (name.empty() || name.size() > kMostName || name.find('\0') != std::string_view::npos)
    return false;
  size_t start = 0;
  while (start <= name.size()) {
    const size_t end = std::min(name.find('/', start), name.size());
    if (end == start || name[start] == '.') return false;
    start = end + 1;
  }
  return true;
}

// Errors that speak of the name. All others speak of the moment: no descriptors are left, the disk
// does not answer.
bool is_not_there(int error_number) {
  constexpr std::array kNotThere = {ENOENT, ENOTDIR, EACCES, EPERM,       ELOOP,
                                    EXDEV,  ENXIO,   ENODEV, ENAMETOOLONG};
  return std::ranges::find(kNotThere, error_number) != kNotThere.end();
}

Error open_error(const std::string& name, int error_number) {
  return is_not_there(error_number) ? not_found() : system_error(name, error_number);
}

Result<UniqueFd> open_beneath(int root, const std::string& name) {
  open_how how{};
  // O_NONBLOCK: somebody's FIFO in the tree must not hold up the loop.
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed while the kernel looked; twice more is plenty.
  for (int tries = 0; tries < 3; ++tries) {
    const long fd = ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how);
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return open_error(name, errno);
}

struct OpenFile {
  UniqueFd fd;
  struct stat status{};
};

Result<OpenFile> open_regular(int root, const std::string& name) {
  OpenFile file;
  file.fd = TRY(open_beneath(root, name));
  if (::fstat(file.fd.get(), &file.status) != 0) return open_error(name, errno);
  if (!S_ISREG(file.status.st_mode)) return not_found();
  return file;
}

WallTime to_wall(const timespec& time) {
  return WallTime(seconds(time.tv_sec) + milliseconds(time.tv_nsec / 1'000'000));
}

}  // namespace

// What tells one state of a file from another without reading it.
struct FileTree::Version {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t modified_ns = 0, changed_ns = 0;
  bool operator==(const Version&) const = default;

  static Version of(const struct stat& status) {
    const auto ns = [](const timespec& t) { return t.tv_sec * 1'000'000'000 + t.tv_nsec; };
    return {status.st_dev, status.st_ino, static_cast<uint64_t>(status.st_size), ns(status.st_mtim),
            ns(status.st_ctim)};
  }
  [[nodiscard]] std::string etag() const {
    return fmt::format("\"{:x}-{:x}-{:x}-{:x}\"", inode, size, modified_ns, changed_ns);
  }
};

struct FileTree::Entry {
  Version version;
  std::shared_ptr<const Content> content;
  SteadyTime looked_at;
};

namespace {

Result<std::string> read_all(int fd, uint64_t size) {
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read a file", errno);
    if (got == 0) return Error(ErrorCode::Unavailable, "the file is just being written");
    done += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace

FileTree::FileTree(UniqueFd root, const FileTreeSizes& sizes)
    : root_(std::move(root)),
      sizes_(sizes),
      small_(sizes.cache_bytes, 100'000),
      open_(sizes.open_files, sizes.open_files),
      absent_(kMostAbsent, kMostAbsent) {}

FileTree::~FileTree() = default;

Result<std::unique_ptr<FileTree>> FileTree::open(const std::string& root,
                                                 const FileTreeSizes& sizes) {
  UniqueFd fd;
  if (!root.empty()) {
    fd.reset(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return system_error("open " + root, errno);
  }
  return std::unique_ptr<FileTree>(new FileTree(std::move(fd), sizes));
}

Result<std::shared_ptr<const Content>> FileTree::find(std::string_view name, Now now) {
  while (name.starts_with('/')) name.remove_prefix(1);
  if (!root_.valid() || !acceptable(name)) return not_found();
  const std::string key(name);
  const Entry* entry = known(key);
  if (entry && now.steady - entry->looked_at < kTrust) return entry->content;
  const SteadyTime* missed = absent_.find(key);
  if (missed && now.steady - *missed < kTrust) return not_found();
  return look_up(key, now);
}

Result<std::shared_ptr<const Content>> FileTree::look_up(const std::string& name, Now now) {
  auto content = as_on_disk(name, now);
  if (content) return content;
  if (content.error().code() == ErrorCode::NotFound) {
    small_.erase(name);
    open_.erase(name);
    absent_.put(name, now.steady, 1);
    return content;
  }
  // Nobody can say now: what was there is still good.
  Entry* entry = known(name);
  if (!entry) return content;
  entry->looked_at = now.steady;
  return entry->content;
}

Result<std::shared_ptr<const Content>> FileTree::as_on_disk(const std::string& name, Now now) {
  OpenFile file = TRY(open_regular(root_.get(), name));
  const Version version = Version::of(file.status);
  Entry* entry = known(name);
  if (entry && entry->version == version) {
    entry->looked_at = now.steady;
    return entry->content;
  }
  const WallTime modified = to_wall(file.status.st_mtim);
  if (version.size <= sizes_.small_file) {
    auto content = make_content(TRY(read_all(file.fd.get(), version.size)), modified);
    open_.erase(name);
    small_.put(name, {version, content, now.steady}, version.size + name.size() + 256);
    return content;
  }
  auto content = make_content(std::move(file.fd), version.size, modified, version.etag());
  small_.erase(name);
  open_.put(name, {version, content, now.steady}, 1);
  return content;
}

FileTree::Entry* FileTree::known(const std::string& name) {
  Entry* entry = small_.find(name);
  return entry ? entry : open_.find(name);
}

}  // namespace stormdoor::http
