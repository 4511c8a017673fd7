#pragma once

#include <set>
#include <string>

#include "edge/enforce/set_id.hpp"

// The text of stormdoor's table, as libnftables and nft read it: pure functions of the settings.
//
// The table is "inet stormdoor" and not flagged `owner`, so that it outlives us. Its chains hook in
// before the ordinary filters. What it lets pass it only returns: other tables still decide. What a
// source is blocked for is refused on that service's ports only.
namespace stormdoor::edge::enforce {

inline constexpr std::string_view kTable = "stormdoor";
// The chain that hands packets to the packet queue; its one rule is the kernel wrapper's, because
// how to say it differs between kernels.
inline constexpr std::string_view kAskChain = "ask";

// What a contested source may ask per minute while the queue is in use: so many packets wait at
// most, and one source's flood is its own.
inline constexpr Rate kAskRate{6'000, 200};

// Which sets there are. Grows by the prefix lengths that come up; never shrinks while we run.
class Layout {
 public:
  // The lengths that are ordinary: single addresses, and /64 for IPv6.
  explicit Layout(const EnforceSettings& settings, bool queue_in_use);

  // True when the entry needs a set that was not there.
  bool add(const Entry& entry);
  // A set that is there already, perhaps with a rate of earlier settings: it keeps its rule.
  void keep(const SetId& set) { sets_.insert(set); }
  [[nodiscard]] SetId set_of(const Entry& entry) const;
  [[nodiscard]] const std::set<SetId>& sets() const { return sets_; }
  // The same lengths under other settings.
  [[nodiscard]] Layout with(const EnforceSettings& settings, bool queue_in_use) const;

 private:
  Rate metered_, contested_;
  std::set<SetId> sets_;
};

// Makes the table, its sets and its chains where they are missing, and touches no rule.
[[nodiscard]] std::string frame_text(const Layout& layout);
// Replaces every rule but those of the ask chain, and deletes the sets named.
[[nodiscard]] std::string rules_text(const EnforceSettings& settings, const Layout& layout,
                                     bool queue_in_use, const std::vector<SetId>& stale_sets);
// Both, with the ask chain's rule: what `nft -f` would load for these settings.
[[nodiscard]] std::string ruleset_text(const EnforceSettings& settings);

}  // namespace stormdoor::edge::enforce
