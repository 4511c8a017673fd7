#include "hotdesk/desk_log.hpp"

#include <set>
#include <utility>

#include "hotdesk/phone_view.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::hotdesk {
namespace {

store::DeskLogRecord row_of(const PhoneView& view, const MacAddress& mac) {
  store::DeskLogRecord row;
  row.mac = mac;
  if (!view.users.empty()) row.extension = view.users.front()->extension;
  if (!view.location) return row;
  row.location = view.location->name;
  row.emergency_number = view.location->emergency_number;
  row.address = civic_address(*view.location);
  return row;
}

// Collects the phones whose row an operation may change.
struct Concerned {
  const Registry& before;
  std::set<MacAddress> phones;
  std::set<std::string> locations;

  void operator()(const store::PutLocation& put) { locations.insert(put.row.name); }
  void operator()(const store::PutPhone& put) { phones.insert(put.row.mac); }
  void operator()(const store::ErasePhone& erase) { phones.insert(erase.mac); }
  void operator()(const store::PutAssignment& put) {
    phones.insert(put.row.mac);
    of_slot(put.row.extension, put.row.slot);
  }
  void operator()(const store::EraseAssignment& erase) { of_slot(erase.extension, erase.slot); }
  void operator()(const store::PutDeskSession& put) {
    phones.insert(put.row.mac);
    if (const auto elsewhere = before.session_of(put.row.extension)) phones.insert(elsewhere->mac);
  }
  void operator()(const store::EraseDeskSession& erase) { phones.insert(erase.mac); }
  template <typename Other>
  void operator()(const Other&) {}  // changes nobody's place and no number

  void of_slot(std::string_view extension, uint8_t slot) {
    for (const auto& assignment : before.assignments_of(extension))
      if (assignment->slot == slot) phones.insert(assignment->mac);
  }
};

std::set<MacAddress> phones_with_another_row(const store::Change& change, const Registry& before) {
  Concerned touched{before, {}, {}};
  for (const auto& operation : change.operations) std::visit(touched, operation);
  // A location that is new or stays as it was to emergency calls concerns nobody; row by row that
  // is found out anyway, so only those that nobody stands at are left out here.
  std::erase_if(touched.locations,
                [&](const std::string& name) { return before.phones_at(name) == 0; });
  if (!touched.locations.empty())
    before.for_each_phone([&](const auto& phone) {
      if (touched.locations.contains(phone->location)) touched.phones.insert(phone->mac);
    });
  return std::move(touched.phones);
}

}  // namespace

void append_desk_log(store::Change& change, const Registry& before, WallTime now) {
  const auto touched = phones_with_another_row(change, before);
  if (touched.empty()) return;
  const auto after = before.with(change, before.version());
  for (const MacAddress& mac : touched) {
    store::DeskLogRecord row = row_of(view_of(*after, mac), mac);
    if (row == row_of(view_of(before, mac), mac)) continue;
    row.at = now;
    change.operations.emplace_back(store::AppendDeskLog{std::move(row)});
  }
}

}  // namespace stormdoor::hotdesk
