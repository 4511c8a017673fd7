// What the shell can ask about hot desks: who sits where, logging in and out, the pages' address,
// and the log of who sat where.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/desk_service.hpp"
#include "edge/office.hpp"
#include "edge/qr_code.hpp"
#include "edge/since.hpp"
#include "hotdesk/desk_session.hpp"
#include "hotdesk/phone_view.hpp"
#include "tftp-http/desk_address.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr size_t kMostLogRows = 100'000;

json desk_row(const Office& office, const hotdesk::PhoneRecord& phone) {
  const auto& registry = *office.registry();
  const auto view = hotdesk::view_of(registry, phone.mac);
  const auto state = hotdesk::desk_state(registry, phone.mac);
  json row = {{"phone", phone.mac.to_string()},
              {"model", phone.model},
              {"location", phone.location},
              {"label", view.location ? view.location->label : ""},
              {"state", hotdesk::to_string(state)},
              {"extension", ""},
              {"user", ""},
              {"since", ""},
              {"call", ""}};
  if (view.session) {
    row["extension"] = view.session->extension;
    row["user"] = view.users.front()->name;
    row["since"] = format_time(view.session->since);
  } else if (const auto lease = registry.lease_of(phone.mac)) {
    row["since"] = format_time(lease->opened);
  }
  if (const auto hold = office.hold_of(phone.mac)) row["call"] = describe(*hold);
  return row;
}

Result<void> list_desks(const Office& office, Arguments& arguments, const Responder& responder) {
  const auto location = arguments.maybe_text("location");
  const std::string needle = ascii_lower(arguments.maybe_text("search").value_or(""));
  TRY(arguments.finish());
  if (location && !office.registry()->location(*location))
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no location \"{}\"", printable(*location, 40)));
  json rows = json::array();
  office.registry()->for_each_phone([&](const auto& phone) {
    if (phone->role != store::PhoneRole::HotDesk) return;
    if (location && phone->location != *location) return;
    json row = desk_row(office, *phone);
    if (mentions(needle, {row["phone"].get_ref<const std::string&>(), phone->mac.lower_hex(),
                          phone->location, row["label"].get_ref<const std::string&>(),
                          row["extension"].get_ref<const std::string&>(),
                          row["user"].get_ref<const std::string&>(), phone->model}))
      rows.push_back(std::move(row));
  });
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

// The sentence, or why not, with who did it.
DeskService::Done answer_to(Office& office, const Responder& responder, std::string besides = {}) {
  return [&office, responder, besides = std::move(besides)](const Result<std::string>& done) {
    if (!done) return responder.respond(ControlResponse::refused(done.error()));
    answer_with(office, responder, *done + besides)({});
  };
}

// Takes out those that speak: nobody is logged out in the middle of a call (promise 9). With
// `even_in_call` only those that an emergency holds. What is to be said of them, one each.
std::vector<std::string> take_out_speaking(const Office& office, std::vector<MacAddress>& phones,
                                           bool even_in_call) {
  std::vector<std::string> speaking;
  std::erase_if(phones, [&](const MacAddress& mac) {
    const auto hold = office.hold_of(mac);
    if (!hold || (even_in_call && !hold->is_emergency())) return false;
    speaking.push_back(fmt::format("{} {}", mac.to_string(), describe(*hold)));
    return true;
  });
  return speaking;
}

std::string all_of(const std::vector<std::string>& speaking) {
  constexpr size_t kMostNamed = 10;
  std::string text;
  for (size_t i = 0; i < std::min(speaking.size(), kMostNamed); ++i)
    text += (i == 0 ? "" : "; ") + speaking[i];
  if (speaking.size() > kMostNamed)
    text += fmt::format("; and {} more", speaking.size() - kMostNamed);
  return text;
}

// Whom "logout" means: a phone, or where a user sits.
Result<MacAddress> desk_of(const hotdesk::Registry& registry, const std::string& what) {
  if (registry.user(what)) {
    if (const auto session = registry.session_of(what)) return session->mac;
    return Error(ErrorCode::NotFound, fmt::format("{} is logged in nowhere", what));
  }
  const auto mac = MacAddress::parse(what);
  if (!mac)
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("\"{}\" is neither a phone nor a user's extension", printable(what, 40)));
  if (!registry.phone(*mac))
    return Error(ErrorCode::NotFound, fmt::format("there is no phone {}", mac->to_string()));
  if (!registry.session_at(*mac))
    return Error(ErrorCode::NotFound, fmt::format("nobody is logged in at {}", mac->to_string()));
  return *mac;
}

Result<void> log_out(Office& office, DeskService& desks, Arguments& arguments,
                     const Responder& responder) {
  const auto what = arguments.maybe_text("what");
  const auto location = arguments.maybe_text("location");
  const bool all = arguments.flag("all");
  const bool even_in_call = arguments.flag("even_in_call");
  TRY(arguments.finish());
  if (int(what.has_value()) + int(location.has_value()) + int(all) != 1)
    return Error(ErrorCode::InvalidArgument,
                 "name one: a phone, an extension, --location L, or --all");
  const auto& registry = *office.registry();
  std::vector<MacAddress> phones;
  if (what) {
    phones.push_back(TRY(desk_of(registry, *what)));
  } else {
    if (location && !registry.location(*location))
      return Error(ErrorCode::NotFound,
                   fmt::format("there is no location \"{}\"", printable(*location, 40)));
    registry.for_each_session([&](const auto& session) {
      const auto phone = registry.phone(session->mac);
      if (all || (phone && phone->location == *location)) phones.push_back(session->mac);
    });
  }
  const auto speaking = take_out_speaking(office, phones, even_in_call);
  if (phones.empty() && !speaking.empty())
    return Error(ErrorCode::Conflict,
                 fmt::format("{}; try again later{}", all_of(speaking),
                             even_in_call ? ": emergency calls are never cut off"
                                          : ", or with --even-in-call"));
  desks.log_out(std::move(phones), "by an administrator",
                answer_to(office, responder,
                          speaking.empty() ? "" : fmt::format(" Not so: {}.", all_of(speaking))));
  return {};
}

Result<void> misplaced(Office& office, Arguments& arguments, const Responder& responder) {
  const auto acknowledged = arguments.maybe_text("acknowledge");
  TRY(arguments.finish());
  if (acknowledged) {
    const MacAddress mac = TRY(MacAddress::parse(*acknowledged));
    if (!office.misplaced().acknowledge(mac))
      return Error(ErrorCode::NotFound,
                   fmt::format("{} is not seen out of its place", mac.to_string()));
    note_deed(office, responder, "desk.misplaced", "phone " + mac.to_string());
    answer_with(office, responder,
                fmt::format("{} is known to be out of its place.", mac.to_string()))({});
    return {};
  }
  json rows = json::array();
  for (const auto& entry : office.misplaced().list())
    rows.push_back({{"phone", entry.phone.to_string()},
                    {"location", entry.location},
                    {"address", entry.address.to_string()},
                    {"since", format_time(entry.since)}});
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

Result<void> link(const Office& office, Arguments& arguments, const Responder& responder) {
  const MacAddress mac = arguments.mac("mac");
  TRY(arguments.finish());
  const auto phone = office.registry()->phone(mac);
  if (!phone)
    return Error(ErrorCode::NotFound, fmt::format("there is no phone {}", mac.to_string()));
  if (phone->role != store::PhoneRole::HotDesk)
    return Error(ErrorCode::Conflict, fmt::format("{} is no hot-desk phone", mac.to_string()));
  const std::string url = http::desk_url(office.base_url(), mac, phone->token);
  if (url.empty())
    return Error(ErrorCode::Conflict,
                 "provisioning.base_url is not set, so phones and people have no address to go to");
  json answer = {{"phone", mac.to_string()}, {"url", url + "m/"}, {"svg", ""}};
  if (auto svg = qr_as_svg(url + "m/")) answer["svg"] = std::move(*svg);
  responder.respond(ControlResponse::done("", std::move(answer)));
  return {};
}

json log_row(const store::DeskLogRecord& row) {
  return {{"time", format_time(row.at)},    {"phone", row.mac.to_string()},
          {"extension", row.extension},     {"location", row.location},
          {"number", row.emergency_number}, {"address", row.address}};
}

Result<void> log(Office& office, Arguments& arguments, const Responder& responder) {
  const auto at = arguments.maybe_text("at");
  const auto since = arguments.maybe_text("since");
  const auto last = arguments.maybe_text("until");
  const auto about = arguments.maybe_text("about");
  TRY(arguments.finish());
  const WallTime now = office.now().wall;
  if (at && (since || last)) return Error(ErrorCode::InvalidArgument, "name one: --at or --since");
  WallTime from{};
  WallTime until = now;
  if (at) from = until = TRY_WHILE("at", parse_since(*at, now));
  if (since) from = TRY_WHILE("since", parse_since(*since, now));
  if (last) until = TRY_WHILE("until", parse_since(*last, now));
  const auto mac = about ? MacAddress::parse(*about) : MacAddress::parse("");
  office.desk_log(from, until, kMostLogRows,
                  [responder, about, mac = mac ? std::optional(*mac) : std::nullopt](
                      const Result<std::vector<store::DeskLogRecord>>& found) {
                    if (!found) return responder.respond(ControlResponse::refused(found.error()));
                    json rows = json::array();
                    for (const auto& row : *found)
                      if (!about || row.extension == *about || row.location == *about ||
                          (mac && row.mac == *mac))
                        rows.push_back(log_row(row));
                    responder.respond(ControlResponse::done("", std::move(rows)));
                  });
  return {};
}

}  // namespace

void add_desk_commands(CommandTable& table, Office& office, DeskService& desks) {
  table.add("desk.list", [&office](Arguments& arguments, const Responder& responder) {
    return list_desks(office, arguments, responder);
  });
  table.add("desk.login",
            [&office, &desks](Arguments& arguments, const Responder& responder) -> Result<void> {
              const MacAddress mac = arguments.mac("mac");
              const std::string extension = arguments.text("extension");
              TRY(arguments.finish());
              desks.log_in(mac, extension, answer_to(office, responder));
              return {};
            });
  table.add("desk.logout", [&office, &desks](Arguments& arguments, const Responder& responder) {
    return log_out(office, desks, arguments, responder);
  });
  table.add("desk.misplaced", [&office](Arguments& arguments, const Responder& responder) {
    return misplaced(office, arguments, responder);
  });
  table.add("desk.link", [&office](Arguments& arguments, const Responder& responder) {
    return link(office, arguments, responder);
  });
  table.add("desk.log", [&office](Arguments& arguments, const Responder& responder) {
    return log(office, arguments, responder);
  });
}

}  // namespace stormdoor::edge
