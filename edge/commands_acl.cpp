// What the API can ask about access rules; the shell does it without the daemon.

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "base/config_mask.hpp"
#include "edge/acl_report.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "edge/since.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr size_t kMostRulesBytes = size_t{1024} * 1024;

Office::Afterwards answer(const Responder& responder, Result<json> rows) {
  return [responder, rows = std::move(rows)] {
    responder.respond(rows ? ControlResponse::done("", *rows)
                           : ControlResponse::refused(rows.error()));
  };
}

Result<void> run_aside(Office& office, std::function<Office::Afterwards()> work) {
  if (office.aside(std::move(work))) return {};
  return Error(ErrorCode::Unavailable, "too many look into the rules; try again in a while");
}

std::string text_in(Arguments& arguments) {
  std::string toml = arguments.text("toml");
  if (toml.size() > kMostRulesBytes)
    arguments.wrong("toml", fmt::format("is longer than {} bytes", kMostRulesBytes));
  return toml;
}

// Programs' words may hold a password as well.
bool is_secret_key(std::string_view key) {
  return hotdesk::sounds_secret(key) || key == "command";
}

Result<json> read_rules(const std::string& file, bool with_secrets) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error(ErrorCode::Unavailable, file + " cannot be read");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (with_secrets) return json{{"file", file}, {"toml", std::move(text)}};
  auto masked = mask_toml(text, is_secret_key);
  if (!masked)
    return Error(ErrorCode::Conflict,
                 "the file is not right just now, so only an administrator "
                 "may read it: " +
                     masked.error().message());
  return json{{"file", file}, {"toml", *std::move(masked)}};
}

Result<void> show(Office& office, Arguments& arguments, const Responder& responder) {
  TRY(arguments.finish());
  return run_aside(office, [responder, file = office.config_file()] {
    return answer(responder, read_rules(file, knows_secrets(responder.by())));
  });
}

Result<void> check(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string toml = text_in(arguments);
  TRY(arguments.finish());
  return run_aside(office,
                   [responder, toml] { return answer(responder, check_text(toml).report); });
}

Result<json> replayed(const std::string& toml, const std::string& journal, WallTime since) {
  const CheckedText checked = check_text(toml);
  if (checked.valid()) return replay_rows(checked.config, journal, since);
  const json& first = checked.report["errors"].front();
  const std::string what = first["message"].get<std::string>();
  return Error(ErrorCode::InvalidArgument, "the rules are not valid: " + what)
      .with_details({{"toml", 0, what}});
}

Result<void> replay(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string toml = text_in(arguments);
  const auto since_text = arguments.maybe_text("since");
  TRY(arguments.finish());
  WallTime since{};
  if (since_text) since = TRY_WHILE("since", parse_since(*since_text, office.now().wall));
  return run_aside(office, [responder, toml, since, journal = office.journal_directory()] {
    return answer(responder, replayed(toml, journal, since));
  });
}

Result<void> shadow(Office& office, Arguments& arguments, const Responder& responder) {
  const auto since_text = arguments.maybe_text("since");
  TRY(arguments.finish());
  WallTime since{};
  if (since_text) since = TRY_WHILE("since", parse_since(*since_text, office.now().wall));
  return run_aside(office, [responder, since, journal = office.journal_directory()] {
    return answer(responder, shadow_rows(journal, since));
  });
}

}  // namespace

void add_acl_commands(CommandTable& table, Office& office) {
  const auto add_command = [&](const char* name, auto handler) {
    table.add(name, [&office, handler](Arguments& arguments, const Responder& responder) {
      return handler(office, arguments, responder);
    });
  };
  add_command("acl.show", show);
  add_command("acl.check", check);
  add_command("acl.replay", replay);
  add_command("acl.shadow", shadow);
}

}  // namespace stormdoor::edge
