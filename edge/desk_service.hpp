#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "edge/office.hpp"
#include "hotdesk/desk_session.hpp"
#include "hotdesk/login_throttle.hpp"
#include "portal/desk_api.hpp"
#include "tftp-http/desk_pages.hpp"

namespace stormdoor::edge {

// Decides who is logged in where: for the phones' pages, for the shell, and for sessions that end
// by themselves. Slows down guessing (hotdesk/login_throttle.hpp), commits, tells. What was typed
// and is wrong is not logged: people type PINs where extensions belong. Main thread only.
class DeskService {
 public:
  explicit DeskService(Office& office) : office_(office) {}

  using Answer = std::function<void(const http::DeskAnswer&)>;
  // Answers once, when it is durable, every worker serves by it, and the PBX has it or an attempt
  // to tell it has failed.
  void decide(http::DeskAsk ask, Answer answer);

  // By an administrator, without PIN. `done` gets the sentence, or why not.
  using Done = std::function<void(const Result<std::string>&)>;
  void log_in(const MacAddress& phone, const std::string& extension, Done done);
  // All of them in one change, also those who speak; `why` is for the event.
  void log_out(std::vector<MacAddress> phones, std::string why, Done done);

  // Ends the sessions whose time is over, of phones that speak afterwards; to be called now and
  // then.
  void end_sessions(const hotdesk::SessionTerms& terms, WallTime midnight);

 private:
  // Why neither a login nor a logout may change this phone: an emergency.
  [[nodiscard]] std::optional<std::string> not_now(const MacAddress& phone) const;
  // At once where nothing is handed over; else when the PBX has what is in the registry now, or an
  // attempt at it has failed (false).
  void when_the_pbx_knows(std::function<void(bool)> then);
  void decide_login(http::DeskAsk ask, Answer answer);
  void tell(const char* kind, const MacAddress& phone, const std::string& extension,
            std::string text, std::optional<IpAddress> source = {});

  Office& office_;
  hotdesk::LoginThrottle throttle_;
};

// What a PBX asks (portal/desk_api.hpp). A phone is named by the SIP account that a call comes
// from: its own, or that of whoever is logged in or whose desk phone it is; or by its MAC.
[[nodiscard]] portal::DeskApi::Parts desk_api_parts(Office& office, DeskService& desks);
[[nodiscard]] Result<MacAddress> phone_named(const hotdesk::Registry& registry,
                                             const std::string& name);

// The beginning of the local day that `now` is in.
[[nodiscard]] WallTime local_midnight(WallTime now);

}  // namespace stormdoor::edge
