#include "base/store/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/unique_fd.hpp"

namespace stormdoor::store {
namespace {

constexpr mode_t kPrivate = S_IRUSR | S_IWUSR;

std::string directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

Result<void> sync_path(const std::string& path, int flags) {
  const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.valid()) return system_error("open " + path, errno);
  if (::fsync(file.get()) != 0) return system_error("sync " + path, errno);
  return {};
}

Error already_exists(const std::string& path) {
  return {ErrorCode::AlreadyExists, fmt::format("{} exists already", path)};
}

// Some network file systems know no renaming that refuses; there a moment remains.
Result<void> rename_unless_taken(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) return already_exists(to);
  if (errno != EINVAL) return system_error("rename to " + to, errno);
  struct stat existing;
  if (::lstat(to.c_str(), &existing) == 0) return already_exists(to);
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename to " + to, errno);
  return {};
}

}  // namespace

Result<void> create_private_file(const std::string& path) {
  const UniqueFd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kPrivate));
  if (!made.valid()) {
    if (errno == EEXIST) return {};
    return system_error("create " + path, errno);
  }
  if (::fsync(made.get()) != 0) return system_error("sync " + path, errno);
  return sync_path(directory_of(path), O_RDONLY | O_DIRECTORY);
}

Result<void> make_private(const std::string& path) {
  struct stat existing;
  if (::stat(path.c_str(), &existing) != 0) return system_error(path, errno);
  if ((existing.st_mode & 07777) == kPrivate) return {};
  if (::chmod(path.c_str(), kPrivate) != 0) return system_error("set mode 0600 of " + path, errno);
  return {};
}

Result<std::string> create_beside(const std::string& path) {
  std::string name = path + ".partial-XXXXXX";
  const UniqueFd made(::mkostemp(name.data(), O_CLOEXEC));  // mode 0600
  if (!made.valid()) return system_error("create a file beside " + path, errno);
  return name;
}

Result<void> sync_and_rename(const std::string& from, const std::string& to, IfExists if_exists) {
  TRY(sync_path(from, O_RDONLY));
  if (if_exists == IfExists::Refuse)
    TRY(rename_unless_taken(from, to));
  else if (::rename(from.c_str(), to.c_str()) != 0)
    return system_error("rename to " + to, errno);
  return sync_path(directory_of(to), O_RDONLY | O_DIRECTORY);
}

}  // namespace stormdoor::store
