#include "acl/shadow_report.hpp"

#include <algorithm>

namespace stormdoor::acl {

ShadowReport shadow_report(const JournalPlayer& play) {
  ShadowReport report;
  play([&](const JournalEvent& event) {
    if (report.events++ == 0) report.from = event.time;
    report.until = event.time;
    if (event.kind != JournalKind::Block || event.by_administrator || !event.prefix) return true;
    if (++report.blocks_count > ShadowReport::kMostNamed) return true;
    report.blocks.emplace_back();
    report.blocks.back().block = block_of(event);
    return true;
  });
  find_witnesses(play, {report.blocks});
  for (const BlockStory& story : report.blocks) {
    report.failures += story.failures;
    report.successes += story.successes;
    report.phones.insert(report.phones.end(), story.phones.begin(), story.phones.end());
  }
  std::ranges::sort(report.phones);
  const auto again = std::ranges::unique(report.phones);
  report.phones.erase(again.begin(), again.end());
  std::ranges::stable_sort(report.blocks, std::ranges::greater(), &BlockStory::successes);
  return report;
}

}  // namespace stormdoor::acl
