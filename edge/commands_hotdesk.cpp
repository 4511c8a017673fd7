// What the shell can ask about hot desking: conversions, and whose help an emergency call brings
// where.

#include <fmt/format.h>

#include <limits>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/conversions.hpp"
#include "edge/office.hpp"
#include "hotdesk/conversion_run.hpp"
#include "hotdesk/emergency.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string sentence_of(const hotdesk::StartedConversion& started, const std::string& location) {
  const auto& report = started.report;
  if (started.number == 0) return "Nothing to do: they are hot-desk phones there already.";
  std::string text = fmt::format(
      "Conversion {}: {} now {}{}.", started.number,
      report.converted == 1 ? "1 phone is" : fmt::format("{} phones are", report.converted),
      report.converted == 1 ? "a hot-desk phone" : "hot-desk phones",
      location.empty() ? "" : " at " + location);
  if (started.waiting > 0)
    text += started.waiting == 1 ? std::string(" 1 waits for its turn.")
                                 : fmt::format(" {} wait for their turn.", started.waiting);
  if (report.unchanged > 0) text += fmt::format(" {} were already.", report.unchanged);
  if (!report.users.empty())
    text += fmt::format(" {} {} at any of them from now on.", report.users.size(),
                        report.users.size() == 1 ? "user logs in" : "users log in");
  for (const auto& note : report.notes) text += "\n" + note;
  return text;
}

// The texts may be those of a file: one MAC a line, what is behind # is a comment.
Result<std::vector<MacAddress>> read_macs(const std::vector<std::string>& texts,
                                          const std::string& file) {
  std::vector<MacAddress> phones;
  for (const auto& text : texts) phones.push_back(TRY(MacAddress::parse(text)));
  size_t line = 0;
  for (const std::string_view whole : split(file, '\n')) {
    ++line;
    const auto text = trim(whole.substr(0, whole.find('#')));
    if (!text.empty())
      phones.push_back(TRY_WHILE(fmt::format("line {}", line), MacAddress::parse(text)));
  }
  if (phones.empty()) return Error(ErrorCode::InvalidArgument, "no phone is named");
  return phones;
}

// Planned on the store thread, against what the registry is then; the sentence is made there too.
Result<void> convert(Office& office, Conversions& conversions, Arguments& arguments,
                     const Responder& responder) {
  const auto texts = arguments.maybe_texts("macs").value_or(std::vector<std::string>());
  const auto file = arguments.maybe_text("from").value_or("");
  (void)arguments.maybe_text("file");
  hotdesk::ConversionOrder order;
  order.location = arguments.maybe_text("location").value_or("");
  order.at_once = uint32_t(arguments.maybe_number("at_once", 0, 50'000).value_or(0));
  const bool watches = arguments.flag("watch");
  TRY(arguments.finish());
  order.phones = TRY(read_macs(texts, file));
  const auto started = std::make_shared<hotdesk::StartedConversion>();
  office.change(
      [&office, order, started,
       now = office.now().wall](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        *started = hotdesk::start_conversion(draft, order, now, office.tools());
        if (started->report.errors.empty()) return std::move(draft).take();
        std::string text = "nothing was converted:";
        for (const auto& error : started->report.errors) text += "\n  " + hotdesk::to_string(error);
        return Error(ErrorCode::InvalidArgument, text)
            .with_details(hotdesk::details_of(started->report.errors));
      },
      [&office, &conversions, responder, started, watches,
       location = order.location](const Result<void>& done) {
        const bool goes_on = done && watches && started->number != 0;
        answer_with(office, responder, done ? sentence_of(*started, location) : "", goes_on)(done);
        if (!goes_on) return conversions.tell();
        if (const auto watched = conversions.watch(started->number, responder); !watched)
          responder.respond(ControlResponse::refused(watched.error()));
      });
  return {};
}

Result<void> list_conversions(const Office& office, Arguments& arguments,
                              const Responder& responder) {
  TRY(arguments.finish());
  json rows = json::array();
  for (const auto& conversion : office.registry()->conversions())
    rows.push_back(conversion_row(*office.registry(), *conversion, false));
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

// The one that is named, or the latest.
Result<uint64_t> which(const Office& office, Arguments& arguments) {
  const auto number = arguments.maybe_number("number", 1, std::numeric_limits<int64_t>::max());
  TRY(arguments.finish());
  if (number) return uint64_t(*number);
  const auto all = office.registry()->conversions();
  if (all.empty()) return Error(ErrorCode::NotFound, "there was no conversion yet");
  return all.back()->number;
}

Result<void> show(const Office& office, Arguments& arguments, const Responder& responder) {
  const uint64_t number = TRY(which(office, arguments));
  for (const auto& conversion : office.registry()->conversions()) {
    if (conversion->number != number) continue;
    responder.respond(
        ControlResponse::done("", conversion_row(*office.registry(), *conversion, true)));
    return {};
  }
  return Error(ErrorCode::NotFound, fmt::format("there is no conversion {}", number));
}

using Step = std::function<hotdesk::Problems(hotdesk::Draft&, uint64_t number, WallTime now)>;

Result<void> take(Office& office, Conversions& conversions, Arguments& arguments,
                  const Responder& responder, const Step& step, const char* sentence) {
  const uint64_t number = TRY(which(office, arguments));
  office.change(
      [&office, number, step,
       now = office.now().wall](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        const auto problems = step(draft, number, now);
        if (!problems.none()) return Error(problems.error());
        hotdesk::advance_conversions(draft, {}, now, office.tools());
        return std::move(draft).take();
      },
      [&office, &conversions, responder, number, sentence](const Result<void>& done) {
        answer_with(office, responder, fmt::format("Conversion {} {}.", number, sentence))(done);
        conversions.tell();
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

Result<void> emergency(Office& office, Arguments& arguments, const Responder& responder) {
  const std::string what = arguments.text("what");
  TRY(arguments.finish());
  json rows = TRY(emergency_rows(office, what));
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

}  // namespace

Result<json> emergency_rows(Office& office, const std::string& what) {
  const auto address = IpAddress::parse(what);
  const auto found =
      address ? emergency_at(office, *address) : hotdesk::find_emergency(*office.registry(), what);
  if (!found) return found.error();
  json rows = json::array();
  for (const auto& details : *found) {
    rows.push_back(row_of(details));
    const auto elsewhere = office.misplaced().find(details.mac);
    if (!elsewhere) continue;
    std::string& missing = rows.back()["missing"].get_ref<std::string&>();
    missing += fmt::format("{}it was last seen at {}, which is no network of that location",
                           missing.empty() ? "" : "; ", elsewhere->address.to_string());
  }
  return rows;
}

void add_hotdesk_commands(CommandTable& table, Office& office, Conversions& conversions) {
  table.add("convert", [&office, &conversions](Arguments& arguments, const Responder& responder) {
    return convert(office, conversions, arguments, responder);
  });
  table.add("conversions.list", [&office](Arguments& arguments, const Responder& responder) {
    return list_conversions(office, arguments, responder);
  });
  table.add("conversions.show", [&office](Arguments& arguments, const Responder& responder) {
    return show(office, arguments, responder);
  });
  table.add(
      "conversions.watch",
      [&office, &conversions](Arguments& arguments, const Responder& responder) -> Result<void> {
        const uint64_t number = TRY(which(office, arguments));
        return conversions.watch(number, responder);
      });
  const auto add_step = [&](const char* name, const Step& step, const char* sentence) {
    table.add(name, [&office, &conversions, step, sentence](Arguments& arguments,
                                                            const Responder& responder) {
      return take(office, conversions, arguments, responder, step, sentence);
    });
  };
  add_step(
      "conversions.pause",
      [](hotdesk::Draft& draft, uint64_t number, WallTime) {
        return hotdesk::pause_conversion(draft, number);
      },
      "is paused: no further phone is converted");
  add_step(
      "conversions.resume",
      [](hotdesk::Draft& draft, uint64_t number, WallTime) {
        return hotdesk::resume_conversion(draft, number);
      },
      "goes on");
  add_step("conversions.undo", hotdesk::undo_conversion,
           "leaves the phones that wait what they are");
  table.add("emergency", [&office](Arguments& arguments, const Responder& responder) {
    return emergency(office, arguments, responder);
  });
}

}  // namespace stormdoor::edge
