#include "edge/restarter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "edge/hook_command.hpp"
#include "hotdesk/phone_view.hpp"

namespace stormdoor::edge {
namespace {

using Reprovision = http::PhoneProfile::Reprovision;

const Reprovision* reprovision_of(const http::ProfileSet& profiles,
                                  const store::PhoneRecord& phone) {
  const auto* profile = profiles.find(phone.vendor);
  return profile == nullptr ? nullptr : &profile->reprovision;
}

// While a phone speaks.
constexpr seconds kLookAgain{2};

std::string what_is_wrong(const std::optional<SipAnswer>& answer, PhoneWay::Kind kind) {
  const bool pbx = kind == PhoneWay::Kind::Pbx;
  if (!answer) return pbx ? "the PBX does not answer" : "it does not answer";
  if (pbx && (answer->status == 401 || answer->status == 407))
    return "the PBX wants credentials for a NOTIFY; it must trust our address";
  return fmt::format("{} answered {} {}", pbx ? "the PBX" : "it", answer->status, answer->reason);
}

}  // namespace

SipNotify notify_for(const Reprovision& reprovision, RestartHow how) {
  const bool reboot =
      how == RestartHow::Reboot ? !reprovision.reboot_event.empty() : reprovision.event.empty();
  SipNotify notify;
  notify.event = reboot ? reprovision.reboot_event : reprovision.event;
  notify.content_type = reprovision.content_type;
  notify.body = reboot ? reprovision.reboot_body : reprovision.body;
  return notify;
}

Restarter::Restarter(World world, const RestartConfig& config, const PbxConfig& pbx)
    : world_(std::move(world)),
      config_(config),
      terms_{.notify = config.notify,
             .through = pbx.notify_through,
             .domain = pbx.notify_domain,
             .command = !config.command.empty()},
      restarts_(kMostPhones, config.retries, config.again_after),
      notifier_(world_.loop) {}

void Restarter::tell(std::span<const MacAddress> phones, RestartHow how, bool excused) {
  for (const auto& mac : phones) restarts_.begin(mac, how, excused, world_.loop.now().wall);
  tell_due();
}

void Restarter::resume(std::span<const MacAddress> phones) {
  for (const auto& mac : phones) restarts_.resume(mac, world_.loop.now().wall);
}

void Restarter::tick() {
  tell_due();
}

// One list of registrations for all of them: after a mass conversion these are many.
void Restarter::tell_due() {
  const auto due = restarts_.take_due(world_.loop.now().wall);
  if (!due.empty()) {
    const auto registrations = world_.guard.registrations(world_.loop.now());
    for (const auto& mac : due) {
      if (const auto hold = world_.hold(mac)) {
        restarts_.note_waits(mac, "it " + describe(*hold), world_.loop.now().wall + kLookAgain);
        continue;
      }
      const PhoneRestart& restart = *restarts_.of(mac);
      // What did not help the first time may need a reboot.
      const RestartHow how = restart.attempts > 1 ? RestartHow::Reboot : restart.how;
      auto found = reach(whereabouts_of(mac, how), registrations, terms_);
      if (found.ways.empty())
        restarts_.note_trouble(mac, std::move(found.why_none), true);
      else
        try_next(mac, how, {found.ways.begin(), found.ways.end()}, {});
    }
  }
  tell_people();
}

PhoneWhereabouts Restarter::whereabouts_of(const MacAddress& mac, RestartHow how) const {
  const auto registry = world_.registry();
  const auto view = hotdesk::view_of(*registry, mac);
  PhoneWhereabouts phone{.mac = mac};
  const auto add = [&](std::string_view account) {
    if (!account.empty() && std::ranges::find(phone.accounts, account) == phone.accounts.end())
      phone.accounts.emplace_back(account);
  };
  // Until it is back it is registered as what it was.
  if (const auto lease = registry->lease_of(mac))
    for (const auto& account : lease->accounts) add(account);
  for (const auto& user : view.users) add(user->extension);
  add(view.account());
  if (view.phone) {
    const auto profiles = world_.profiles();
    if (const auto* reprovision = reprovision_of(*profiles, *view.phone)) {
      phone.has_event = !notify_for(*reprovision, how).event.empty();
      phone.listens = reprovision->listens;
    }
  }
  if (const auto* sighting = world_.activity.of(mac)) phone.last_contact = sighting->source;
  return phone;
}

// The first of these ways that can be tried; what became of it is heard later.
void Restarter::try_next(const MacAddress& mac, RestartHow how, Ways ways, std::string trouble) {
  for (; !ways.empty(); ways.pop_front()) {
    if (ways.front().kind == PhoneWay::Kind::Command) {
      commands_.push_back({mac, ways.front()});
      if (commands_.size() == 1) run_next_command();
      return;
    }
    const auto sent = notify(mac, how, ways);
    if (sent) return;
    trouble = sent.error().message();
  }
  restarts_.note_trouble(mac, std::move(trouble), false);
}

Result<void> Restarter::notify(const MacAddress& mac, RestartHow how, const Ways& ways) {
  const PhoneWay& way = ways.front();
  const auto registry = world_.registry();
  const auto profiles = world_.profiles();
  const auto phone = registry->phone(mac);
  const Reprovision* reprovision = phone ? reprovision_of(*profiles, *phone) : nullptr;
  if (reprovision == nullptr) return Error(ErrorCode::NotFound, "it is no longer registered here");
  SipNotify message = notify_for(*reprovision, how);
  message.user = way.account;
  message.host = way.host;
  return notifier_.send(message, way.to,
                        [this, mac, how, ways](const std::optional<SipAnswer>& answer) {
                          on_answer(mac, how, ways, answer);
                        });
}

void Restarter::on_answer(const MacAddress& mac, RestartHow how, Ways ways,
                          const std::optional<SipAnswer>& answer) {
  const PhoneWay way = ways.front();
  if (answer && answer->status < 300) return note_told(mac, way);
  ways.pop_front();
  try_next(mac, how, std::move(ways), what_is_wrong(answer, way.kind));
}

void Restarter::run_next_command() {
  const Command& next = commands_.front();
  const std::map<std::string, std::string> values{
      {"mac", next.mac.to_string()},
      {"account", next.way.account},
      {"address", next.way.address ? next.way.address->to_string() : ""}};
  const auto run = [this, alive = std::weak_ptr<bool>(alive_), most = config_.command_timeout,
                    words = filled_in(config_.command, values), &loop = world_.loop] {
    const auto done = run_command(words, most);
    loop.post([this, alive, done] {
      if (alive.expired()) return;
      const Command command = std::move(commands_.front());
      commands_.pop_front();
      if (done)
        note_told(command.mac, command.way);
      else
        restarts_.note_trouble(command.mac, done.error().message(), false);
      if (!commands_.empty()) run_next_command();
    });
  };
  // One at a time, so there is always room.
  STORMDOOR_CHECK(hooks_.run(run), "the thread for commands has one of them at a time");
}

void Restarter::note_told(const MacAddress& mac, const PhoneWay& way) {
  const WallTime now = world_.loop.now().wall;
  restarts_.note_told(mac, way.to_string(), now);
  log_info("phone-told", {{"phone", mac.to_string()}, {"how", way.to_string()}});
  world_.events.add({.time = now,
                     .kind = "told",
                     .text = fmt::format("{} was told to fetch its configuration, {}",
                                         mac.to_string(), way.to_string()),
                     .source = way.address,
                     .phone = mac,
                     .extension = way.account});
}

void Restarter::tell_people() {
  const WallTime now = world_.loop.now().wall;
  for (const auto& mac : restarts_.take_by_hand()) {
    const auto* restart = restarts_.of(mac);
    if (restart == nullptr) continue;
    const std::string state = describe(*restart, now);
    log_warning("restart-by-hand", {{"phone", mac.to_string()}, {"why", state}});
    world_.events.add({.time = now,
                       .kind = "restart-by-hand",
                       .text = fmt::format("{}: {}", mac.to_string(), state),
                       .source = {},
                       .phone = mac,
                       .extension = {}});
  }
}

}  // namespace stormdoor::edge
