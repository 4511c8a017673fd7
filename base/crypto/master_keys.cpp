#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::crypto {
namespace {

// The form of the key file; three lines:
//   stormdoor-keys-1
//   sealing <64 hexadecimal digits>
//   pins <64 hexadecimal digits>
constexpr std::string_view kFirstLine = "stormdoor-keys-1";
constexpr size_t kMasterKeyBytes = 32;
constexpr size_t kMostFileBytes = 4096;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<Secret> parse_key_line(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (line.size() != 1 + 2 * kMasterKeyBytes || line.front() != ' ') return std::nullopt;
  line.remove_prefix(1);
  std::string key;
  key.reserve(kMasterKeyBytes);
  for (size_t i = 0; i < line.size(); i += 2) {
    const int high = hex_value(line[i]);
    const int low = hex_value(line[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key += static_cast<char>(high << 4 | low);
  }
  return Secret(std::move(key));
}

Secret format_keys(const MasterKeys& keys) {
  std::string text;
  text.reserve(kMostFileBytes);  // no growing, which would leave copies behind
  text += kFirstLine;
  const Secret sealing(hex_encode(keys.sealing.reveal()));
  const Secret pins(hex_encode(keys.pins.reveal()));
  text.append("\nsealing ").append(sealing.reveal());
  text.append("\npins ").append(pins.reveal()).append("\n");
  return Secret(std::move(text));
}

Result<Secret> read_private_file(const UniqueFd& file, const std::string& path) {
  struct stat status;
  if (fstat(file.get(), &status) != 0) return system_error("look at " + path, errno);
  if (!S_ISREG(status.st_mode))
    return Error(ErrorCode::InvalidArgument, path + " is not a regular file");
  if ((status.st_mode & 077) != 0)
    return Error(ErrorCode::PermissionDenied,
                 path +
                     " may be read by others than its owner; its keys open every secret: "
                     "chmod 600 it, and make new keys if others had a chance to read it");
  std::string text(kMostFileBytes + 1, '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count = read(file.get(), text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read " + path, errno);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  text.resize(filled);
  return Secret(std::move(text));
}

Result<void> write_and_sync(const UniqueFd& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("write " + path, errno);
    text.remove_prefix(static_cast<size_t>(count));
  }
  if (fsync(file.get()) != 0) return system_error("sync " + path, errno);
  return {};
}

Result<void> sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const UniqueFd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return system_error("open " + folder, errno);
  if (fsync(opened.get()) != 0) return system_error("sync " + folder, errno);
  return {};
}

// Written beside it and linked into place when complete: a crash leaves a whole key file or none,
// and link() never replaces one that somebody else made meanwhile.
Result<void> write_new_file(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new-" + random_token(6);
  const UniqueFd file(
      open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return system_error("create " + draft, errno);
  auto result = write_and_sync(file, text, draft);
  if (result && link(draft.c_str(), path.c_str()) != 0)
    result = system_error("create " + path, errno);
  unlink(draft.c_str());
  if (result) result = sync_folder_of(path);
  return result;
}

Result<MasterKeys> load(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return system_error("open the key file " + path, errno);
  const Secret text = TRY_WHILE("the key file", read_private_file(file, path));
  return TRY_WHILE("the key file " + path, MasterKeys::parse(text.reveal()));
}

}  // namespace

Result<MasterKeys> MasterKeys::parse(std::string_view text) {
  const auto refuse = [] {
    // Says nothing of what was found: it may be a key with a typing mistake.
    return Error(ErrorCode::InvalidArgument,
                 "not of the form that stormdoor writes: a line stormdoor-keys-1, then sealing and "
                 "pins, each with 64 lower-case hexadecimal digits; restore it from a backup, "
                 "since new keys cannot open the secrets that are stored");
  };
  if (text.size() > kMostFileBytes) return refuse();
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto lines = split(text, '\n');
  if (lines.size() != 3 || lines[0] != kFirstLine) return refuse();
  auto sealing = parse_key_line(lines[1], "sealing");
  auto pins = parse_key_line(lines[2], "pins");
  if (!sealing || !pins) return refuse();
  return MasterKeys{*std::move(sealing), *std::move(pins)};
}

Result<MasterKeys> MasterKeys::load_or_create(const std::string& path) {
  auto loaded = load(path);
  if (loaded || loaded.error().code() != ErrorCode::NotFound) return loaded;
  MasterKeys made{Secret(random_bytes(kMasterKeyBytes)), Secret(random_bytes(kMasterKeyBytes))};
  const auto written = write_new_file(path, format_keys(made).reveal());
  // Somebody else was quicker: theirs are the keys.
  if (!written && written.error().code() == ErrorCode::AlreadyExists) return load(path);
  if (!written) return written.error().while_doing("make the key file");
  return made;
}

}  // namespace stormdoor::crypto
