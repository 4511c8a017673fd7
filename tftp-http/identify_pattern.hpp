#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::http {

// What a pattern found in a file name or a User-Agent. Views into the text.
struct PatternMatch {
  std::optional<MacAddress> mac;
  std::string_view model;
  std::string_view firmware;
};

// A small pattern language for strangers' file names and User-Agents, instead of regular
// expressions, whose cost a stranger could choose. A pattern fits the whole text, letters in either
// case, and consists of
//   {mac}       twelve hexadecimal digits, or six pairs with ':' or '-'; never all-zero or
//   multicast {model}     1 to 32 letters, digits, '_', '.', '+', '-' {firmware}  1 to 48 letters,
//   digits, '_', '.', '-', '(', ')'
//   *           any run, also an empty one; in file names it ends at a '/'
//   ?           one letter or digit
// and anything else as itself. Wildcards take as little as fits. Bounds: 16 parts, texts of
// kMostText bytes (longer ones fit nothing) and kMostSteps comparisons (a text that would need more
// fits nothing).
class Pattern {
 public:
  enum class Kind : uint8_t { FileName, UserAgent };
  static constexpr size_t kMostText = 256;
  static constexpr int kMostSteps = 4000;

  static Result<Pattern> parse(std::string_view text, Kind kind);

  [[nodiscard]] std::optional<PatternMatch> match(std::string_view text) const;
  [[nodiscard]] bool names_a_mac() const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  enum class PartKind : uint8_t { Literal, Mac, Model, Firmware, Run, One };
  struct Part {
    PartKind kind = PartKind::Literal;
    std::string literal;  // lower case
  };
  class Matcher;
  Pattern(std::string text, Kind kind, std::vector<Part> parts);

  // Whether it is worth while to look closer: most of a profile's patterns end otherwise.
  [[nodiscard]] bool may_match(std::string_view text) const;

  std::string text_;
  Kind kind_;
  std::vector<Part> parts_;
  size_t least_ = 0;  // characters that it takes
};

}  // namespace stormdoor::http
