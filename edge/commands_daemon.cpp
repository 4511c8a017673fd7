// What the shell can ask about the daemon itself.

#include "edge/commands.hpp"
#include "edge/history.hpp"
#include "edge/office.hpp"
#include "edge/overview.hpp"
#include "edge/since.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr int64_t kMostEvents = 100'000;

Result<void> follow(Office& office, const acl::Subject& about, const Responder& responder) {
  const auto id = office.events().follow([responder, about](uint64_t number, const Event& event) {
    if (!is_about(event, about)) return;
    auto response = ControlResponse::done("", event_row(number, event));
    response.more = true;
    responder.respond(response);
  });
  if (!id) return Error(ErrorCode::ResourceExhausted, "too many shells follow the events already");
  responder.on_gone([&office, id = *id] { office.events().unfollow(id); });
  return {};
}

struct EventsRequest {
  size_t last = 50;
  bool goes_on = false;
  acl::Subject about;
  std::optional<WallTime> since;  // given: the journal's as well, which outlives the daemon
};

Result<EventsRequest> events_request(Arguments& arguments, WallTime now) {
  EventsRequest request;
  const auto since = arguments.maybe_text("since");
  const auto about = arguments.maybe_text("about");
  request.last =
      size_t(arguments.maybe_number("last", 0, kMostEvents).value_or(since || about ? 1'000 : 50));
  request.goes_on = arguments.flag("follow");
  TRY(arguments.finish());
  if (about) request.about = subject_named(*about);
  if (since)
    request.since = TRY_WHILE("since", parse_since(*since, now));
  else if (about)
    request.since = WallTime();
  return request;
}

void answer_events(json rows, bool goes_on, const Responder& responder) {
  auto response = ControlResponse::done("", std::move(rows));
  response.more = goes_on;
  responder.respond(response);
}

Result<void> events(Office& office, Arguments& arguments, const Responder& responder) {
  const EventsRequest request = TRY(events_request(arguments, office.now().wall));
  if (request.since) {
    office.history(
        request.about, *request.since, request.last,
        [&office, request, responder](const Result<std::vector<acl::JournalEvent>>& found) {
          if (!found) return responder.respond(ControlResponse::refused(found.error()));
          auto journal = *found;
          if (!is_anybody(request.about))
            std::erase_if(journal, [](const acl::JournalEvent& event) {
              return event.kind == acl::JournalKind::Started;
            });
          const auto live = office.events().about(
              [&](const Event& event) {
                return event.time >= *request.since && is_about(event, request.about);
              },
              request.last);
          if (request.goes_on)
            if (const auto followed = follow(office, request.about, responder); !followed)
              return responder.respond(ControlResponse::refused(followed.error()));
          answer_events(merged_rows(journal, live, request.last), request.goes_on, responder);
        });
    return {};
  }
  json rows = json::array();
  for (const auto& [number, event] : office.events().latest(request.last))
    rows.push_back(event_row(number, event));
  if (request.goes_on) TRY(follow(office, request.about, responder));
  answer_events(std::move(rows), request.goes_on, responder);
  return {};
}

void answer(const Responder& responder, const char* sentence, const Result<json>& result) {
  responder.respond(result ? ControlResponse::done(sentence, *result)
                           : ControlResponse::refused(result.error()));
}

}  // namespace

void add_overview_command(CommandTable& table, Office& office, Overview& overview) {
  table.add("overview",
            [&office, &overview](Arguments& arguments, const Responder& responder) -> Result<void> {
              TRY(arguments.finish());
              responder.respond(ControlResponse::done("", overview.answer(office.now())));
              return {};
            });
}

void add_daemon_commands(CommandTable& table, Office& office) {
  table.add("status", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    TRY(arguments.finish());
    responder.respond(ControlResponse::done("", office.status()));
    return {};
  });
  table.add("reload", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    TRY(arguments.finish());
    office.reload([&office, responder](const Result<json>& result) {
      if (result) note_deed(office, responder, "reload", "the configuration");
      answer(responder, "Configuration reloaded.", result);
    });
    return {};
  });
  table.add("backup", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    TRY(arguments.finish());
    office.backup([&office, responder](Result<UniqueFd> copy) {
      if (!copy) return responder.respond(ControlResponse::refused(copy.error()));
      note_deed(office, responder, "backup", "the database");
      responder.respond(ControlResponse::done("Backup written."), std::move(*copy));
    });
    return {};
  });
  table.add("events", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
    return events(office, arguments, responder);
  });
}

}  // namespace stormdoor::edge
