#include "edge/voicemail_watcher.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "hotdesk/asterisk_conf.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::AsteriskConf;

// Nothing yet: it was written while we read.
Error still_changing() {
  return {ErrorCode::Conflict, "it is being written"};
}

}  // namespace

Result<VoicemailWatcher::Stamp> VoicemailWatcher::stamp_of(int file) const {
  struct stat facts{};
  if (fstat(file, &facts) != 0) return system_error(path_, errno);
  return Stamp{facts.st_dev, facts.st_ino, facts.st_size,
               int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

Result<VoicemailWatcher::Stamp> VoicemailWatcher::stamp() const {
  struct stat facts{};
  if (stat(path_.c_str(), &facts) != 0) return system_error("look at " + path_, errno);
  if (!S_ISREG(facts.st_mode))
    return Error(ErrorCode::InvalidArgument, path_ + " is not a regular file");
  if (facts.st_size > off_t{AsteriskConf::kMostBytes})
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("{} is larger than {}", path_, format_size(AsteriskConf::kMostBytes)));
  return Stamp{facts.st_dev, facts.st_ino, facts.st_size,
               int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

Result<hotdesk::VoicemailFile> VoicemailWatcher::read(const Stamp& expected) {
  const UniqueFd file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return system_error("open " + path_, errno);
  if (TRY(stamp_of(file.get())) != expected) return still_changing();
  std::string text(size_t(expected.size), '\0');
  for (size_t have = 0; have < text.size();) {
    const ssize_t got = pread(file.get(), text.data() + have, text.size() - have, off_t(have));
    if (got < 0) return system_error("read " + path_, errno);
    if (got == 0) return still_changing();
    have += size_t(got);
  }
  if (TRY(stamp_of(file.get())) != expected) return still_changing();
  hotdesk::VoicemailFile voicemail = hotdesk::read_voicemail_file(text);
  if (voicemail.problems.empty()) return voicemail;
  const size_t more = voicemail.problems.size() - 1;
  return Error(ErrorCode::InvalidArgument,
               fmt::format("{}: {}{}", path_, hotdesk::to_string(voicemail.problems.front()),
                           more > 0 ? fmt::format(", and {} more", more) : ""));
}

std::optional<Result<hotdesk::VoicemailFile>> VoicemailWatcher::look() {
  const auto now = stamp();
  if (!now) {
    seen_.reset();
    taken_.reset();
    if (std::exchange(trouble_, now.error().message()) == now.error().message()) return {};
    return now.error();
  }
  if (std::exchange(seen_, *now) != *now || taken_ == *now) return {};
  auto file = read(*now);
  if (!file && file.error().code() == ErrorCode::Conflict) {
    seen_.reset();
    return {};
  }
  taken_ = *now;
  trouble_ = file ? "" : file.error().message();
  return file;
}

}  // namespace stormdoor::edge
