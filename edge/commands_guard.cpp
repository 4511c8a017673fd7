// What the shell can ask about who is refused, and why.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/history.hpp"
#include "edge/office.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr WallTime kUntilRemoved = WallTime::max();

std::string until_text(WallTime until) {
  return until == kUntilRemoved ? "removed" : format_time(until);
}

json block_row(const store::BlockRecord& block) {
  const bool single = block.source.length() == (block.source.is_v4() ? 32 : 128);
  return {{"source", single ? block.source.address().to_string() : block.source.to_string()},
          {"service", acl::to_string(static_cast<acl::Service>(block.service))},
          {"account", printable(block.account, 64)},
          {"since", format_time(block.since)},
          {"until", until_text(block.until)},
          {"reason", block.reason},
          {"by_administrator", block.by_administrator}};
}

// The services that a command is about: the named one, or all.
Result<std::vector<acl::Service>> services_named(const std::optional<std::string>& name) {
  if (!name) return std::vector<acl::Service>(acl::kAllServices.begin(), acl::kAllServices.end());
  const auto service = acl::parse_service(*name);
  if (!service)
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format(
            "service: \"{}\" is none; expected provisioning, desk-login, sip, portal or api",
            printable(*name, 40)));
  return std::vector<acl::Service>{*service};
}

struct BlockRequest {
  IpPrefix source;
  std::vector<acl::Service> services;
  WallTime until = kUntilRemoved;
  std::string reason;
};

// Who would lock himself out is asked first. (The shell is always open.)
Result<void> check_not_himself(const BlockRequest& request, const Actor& by) {
  const auto is_his_way = [](acl::Service service) {
    return service == acl::Service::Portal || service == acl::Service::Api;
  };
  if (!by.address || !request.source.contains(*by.address) ||
      std::ranges::none_of(request.services, is_his_way))
    return {};
  return Error(ErrorCode::Conflict,
               fmt::format("{} is where you ask from: you would be refused here yourself, and only "
                           "the shell on the server could let you in again; even_me = true does it",
                           by.address->to_string()));
}

Result<BlockRequest> block_request(Arguments& arguments, const Actor& by, Now now) {
  BlockRequest request;
  request.source = arguments.prefix("source");
  const auto service = arguments.maybe_text("service");
  const auto duration = arguments.maybe_text("for");
  request.reason =
      printable(arguments.maybe_text("reason").value_or("an administrator's decision"), 200);
  const bool even_me = arguments.flag("even_me");
  TRY(arguments.finish());
  request.services = TRY(services_named(service));
  if (!even_me) TRY(check_not_himself(request, by));
  if (duration) {
    const auto length = TRY_WHILE("for", parse_duration(*duration));
    if (length <= milliseconds{0})
      return Error(ErrorCode::InvalidArgument, "for: a block lasts longer than nothing");
    request.until = now.wall + length;
  }
  return request;
}

store::Change stored(const std::vector<store::BlockRecord>& blocks) {
  store::Change change;
  for (const auto& block : blocks) change.operations.emplace_back(store::PutBlock{block});
  return change;
}

void add_block(Office& office, const BlockRequest& request, const Responder& responder) {
  const Now now = office.now();
  std::vector<store::BlockRecord> blocks;
  for (const auto service : request.services)
    blocks.push_back({.source = request.source,
                      .service = static_cast<uint8_t>(service),
                      .since = now.wall,
                      .until = request.until,
                      .repeats = 0,
                      .reason = request.reason,
                      .by_administrator = true});
  // Durable first: a block that was acknowledged must hold after a crash as well.
  office.change(
      [blocks](const hotdesk::Registry&) -> Result<store::Change> { return stored(blocks); },
      [&office, blocks, responder, request](const Result<void>& committed) {
        Result<void> added = committed;
        for (const auto& block : blocks) {
          if (added) added = office.guard().add_block(block, office.now());
          if (added) office.write_down(acl::journal_block(block, office.now().wall));
        }
        answer_with(office, responder,
                    fmt::format("{} is refused until {}.", request.source.to_string(),
                                until_text(request.until)))(added);
      });
}

// With an account only what is refused below the source; without, all of it.
Result<void> remove_block(Office& office, const IpPrefix& source,
                          const std::vector<acl::Service>& services,
                          const std::optional<std::string>& account, const Responder& responder) {
  std::vector<store::BlockRecord> removed;
  for (const auto& block : office.guard().blocks(office.now()))
    if (block.source == source && (!account || block.account == *account) &&
        std::ranges::count(services, static_cast<acl::Service>(block.service)) > 0)
      removed.push_back(block);
  if (removed.empty())
    return Error(
        ErrorCode::NotFound,
        fmt::format("{} is not blocked; \"stormdoor blocks\" lists who is", source.to_string()));
  store::Change change;
  for (const auto& block : removed)
    change.operations.emplace_back(store::EraseBlock{block.source, block.service, block.account});
  office.change([change](const hotdesk::Registry&) -> Result<store::Change> { return change; },
                [&office, source, removed, responder](const Result<void>& committed) {
                  if (committed)
                    for (const auto& block : removed) {
                      (void)office.guard().remove_block(block.source,
                                                        static_cast<acl::Service>(block.service),
                                                        office.now(), block.account);
                      office.write_down(acl::journal_unblock(block, office.now().wall));
                    }
                  answer_with(office, responder,
                              fmt::format("{} is let in again.", source.to_string()))(committed);
                });
  return {};
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
  for (auto& line : more)
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

std::vector<std::string> why_phone(Office& office, const MacAddress& mac) {
  std::vector<std::string> lines;
  const auto phone = office.registry()->phone(mac);
  if (!phone)
    lines.push_back(
        fmt::format("No phone {} is registered: it gets no configuration.", mac.to_string()));
  const auto* sighting = office.activity().of(mac);
  if (sighting == nullptr) {
    lines.push_back(
        fmt::format("{} has not asked for anything since stormdoord started.", mac.to_string()));
    append(lines, office.guard().why(mac, office.now()));
  } else {
    lines.push_back(fmt::format("{} was last here {} ago, from {}, for {}{}.", mac.to_string(),
                                format_duration(office.now().wall - sighting->time),
                                sighting->source.to_string(), sighting->file,
                                sighting->complete ? "" : " (not completed)"));
    append(lines, office.guard().why(sighting->source, office.now()));
  }
  for (const auto& [number, event] :
       office.events().about([&](const Event& e) { return e.phone == mac; }, 20))
    lines.push_back(fmt::format("{}  {}", format_time(event.time), event.text));
  return lines;
}

Result<std::vector<std::string>> why_user(Office& office, const std::string& extension) {
  const auto user = office.registry()->user(extension);
  if (!user)
    return Error(
        ErrorCode::NotFound,
        fmt::format("\"{}\" is neither an address nor a MAC address, and there is no user of that "
                    "extension",
                    printable(extension, 40)));
  std::vector<std::string> lines{hotdesk::phrase_for(*user)};
  const auto assignments = office.registry()->assignments_of(extension);
  if (assignments.empty()) lines.emplace_back("has no phone assigned.");
  append(lines, office.guard().why(extension, office.now()));
  for (const auto& assignment : assignments) append(lines, why_phone(office, assignment->mac));
  return lines;
}

Result<std::vector<std::string>> why(Office& office, const std::string& what) {
  if (const auto address = IpAddress::parse(what))
    return office.guard().why(*address, office.now());
  if (const auto mac = MacAddress::parse(what)) return why_phone(office, *mac);
  return why_user(office, what);
}

// What holds now, then what the journal tells, which outlives restarts and blocks.
void tell_why(Office& office, const std::string& what, std::vector<std::string> lines,
              const Responder& responder) {
  constexpr size_t kMostTold = 500;
  const auto month_ago = office.now().wall - std::chrono::days(30);
  office.history(
      subject_named(what), month_ago, kMostTold,
      [&office, responder,
       lines = std::move(lines)](const Result<std::vector<acl::JournalEvent>>& events) mutable {
        if (!events)
          lines.push_back(fmt::format("The journal cannot be read: {}", events.error().message()));
        else if (std::ranges::any_of(*events, [](const acl::JournalEvent& event) {
                   return event.kind != acl::JournalKind::Started;
                 })) {
          lines.emplace_back("What the journal tells, newest first:");
          for (auto& line : acl::tell_story(*events, office.now().wall))
            lines.push_back("  " + std::move(line));
        }
        responder.respond(ControlResponse::done("", json(std::move(lines))));
      });
}

// What another guard asks before it blocks an address. Refused means: not excused.
ControlResponse excused(const std::string& text, const acl::Guard& guard, Now now) {
  const auto address = IpAddress::parse(text);
  if (!address) return {Outcome::Usage, address.error().message(), nullptr, false};
  const auto exemption = guard.excused(*address, now);
  json answer = {{"address", address->to_string()}, {"excused", exemption.has_value()}};
  if (!exemption)
    return {Outcome::Refused,
            fmt::format("{} is not excused; decide as you would.", address->to_string()),
            std::move(answer), false};
  answer["reason"] = exemption->reason;
  answer["until"] = until_text(exemption->until);
  return ControlResponse::done(
      fmt::format("{} is excused: {}", address->to_string(), exemption->reason), std::move(answer));
}

}  // namespace

void add_guard_commands(CommandTable& table, Office& office) {
  table.add("excused", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    const std::string address = arguments.text("address");
    TRY(arguments.finish());
    responder.respond(excused(address, office.guard(), office.now()));
    return {};
  });
  table.add("blocks.list",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              TRY(arguments.finish());
              json rows = json::array();
              for (const auto& block : office.guard().blocks(office.now()))
                rows.push_back(block_row(block));
              responder.respond(ControlResponse::done("", std::move(rows)));
              return {};
            });
  table.add(
      "blocks.add", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        add_block(office, TRY(block_request(arguments, responder.by(), office.now())), responder);
        return {};
      });
  table.add("blocks.remove",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const IpPrefix source = arguments.prefix("source");
              const auto service = arguments.maybe_text("service");
              const auto account = arguments.maybe_text("account");
              TRY(arguments.finish());
              return remove_block(office, source, TRY(services_named(service)), account, responder);
            });
  table.add("why", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    const std::string what = arguments.text("what");
    TRY(arguments.finish());
    tell_why(office, what, TRY(why(office, what)), responder);
    return {};
  });
}

}  // namespace stormdoor::edge
