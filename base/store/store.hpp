#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/store/records.hpp"

namespace stormdoor::store {

// Where the registry lasts. Narrow on purpose, so that a cluster engine can stand in for SQLite.
// Calls block until the disk has answered: one thread (the store thread) makes all of them.
class Store {
 public:
  virtual ~Store() = default;

  // Everything that is committed.
  virtual Result<Contents> load() = 0;

  // Commits each change whole or not at all, in order, with one sync for all of them (group
  // commit). The answer for a change is given only after it is on stable storage. A change that
  // cannot be applied does not hold up the others; when the disk fails, all of them fail.
  virtual std::vector<Result<void>> commit(std::span<const Change> changes) = 0;

  // `follower` is called, on the committing thread and after the sync, with every change that
  // became durable and the version it made. One follower; set before the first commit.
  using Follower = std::function<void(const Change&, uint64_t version)>;
  virtual void follow(Follower follower) = 0;

  // What held at `since`, one row per phone, and every row after it up to `until`; oldest first, at
  // most `most`. The moment itself for both: who sat where then.
  virtual Result<std::vector<DeskLogRecord>> desk_log(WallTime since, WallTime until,
                                                      size_t most) = 0;

  // Rows of the audit log. Reads the whole of it when something is searched for.
  virtual Result<AuditPage> audit(const AuditQuery& query) = 0;

  // A consistent copy while we keep working. Refuses to overwrite an existing file; the file is
  // complete and synced, with mode 0600, or absent.
  virtual Result<void> backup(const std::string& path) = 0;
};

}  // namespace stormdoor::store
