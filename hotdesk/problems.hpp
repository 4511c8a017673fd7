#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace stormdoor::hotdesk {

// One thing that is wrong with a request: the field it is about (as files and the API spell it,
// empty if it is about the whole) and a sentence for the administrator.
struct Problem {
  std::string field;
  ErrorCode code = ErrorCode::InvalidArgument;
  std::string message;
  bool operator==(const Problem&) const = default;
};

// All that is wrong with one request, so that a form or a file is corrected once and not once per
// mistake. None: it was done.
class [[nodiscard]] Problems {
 public:
  Problems() = default;

  [[nodiscard]] bool none() const { return all_.empty(); }
  [[nodiscard]] const std::vector<Problem>& all() const { return all_; }
  // The first one's code, and every sentence: "a; b", with each as a detail. Only when there is
  // one.
  [[nodiscard]] Error error() const;

  void add(std::string_view field, ErrorCode code, std::string message);
  void add(std::string_view field, const Error& error);
  void add(Problems others);
  // Notes the error of a check, if it is one.
  void check(std::string_view field, const Result<void>& checked);

 private:
  std::vector<Problem> all_;
};

// A problem with one of many rows. `row` counts from 1; `line` is that of the file, 0 if there was
// none.
struct RowError {
  size_t row = 0;
  size_t line = 0;
  std::string field;
  std::string message;
  bool operator==(const RowError&) const = default;
};

// As details of an Error.
[[nodiscard]] std::vector<ErrorDetail> details_of(const std::vector<RowError>& errors);

// "line 7: mac: ..." (or "row 7: ..." without a file), as people read it.
[[nodiscard]] std::string to_string(const RowError& error);

}  // namespace stormdoor::hotdesk
