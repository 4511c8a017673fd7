#pragma once

#include <functional>
#include <map>
#include <string>

#include "edge/arguments.hpp"
#include "edge/control_server.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/import.hpp"
#include "hotdesk/lease_config.hpp"

namespace stormdoor::edge {

class AppPusher;
class Conversions;
class DeskService;
class Office;
class Overview;

// What the control socket can be asked, by name. Main thread only.
class CommandTable {
 public:
  // Reads its arguments, then TRY(arguments.finish()) before it changes anything. Answers through
  // the responder, now or later; an Error that it returns is the answer.
  using Handler = std::function<Result<void>(Arguments&, const Responder&)>;

  void add(std::string name, Handler handler) {
    handlers_.emplace(std::move(name), std::move(handler));
  }
  // Answers a request whose arguments are wrong or whose command nobody knows by itself.
  void run(const ControlRequest& request, const Responder& responder) const;

 private:
  std::map<std::string, Handler, std::less<>> handlers_;
};

// One per subject; each borrows the office for as long as the table is used.
void add_location_commands(CommandTable& table, Office& office);
void add_user_commands(CommandTable& table, Office& office);
void add_phone_commands(CommandTable& table, Office& office);
void add_guard_commands(CommandTable& table, Office& office);
void add_binding_commands(CommandTable& table, Office& office);
void add_hotdesk_commands(CommandTable& table, Office& office, Conversions& conversions);
void add_desk_commands(CommandTable& table, Office& office, DeskService& desks);
void add_app_commands(CommandTable& table, Office& office, AppPusher& apps);
void add_lease_commands(CommandTable& table, Office& office, const hotdesk::LeaseTerms& terms);
void add_daemon_commands(CommandTable& table, Office& office);
void add_admin_commands(CommandTable& table, Office& office);
void add_acl_commands(CommandTable& table, Office& office);
void add_overview_command(CommandTable& table, Office& office, Overview& overview);

// Which number and address an emergency call carries from a phone, a user's phones, or the phones
// at an address, as the shell and the API show it.
Result<nlohmann::json> emergency_rows(Office& office, const std::string& what);

// "location.import" and the like: a CSV text, all rows or none, every error by line.
using Importer = std::function<hotdesk::ImportReport(hotdesk::Draft&, std::string_view csv)>;
void add_import_command(CommandTable& table, Office& office, std::string name, Importer importer);
[[nodiscard]] CommandTable::Handler import_handler(Office& office, Importer importer);
// "user.import" with `from`: users of another PBX's files are added and changed.
Result<void> take_over_users(Office& office, const std::string& from, Arguments& arguments,
                             const Responder& responder);

// Whether somebody may see what phones and PBXs are told in confidence: he can set it as well.
[[nodiscard]] bool knows_secrets(const Actor& by);
// Template variables as somebody may see them.
[[nodiscard]] nlohmann::json variables_for(const Actor& by, const store::Variables& variables);

// Whether any of the texts contains `lower_case_needle`, in any case; an empty one is everywhere.
[[nodiscard]] bool mentions(std::string_view lower_case_needle,
                            std::initializer_list<std::string_view> texts);

}  // namespace stormdoor::edge
