#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mac_address.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/problems.hpp"

namespace stormdoor::hotdesk {

// Where a row stands: its number from 1, and its line if it came from a file (else 0).
struct RowPlace {
  size_t row = 0;
  size_t line = 0;
};

// Collects the errors of many rows: keeps the first kMostRowErrors and, at the end, says how many
// there were besides.
class RowCollector {
 public:
  void add(RowPlace place, std::string_view field, std::string message);
  void add(RowPlace place, const Problems& problems);
  [[nodiscard]] bool none() const { return errors_.empty(); }
  // Everything, once; the collector is empty afterwards.
  [[nodiscard]] std::vector<RowError> take();

 private:
  std::vector<RowError> errors_;
  size_t left_out_ = 0;
};

// add_phone() for one row of many. A MAC that an earlier row has is told apart from one that was
// registered before.
class PhoneRows {
 public:
  PhoneRows(Draft& draft, const Tools& tools) : draft_(draft), tools_(tools) {}
  Problems add(RowPlace place, const PhoneRequest& request);

 private:
  Draft& draft_;
  const Tools& tools_;
  std::map<MacAddress, RowPlace> seen_;
};

}  // namespace stormdoor::hotdesk
