#include "hotdesk/conversion_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "acl/lease_book.hpp"
#include "hotdesk/edits.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::ConversionStep;
using store::PhoneRole;

bool is_open(const ConversionRecord& conversion) {
  return conversion.ended == WallTime::max();
}

std::shared_ptr<const ConversionRecord> find(const Registry& registry, uint64_t number) {
  for (auto& conversion : registry.conversions())
    if (conversion->number == number) return conversion;
  return nullptr;
}

std::vector<ConversionPhoneRecord> phones_of(const Registry& registry, uint64_t number) {
  std::vector<ConversionPhoneRecord> phones;
  registry.for_each_conversion_phone(number, [&](const auto& phone) { phones.push_back(*phone); });
  return phones;
}

// The conversion in which this phone still waits or is away; 0: none.
uint64_t open_conversion_of(const Registry& registry, const MacAddress& mac) {
  for (const auto& conversion : registry.conversions()) {
    if (!is_open(*conversion)) continue;
    const auto phone = registry.conversion_phone(conversion->number, mac);
    if (phone && (phone->step == ConversionStep::Waiting || phone->step == ConversionStep::Away))
      return conversion->number;
  }
  return 0;
}

std::string joined(const std::vector<RowError>& errors) {
  std::string text;
  for (const auto& error : errors) text += (text.empty() ? "" : "; ") + error.message;
  return text;
}

// Converts one phone whose turn it is, and says in its record what became of it. One that lost
// nothing by it has nothing to come back from.
void convert_now(Draft& draft, ConversionPhoneRecord& phone, const std::string& location,
                 WallTime now, const Tools& tools, ConversionReport* report) {
  const auto before = draft.registry().assignment_of(phone.mac);
  const ConversionReport one = convert(draft, std::span(&phone.mac, 1), location, tools);
  phone.started = now;
  if (!one.errors.empty()) {
    phone.step = ConversionStep::Refused;
    phone.ended = now;
    phone.note = joined(one.errors);
  } else if (before) {
    phone.extension = before->extension;
    phone.step = ConversionStep::Away;
  } else {
    phone.step = ConversionStep::Back;
    phone.ended = now;
  }
  if (!report) return;
  report->converted += one.converted;
  report->users.insert(report->users.end(), one.users.begin(), one.users.end());
  report->notes.insert(report->notes.end(), one.notes.begin(), one.notes.end());
}

void put(Draft& draft, const ConversionPhoneRecord& phone) {
  draft.append(store::PutConversionPhone{phone});
}

// It is over; the oldest that are so are forgotten.
void end(Draft& draft, ConversionRecord conversion, WallTime now) {
  conversion.ended = now;
  draft.append(store::PutConversion{std::move(conversion)});
  std::vector<uint64_t> ended;
  for (const auto& one : draft.registry().conversions())
    if (!is_open(*one)) ended.push_back(one->number);
  for (size_t i = 0; i + kMostKeptConversions < ended.size(); ++i)
    draft.append(store::EraseConversion{ended[i]});
}

void count_forgiven(ConversionPhoneRecord& phone, const LeaseRecord& lease) {
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  phone.stale = lease.stale;
  phone.forgiven = uint32_t(std::min(uint64_t{lease.spent} + lease.stale, kMost));
}

// What its lease says of a phone that is away, or that was not back.
void follow_lease(Draft& draft, ConversionPhoneRecord& phone, std::span<const LeaseRecord> back,
                  WallTime now) {
  const auto closed = std::ranges::find(back, phone.mac, &LeaseRecord::mac);
  if (closed != back.end()) {
    phone.step = ConversionStep::Back;
    phone.ended = now;
    count_forgiven(phone, *closed);
    phone.note.clear();
    return put(draft, phone);
  }
  if (phone.step != ConversionStep::Away) return;
  const auto lease = draft.registry().lease_of(phone.mac);
  if (lease && !acl::is_past_deadline(*lease, now)) return;
  phone.step = ConversionStep::NotBack;
  phone.ended = now;
  if (lease) count_forgiven(phone, *lease);
  phone.note = lease ? "it did not come back in time" : "its lease was closed before it came back";
  put(draft, phone);
}

void advance(Draft& draft, const ConversionRecord& conversion, std::span<const LeaseRecord> back,
             WallTime now, const Tools& tools) {
  auto phones = phones_of(draft.registry(), conversion.number);
  for (auto& phone : phones)
    // A lease is opened by the change that converts; before that is durable there is none to see.
    if ((phone.step == ConversionStep::Away && phone.started != now) ||
        phone.step == ConversionStep::NotBack)
      follow_lease(draft, phone, back, now);
  if (!is_open(conversion)) return;
  size_t away =
      size_t(std::ranges::count(phones, ConversionStep::Away, &ConversionPhoneRecord::step));
  for (auto& phone : phones) {
    if (conversion.paused || phone.step != ConversionStep::Waiting) continue;
    if (conversion.at_once > 0 && away >= conversion.at_once) break;
    convert_now(draft, phone, conversion.location, now, tools, nullptr);
    if (phone.step == ConversionStep::Away) ++away;
    put(draft, phone);
  }
  const bool over = std::ranges::none_of(phones, [](const auto& phone) {
    return phone.step == ConversionStep::Waiting || phone.step == ConversionStep::Away;
  });
  if (over) end(draft, conversion, now);
}

Problems no_such(uint64_t number) {
  return refused(
      "number", ErrorCode::NotFound,
      fmt::format("there is no conversion {}; \"stormdoor conversions\" lists them", number));
}

Problems set_paused(Draft& draft, uint64_t number, bool paused) {
  const auto conversion = find(draft.registry(), number);
  if (!conversion) return no_such(number);
  if (!is_open(*conversion))
    return refused("number", ErrorCode::Conflict, fmt::format("conversion {} is over", number));
  if (conversion->paused == paused) return {};
  ConversionRecord changed = *conversion;
  changed.paused = paused;
  draft.append(store::PutConversion{changed});
  return {};
}

}  // namespace

StartedConversion start_conversion(Draft& draft, const ConversionOrder& order, WallTime now,
                                   const Tools& tools) {
  StartedConversion started;
  Draft judged(draft.registry());  // what would become of all of them
  started.report = convert(judged, order.phones, order.location, tools);
  for (size_t i = 0; i < order.phones.size(); ++i)
    if (const uint64_t other = open_conversion_of(draft.registry(), order.phones[i]))
      started.report.errors.push_back(
          {i + 1, 0, "mac",
           fmt::format("{} is in conversion {} already", order.phones[i].to_string(), other)});
  if (!started.report.errors.empty() || started.report.converted == 0) return started;

  started.number = 1;
  for (const auto& conversion : draft.registry().conversions())
    started.number = std::max(started.number, conversion->number + 1);
  const ConversionRecord conversion{.number = started.number,
                                    .location = order.location,
                                    .at_once = order.at_once,
                                    .paused = false,
                                    .opened = now,
                                    .ended = WallTime::max()};
  draft.append(store::PutConversion{conversion});
  const size_t unchanged = started.report.unchanged;
  started.report = {};
  started.report.unchanged = unchanged;
  size_t away = 0;
  for (const MacAddress& mac : std::set<MacAddress>(order.phones.begin(), order.phones.end())) {
    const auto before = draft.registry().phone(mac);
    if (before->role == PhoneRole::HotDesk &&
        (order.location.empty() || before->location == order.location))
      continue;
    ConversionPhoneRecord phone{.conversion = started.number,
                                .mac = mac,
                                .step = ConversionStep::Waiting,
                                .extension = {},
                                .started = WallTime::max(),
                                .ended = WallTime::max(),
                                .forgiven = 0,
                                .note = {}};
    if (order.at_once == 0 || away < order.at_once)
      convert_now(draft, phone, order.location, now, tools, &started.report);
    if (phone.step == ConversionStep::Away) ++away;
    if (phone.step == ConversionStep::Waiting) ++started.waiting;
    put(draft, phone);
  }
  if (away == 0 && started.waiting == 0) end(draft, conversion, now);
  return started;
}

void advance_conversions(Draft& draft, std::span<const LeaseRecord> back, WallTime now,
                         const Tools& tools) {
  for (const auto& conversion : draft.registry().conversions())
    if (is_open(*conversion) || !back.empty()) advance(draft, *conversion, back, now, tools);
}

bool conversions_are_open(const Registry& registry) {
  return std::ranges::any_of(registry.conversions(),
                             [](const auto& conversion) { return is_open(*conversion); });
}

Problems pause_conversion(Draft& draft, uint64_t number) {
  return set_paused(draft, number, true);
}

Problems resume_conversion(Draft& draft, uint64_t number) {
  return set_paused(draft, number, false);
}

Problems undo_conversion(Draft& draft, uint64_t number, WallTime now) {
  const auto conversion = find(draft.registry(), number);
  if (!conversion) return no_such(number);
  auto phones = phones_of(draft.registry(), number);
  size_t undone = 0;
  bool away = false;
  for (auto& phone : phones) {
    away = away || phone.step == ConversionStep::Away;
    if (phone.step != ConversionStep::Waiting) continue;
    phone.step = ConversionStep::Undone;
    phone.ended = now;
    put(draft, phone);
    ++undone;
  }
  if (undone == 0)
    return refused("number", ErrorCode::Conflict,
                   fmt::format("no phone of conversion {} waits any more", number));
  if (!away) end(draft, *conversion, now);
  return {};
}

ConversionCounts counts_of(const Registry& registry, uint64_t number) {
  ConversionCounts counts;
  registry.for_each_conversion_phone(number, [&](const auto& phone) {
    ++counts.phones;
    counts.forgiven += phone->forgiven;
    counts.stale += phone->stale;
    switch (phone->step) {
      case ConversionStep::Waiting:
        ++counts.waiting;
        break;
      case ConversionStep::Away:
        ++counts.away;
        break;
      case ConversionStep::Back:
        ++counts.back;
        break;
      case ConversionStep::NotBack:
        ++counts.not_back;
        break;
      case ConversionStep::Undone:
        ++counts.undone;
        break;
      case ConversionStep::Refused:
        ++counts.refused;
        break;
    }
  });
  return counts;
}

std::string_view to_string(ConversionStep step) {
  switch (step) {
    case ConversionStep::Waiting:
      return "waiting";
    case ConversionStep::Away:
      return "away";
    case ConversionStep::Back:
      return "back";
    case ConversionStep::NotBack:
      return "not back";
    case ConversionStep::Undone:
      return "undone";
    case ConversionStep::Refused:
      return "refused";
  }
  return "waiting";
}

}  // namespace stormdoor::hotdesk
