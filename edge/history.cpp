#include "edge/history.hpp"

#include "base/text.hpp"

namespace stormdoor::edge {

using nlohmann::json;

acl::Subject subject_named(const std::string& text) {
  acl::Subject subject;
  if (const auto address = IpAddress::parse(text))
    subject.address = *address;
  else if (const auto mac = MacAddress::parse(text))
    subject.mac = *mac;
  else
    subject.account = text;
  return subject;
}

bool is_anybody(const acl::Subject& subject) {
  return !subject.address && !subject.mac && subject.account.empty();
}

bool is_about(const Event& event, const acl::Subject& subject) {
  if (is_anybody(subject)) return true;
  return (subject.address && event.source == subject.address) ||
         (subject.mac && event.phone == subject.mac) ||
         (!subject.account.empty() && event.extension == subject.account);
}

json event_row(uint64_t number, const Event& event) {
  json row = {{"number", number},
              {"time", format_time(event.time)},
              {"kind", event.kind},
              {"text", event.text}};
  if (event.source) row["source"] = event.source->to_string();
  if (event.phone) row["phone"] = event.phone->to_string();
  if (!event.extension.empty()) row["extension"] = event.extension;
  if (!event.by.empty()) row["by"] = event.by;
  return row;
}

json event_row(const acl::JournalEvent& event) {
  json row = {{"time", format_time(event.time)},
              {"kind", acl::to_string(event.kind)},
              {"text", acl::sentence_of(event)}};
  if (event.source) row["source"] = event.source->to_string();
  if (event.device) row["phone"] = event.device->to_string();
  if (!event.account.empty()) row["extension"] = printable(event.account, 64);
  return row;
}

}  // namespace stormdoor::edge
