#pragma once

#include <memory>
#include <string>

#include "base/crypto/crypto.hpp"
#include "base/store/store.hpp"

namespace stormdoor::store {

struct SqliteStoreOptions {
  std::string path;  // the directory must exist; SQLite keeps `path`-wal beside it
  // PRAGMA synchronous. Anything below FULL loses acknowledged changes with the power, which is
  // what the test of the power-loss test needs.
  std::string synchronous_for_test = "FULL";
  std::string vfs_for_test = {};  // SQLite's file layer; empty: the system's
};

// The store in one SQLite file (WAL, synchronous=FULL), mode 0600. Secrets are sealed with `box`;
// everything else is in the clear, PINs as the hash they come as. Built where you like, used by one
// thread at a time (the store thread). It holds the file exclusively: a second daemon, and the
// sqlite3 shell, are refused while it is open; look at a backup instead.
//
// Losing power or being killed loses nothing that commit() answered, and leaves nothing half done.
// After a failure of the disk the store goes on: the next commit tries again. A change that was
// answered with such a failure is not in effect; only when the very sync failed and the power went
// before the next commit may it nevertheless be found at the next start.
//
// To put a backup back: stop the daemon, remove `path`-wal, copy the backup to `path`. A backup
// opens only with the key file it was made with, which it does not contain.
class SqliteStore final : public Store {
 public:
  // Makes the file when it does not exist; brings an older one to this program's schema, after a
  // copy of it has been put at `path`.before-v<n> (replacing an older copy of that name).
  // Errors, each a sentence: Unavailable (in use by another process), Corrupt (fails the integrity
  // check, no database of ours), Conflict (made by a newer program), PermissionDenied (another key
  // file).
  static Result<std::unique_ptr<SqliteStore>> open(const SqliteStoreOptions& options,
                                                   const crypto::SecretBox& box);
  ~SqliteStore() override;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  Result<Contents> load() override;
  // Refuses a change alone when its rows are wrong: Conflict for a reference to a row that does not
  // exist once the change is whole, InvalidArgument for a secret over kMostSecretBytes.
  // ResourceExhausted: the disk is full; Unavailable: any other failure of it.
  std::vector<Result<void>> commit(std::span<const Change> changes) override;
  void follow(Follower follower) override;
  Result<std::vector<DeskLogRecord>> desk_log(WallTime since, WallTime until, size_t most) override;
  Result<AuditPage> audit(const AuditQuery& query) override;
  // Takes as long as writing the file takes; made compact, without what was deleted.
  Result<void> backup(const std::string& path) override;

 private:
  struct State;
  explicit SqliteStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::store
