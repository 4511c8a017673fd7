// What the shell can ask about hot desking: conversions, and whose help an emergency call brings
// where.

#include <fmt/format.h>

#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/conversion.hpp"
#include "hotdesk/emergency.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string sentence_of(const hotdesk::ConversionReport& report, const std::string& location) {
  std::string text = fmt::format(
      "{} now {}{}.",
      report.converted == 1 ? "1 phone is" : fmt::format("{} phones are", report.converted),
      report.converted == 1 ? "a hot-desk phone" : "hot-desk phones",
      location.empty() ? "" : " at " + location);
  if (report.unchanged > 0) text += fmt::format(" {} were already.", report.unchanged);
  if (!report.users.empty())
    text += fmt::format(" {} {} at any of them from now on.", report.users.size(),
                        report.users.size() == 1 ? "user logs in" : "users log in");
  for (const auto& note : report.notes) text += "\n" + note;
  return text;
}

// Planned on the store thread, against what the registry is then; the sentence is made there too.
Result<void> convert(Office& office, Arguments& arguments, const Responder& responder) {
  std::vector<MacAddress> phones;
  for (const auto& text : arguments.texts("macs")) phones.push_back(TRY(MacAddress::parse(text)));
  const auto location = arguments.maybe_text("location").value_or("");
  TRY(arguments.finish());
  const auto report = std::make_shared<hotdesk::ConversionReport>();
  office.change(
      [&office, phones, location,
       report](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        *report = hotdesk::convert(draft, phones, location, office.tools());
        if (report->errors.empty()) return std::move(draft).take();
        std::string text = "nothing was converted:";
        for (const auto& error : report->errors) text += "\n  " + hotdesk::to_string(error);
        return Error(ErrorCode::InvalidArgument, text);
      },
      [&office, responder, report, location](const Result<void>& done) {
        answer_with(office, responder, done ? sentence_of(*report, location) : "")(done);
      });
  return {};
}

json row_of(const hotdesk::EmergencyDetails& details) {
  return {{"phone", details.mac.to_string()}, {"location", details.location},
          {"label", details.label},           {"number", details.number},
          {"address", details.address},       {"missing", details.missing}};
}

// The phones that were seen at an address: by the watch, else by what they fetched from there.
std::vector<MacAddress> phones_at(const Office& office, const IpAddress& address) {
  if (const auto proven = office.bindings().proven_mac(address, office.now())) return {*proven};
  return office.activity().at(address);
}

Result<std::vector<hotdesk::EmergencyDetails>> emergency_at(const Office& office,
                                                            const IpAddress& address) {
  std::vector<hotdesk::EmergencyDetails> all;
  for (const auto& mac : phones_at(office, address))
    if (auto details = hotdesk::emergency_of(*office.registry(), mac))
      all.push_back(*std::move(details));
  if (all.empty())
    return Error(ErrorCode::NotFound,
                 fmt::format("no phone of ours was seen at {}", address.to_string()));
  return all;
}

Result<void> emergency(const Office& office, Arguments& arguments, const Responder& responder) {
  const std::string what = arguments.text("what");
  TRY(arguments.finish());
  json rows = TRY(emergency_rows(office, what));
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

}  // namespace

Result<json> emergency_rows(const Office& office, const std::string& what) {
  const auto address = IpAddress::parse(what);
  const auto found =
      address ? emergency_at(office, *address) : hotdesk::find_emergency(*office.registry(), what);
  if (!found) return found.error();
  json rows = json::array();
  for (const auto& details : *found) rows.push_back(row_of(details));
  return rows;
}

void add_hotdesk_commands(CommandTable& table, Office& office) {
  table.add("convert", [&office](Arguments& arguments, const Responder& responder) {
    return convert(office, arguments, responder);
  });
  table.add("emergency", [&office](Arguments& arguments, const Responder& responder) {
    return emergency(office, arguments, responder);
  });
}

}  // namespace stormdoor::edge
