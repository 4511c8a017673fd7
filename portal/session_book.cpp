#include "portal/session_book.hpp"

#include <algorithm>

#include "base/crypto/crypto.hpp"

namespace stormdoor::portal {
namespace {

constexpr size_t kIdentifierBytes = 32;

std::string key_of(std::string_view identifier) {
  return crypto::hash_hex(crypto::Hash::Sha256, identifier);
}

}  // namespace

Secret SessionBook::open(const std::string& name, const std::string& password_hash, Now now) {
  make_room(name, now.steady);
  Secret identifier(crypto::random_token(kIdentifierBytes));
  sessions_.emplace(key_of(identifier.reveal()),
                    Session{.name = name,
                            .password_hash = password_hash,
                            .csrf = crypto::random_token(kIdentifierBytes),
                            .began = now.steady,
                            .used = now.steady,
                            .ends = now.wall + times_.absolute});
  return identifier;
}

const SessionBook::Session* SessionBook::use(std::string_view identifier, Now now) {
  const auto found = sessions_.find(key_of(identifier));
  if (found == sessions_.end()) return nullptr;
  if (has_ended(found->second, now.steady)) {
    sessions_.erase(found);
    return nullptr;
  }
  found->second.used = now.steady;
  return &found->second;
}

const SessionBook::Session* SessionBook::find(std::string_view identifier, Now now) const {
  const auto found = sessions_.find(key_of(identifier));
  if (found == sessions_.end() || has_ended(found->second, now.steady)) return nullptr;
  return &found->second;
}

void SessionBook::close(std::string_view identifier) {
  sessions_.erase(key_of(identifier));
}

void SessionBook::close_all_of(const std::string& name, std::string_view but_identifier) {
  const std::string stays = but_identifier.empty() ? std::string() : key_of(but_identifier);
  std::erase_if(sessions_, [&](const auto& entry) {
    return entry.second.name == name && entry.first != stays;
  });
}

void SessionBook::renew(std::string_view identifier, const std::string& password_hash) {
  const auto found = sessions_.find(key_of(identifier));
  if (found != sessions_.end()) found->second.password_hash = password_hash;
}

bool SessionBook::has_ended(const Session& session, SteadyTime now) const {
  return now - session.used >= times_.idle || now - session.began >= times_.absolute;
}

void SessionBook::make_room(const std::string& name, SteadyTime now) {
  std::erase_if(sessions_, [&](const auto& entry) { return has_ended(entry.second, now); });
  const auto of_name = [&](const auto& entry) { return entry.second.name == name; };
  const bool many = size_t(std::ranges::count_if(sessions_, of_name)) >= kMostOfOneName;
  if (!many && sessions_.size() < kMostSessions) return;
  auto oldest = sessions_.end();
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at)
    if ((!many || of_name(*at)) &&
        (oldest == sessions_.end() || at->second.used < oldest->second.used))
      oldest = at;
  if (oldest != sessions_.end()) sessions_.erase(oldest);
}

}  // namespace stormdoor::portal
