#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/config_reader.hpp"
#include "base/mac_address.hpp"
#include "base/secret.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/problems.hpp"
#include "hotdesk/registry.hpp"

// Sitting down and getting up: who is logged in at which hot-desk phone (promise 8). Use cases like
// those of hotdesk/directory.hpp. What a phone loses by it opens its lease, and with a PBX that
// learns from us the user's SIP secret changes: hotdesk/credential_change.hpp sees to both.
namespace stormdoor::hotdesk {

struct LoginRequest {
  MacAddress mac;
  std::string extension;
  std::optional<Secret> pin;  // none: an administrator logs somebody in
};

struct Login {
  Problems problems;
  bool wrong_pin = false;          // or no such extension, or one without a PIN: the same sentence
  std::optional<MacAddress> left;  // where the user was until now
};

// Logs the user in at this phone and out wherever else, in one change. A phone at which somebody
// else is logged in is refused: that person logs out first. Logging in where one is already changes
// nothing. Whether the extension exists, has a PIN, and whether that is right cannot be told apart
// by the answer; what is wrong besides is said only to whoever knew the PIN.
Login log_in(Draft& draft, const LoginRequest& request, WallTime now, const Tools& tools);

// NotFound when nobody is logged in there.
Problems log_out(Draft& draft, const MacAddress& mac);

// [desk]: when sessions end by themselves. Neither is set by default: logged in until logout.
struct SessionTerms {
  milliseconds longest{0};                    // after so long; 0: never
  std::optional<milliseconds> daily_at = {};  // since midnight, local time
  bool operator==(const SessionTerms&) const = default;
};

// Reads [desk].log_out_after and .log_out_at ("20:00").
[[nodiscard]] SessionTerms read_session_terms(const ConfigTable& desk);

// The phones whose sessions are over at `now`; at most `most` of them. `midnight` is the beginning
// of the local day that `now` is in.
[[nodiscard]] std::vector<MacAddress> ended_sessions(const Registry& registry,
                                                     const SessionTerms& terms, WallTime now,
                                                     WallTime midnight, size_t most);

// Whether a phone is free for the next person.
enum class DeskState : uint8_t {
  Idle,      // and its phone has fetched the idle configuration
  LoggedIn,  // somebody sits there
  Leaving,   // nobody is logged in, but the phone has not shown yet that it knows
};
[[nodiscard]] std::string_view to_string(DeskState state);  // "idle", "logged in", "not back"
[[nodiscard]] DeskState desk_state(const Registry& registry, const MacAddress& mac);

}  // namespace stormdoor::hotdesk
