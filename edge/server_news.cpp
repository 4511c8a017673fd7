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

void log_failed_change(const char* what, const Result<void>& done) {
  if (!done) log_error(what, {{"why", done.error()}});
}

}  // namespace

void Server::read_news() {
  for (auto& news : news_.take()) std::visit([this](const auto& item) { note(item); }, news);
}

void Server::note(const Served& served) {
  activity_.note(served.phone, served.sighting);
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
  events_.add({.time = failed.time,
               .kind = "failure",
               .text = fmt::format(
                   "{}: {}{}{}{}", source, acl::to_string(failure.kind),
                   device.empty() ? "" : ", phone " + device,
                   failure.account.empty() ? "" : ", account " + printable(failure.account, 40),
                   failed.verdict.counted
                       ? fmt::format(" ({} of {})", failed.verdict.failures, failed.verdict.limit)
                       : " (not counted)"),
               .source = failure.source,
               .phone = failure.device,
               .extension = {}});
  log_debug("failure",
            {{"source", source}, {"kind", acl::to_string(failure.kind)}, {"phone", device}});
  if (!failed.verdict.block) return;
  const auto& block = *failed.verdict.block;
  const auto service = acl::to_string(static_cast<acl::Service>(block.service));
  log_warning("block", {{"source", block.source.to_string()},
                        {"service", service},
                        {"until", format_time(block.until)},
                        {"reason", block.reason}});
  events_.add({.time = failed.time,
               .kind = "block",
               .text = fmt::format("{} is refused for {} until {}: {}", block.source.to_string(),
                                   service, format_time(block.until), block.reason),
               .source = failure.source,
               .phone = failure.device,
               .extension = {}});
  change(
      [block](const hotdesk::Registry&) -> Result<store::Change> {
        return store::Change{{store::PutBlock{block}}};
      },
      [](const Result<void>& done) { log_failed_change("block-not-stored", done); });
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
