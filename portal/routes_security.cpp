// The API's operations of the guard: blocks, leases, bindings, events, access rules.

#include "portal/routes_parts.hpp"

namespace stormdoor::portal {
namespace {

using enum Kind;

void add_blocks(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/blocks",
                   .id = "listBlocks",
                   .kind = List,
                   .command = "blocks.list",
                   .about = "Who is refused, until when, why",
                   .parameters = {kSearch},
                   .columns = {{"source"},
                               {"service"},
                               {"account"},
                               {"since"},
                               {"until"},
                               {"reason"},
                               {"by_administrator", Type::Flag}}});
  table.push_back(
      {.method = "POST",
       .path = "/blocks",
       .id = "addBlock",
       .kind = Change,
       .command = "blocks.add",
       .least = Role::Administrator,
       .about = "Refuses a source",
       .parameters = {{"source", In::Body, Type::Text, true, "An address or a prefix"},
                      {"service", In::Body, Type::Text, false, "Left out: all services"},
                      {"for", In::Body, Type::Text, false, "How long: 1h, 7d; until removed"},
                      {"reason", In::Body, Type::Text, false, "For other administrators"},
                      {"even_me", In::Body, Type::Flag, false,
                       "Even if it refuses the caller's own address here"}}});
  table.push_back(
      {.method = "DELETE",
       .path = "/blocks",
       .id = "removeBlock",
       .kind = Change,
       .command = "blocks.remove",
       .least = Role::Helpdesk,
       .about = "Lets a source in again",
       .parameters = {
           {"source", In::Query, Type::Text, true, "The address or prefix"},
           {"service", In::Query, Type::Text, false, "Left out: all services"},
           {"account", In::Query, Type::Text, false, "Only what is refused of this account"}}});
}

void add_rules(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/acl",
                   .id = "getRules",
                   .kind = Object,
                   .command = "acl.show",
                   .about = "The configuration's file; its secrets for administrators only",
                   .columns = {{"file"}, {"toml"}}});
  table.push_back({.method = "POST",
                   .path = "/acl/check",
                   .id = "checkRules",
                   .kind = Object,
                   .command = "acl.check",
                   .about = "Names every mistake of a configuration, or of access rules alone, "
                            "where it is",
                   .parameters = {{"toml", In::Body, Type::Text, true, "The text"}},
                   .columns = {{"valid", Type::Flag},
                               {"errors", Type::Objects},
                               {"warnings", Type::Texts},
                               {"expectations", Type::Number}}});
  table.push_back(
      {.method = "POST",
       .path = "/acl/replay",
       .id = "replayRules",
       .kind = Object,
       .command = "acl.replay",
       .least = Role::Helpdesk,
       .about = "Which blocks, of which phones, would have appeared or vanished under other rules",
       .parameters = {{"toml", In::Body, Type::Text, true, "The text"},
                      {"since", In::Body, Type::Text, false, kSince.about}},
       .columns = {{"from"},
                   {"until"},
                   {"events", Type::Number},
                   {"failures", Type::Number},
                   {"lost", Type::Number},
                   {"damaged", Type::Number},
                   {"actual", Type::Number},
                   {"simulated", Type::Number},
                   {"same", Type::Number},
                   {"appeared_count", Type::Number},
                   {"vanished_count", Type::Number},
                   {"appeared", Type::Objects},
                   {"vanished", Type::Objects}}});
  table.push_back(
      {.method = "GET",
       .path = "/acl/shadow",
       .id = "getShadowReport",
       .kind = Object,
       .command = "acl.shadow",
       .about = "Who would have been turned away by the blocks that the journal tells of",
       .parameters = {kSince},
       .columns = {{"from"},
                   {"until"},
                   {"events", Type::Number},
                   {"damaged", Type::Number},
                   {"blocks_count", Type::Number},
                   {"failures", Type::Number},
                   {"successes", Type::Number},
                   {"blocks", Type::Objects},
                   {"phones", Type::Texts}}});
}

void add_reasons(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/why",
                   .id = "why",
                   .kind = Lines,
                   .command = "why",
                   .about = "Why something is or is not refused",
                   .parameters = {{"about", In::Query, Type::Text, true,
                                   "An address, a MAC or an extension", "what"}}});
  table.push_back({.method = "GET",
                   .path = "/excused",
                   .id = "isExcused",
                   .kind = Object,
                   .command = "excused",
                   .about = "Whether other guards should leave an address alone",
                   .parameters = {{"address", In::Query, Type::Text, true, "The address"}},
                   .columns = {{"address"},
                               {"excused", Type::Flag},
                               {"reason", Type::Text, false},
                               {"until", Type::Text, false}}});
}

void add_leases(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/leases",
                   .id = "listLeases",
                   .kind = List,
                   .command = "lease.list",
                   .about = "Phones whose old credentials are excused for a while",
                   .parameters = {kSearch},
                   .columns = {{"mac"},
                               {"state"},
                               {"accounts", Type::Texts},
                               {"opened"},
                               {"deadline"},
                               {"budget", Type::Number},
                               {"spent", Type::Number},
                               {"old_password_tries", Type::Number},
                               {"reason"},
                               {"addresses", Type::Texts}},
                   .key = "mac"});
  table.push_back(
      {.method = "POST",
       .path = "/leases",
       .id = "openLease",
       .kind = Change,
       .command = "lease.open",
       .least = Role::Administrator,
       .about = "Excuses a phone's old account and its own files",
       .parameters = {{"mac", In::Body, Type::Text, true, "The phone"},
                      {"for", In::Body, Type::Text, false, "How long: 30m, 2h"},
                      {"budget", In::Body, Type::Number, false, "How many failures at most"}}});
  table.push_back({.method = "DELETE",
                   .path = "/leases/{mac}",
                   .id = "closeLease",
                   .kind = Change,
                   .command = "lease.close",
                   .least = Role::Administrator,
                   .about = "Ends it",
                   .parameters = {kMac}});
}

void add_observations(std::vector<Route>& table) {
  table.push_back(
      {.method = "GET",
       .path = "/bindings",
       .id = "listBindings",
       .kind = List,
       .command = "bindings",
       .about = "Who is behind which address, as the watch has seen it",
       .parameters = {kSearch, {"about", In::Query, Type::Text, false, "An address or a MAC"}},
       .columns =
           {{"address"}, {"conflict", Type::Any}, {"fit", Type::Any}, {"holders", Type::Objects}},
       .key = "address"});
  table.push_back(
      {.method = "GET",
       .path = "/events",
       .id = "listEvents",
       .kind = Rows,
       .command = "events",
       .about = "What happened, the oldest first",
       .parameters = {kSince,
                      {"about", In::Query, Type::Text, false, "An address, a MAC or an extension"},
                      {"limit", In::Query, Type::Number, false, "How many at most", "last"}},
       .columns = {{"number", Type::Number, false},
                   {"time"},
                   {"kind"},
                   {"text"},
                   {"source", Type::Text, false},
                   {"phone", Type::Text, false},
                   {"extension", Type::Text, false},
                   {"by", Type::Text, false}}});
}

}  // namespace

void add_security(std::vector<Route>& table) {
  add_blocks(table);
  add_rules(table);
  add_reasons(table);
  add_leases(table);
  add_observations(table);
}

}  // namespace stormdoor::portal
