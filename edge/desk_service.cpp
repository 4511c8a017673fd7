#include "edge/desk_service.hpp"

#include <fmt/format.h>

#include <ctime>

#include "base/keyed_hash.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/pbx_handover.hpp"
#include "hotdesk/desk_session.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::edge {
namespace {

// More than can speak at once: those that do must not keep the others from leaving.
constexpr size_t kMostEndedAtOnce = 4096;

std::string wait_text(milliseconds wait) {
  const auto whole = std::chrono::ceil<seconds>(wait).count();
  return whole == 1 ? "a second" : fmt::format("{} seconds", whole);
}

std::string name_of(const hotdesk::Registry& registry, const std::string& extension) {
  const auto user = registry.user(extension);
  return user ? hotdesk::phrase_for(*user) : extension;
}

std::string place_of(const hotdesk::Registry& registry, const MacAddress& mac) {
  const auto phone = registry.phone(mac);
  const auto location = phone ? registry.location(phone->location) : nullptr;
  return location ? fmt::format("{} ({})", mac.to_string(), location->name) : mac.to_string();
}

}  // namespace

void DeskService::tell(const char* kind, const MacAddress& phone, const std::string& extension,
                       std::string text, std::optional<IpAddress> source) {
  log_info(kind, {{"phone", phone.to_string()}, {"extension", extension}});
  office_.events().add({.time = office_.now().wall,
                        .kind = kind,
                        .text = std::move(text),
                        .source = source,
                        .phone = phone,
                        .extension = extension});
}

void DeskService::decide(http::DeskAsk ask, Answer answer) {
  if (ask.what == http::DeskAsk::What::LogIn)
    return decide_login(std::move(ask), std::move(answer));
  const auto session = office_.registry()->session_at(ask.phone);
  if (!session) return answer({true, "Nobody is logged in here."});
  // Else whoever hangs up may leave.
  if (const auto why = not_now(ask.phone))
    return answer({false, *why + ". Whoever logs in at another phone is logged in there at once."});
  log_out({ask.phone}, "at the phone", [this, answer](const Result<std::string>& done) {
    if (done)
      return when_the_pbx_knows(
          [answer](bool) { answer({true, "You are logged out. This phone restarts now."}); });
    answer({false, done.error().message() + "."});
  });
}

// An emergency service that calls back must find the caller where the call came from, by the
// account that it came from, and every login and logout there takes that from the phone (promise
// 9).
std::optional<std::string> DeskService::not_now(const MacAddress& phone) const {
  const auto hold = office_.hold_of(phone);
  if (!hold || !hold->is_emergency()) return {};
  return fmt::format("This phone {}; nobody is logged in or out there meanwhile", describe(*hold));
}

// The PIN is judged here and counted at once, so that no two guesses are judged side by side; and
// once more where the change is planned, since it may have been changed in between.
void DeskService::decide_login(http::DeskAsk ask, Answer answer) {
  if (const auto why = not_now(ask.phone))
    return answer({false, *why + ". Log in at another phone."});
  const Now now = office_.now();
  if (const auto wait = throttle_.wait(ask.phone, ask.extension, now.steady))
    return answer({false, fmt::format("Too many wrong PINs. Try again in {}. Whoever forgot the "
                                      "voicemail PIN has it reset by an administrator.",
                                      wait_text(*wait))});
  const auto user = office_.registry()->user(ask.extension);
  const bool right =
      office_.tools().pins.matches(user ? std::string_view(user->pin_hash) : std::string_view(),
                                   ask.extension, ask.pin.reveal());
  if (!right) {
    const uint64_t tried = keyed_hash(HashKey::of_this_process(),
                                      fmt::format("{} {}", ask.extension, ask.pin.reveal()));
    if (throttle_.failed(ask.phone, ask.extension, tried, now.steady))
      tell("wrong-pin", ask.phone, user ? ask.extension : std::string(),
           fmt::format("a wrong PIN{} at {}", user ? " for " + ask.extension : "",
                       place_of(*office_.registry(), ask.phone)),
           ask.source);
    return answer({false, "This extension and this PIN do not belong together."});
  }
  const auto left = std::make_shared<std::optional<MacAddress>>();
  auto request = std::make_shared<hotdesk::LoginRequest>();
  request->mac = ask.phone;
  request->extension = ask.extension;
  request->pin = std::move(ask.pin);
  office_.change(
      [this, request, left,
       time = now.wall](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        auto login = hotdesk::log_in(draft, *request, time, office_.tools());
        if (!login.problems.none()) return Error(login.problems.error());
        *left = login.left;
        return std::move(draft).take();
      },
      [this, request, left, answer, source = ask.source](const Result<void>& done) {
        if (!done) return answer({false, fmt::format("{}.", done.error().message())});
        throttle_.succeeded(request->mac, request->extension);
        const auto& registry = *office_.registry();
        const std::string who = name_of(registry, request->extension);
        tell("desk-login", request->mac, request->extension,
             fmt::format("{} logged in at {}", who, place_of(registry, request->mac)), source);
        if (*left)
          tell("desk-logout", **left, request->extension,
               fmt::format("{} was logged out at {} by logging in elsewhere", who,
                           place_of(registry, **left)));
        when_the_pbx_knows([answer, who](bool knows) {
          answer({true, fmt::format("Welcome, {}. This phone restarts now.{}", who,
                                    knows ? ""
                                          : " The telephone system does not know yet: it "
                                            "may take a while until calls come here.")});
        });
      });
}

void DeskService::when_the_pbx_knows(std::function<void(bool)> then) {
  auto* const handover = office_.handover();
  if (!handover) return then(true);
  handover->when_in_effect(
      office_.registry()->version(),
      [then = std::move(then)](const Result<void>& done) { then(done.has_value()); });
}

void DeskService::log_in(const MacAddress& phone, const std::string& extension, Done done) {
  if (auto why = not_now(phone)) return done(Error(ErrorCode::Conflict, std::move(*why)));
  const auto left = std::make_shared<std::optional<MacAddress>>();
  office_.change(
      [this, phone, extension, left,
       time = office_.now().wall](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        auto login = hotdesk::log_in(draft, {phone, extension, {}}, time, office_.tools());
        if (!login.problems.none()) return Error(login.problems.error());
        *left = login.left;
        return std::move(draft).take();
      },
      [this, phone, extension, left, done](const Result<void>& committed) {
        if (!committed) return done(committed.error());
        const auto& registry = *office_.registry();
        std::string text = fmt::format("{} is logged in at {}", name_of(registry, extension),
                                       place_of(registry, phone));
        if (*left) text += fmt::format(" and no longer at {}", place_of(registry, **left));
        tell("desk-login", phone, extension, text);
        done(text + ".");
      });
}

void DeskService::log_out(std::vector<MacAddress> phones, std::string why, Done done) {
  const auto left = std::make_shared<std::vector<std::pair<MacAddress, std::string>>>();
  office_.change(
      [phones, left](const hotdesk::Registry& registry) -> Result<store::Change> {
        left->clear();
        hotdesk::Draft draft(registry);
        for (const auto& phone : phones) {
          const auto session = draft.registry().session_at(phone);
          if (!session) continue;
          left->emplace_back(phone, session->extension);
          (void)hotdesk::log_out(draft, phone);
        }
        return std::move(draft).take();
      },
      [this, left, why = std::move(why), done](const Result<void>& committed) {
        if (!committed) return done(committed.error());
        const auto& registry = *office_.registry();
        for (const auto& [phone, extension] : *left)
          tell("desk-logout", phone, extension,
               fmt::format("{} was logged out at {} {}", name_of(registry, extension),
                           place_of(registry, phone), why));
        done(left->size() == 1
                 ? fmt::format("{} is logged out at {}.", name_of(registry, left->front().second),
                               place_of(registry, left->front().first))
                 : fmt::format("{} users are logged out.", left->size()));
      });
}

void DeskService::end_sessions(const hotdesk::SessionTerms& terms, WallTime midnight) {
  auto ended = hotdesk::ended_sessions(*office_.registry(), terms, office_.now().wall, midnight,
                                       kMostEndedAtOnce);
  std::erase_if(ended, [this](const MacAddress& phone) { return office_.hold_of(phone); });
  if (ended.empty()) return;
  log_out(std::move(ended), "because its time was over", [](const Result<std::string>& done) {
    if (!done) log_error("sessions-not-ended", {{"why", done.error()}});
  });
}

Result<MacAddress> phone_named(const hotdesk::Registry& registry, const std::string& name) {
  if (const auto phone = registry.phone_with_device_account(name)) return phone->mac;
  if (const auto session = registry.session_of(name)) return session->mac;
  if (const auto assignments = registry.assignments_of(name); !assignments.empty())
    return assignments.front()->mac;
  if (const auto mac = MacAddress::parse(name); mac && registry.phone(*mac)) return *mac;
  return Error(ErrorCode::NotFound,
               fmt::format("\"{}\" is no phone of ours: neither an account of one nor its MAC",
                           printable(name, 40)));
}

portal::DeskApi::Parts desk_api_parts(Office& office, DeskService& desks) {
  using Answered = portal::DeskApi::Answered;
  const auto decide = [&office, &desks](const std::string& phone, http::DeskAsk ask,
                                        Answered answered) {
    const auto mac = phone_named(*office.registry(), phone);
    if (!mac) return answered(mac.error());
    ask.phone = *mac;
    desks.decide(std::move(ask), [answered = std::move(answered)](const http::DeskAnswer& answer) {
      answered(portal::DeskApi::Answer{answer.done, answer.sentence});
    });
  };
  return {.log_in =
              [decide](const std::string& phone, const std::string& extension, Secret pin,
                       const IpAddress& source, Answered answered) {
                http::DeskAsk ask;
                ask.extension = extension;
                ask.pin = std::move(pin);
                ask.source = source;
                decide(phone, std::move(ask), std::move(answered));
              },
          .log_out =
              [decide](const std::string& phone, const IpAddress& source, Answered answered) {
                http::DeskAsk ask;
                ask.what = http::DeskAsk::What::LogOut;
                ask.source = source;
                decide(phone, std::move(ask), std::move(answered));
              },
          .emergency = [&office](const std::string& of) -> Result<nlohmann::json> {
            std::string what = of;
            if (const auto mac = phone_named(*office.registry(), of)) what = mac->to_string();
            return emergency_rows(office, what);
          }};
}

WallTime local_midnight(WallTime now) {
  const time_t moment = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(now));
  tm local{};
  if (!localtime_r(&moment, &local)) return std::chrono::floor<std::chrono::days>(now);
  local.tm_hour = local.tm_min = local.tm_sec = 0;
  local.tm_isdst = -1;
  return WallTime(seconds(mktime(&local)));
}

}  // namespace stormdoor::edge
