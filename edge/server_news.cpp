// What workers tell: phones that were served, failures, blocks, tokens. One log line and one event
// each; blocks and tokens are stored.

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "edge/server.hpp"

namespace stormdoor::edge {
namespace {

std::string_view name_of(http::Transport transport) {
  switch (transport) {
    case http::Transport::Tftp:
      return "tftp";
    case http::Transport::Http:
      return "http";
    case http::Transport::Https:
      return "https";
  }
  return "?";
}

std::string what_came_of(const acl::Verdict& verdict) {
  switch (verdict.excuse) {
    case acl::Excuse::RefusedOtherwise:
      return "its credentials are right; the PBX refused for other reasons";
    case acl::Excuse::Stale:
      return "its previous secret: not counted";
    case acl::Excuse::Forgiven:
      return "forgiven by a lease";
    case acl::Excuse::Exhausted:
      return "its lease is used up";
    default:
      break;
  }
  if (verdict.counted) return fmt::format("{} of {}", verdict.failures, verdict.limit);
  return "not counted";
}

void log_failed_change(const char* what, const Result<void>& done) {
  if (!done) log_error(what, {{"why", done.error()}});
}

}  // namespace

void Server::read_news() {
  for (auto& news : news_.take()) std::visit([this](const auto& item) { note(item); }, news);
  store_new_blocks();
  enforce_changes();
}

// All that one turn brought in one change: a flood of blocks is a few commits, not thousands.
void Server::store_new_blocks() {
  if (new_blocks_.empty()) return;
  store::Change change;
  for (auto& block : std::exchange(new_blocks_, {}))
    change.operations.emplace_back(store::PutBlock{std::move(block)});
  store_blocks(std::move(change));
}

// What the disk has no room for is stored later (forget_expired()).
void Server::store_blocks(store::Change change) {
  auto blocks = std::make_shared<const store::Change>(std::move(change));
  this->change([blocks](const hotdesk::Registry&) -> Result<store::Change> { return *blocks; },
               [this, blocks](const Result<void>& done) {
                 if (done) return;
                 log_error("blocks-not-stored", {{"why", done.error()}});
                 if (!is_refusal(done.error()) && !unstored_blocks_.note(*blocks))
                   log_error("blocks-not-kept", {{"why", "there are too many to be stored later"}});
               });
}

// A phone that asks from a network that is not its location's (promise 9).
void Server::note_place(const MacAddress& mac, const IpAddress& source) {
  const auto phone = view_.registry->phone(mac);
  const auto location = phone ? view_.registry->location(phone->location) : nullptr;
  if (!location) return;
  const auto news = misplaced_.note(mac, source, *location, now().wall);
  if (!news) return;
  const std::string text = fmt::format(
      "{} asks from {}, which is no network of its location {}: an emergency call from it would "
      "carry that location's number and address",
      mac.to_string(), source.to_string(), location->name);
  log_warning(
      "misplaced-phone",
      {{"phone", mac.to_string()}, {"source", source.to_string()}, {"location", location->name}});
  events_.add({.time = now().wall,
               .kind = "misplaced-phone",
               .text = text,
               .source = source,
               .phone = mac,
               .extension = {}});
}

void Server::note(const Served& served) {
  activity_.note(served.phone, served.sighting);
  overview_.note_served(served.phone, now().steady);
  note_place(served.phone, served.sighting.source);
  if (served.sighting.complete && served.own)
    apps_->note_fetched(served.phone, served.sighting.source);
  if (served.sighting.complete)
    restarter_->restarts().note_fetched(served.phone, served.sighting.time);
  if (served.sighting.complete)
    write_down(acl::journal_success(served.sighting.source, acl::Service::Provisioning,
                                    served.phone, served.sighting.time));
  log_debug("served", {{"phone", served.phone.to_string()},
                       {"source", served.sighting.source.to_string()},
                       {"file", served.sighting.file},
                       {"over", name_of(served.transport)},
                       {"complete", served.sighting.complete ? "yes" : "no"}});
  events_.add({.time = served.sighting.time,
               .kind = "served",
               .text = fmt::format("{} at {} got {} over {}{}", served.phone.to_string(),
                                   served.sighting.source.to_string(),
                                   printable(served.sighting.file, 80), name_of(served.transport),
                                   served.sighting.complete ? "" : ", but not all of it"),
               .source = served.sighting.source,
               .phone = served.phone,
               .extension = {}});
}

void Server::note(const Failed& failed) {
  const auto& failure = failed.failure;
  const std::string source = failure.source.to_string();
  const std::string device = failure.device ? failure.device->to_string() : "";
  write_down(acl::journal_failure(failure, failed.verdict, failed.time));
  events_.add({.time = failed.time,
               .kind = "failure",
               .text = fmt::format(
                   "{}: {}{}{} ({})", source, acl::to_string(failure.kind),
                   device.empty() ? "" : ", phone " + device,
                   failure.account.empty() ? "" : ", account " + printable(failure.account, 40),
                   what_came_of(failed.verdict)),
               .source = failure.source,
               .phone = failure.device,
               .extension = printable(failure.account, 40)});
  log_debug("failure",
            {{"source", source}, {"kind", acl::to_string(failure.kind)}, {"phone", device}});
  if (failed.verdict.excuse == acl::Excuse::Stale) note_stale(failed);
  if (failed.verdict.block) note_block(failed);
}

// The phone's own previous secret: it has not fetched its new configuration yet.
void Server::note_stale(const Failed& failed) {
  const auto phone = failed.verdict.phone ? failed.verdict.phone : failed.failure.device;
  overview_.note_stale(phone ? phone->to_string() : failed.failure.source.to_string(),
                       now().steady);
  log_info("stale-phone", {{"phone", phone ? phone->to_string() : ""},
                           {"source", failed.failure.source.to_string()}});
  events_.add({.time = failed.time,
               .kind = "stale-phone",
               .text = fmt::format("{} still uses a secret that it had before; it needs to "
                                   "reprovision",
                                   phone ? phone->to_string() : failed.failure.source.to_string()),
               .source = failed.failure.source,
               .phone = phone,
               .extension = printable(failed.failure.account, 40)});
}

void Server::note_block(const Failed& failed) {
  const auto& block = *failed.verdict.block;
  const auto service = acl::to_string(static_cast<acl::Service>(block.service));
  const std::string whom =
      block.account.empty()
          ? block.source.to_string()
          : fmt::format("\"{}\" from {}", printable(block.account, 40), block.source.to_string());
  log_warning("block", {{"source", block.source.to_string()},
                        {"account", printable(block.account, 40)},
                        {"service", service},
                        {"until", format_time(block.until)},
                        {"reason", block.reason}});
  write_down(acl::journal_block(block, failed.time));
  events_.add({.time = failed.time,
               .kind = "block",
               .text = fmt::format("{} is refused for {} until {}: {}", whom, service,
                                   format_time(block.until), block.reason),
               .source = failed.failure.source,
               .phone = failed.failure.device,
               .extension = printable(block.account, 40)});
  new_blocks_.push_back(block);
}

void Server::note(const TokenDelivered& delivered) {
  events_.add({.time = now().wall,
               .kind = "token",
               .text = fmt::format("{} has its token; from now on nothing leaves without it",
                                   delivered.phone.to_string()),
               .source = {},
               .phone = delivered.phone,
               .extension = {}});
  change(
      [mac = delivered.phone](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, hotdesk::note_token_issued, mac);
      },
      [](const Result<void>& done) { log_failed_change("token-not-noted", done); });
}

void Server::note(const Problem& problem) {
  log_error("phone-not-served", {{"phone", problem.phone.to_string()}, {"why", problem.error}});
  events_.add({.time = now().wall,
               .kind = "problem",
               .text = fmt::format("{} was not served: {}", problem.phone.to_string(),
                                   problem.error.message()),
               .source = {},
               .phone = problem.phone,
               .extension = {}});
}

}  // namespace stormdoor::edge
