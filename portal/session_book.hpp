#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace stormdoor::portal {

struct SessionTimes {
  milliseconds idle{std::chrono::minutes(30)};    // without a request
  milliseconds absolute{std::chrono::hours(12)};  // since signing in
  bool operator==(const SessionTimes&) const = default;
};

// Who is signed in to the portal. Identifiers are 256 random bits and kept as hashes, so that
// whoever reads this process's memory cannot come in with them. In memory only: a restart signs
// everybody out. One thread.
//
// Bounds: kMostSessions, and kMostOfOneName of one name; the one that was used longest ago makes
// room.
class SessionBook {
 public:
  static constexpr size_t kMostSessions = 2'000;
  static constexpr size_t kMostOfOneName = 20;

  struct Session {
    std::string name;
    // Of the password that was right at the sign-in: when it is another, the session is over.
    std::string password_hash;
    std::string csrf;  // what a page shows to prove that it is ours
    SteadyTime began;
    SteadyTime used;
    WallTime ends;  // at the latest, for people
  };

  void replace_times(const SessionTimes& times) { times_ = times; }
  [[nodiscard]] const SessionTimes& times() const { return times_; }

  // A new session; its identifier, for the cookie.
  Secret open(const std::string& name, const std::string& password_hash, Now now);
  // The session, if it has not ended; that it was used is noted.
  const Session* use(std::string_view identifier, Now now);
  // The same without noting anything, for what goes on by itself.
  [[nodiscard]] const Session* find(std::string_view identifier, Now now) const;
  void close(std::string_view identifier);
  // All of that name, but the one.
  void close_all_of(const std::string& name, std::string_view but_identifier = {});
  // Its owner has changed the password.
  void renew(std::string_view identifier, const std::string& password_hash);

  [[nodiscard]] size_t size() const { return sessions_.size(); }

 private:
  [[nodiscard]] bool has_ended(const Session& session, SteadyTime now) const;
  void make_room(const std::string& name, SteadyTime now);

  SessionTimes times_;
  std::map<std::string, Session, std::less<>> sessions_;  // by hash of the identifier
};

}  // namespace stormdoor::portal
