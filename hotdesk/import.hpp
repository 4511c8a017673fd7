#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hotdesk/directory.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/problems.hpp"

// Locations, users and phones from CSV (base/csv.hpp): a header line with the columns below in any
// order, then one row each. Pure, like hotdesk/directory.hpp, whose rules hold for every row; a row
// may refer to rows before it and to what the draft already holds. All or nothing: with any error
// the draft is as it was. Files are bounded: 16 MiB, kMostRows rows, 4 KiB per field. Rows add;
// what is already registered is an error, not an update.
namespace stormdoor::hotdesk {

// What a file adds, or everything that is wrong with it, by line.
struct ImportReport {
  std::vector<RowError> errors;  // empty: the draft holds all of it
  size_t rows = 0;               // locations, users or phones added
  size_t assigned = 0;           // how many of these phones were assigned to a user

  [[nodiscard]] bool done() const { return errors.empty(); }
};

// Columns: name, and if wanted label, emergency_number, house_number, street, city, state,
// postal_code, country, building, floor, room, networks (prefixes with spaces or semicolons
// between them).
[[nodiscard]] ImportReport import_locations(Draft& draft, std::string_view csv);

// Columns: extension, and if wanted name, pin, sip_secret (one is made for an empty one),
// main_phone (none, desk, hot-desking; empty is none).
[[nodiscard]] ImportReport import_users(Draft& draft, std::string_view csv, const Tools& tools);

// Columns: mac, and if wanted vendor (empty: told by the MAC), model, role (desk, hot-desk,
// unassigned; empty: desk with an extension, else unassigned), location, extension, slot (empty: 0,
// the main phone).
[[nodiscard]] ImportReport import_phones(Draft& draft, std::string_view csv, const Tools& tools);

}  // namespace stormdoor::hotdesk
