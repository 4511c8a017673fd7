#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "hotdesk/draft.hpp"
#include "portal/role.hpp"

// Who may use the portal and the API: people with a password, programs with a token. Use cases as
// in hotdesk/directory.hpp: each appends to a draft, or names what is wrong. Pure.
namespace stormdoor::portal {

inline constexpr size_t kMostAdministrators = 1'000;
inline constexpr size_t kMostApiTokens = 1'000;
inline constexpr size_t kLeastPasswordCharacters = 10;

// What a password must be; InvalidArgument says what it lacks. It is in no message.
Result<void> check_password(const Secret& password, std::string_view name);

hotdesk::Problems add_administrator(hotdesk::Draft& draft, const std::string& name, Role role,
                                    std::string password_hash, WallTime now);
hotdesk::Problems set_password(hotdesk::Draft& draft, const std::string& name,
                               std::string password_hash);
// With `keep_one` the last one of role administrator stays: nobody could sign in to make another.
hotdesk::Problems set_role(hotdesk::Draft& draft, const std::string& name, Role role,
                           bool keep_one);
hotdesk::Problems remove_administrator(hotdesk::Draft& draft, const std::string& name,
                                       bool keep_one);

// What a program shows: "ID.SECRET". Only its hash is kept, so it is shown once.
struct NewToken {
  std::string id;
  Secret token;
};
[[nodiscard]] NewToken make_token();
[[nodiscard]] std::string hash_of_token(const Secret& token);
hotdesk::Problems add_token(hotdesk::Draft& draft, const store::ApiTokenRecord& token,
                            WallTime now);
hotdesk::Problems remove_token(hotdesk::Draft& draft, const std::string& id);

// The token that a program showed, if there is such a one and it has not expired.
[[nodiscard]] std::shared_ptr<const store::ApiTokenRecord> find_token(
    const hotdesk::Registry& registry, std::string_view shown, WallTime now);

}  // namespace stormdoor::portal
