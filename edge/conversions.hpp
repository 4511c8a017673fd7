#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "edge/control_server.hpp"
#include "edge/office.hpp"
#include "hotdesk/conversion_run.hpp"

namespace stormdoor::edge {

// Tells of conversions as they go on: to shells that watch one, and as an event when one is over.
// What moves them is hotdesk/conversion_run.hpp, planned where leases are settled. Main thread
// only.
class Conversions {
 public:
  static constexpr size_t kMostWatchers = 32;
  explicit Conversions(Office& office) : office_(office) {}

  // Tells this shell how it goes, now and at every step, until the conversion is over or the shell
  // leaves. ResourceExhausted: too many watch.
  Result<void> watch(uint64_t number, const Responder& responder);
  // After changes: tells whoever should know.
  void tell();

 private:
  struct Watcher {
    uint64_t number = 0;
    Responder responder;
    std::string told;  // what it was last told
  };
  Office& office_;
  std::map<uint64_t, Watcher> watchers_;
  uint64_t next_watcher_ = 1;
  std::map<uint64_t, bool> known_;  // conversions, and whether they are over
  bool began_ = false;              // those of before the start are no news
};

// One conversion in numbers, and with `phones` each of its phones.
[[nodiscard]] nlohmann::json conversion_row(const hotdesk::Registry& registry,
                                            const hotdesk::ConversionRecord& conversion,
                                            bool phones);
[[nodiscard]] std::string sentence_of(const hotdesk::Registry& registry,
                                      const hotdesk::ConversionRecord& conversion);

}  // namespace stormdoor::edge
