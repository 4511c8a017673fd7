// What the shell can ask about phones that are excused while they come back from a change.

#include <fmt/format.h>

#include "acl/lease_book.hpp"
#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/credential_change.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string_view state_of(const store::LeaseRecord& lease, WallTime now) {
  if (acl::is_past_deadline(lease, now)) return "past its deadline";
  return lease.spent < lease.budget ? "in force" : "budget spent";
}

json lease_row(const store::LeaseRecord& lease, WallTime now) {
  json addresses = json::array();
  for (const auto& address : lease.addresses) addresses.push_back(address.to_string());
  return {{"mac", lease.mac.to_string()},
          {"state", state_of(lease, now)},
          {"accounts", lease.accounts},
          {"opened", format_time(lease.opened)},
          {"deadline", format_time(lease.deadline)},
          {"budget", lease.budget},
          {"spent", lease.spent},
          {"old_password_tries", lease.stale},
          {"reason", lease.reason},
          {"addresses", std::move(addresses)}};
}

Result<void> open(Office& office, const hotdesk::LeaseTerms& usual, Arguments& arguments,
                  const Responder& responder) {
  hotdesk::LeaseTerms terms = usual;
  const MacAddress mac = arguments.mac("mac");
  const auto duration = arguments.maybe_text("for");
  terms.budget = uint32_t(arguments.maybe_number("budget", 1, 10'000).value_or(terms.budget));
  TRY(arguments.finish());
  if (duration) terms.within = TRY_WHILE("for", parse_duration(*duration));
  if (terms.within <= milliseconds{0})
    return Error(ErrorCode::InvalidArgument, "for: a lease lasts longer than nothing");
  const WallTime now = office.now().wall;
  office.change(
      [mac, now, terms](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        hotdesk::open_lease(draft, mac, "an administrator opened it", now, terms);
        if (!draft.registry().lease_of(mac))
          return Error(ErrorCode::ResourceExhausted,
                       fmt::format("there are {} leases in force, with which none is opened by "
                                   "hand; close some, or raise lease.most",
                                   terms.most));
        return std::move(draft).take();
      },
      answer_with(office, responder,
                  fmt::format("{} is excused until {}.", mac.to_string(),
                              format_time(now + terms.within))));
  return {};
}

Result<void> close(Office& office, Arguments& arguments, const Responder& responder) {
  const MacAddress mac = arguments.mac("mac");
  TRY(arguments.finish());
  office.change(
      [mac](const hotdesk::Registry& registry) -> Result<store::Change> {
        if (!registry.lease_of(mac))
          return Error(ErrorCode::NotFound,
                       fmt::format("{} has no lease; \"stormdoor lease list\" shows who has",
                                   mac.to_string()));
        return store::Change{{store::EraseLease{mac}}};
      },
      answer_with(office, responder, fmt::format("{} is no longer excused.", mac.to_string())));
  return {};
}

}  // namespace

void add_lease_commands(CommandTable& table, Office& office, const hotdesk::LeaseTerms& terms) {
  table.add("lease.list",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              TRY(arguments.finish());
              json rows = json::array();
              office.registry()->for_each_lease(
                  [&](const auto& lease) { rows.push_back(lease_row(*lease, office.now().wall)); });
              responder.respond(ControlResponse::done("", std::move(rows)));
              return {};
            });
  table.add("lease.open", [&office, terms](Arguments& arguments, const Responder& responder) {
    return open(office, terms, arguments, responder);
  });
  table.add("lease.close", [&office](Arguments& arguments, const Responder& responder) {
    return close(office, arguments, responder);
  });
}

}  // namespace stormdoor::edge
