#include "edge/history.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace stormdoor::edge {

using nlohmann::json;

namespace {

// "lease-opened", as live events are called.
std::string word_of(acl::JournalKind kind) {
  std::string word(acl::to_string(kind));
  std::ranges::replace(word, ' ', '-');
  return word;
}

bool journal_tells(const std::string& kind) {
  for (auto one = uint8_t{0}; one <= uint8_t(acl::kLastJournalKind); ++one)
    if (word_of(acl::JournalKind{one}) == kind) return true;
  return false;
}

}  // namespace

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
              {"kind", word_of(event.kind)},
              {"text", acl::sentence_of(event)}};
  if (event.source) row["source"] = event.source->to_string();
  if (event.device) row["phone"] = event.device->to_string();
  if (!event.account.empty()) row["extension"] = printable(event.account, 64);
  return row;
}

json merged_rows(const std::vector<acl::JournalEvent>& journal,
                 const std::vector<std::pair<uint64_t, Event>>& live, size_t most) {
  std::vector<std::pair<WallTime, json>> all;
  for (const auto& event : journal) all.emplace_back(event.time, event_row(event));
  for (const auto& [number, event] : live)
    if (!journal_tells(event.kind)) all.emplace_back(event.time, event_row(number, event));
  std::ranges::stable_sort(all, {}, &std::pair<WallTime, json>::first);
  json rows = json::array();
  for (size_t i = all.size() - std::min(most, all.size()); i < all.size(); ++i)
    rows.push_back(std::move(all[i].second));
  return rows;
}

}  // namespace stormdoor::edge
