#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mac_address.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/problems.hpp"

namespace stormdoor::hotdesk {

struct ConversionReport {
  // Nothing was appended if there are any; at most kMostRowErrors, `row` is the phone's place.
  std::vector<RowError> errors;
  size_t converted = 0;
  size_t unchanged = 0;            // were hot-desk phones at that location already
  std::vector<std::string> users;  // extensions whose main phone it was, who use hot desking now
  std::vector<std::string> notes;  // sentences for the administrator, as of users without a PIN
};

// Makes desk phones into hot-desk phones, all or none, in one change: the assignment goes, the
// phone stands at `location` (empty: where it stands now) and shows its idle page, and a user whose
// main phone it was uses hot desking. What that takes from the phone opens its lease in the same
// change (promise 1). A phone that nobody has is converted as well, and one that is a hot-desk
// phone already may move. At most kMostRows phones; one that stands there twice is converted once.
ConversionReport convert(Draft& draft, std::span<const MacAddress> phones,
                         std::string_view location, const Tools& tools);

}  // namespace stormdoor::hotdesk
