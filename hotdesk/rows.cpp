#include "hotdesk/rows.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "hotdesk/edits.hpp"

namespace stormdoor::hotdesk {

void RowErrors::add(RowPlace place, std::string_view field, std::string message) {
  if (errors_.size() >= kMostRowErrors) {
    ++left_out_;
    return;
  }
  errors_.push_back({place.row, place.line, std::string(field), std::move(message)});
}

void RowErrors::add(RowPlace place, const Problems& problems) {
  for (const Problem& problem : problems.all()) add(place, problem.field, problem.message);
}

std::vector<RowError> RowErrors::take() {
  if (left_out_ > 0) {
    const RowError last = errors_.back();
    errors_.push_back(
        {last.row, last.line, "",
         fmt::format("and {} more error{} from here on", left_out_, left_out_ == 1 ? "" : "s")});
  }
  left_out_ = 0;
  return std::exchange(errors_, {});
}

Problems SeenRows::note(std::string_view field, std::string_view what, const std::string& key,
                        RowPlace place) {
  if (key.empty()) return {};  // missing, which is another problem
  const auto [earlier, first] = places_.emplace(key, place);
  if (first) return {};
  const auto [row, line] = earlier->second;
  return refused(field, ErrorCode::AlreadyExists,
                 fmt::format("{} {} is given twice, first in {} {}", what, printable(key, 40),
                             line > 0 ? "line" : "row", line > 0 ? line : row));
}

Problems PhoneRows::add(RowPlace place, const PhoneRequest& request) {
  if (const auto mac = MacAddress::parse(request.mac))
    if (Problems twice = seen_.note("mac", "phone", mac->to_string(), place); !twice.none())
      return twice;
  return add_phone(draft_, request, tools_);
}

std::vector<RowError> add_phones(Draft& draft, std::span<const PhoneRequest> requests,
                                 const Tools& tools) {
  RowErrors errors;
  if (requests.size() > kMostRows) {
    errors.add({}, "",
               fmt::format("{} phones at once; at most {} are taken", requests.size(), kMostRows));
    return errors.take();
  }
  const Problems refused_rows = draft.attempt([&] {
    PhoneRows rows(draft, tools);
    for (size_t i = 0; i < requests.size(); ++i)
      errors.add({i + 1, 0}, rows.add({i + 1, 0}, requests[i]));
    Problems problems;
    if (!errors.none()) problems.add("", ErrorCode::InvalidArgument, "some rows are refused");
    return problems;
  });
  STORMDOOR_CHECK(refused_rows.none() == errors.none(), "a refused row has its error");
  return errors.take();
}

}  // namespace stormdoor::hotdesk
