#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto/crypto.hpp"
#include "base/store/database.hpp"
#include "base/store/records.hpp"

// Records to rows and back. Secrets are sealed on the way in, each bound to its table, column and
// key, so that a sealed value put into another row or column does not open.
namespace stormdoor::store {

// Longer than any password, far below what the seal takes.
inline constexpr size_t kMostSecretBytes = size_t{64} * 1024;

// Puts or erases one row, inside the caller's transaction. Erasing what is not there does nothing.
// InvalidArgument: a secret longer than kMostSecretBytes.
Result<void> apply(Database& database, const crypto::SecretBox& box, const Operation& operation);

// Every row, each kind in the order of its key. Corrupt: a row that we cannot have written, or a
// secret that does not open. `version` is not filled in.
Result<Contents> read_contents(Database& database, const crypto::SecretBox& box);

// As Store::desk_log().
Result<std::vector<DeskLogRecord>> read_desk_log(Database& database, WallTime since, WallTime until,
                                                 size_t most);

// As Store::audit().
Result<AuditPage> read_audit(Database& database, const AuditQuery& query);

// What a secret is bound to: table, column and key.
[[nodiscard]] std::string seal_context(std::string_view column, std::string_view key);
// The key of a stale secret as one text.
[[nodiscard]] std::string stale_secret_key(std::string_view mac, std::string_view account,
                                           int64_t since);

}  // namespace stormdoor::store
