#include "base/store/copy.hpp"

#include <cstdio>

namespace stormdoor::store {

// SQLite writes into the empty file that we made, so nobody else could ever read it.
Result<void> copy_database(Database& database, const std::string& path, IfExists if_exists) {
  const std::string partial = TRY(create_beside(path));
  Result<void> copied = database.run("VACUUM INTO ?1", {partial});
  if (copied) copied = sync_and_rename(partial, path, if_exists);
  if (!copied) std::remove(partial.c_str());
  return copied;
}

}  // namespace stormdoor::store
