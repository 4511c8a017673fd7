// What the shell and the API can ask about who may administer, and who did what.

#include <fmt/format.h>

#include <limits>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"
#include "edge/audit.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "edge/since.hpp"
#include "portal/administrators.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr size_t kMadePasswordBytes = 15;  // 20 characters
constexpr const char* kTokenLasts = "365d";

std::string time_or_never(WallTime time) {
  return time == WallTime::max() ? "never" : format_time(time);
}

portal::Role role_in(Arguments& arguments) {
  const std::string text = arguments.text("role");
  const auto role = portal::parse_role(text);
  if (!role) arguments.wrong("role", role.error().message());
  return role ? *role : portal::Role::Viewer;
}

// Whoever uses the shell can make another.
bool keeps_one(const Responder& responder) {
  return responder.by().role != Actor().role;
}

// The given one, checked, or a new one that has to be told.
struct Password {
  Secret secret;
  bool made = false;
};
Result<Password> password_in(std::optional<Secret> given, const std::string& name) {
  if (!given) return Password{Secret(crypto::random_token(kMadePasswordBytes)), true};
  if (const auto checked = portal::check_password(*given, name); !checked)
    return checked.error().with_details({{"password", 0, checked.error().message()}});
  return Password{*std::move(given), false};
}

// Hashes the password, then submits the plan, which finds the hash in `hash`; what was made here is
// told in the answer and nowhere else.
void change_with_password(Office& office, const Password& password,
                          const std::shared_ptr<std::string>& hash, const Office::Plan& plan,
                          const Responder& responder, const std::string& sentence) {
  office.hash_password(password.secret, [&office, password, hash, plan = office.audited(plan),
                                         responder, sentence](const Result<std::string>& hashed) {
    if (!hashed) return responder.respond(ControlResponse::refused(hashed.error()));
    *hash = *hashed;
    office.change(plan, [&office, password, responder, sentence](const Result<void>& done) {
      if (!done) return responder.respond(ControlResponse::refused(done.error()));
      note_change(office, responder, sentence);
      json data;
      if (password.made) data = {{"password", password.secret.reveal()}};
      responder.respond(ControlResponse::done(sentence, std::move(data)));
    });
  });
}

Result<void> add(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string name = ascii_lower(arguments.text("name"));
  const auto role = role_in(arguments);
  auto given = arguments.maybe_secret("password");
  TRY(arguments.finish());
  const Password password = TRY(password_in(std::move(given), name));
  // Before the password is hashed: who mistypes a name is told at once.
  {
    hotdesk::Draft draft(*office.registry());
    const auto problems = portal::add_administrator(draft, name, role, "", office.now().wall);
    if (!problems.none()) return problems.error();
  }
  const auto hash = std::make_shared<std::string>();
  change_with_password(
      office, password, hash,
      [name, role, hash, now = office.now().wall](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, portal::add_administrator, name, role, *hash, now);
      },
      responder, fmt::format("{} may sign in as {}.", name, portal::to_string(role)));
  return {};
}

Result<void> set_password(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string name = arguments.text("name");
  auto given = arguments.maybe_secret("password");
  TRY(arguments.finish());
  const Password password = TRY(password_in(std::move(given), name));
  if (!office.registry()->administrator(name))
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no administrator \"{}\"", printable(name, 40)));
  const auto hash = std::make_shared<std::string>();
  change_with_password(
      office, password, hash,
      [name, hash](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, portal::set_password, name, *hash);
      },
      responder, fmt::format("{} has another password.", name));
  return {};
}

Result<void> set_role(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string name = arguments.text("name");
  const auto role = role_in(arguments);
  TRY(arguments.finish());
  office.change(
      [name, role, keep_one = keeps_one(responder)](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, portal::set_role, name, role, keep_one);
      },
      answer_with(
          office, responder,
          fmt::format("{} is {} from now on.", printable(name, 64), portal::to_string(role))));
  return {};
}

Result<void> remove(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string name = arguments.text("name");
  TRY(arguments.finish());
  office.change(
      [name, keep_one = keeps_one(responder)](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, portal::remove_administrator, name, keep_one);
      },
      answer_with(office, responder,
                  fmt::format("{} may no longer sign in.", printable(name, 64))));
  return {};
}

Result<void> list_administrators(const Office& office, Arguments& arguments,
                                 const Responder& responder) {
  TRY(arguments.finish());
  json rows = json::array();
  office.registry()->for_each_administrator([&](const auto& one) {
    rows.push_back({{"name", one->name},
                    {"role", portal::to_string(one->role)},
                    {"made", format_time(one->made)}});
  });
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

// "90d" from now on, a day, or "never".
Result<WallTime> expiry(const std::string& text, WallTime now) {
  if (text == "never") return WallTime::max();
  if (const auto length = parse_duration(text)) return now + *length;
  if (const auto day = parse_since(text, now)) return *day;
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("\"{}\" is no time; expected 90d, 2027-01-01 or never", printable(text, 40)));
}

Result<void> add_token(Office& office, Arguments& arguments, const Responder& responder) {
  store::ApiTokenRecord record;
  record.label = arguments.text("label");
  record.role = role_in(arguments);
  const std::string expires = arguments.maybe_text("expires").value_or(kTokenLasts);
  const WallTime now = office.now().wall;
  const auto until = expiry(expires, now);
  if (!until) arguments.wrong("expires", until.error().message());
  TRY(arguments.finish());
  record.made = now;
  record.expires = *until;
  auto made = portal::make_token();
  record.id = made.id;
  record.hash = portal::hash_of_token(made.token);
  office.change(
      [record, now](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, portal::add_token, record, now);
      },
      [&office, responder, record, token = std::move(made.token)](const Result<void>& done) {
        if (!done) return responder.respond(ControlResponse::refused(done.error()));
        const auto sentence = fmt::format(
            "Token {} ({}) is valid as {} until {}.", record.id, printable(record.label, 80),
            portal::to_string(record.role),
            record.expires == WallTime::max() ? "it is removed" : format_time(record.expires));
        note_change(office, responder, sentence);
        responder.respond(
            ControlResponse::done(sentence, {{"id", record.id}, {"token", token.reveal()}}));
      });
  return {};
}

Result<void> list_tokens(const Office& office, Arguments& arguments, const Responder& responder) {
  TRY(arguments.finish());
  json rows = json::array();
  office.registry()->for_each_api_token([&](const auto& one) {
    rows.push_back({{"id", one->id},
                    {"label", printable(one->label, 200)},
                    {"role", portal::to_string(one->role)},
                    {"made", format_time(one->made)},
                    {"expires", time_or_never(one->expires)}});
  });
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

Result<void> remove_token(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string id = arguments.text("id");
  TRY(arguments.finish());
  office.change(
      [id](const hotdesk::Registry& registry) {
        return hotdesk::plan(registry, portal::remove_token, id);
      },
      answer_with(office, responder,
                  fmt::format("Token {} is no longer valid.", printable(id, 40))));
  return {};
}

Result<void> audit(Office& office, Arguments& arguments, const Responder& responder) {
  constexpr int64_t kMostRows = 1'000;
  store::AuditQuery query;
  query.before = uint64_t(
      arguments.maybe_number("before", 1, std::numeric_limits<int64_t>::max()).value_or(0));
  query.most = size_t(arguments.maybe_number("most", 1, kMostRows).value_or(100));
  query.search = arguments.maybe_text("search").value_or("");
  TRY(arguments.finish());
  // One more than wanted tells whether there is another page.
  const size_t wanted = query.most++;
  office.audit(query, [responder, wanted](const Result<store::AuditPage>& page) {
    if (!page) return responder.respond(ControlResponse::refused(page.error()));
    json items = json::array();
    for (const auto& record : page->rows)
      if (items.size() < wanted) items.push_back(audit_row(record));
    json next;
    if (page->rows.size() > wanted) next = page->rows[wanted - 1].id;
    responder.respond(ControlResponse::done(
        "", {{"items", std::move(items)}, {"total", page->total}, {"next", std::move(next)}}));
  });
  return {};
}

}  // namespace

void add_admin_commands(CommandTable& table, Office& office) {
  const auto add_command = [&](const char* name, auto handler) {
    table.add(name, [&office, handler](Arguments& arguments, const Responder& responder) {
      return handler(office, arguments, responder);
    });
  };
  add_command("admin.add", add);
  add_command("admin.set", set_role);
  add_command("admin.password", set_password);
  add_command("admin.remove", remove);
  add_command("admin.list", list_administrators);
  add_command("admin.token.add", add_token);
  add_command("admin.token.list", list_tokens);
  add_command("admin.token.remove", remove_token);
  add_command("audit.list", audit);
}

}  // namespace stormdoor::edge
