#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "hotdesk/voicemail_file.hpp"

namespace stormdoor::edge {

// Reads a voicemail.conf whenever it has changed. Used by one thread, which it blocks as files do.
//
// A change is read at the look after the one that saw it, if the file is still the same then and
// after reading: who writes it in place is not read in the middle. What is larger than 8 MiB, not a
// regular file, or not right in a single line is an error, told once until the file changes again.
class VoicemailWatcher {
 public:
  explicit VoicemailWatcher(std::string path) : path_(std::move(path)) {}

  // What has changed since the last look; nothing: nothing, or it is not known yet.
  std::optional<Result<hotdesk::VoicemailFile>> look();
  // What was read last could not be used: it is read again.
  void forget() { taken_.reset(); }

 private:
  // Of the file as it stands.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t modified = 0;  // nanoseconds
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] Result<Stamp> stamp_of(int file) const;
  [[nodiscard]] Result<Stamp> stamp() const;
  [[nodiscard]] Result<hotdesk::VoicemailFile> read(const Stamp& expected);

  std::string path_;
  std::optional<Stamp> seen_;   // at the last look
  std::optional<Stamp> taken_;  // and read
  std::string trouble_;         // of the last look
};

}  // namespace stormdoor::edge
