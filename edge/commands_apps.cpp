// What the shell can ask about the apps of hot-desk phones.

#include <fmt/format.h>

#include "edge/app_pusher.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

Result<void> list_apps(const AppPusher& apps, Arguments& arguments, const Responder& responder) {
  TRY(arguments.finish());
  json rows = json::array();
  for (const auto& row : apps.rows())
    rows.push_back({{"phone", row.phone.to_string()},
                    {"model", row.model},
                    {"location", row.location},
                    {"address", row.address ? row.address->to_string() : ""},
                    {"version", row.wanted},
                    {"installed", row.installed},
                    {"state", row.state}});
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

Result<std::vector<MacAddress>> phones_named(const std::vector<std::string>& texts) {
  std::vector<MacAddress> phones;
  for (const auto& text : texts) phones.push_back(TRY(MacAddress::parse(text)));
  return phones;
}

// All that can be sent to, or the reason if it is none.
Result<void> push(Office& office, AppPusher& apps, Arguments& arguments,
                  const Responder& responder) {
  auto phones =
      TRY(phones_named(arguments.maybe_texts("macs").value_or(std::vector<std::string>{})));
  const bool all = arguments.flag("all");
  TRY(arguments.finish());
  if (all == !phones.empty()) return Error(ErrorCode::InvalidArgument, "name phones, or --all");
  if (all)
    for (const auto& row : apps.rows()) phones.push_back(row.phone);
  size_t sent = 0;
  std::string refused;
  for (const MacAddress& mac : phones) {
    const auto done = apps.push(mac);
    if (done)
      ++sent;
    else if (refused.empty())
      refused = done.error().message();
  }
  if (sent == 0 && !phones.empty()) return Error(ErrorCode::Unavailable, refused);
  note_deed(office, responder, "desk.app.push", fmt::format("{} phones", sent));
  std::string sentence =
      fmt::format("{} of {} phones will be sent their app.", sent, phones.size());
  if (!refused.empty()) sentence += fmt::format(" {}.", refused);
  answer_with(office, responder, sentence)({});
  return {};
}

// Whoever is to work at the phone's own menus needs it. Who asked is audited.
Result<void> show_password(Office& office, AppPusher& apps, Arguments& arguments,
                           const Responder& responder) {
  const MacAddress mac = arguments.mac("mac");
  TRY(arguments.finish());
  const Secret password = TRY(apps.password_of(mac));
  note_deed(office, responder, "desk.app.password", "phone " + mac.to_string());
  responder.respond(ControlResponse::done(
      "", {{"phone", mac.to_string()}, {"password", std::string(password.reveal())}}));
  return {};
}

}  // namespace

void add_app_commands(CommandTable& table, Office& office, AppPusher& apps) {
  table.add("desk.app", [&apps](Arguments& arguments, const Responder& responder) {
    return list_apps(apps, arguments, responder);
  });
  table.add("desk.app.push", [&office, &apps](Arguments& arguments, const Responder& responder) {
    return push(office, apps, arguments, responder);
  });
  table.add("desk.app.password",
            [&office, &apps](Arguments& arguments, const Responder& responder) {
              return show_password(office, apps, arguments, responder);
            });
}

}  // namespace stormdoor::edge
