// Who is behind which address, as the watch has seen it.

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

constexpr size_t kMostRows = 10'000;

json holder_row(const acl::BindingTable::Holder& holder) {
  return {
      {"mac", holder.mac.to_string()},         {"learned_by", acl::to_string(holder.source)},
      {"first", format_time(holder.first)},    {"last", format_time(holder.last)},
      {"interface", holder.interface},         {"vlan", holder.vlan},
      {"foreign_frame", holder.foreign_frame}, {"vendor_class", printable(holder.vendor_class, 64)},
      {"relay", printable(holder.relay, 128)}};
}

json binding_row(const acl::BindingTable::Binding& binding) {
  json holders = json::array();
  for (const auto& holder : binding.holders) holders.push_back(holder_row(holder));
  return {{"address", binding.address.to_string()},
          {"conflict", binding.conflict},
          {"fit", binding.fit},
          {"holders", std::move(holders)}};
}

// All of them, or those of one address or one MAC.
Result<std::vector<acl::BindingTable::Binding>> bindings_about(
    Office& office, const std::optional<std::string>& about) {
  const acl::BindingTable& table = office.bindings();
  if (!about) return table.all(kMostRows, office.now());
  std::vector<IpAddress> addresses;
  if (const auto address = IpAddress::parse(*about))
    addresses.push_back(*address);
  else if (const auto mac = MacAddress::parse(*about))
    addresses = table.addresses_of(*mac);
  else
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is neither an address nor a MAC", printable(*about, 40)));
  std::vector<acl::BindingTable::Binding> found;
  for (const auto& address : addresses)
    if (auto binding = table.find(address, office.now())) found.push_back(std::move(*binding));
  return found;
}

}  // namespace

void add_binding_commands(CommandTable& table, Office& office) {
  table.add("bindings",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const auto about = arguments.maybe_text("about");
              TRY(arguments.finish());
              json rows = json::array();
              for (const auto& binding : TRY(bindings_about(office, about)))
                rows.push_back(binding_row(binding));
              responder.respond(ControlResponse::done("", std::move(rows)));
              return {};
            });
}

}  // namespace stormdoor::edge
