#include "hotdesk/desk_session.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/text.hpp"
#include "hotdesk/edits.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

Login refused_login(std::string_view field, ErrorCode code, std::string message) {
  return {refused(field, code, std::move(message)), false, {}};
}

Login wrong_pin() {
  Login login = refused_login("pin", ErrorCode::PermissionDenied,
                              "this extension and this PIN do not belong together");
  login.wrong_pin = true;
  return login;
}

// The hash is computed whether or not there is such a user, so that the time tells nothing either.
bool pin_is_right(const std::shared_ptr<const UserRecord>& user, const LoginRequest& request,
                  const Tools& tools) {
  return tools.pins.matches(user ? std::string_view(user->pin_hash) : std::string_view(),
                            request.extension, request.pin->reveal());
}

Problems check_desk(const Registry& registry, const MacAddress& mac) {
  const auto phone = registry.phone(mac);
  if (!phone) return unknown_phone(mac);
  if (phone->role != PhoneRole::HotDesk)
    return refused(
        "mac", ErrorCode::Conflict,
        fmt::format("{} is no hot-desk phone; \"stormdoor convert {} --location L\" makes it one",
                    mac.to_string(), mac.to_string()));
  return {};
}

std::optional<milliseconds> parse_time_of_day(std::string_view text) {
  const auto number = [](std::string_view digits) {
    int value = -1;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ptr == digits.data() + digits.size() ? value : -1;
  };
  if (text.size() != 5 || text[2] != ':') return {};
  const int hour = number(text.substr(0, 2));
  const int minute = number(text.substr(3));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return {};
  return std::chrono::hours(hour) + std::chrono::minutes(minute);
}

}  // namespace

Login log_in(Draft& draft, const LoginRequest& request, WallTime now, const Tools& tools) {
  const Registry& registry = draft.registry();
  if (auto problems = check_desk(registry, request.mac); !problems.none())
    return {std::move(problems), false, {}};
  const auto user = registry.user(request.extension);
  if (request.pin && !pin_is_right(user, request, tools)) return wrong_pin();
  if (!user) return {unknown_user(request.extension), false, {}};
  if (user->main_phone_type != MainPhoneType::HotDesking)
    return refused_login("extension", ErrorCode::Conflict,
                         fmt::format("{} does not use hot desking; an administrator allows it: "
                                     "stormdoor user set {} --main-phone hot-desking",
                                     phrase_for(*user), user->extension));
  if (const auto here = registry.session_at(request.mac)) {
    if (here->extension == request.extension) return {};
    return refused_login("mac", ErrorCode::Conflict,
                         "somebody else is logged in here and has to log out first");
  }
  Login login;
  if (const auto elsewhere = registry.session_of(request.extension)) {
    login.left = elsewhere->mac;
    draft.append(store::EraseDeskSession{elsewhere->mac});
  }
  draft.append(store::PutDeskSession{{request.mac, request.extension, now}});
  return login;
}

Problems log_out(Draft& draft, const MacAddress& mac) {
  if (!draft.registry().phone(mac)) return unknown_phone(mac);
  if (!draft.registry().session_at(mac))
    return refused("mac", ErrorCode::NotFound,
                   fmt::format("nobody is logged in at {}", mac.to_string()));
  draft.append(store::EraseDeskSession{mac});
  return {};
}

SessionTerms read_session_terms(const ConfigTable& desk) {
  using namespace std::chrono_literals;
  SessionTerms terms;
  terms.longest = desk.duration("log_out_after", terms.longest, 0ms, std::chrono::days(365));
  const std::string at = desk.string("log_out_at", "");
  if (at.empty()) return terms;
  terms.daily_at = parse_time_of_day(at);
  if (!terms.daily_at)
    desk.error_at("log_out_at", fmt::format("\"{}\" is no time of day; expected one like \"20:00\"",
                                            printable(at, 20)));
  return terms;
}

std::vector<MacAddress> ended_sessions(const Registry& registry, const SessionTerms& terms,
                                       WallTime now, WallTime midnight, size_t most) {
  std::vector<MacAddress> ended;
  if (terms.longest.count() == 0 && !terms.daily_at) return ended;
  registry.for_each_session([&](const auto& session) {
    const bool too_long = terms.longest.count() > 0 && now - session->since >= terms.longest;
    const bool evening = terms.daily_at && now >= midnight + *terms.daily_at &&
                         session->since < midnight + *terms.daily_at;
    if ((too_long || evening) && ended.size() < most) ended.push_back(session->mac);
  });
  return ended;
}

std::string_view to_string(DeskState state) {
  switch (state) {
    case DeskState::Idle:
      return "idle";
    case DeskState::LoggedIn:
      return "logged in";
    case DeskState::Leaving:
      return "not back";
  }
  return "idle";
}

DeskState desk_state(const Registry& registry, const MacAddress& mac) {
  if (registry.session_at(mac)) return DeskState::LoggedIn;
  return registry.lease_of(mac) ? DeskState::Leaving : DeskState::Idle;
}

}  // namespace stormdoor::hotdesk
