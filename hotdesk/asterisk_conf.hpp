#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotdesk/problems.hpp"

namespace stormdoor::hotdesk {

// key = value, or key => value.
struct AsteriskSetting {
  size_t line = 0;
  std::string key;
  std::string value;
};

struct AsteriskSection {
  size_t line = 0;
  std::string name;
  bool is_template = false;
  // Those of its templates first, in their order; of one key the last one holds, where keys are
  // unique.
  std::vector<AsteriskSetting> settings;

  // The last value of the key, in any case; empty without one.
  [[nodiscard]] std::string_view value(std::string_view key) const;
};

// A configuration file as Asterisk reads it: sections, `[name](!)` templates and `[name](a,b)` that
// are based on them, `[name](+)` that go on, comments `; ...` and `;-- ... --;` (which nest), `\;`.
// Names of sections may repeat, as pjsip.conf's do. Pure; any thread. The values hold secrets.
//
// Never fails: what is wrong stands in problems(), by line, and a file with problems is not to be
// used; what was left out (files that it includes) stands in notes(). Bounds, beyond which reading
// stops with a problem: 8 MiB, 8 KiB for a line, kMostSections, kMostSettings in one section with
// what it inherits (so that templates of templates cannot grow without end), half a million in all.
class AsteriskConf {
 public:
  static constexpr size_t kMostBytes = size_t{8} << 20;
  static constexpr size_t kLongestLine = 8192;
  static constexpr size_t kMostSections = 200'000;
  static constexpr size_t kMostSettings = 50'000;
  static constexpr size_t kMostSettingsInAll = 500'000;

  static AsteriskConf parse(std::string_view text);

  [[nodiscard]] const std::vector<AsteriskSection>& sections() const { return sections_; }
  [[nodiscard]] const std::vector<RowError>& problems() const { return problems_; }
  [[nodiscard]] const std::vector<RowError>& notes() const { return notes_; }

 private:
  class Reader;
  std::vector<AsteriskSection> sections_;
  std::vector<RowError> problems_, notes_;
};

}  // namespace stormdoor::hotdesk
