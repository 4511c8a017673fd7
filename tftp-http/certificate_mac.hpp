#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::http {

// Where the MAC stands in the subject of a vendor's device certificates: "CN={mac}",
// "CN=*-{mac}", "serialNumber=SEP{mac}". Before and after "{mac}" is literal text (any case) in
// which "*" stands for anything; the MAC may have any common spelling. The whole attribute must
// fit, so a generic certificate that a vendor puts into every phone names no MAC and proves
// nothing.
class CertificateMacPattern {
 public:
  static Result<CertificateMacPattern> parse(std::string_view text);

  // "CN", "serialNumber" and the like: short or long name of a subject attribute.
  [[nodiscard]] const std::string& attribute() const { return attribute_; }
  [[nodiscard]] std::optional<MacAddress> match(std::string_view value) const;
  [[nodiscard]] std::string to_string() const;

  bool operator==(const CertificateMacPattern&) const = default;

 private:
  std::string attribute_;
  std::string before_;
  std::string after_;
};

}  // namespace stormdoor::http
