#include "portal/administrators.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto/crypto.hpp"
#include "base/crypto/password_hash.hpp"
#include "base/text.hpp"

namespace stormdoor::portal {
namespace {

using hotdesk::Draft;
using hotdesk::Problems;

constexpr size_t kMostNameBytes = 64;
constexpr size_t kMostLabelBytes = 200;
constexpr size_t kTokenIdBytes = 6;
constexpr size_t kTokenSecretBytes = 32;

Problems refused(std::string_view field, ErrorCode code, std::string message) {
  Problems problems;
  problems.add(field, code, std::move(message));
  return problems;
}

Problems unknown(const std::string& name) {
  return refused("name", ErrorCode::NotFound,
                 fmt::format("there is no administrator \"{}\"", printable(name, 40)));
}

bool fits_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
         c == '@';
}

Result<void> check_name(const std::string& name) {
  // The shell would take one that begins with "-" for an option.
  if (!name.empty() && name.front() != '-' && name.size() <= kMostNameBytes &&
      std::ranges::all_of(name, fits_a_name))
    return {};
  return Error(ErrorCode::InvalidArgument,
               fmt::format("\"{}\" is no name to sign in with; expected 1 to {} of a-z, 0-9 and "
                           ". - _ @, the first no hyphen",
                           printable(name, 40), kMostNameBytes));
}

size_t count_of_role(const hotdesk::Registry& registry, Role role) {
  size_t count = 0;
  registry.for_each_administrator([&](const auto& one) { count += one->role == role ? 1 : 0; });
  return count;
}

bool is_the_last(const hotdesk::Registry& registry, const store::AdministratorRecord& one) {
  return one.role == Role::Administrator && count_of_role(registry, Role::Administrator) == 1;
}

Problems last_one_stays(const std::string& name) {
  return refused("name", ErrorCode::Conflict,
                 fmt::format("{} is the last administrator, and nobody could make another here; "
                             "add one first, or use the shell",
                             name));
}

}  // namespace

Result<void> check_password(const Secret& password, std::string_view name) {
  const std::string_view text = password.reveal();
  if (text.size() > crypto::kMostPasswordBytes)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the password is longer than {} bytes", crypto::kMostPasswordBytes));
  if (!is_valid_utf8(text))
    return Error(ErrorCode::InvalidArgument, "the password is no valid text");
  // A character of UTF-8 begins with a byte that is not a continuation.
  const auto characters =
      std::ranges::count_if(text, [](char c) { return (uint8_t(c) & 0xc0) != 0x80; });
  if (size_t(characters) < kLeastPasswordCharacters)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the password has fewer than {} characters; a few words are easy to "
                             "remember and hard to guess",
                             kLeastPasswordCharacters));
  if (equals_ignoring_case(text, name))
    return Error(ErrorCode::InvalidArgument, "the password is the name");
  return {};
}

Problems add_administrator(Draft& draft, const std::string& name, Role role,
                           std::string password_hash, WallTime now) {
  Problems problems;
  problems.check("name", check_name(name));
  if (!problems.none()) return problems;
  size_t count = 0;
  draft.registry().for_each_administrator([&](const auto&) { ++count; });
  if (draft.registry().administrator(name))
    return refused("name", ErrorCode::AlreadyExists,
                   fmt::format("there is an administrator \"{}\" already", name));
  if (count >= kMostAdministrators)
    return refused("", ErrorCode::ResourceExhausted,
                   fmt::format("there are {} administrators, as many as can be", count));
  draft.append(store::PutAdministrator{{name, role, std::move(password_hash), now}});
  return {};
}

Problems set_password(Draft& draft, const std::string& name, std::string password_hash) {
  const auto known = draft.registry().administrator(name);
  if (!known) return unknown(name);
  store::AdministratorRecord after = *known;
  after.password_hash = std::move(password_hash);
  draft.append(store::PutAdministrator{std::move(after)});
  return {};
}

Problems set_role(Draft& draft, const std::string& name, Role role, bool keep_one) {
  const auto known = draft.registry().administrator(name);
  if (!known) return unknown(name);
  if (known->role == role) return {};
  if (keep_one && is_the_last(draft.registry(), *known)) return last_one_stays(name);
  store::AdministratorRecord after = *known;
  after.role = role;
  draft.append(store::PutAdministrator{std::move(after)});
  return {};
}

Problems remove_administrator(Draft& draft, const std::string& name, bool keep_one) {
  const auto known = draft.registry().administrator(name);
  if (!known) return unknown(name);
  if (keep_one && is_the_last(draft.registry(), *known)) return last_one_stays(name);
  draft.append(store::EraseAdministrator{name});
  return {};
}

NewToken make_token() {
  NewToken made;
  made.id = crypto::random_token(kTokenIdBytes);
  made.token = Secret(made.id + "." + crypto::random_token(kTokenSecretBytes));
  return made;
}

std::string hash_of_token(const Secret& token) {
  return crypto::hash_hex(crypto::Hash::Sha256, token.reveal());
}

Problems add_token(Draft& draft, const store::ApiTokenRecord& token, WallTime now) {
  Problems problems;
  if (trim(token.label).empty() || token.label.size() > kMostLabelBytes ||
      !is_valid_utf8(token.label))
    problems.add("label", ErrorCode::InvalidArgument,
                 fmt::format("say in 1 to {} characters what the token is for", kMostLabelBytes));
  if (token.expires <= now)
    problems.add("expires", ErrorCode::InvalidArgument, "the token would have expired already");
  size_t count = 0;
  draft.registry().for_each_api_token([&](const auto&) { ++count; });
  if (count >= kMostApiTokens)
    problems.add("", ErrorCode::ResourceExhausted,
                 fmt::format("there are {} tokens, as many as can be; remove some", count));
  if (problems.none()) draft.append(store::PutApiToken{token});
  return problems;
}

Problems remove_token(Draft& draft, const std::string& id) {
  if (!draft.registry().api_token(id))
    return refused("id", ErrorCode::NotFound,
                   fmt::format("there is no token \"{}\"", printable(id, 40)));
  draft.append(store::EraseApiToken{id});
  return {};
}

std::shared_ptr<const store::ApiTokenRecord> find_token(const hotdesk::Registry& registry,
                                                        std::string_view shown, WallTime now) {
  const auto dot = shown.find('.');
  if (dot == std::string_view::npos) return nullptr;
  auto known = registry.api_token(shown.substr(0, dot));
  if (!known || known->expires <= now) return nullptr;
  const std::string hash = crypto::hash_hex(crypto::Hash::Sha256, shown);
  return crypto::equal_in_constant_time(hash, known->hash) ? known : nullptr;
}

}  // namespace stormdoor::portal
