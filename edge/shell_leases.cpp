// The shell's commands about phones that are excused while they come back from a change.

#include <fmt/format.h>

#include "acl/wording.hpp"
#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string listed(const json& texts) {
  std::string text;
  for (const auto& one : texts) text += (text.empty() ? "" : ", ") + one.get<std::string>();
  return text.empty() ? "-" : text;
}

std::string render_leases(const json& leases) {
  if (leases.empty()) return "No phone is excused.\n";
  Table table(
      {"PHONE", "STATE", "FORGIVEN", "OLD PASSWORD", "UNTIL", "OLD ACCOUNTS", "SEEN AT", "WHY"});
  for (const auto& lease : leases)
    table.add(
        {lease["mac"].get<std::string>(), lease["state"].get<std::string>(),
         fmt::format("{} of {}", lease["spent"].get<uint32_t>(), lease["budget"].get<uint32_t>()),
         fmt::format("tried {}",
                     acl::counted(lease["old_password_tries"].get<uint32_t>(), "time", "times")),
         lease["deadline"].get<std::string>(), listed(lease["accounts"]),
         listed(lease["addresses"]), lease["reason"].get<std::string>()});
  return table.text();
}

}  // namespace

void add_lease_commands(Shell& shell) {
  auto& lease =
      *shell.app().add_subcommand("lease", "Phones whose old credentials are excused for a while");
  lease.require_subcommand(0, 1);
  auto list =
      shell.add(lease, "list", "lease.list", "Lists leases", "stormdoor lease list", render_leases);
  // `stormdoor lease` alone lists them too.
  lease.callback([&shell, &lease, command = list.command] {
    if (lease.get_subcommands().empty()) shell.choose(command);
  });
  shell
      .add(lease, "open", "lease.open",
           "Excuses a phone's old account and its own files (changes to phones do so themselves)",
           "stormdoor lease open 00:0F:D3:05:48:48 --for 1h")
      .text("mac", "mac", "The phone", true)
      .text("--for", "for", "How long: 30m, 2h; default: lease.within")
      .number("--budget", "budget", "How many failures at most; default: lease.budget");
  shell.add(lease, "close", "lease.close", "Ends it", "stormdoor lease close 00:0F:D3:05:48:48")
      .text("mac", "mac", "The phone", true);
}

}  // namespace stormdoor::edge
