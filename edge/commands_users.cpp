// What the shell can ask about users.

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/import.hpp"
#include "hotdesk/phone_view.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

json user_row(const hotdesk::Registry& registry, const store::UserRecord& user) {
  json phones = json::array();
  for (const auto& assignment : registry.assignments_of(user.extension))
    phones.push_back(assignment->mac.to_string());
  return {{"extension", user.extension},
          {"name", user.name},
          {"main_phone", hotdesk::to_string(user.main_phone_type)},
          {"main_extension", hotdesk::main_extension_of(registry, user)},
          {"phones", phones},
          {"pin", user.pin_hash.empty() ? "not set" : "set"}};
}

std::optional<store::MainPhoneType> main_phone_type(Arguments& arguments) {
  const auto type = arguments.maybe_text("main_phone");
  if (!type) return {};
  const auto parsed = hotdesk::parse_main_phone_type(*type);
  if (!parsed) {
    arguments.wrong("main_phone", parsed.error().message());
    return {};
  }
  return *parsed;
}

}  // namespace

void add_user_commands(CommandTable& table, Office& office) {
  table.add(
      "user.add", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        hotdesk::UserRequest request;
        request.extension = arguments.text("extension");
        request.name = arguments.maybe_text("name").value_or("");
        request.sip_secret = arguments.maybe_secret("sip_secret");
        request.pin = arguments.maybe_secret("pin");
        request.main_phone_type = main_phone_type(arguments).value_or(store::MainPhoneType::None);
        TRY(arguments.finish());
        const auto sentence = fmt::format("User {} added.", request.extension);
        office.change(
            [&office, request](const hotdesk::Registry& registry) {
              return hotdesk::plan(registry, hotdesk::add_user, request, office.tools());
            },
            answer_with(office, responder, sentence));
        return {};
      });
  table.add(
      "user.set", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        const std::string extension = arguments.text("extension");
        hotdesk::UserEdit edit;
        edit.name = arguments.maybe_text("name");
        edit.sip_secret = arguments.maybe_secret("sip_secret");
        edit.pin = arguments.maybe_secret("pin");
        edit.main_phone_type = main_phone_type(arguments);
        TRY(arguments.finish());
        office.change(
            [&office, extension, edit](const hotdesk::Registry& registry) {
              return hotdesk::plan(registry, hotdesk::set_user, extension, edit, office.tools());
            },
            answer_with(office, responder, fmt::format("User {} changed.", extension)));
        return {};
      });
  table.add("user.remove",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const std::string extension = arguments.text("extension");
              TRY(arguments.finish());
              office.change(
                  [extension](const hotdesk::Registry& registry) {
                    return hotdesk::plan(registry, hotdesk::remove_user, extension);
                  },
                  answer_with(office, responder, fmt::format("User {} removed.", extension)));
              return {};
            });
  table.add("user.list",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const std::string search = ascii_lower(arguments.maybe_text("search").value_or(""));
              TRY(arguments.finish());
              const auto& registry = *office.registry();
              json rows = json::array();
              registry.for_each_user([&](const auto& user) {
                if (mentions(search, {user->extension, user->name}))
                  rows.push_back(user_row(registry, *user));
              });
              responder.respond(ControlResponse::done("", std::move(rows)));
              return {};
            });
  table.add("user.import",
            [&office,
             plain = import_handler(office, [&office](hotdesk::Draft& draft, std::string_view csv) {
               return hotdesk::import_users(draft, csv, office.tools());
             })](Arguments& arguments, const Responder& responder) -> Result<void> {
              if (const auto from = arguments.maybe_text("from"))
                return take_over_users(office, *from, arguments, responder);
              return plain(arguments, responder);
            });
}

}  // namespace stormdoor::edge
