#include "hotdesk/problems.hpp"

#include <fmt/format.h>

#include <iterator>

namespace stormdoor::hotdesk {

Error Problems::error() const {
  STORMDOOR_CHECK(!all_.empty(), "only what went wrong has an error");
  std::string sentences;
  std::vector<ErrorDetail> details;
  for (const Problem& problem : all_) {
    if (!sentences.empty()) sentences += "; ";
    sentences += problem.message;
    details.push_back({problem.field, 0, problem.message});
  }
  return Error(all_.front().code, std::move(sentences)).with_details(std::move(details));
}

void Problems::add(std::string_view field, ErrorCode code, std::string message) {
  all_.push_back({std::string(field), code, std::move(message)});
}

void Problems::add(std::string_view field, const Error& error) {
  add(field, error.code(), error.message());
}

void Problems::add(Problems others) {
  all_.insert(all_.end(), std::make_move_iterator(others.all_.begin()),
              std::make_move_iterator(others.all_.end()));
}

void Problems::check(std::string_view field, const Result<void>& checked) {
  if (!checked) add(field, checked.error());
}

std::vector<ErrorDetail> details_of(const std::vector<RowError>& errors) {
  std::vector<ErrorDetail> details;
  for (const RowError& error : errors) details.push_back({error.field, error.row, error.message});
  return details;
}

std::string to_string(const RowError& error) {
  const std::string where =
      error.line > 0 ? fmt::format("line {}", error.line) : fmt::format("row {}", error.row);
  if (error.field.empty()) return fmt::format("{}: {}", where, error.message);
  return fmt::format("{}: {}: {}", where, error.field, error.message);
}

}  // namespace stormdoor::hotdesk
