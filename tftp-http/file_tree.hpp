#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "tftp-http/content.hpp"
#include "tftp-http/content_cache.hpp"

namespace stormdoor::http {

struct FileTreeSizes {
  uint64_t cache_bytes = 64U << 20;  // small files in memory
  uint64_t small_file = 4U << 20;    // up to this size a file is kept in memory
  size_t open_files = 64;            // larger files are kept open
};

// Files as they are (firmware, ringtones) from below one folder. One per worker, on its thread.
//
// Never anything outside the folder: names are opened with openat2(RESOLVE_BENEATH), so that
// neither
// ".." nor a symbolic link, not even one changed while we look, leads out. A symbolic link that
// stays inside is followed. Served are regular files that the daemon may read; no folders, nothing
// of which a part starts with a dot, no name longer than 255 bytes. Names are case-sensitive, and
// no second spelling is looked for: phones ask for firmware as the configuration or the vendor
// spells it.
//
// A small file is read once and shared by all who fetch it; a larger one is one open descriptor for
// all, read at given offsets. Both are looked up again on disk when `kTrust` has passed since the
// last look (so 10,000 phones that boot at once cost one look-up per second), and count as the same
// while device, inode, size, mtime and ctime are the same. Replace files by renaming over them: a
// transfer under way then still gets the whole old file.
//
// Bounds: FileTreeSizes, and 1,024 names known not to exist; what was used longest ago is
// forgotten. Forgetting closes a file only after its last transfer.
class FileTree {
 public:
  static constexpr milliseconds kTrust{1000};

  // An empty root has no files. The root is opened once; what is renamed to its name later is seen
  // only after a reload.
  static Result<std::unique_ptr<FileTree>> open(const std::string& root,
                                                const FileTreeSizes& sizes);

  ~FileTree();
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  // NotFound for whatever is not served; the reason is not told to strangers. Unavailable when it
  // cannot be told now (no descriptors are left, the disk fails): what was served before still is.
  Result<std::shared_ptr<const Content>> find(std::string_view name, Now now);

 private:
  struct Version;
  struct Entry;
  FileTree(UniqueFd root, const FileTreeSizes& sizes);
  Result<std::shared_ptr<const Content>> look_up(const std::string& name, Now now);
  Result<std::shared_ptr<const Content>> as_on_disk(const std::string& name, Now now);
  Entry* known(const std::string& name);

  UniqueFd root_;
  FileTreeSizes sizes_;
  ContentCache<std::string, Entry> small_;
  ContentCache<std::string, Entry> open_;
  ContentCache<std::string, SteadyTime> absent_;
};

}  // namespace stormdoor::http
