// The shell's commands for hot desking.

#include <fmt/format.h>

#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string render_emergency(const json& phones) {
  Table table({"PHONE", "LOCATION", "LABEL", "NUMBER", "ADDRESS"});
  std::string missing;
  for (const auto& phone : phones) {
    table.add({phone["phone"].get<std::string>(), phone["location"].get<std::string>(),
               phone["label"].get<std::string>(), phone["number"].get<std::string>(),
               phone["address"].get<std::string>()});
    if (!phone["missing"].get<std::string>().empty())
      missing += fmt::format("{}: {}\n", phone["phone"].get<std::string>(),
                             phone["missing"].get<std::string>());
  }
  return table.text() + missing;
}

}  // namespace

void add_hotdesk_commands(Shell& shell) {
  auto convert = shell.add(shell.app(), "convert", "convert",
                           "Makes desk phones into hot-desk phones, all or none, in one step",
                           "stormdoor convert 00:0F:D3:05:48:48 000fd3054849 --location lobby");
  convert.texts("macs", "macs", "MAC addresses in any common spelling", true);
  convert.text("--location", "location", "Where they stand; default: where each stands now");
  shell
      .add(shell.app(), "emergency", "emergency",
           "Which number and address an emergency call from a phone carries: its desk's",
           "stormdoor emergency 2041", render_emergency)
      .text("what", "what", "A MAC address, an extension or an address", true);
}

}  // namespace stormdoor::edge
