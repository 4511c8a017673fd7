// What the shell can ask about the daemon itself.

#include "edge/commands.hpp"
#include "edge/office.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

json event_row(uint64_t number, const Event& event) {
  json row = {{"number", number},
              {"time", format_time(event.time)},
              {"kind", event.kind},
              {"text", event.text}};
  if (event.source) row["source"] = event.source->to_string();
  if (event.phone) row["phone"] = event.phone->to_string();
  if (!event.extension.empty()) row["extension"] = event.extension;
  return row;
}

Result<void> follow(Office& office, const Responder& responder) {
  const auto id = office.events().follow([responder](uint64_t number, const Event& event) {
    auto response = ControlResponse::done("", event_row(number, event));
    response.more = true;
    responder.respond(response);
  });
  if (!id) return Error(ErrorCode::ResourceExhausted, "too many shells follow the events already");
  responder.on_gone([&office, id = *id] { office.events().unfollow(id); });
  return {};
}

Result<void> events(Office& office, Arguments& arguments, const Responder& responder) {
  const auto last = arguments.maybe_number("last", 0, 100'000).value_or(50);
  const bool goes_on = arguments.flag("follow");
  TRY(arguments.finish());
  json rows = json::array();
  for (const auto& [number, event] : office.events().latest(size_t(last)))
    rows.push_back(event_row(number, event));
  if (goes_on) TRY(follow(office, responder));
  auto response = ControlResponse::done("", std::move(rows));
  response.more = goes_on;
  responder.respond(response);
  return {};
}

void answer(const Responder& responder, const char* sentence, const Result<json>& result) {
  responder.respond(result ? ControlResponse::done(sentence, *result)
                           : ControlResponse::refused(result.error()));
}

}  // namespace

void add_daemon_commands(CommandTable& table, Office& office) {
  table.add("status", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    TRY(arguments.finish());
    responder.respond(ControlResponse::done("", office.status()));
    return {};
  });
  table.add("reload", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    TRY(arguments.finish());
    office.reload([responder](const Result<json>& result) {
      answer(responder, "Configuration reloaded.", result);
    });
    return {};
  });
  table.add("backup", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    TRY(arguments.finish());
    office.backup([responder](Result<UniqueFd> copy) {
      if (!copy) return responder.respond(ControlResponse::refused(copy.error()));
      responder.respond(ControlResponse::done("Backup written."), std::move(*copy));
    });
    return {};
  });
  table.add("events", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    return events(office, arguments, responder);
  });
}

}  // namespace stormdoor::edge
