#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hotdesk/directory.hpp"
#include "hotdesk/problems.hpp"

// What requests with many rows share: a list of phones, a CSV file.
namespace stormdoor::hotdesk {

// Where a row stands: its number from 1, and its line if it came from a file (else 0).
struct RowPlace {
  size_t row = 0;
  size_t line = 0;
};

// Collects the errors of many rows: keeps the first kMostRowErrors and, at the end, says how many
// there were besides.
class RowErrors {
 public:
  void add(RowPlace place, std::string_view field, std::string message);
  void add(RowPlace place, const Problems& problems);
  [[nodiscard]] bool none() const { return errors_.empty(); }
  // Everything, once; there are none afterwards.
  [[nodiscard]] std::vector<RowError> take();

 private:
  std::vector<RowError> errors_;
  size_t left_out_ = 0;
};

// Remembers the keys of the rows so far, so that a key which an earlier row has is told apart from
// one that was registered before. Holds one entry per row.
class SeenRows {
 public:
  // A problem about `field` if an earlier row had this key. `what` is a phrase: "phone".
  Problems note(std::string_view field, std::string_view what, const std::string& key,
                RowPlace place);

 private:
  std::map<std::string, RowPlace> places_;
};

// add_phone() for the rows of one request.
class PhoneRows {
 public:
  PhoneRows(Draft& draft, const Tools& tools) : draft_(draft), tools_(tools) {}
  Problems add(RowPlace place, const PhoneRequest& request);

 private:
  Draft& draft_;
  const Tools& tools_;
  SeenRows seen_;
};

}  // namespace stormdoor::hotdesk
