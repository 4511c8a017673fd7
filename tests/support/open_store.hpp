#pragma once

#include <memory>
#include <string>

#include "base/store/sqlite_store.hpp"

namespace stormdoor::test {

// The key that the tests' databases are sealed with.
inline crypto::SecretBox test_box() {
  return crypto::SecretBox(Secret(std::string(32, 'k')));
}

inline Result<std::unique_ptr<store::SqliteStore>> open_store(
    const std::string& path, const std::string& vfs = "", const std::string& synchronous = "FULL") {
  return store::SqliteStore::open(
      {.path = path, .synchronous_for_test = synchronous, .vfs_for_test = vfs}, test_box());
}

}  // namespace stormdoor::test
