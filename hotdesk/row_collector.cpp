#include "hotdesk/row_collector.hpp"

#include <fmt/format.h>

#include <utility>

#include "hotdesk/edits.hpp"

namespace stormdoor::hotdesk {

void RowCollector::add(RowPlace place, std::string_view field, std::string message) {
  if (errors_.size() >= kMostRowErrors) {
    ++left_out_;
    return;
  }
  errors_.push_back({place.row, place.line, std::string(field), std::move(message)});
}

void RowCollector::add(RowPlace place, const Problems& problems) {
  for (const Problem& problem : problems.all()) add(place, problem.field, problem.message);
}

std::vector<RowError> RowCollector::take() {
  if (left_out_ > 0) {
    const RowError last = errors_.back();
    errors_.push_back(
        {last.row, last.line, "", fmt::format("and {} more errors from here on", left_out_)});
  }
  left_out_ = 0;
  return std::exchange(errors_, {});
}

Problems PhoneRows::add(RowPlace place, const PhoneRequest& request) {
  if (const auto mac = MacAddress::parse(request.mac)) {
    const auto [earlier, first] = seen_.emplace(*mac, place);
    if (!first) {
      const RowPlace where = earlier->second;
      return refused(
          "mac", ErrorCode::AlreadyExists,
          fmt::format("phone {} is given twice, first in {} {}", mac->to_string(),
                      where.line > 0 ? "line" : "row", where.line > 0 ? where.line : where.row));
    }
  }
  return add_phone(draft_, request, tools_);
}

std::vector<RowError> add_phones(Draft& draft, std::span<const PhoneRequest> requests,
                                 const Tools& tools) {
  RowCollector errors;
  if (requests.size() > kMostRows) {
    errors.add({}, "",
               fmt::format("{} phones at once; at most {} are taken", requests.size(), kMostRows));
    return errors.take();
  }
  const Problems refused_rows = draft.attempt([&] {
    PhoneRows rows(draft, tools);
    Problems all;
    for (size_t i = 0; i < requests.size(); ++i) {
      Problems problems = rows.add({i + 1, 0}, requests[i]);
      errors.add({i + 1, 0}, problems);
      if (all.none()) all.add(std::move(problems));
    }
    return all;
  });
  STORMDOOR_CHECK(refused_rows.none() == errors.none(), "a refused row has its error");
  return errors.take();
}

}  // namespace stormdoor::hotdesk
