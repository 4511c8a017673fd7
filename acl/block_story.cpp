#include "acl/block_story.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace stormdoor::acl {
namespace {

constexpr milliseconds kBefore = std::chrono::hours(1);
constexpr milliseconds kBehind = std::chrono::hours(24);

struct HashOfPrefix {
  size_t operator()(const IpPrefix& prefix) const noexcept {
    return std::hash<IpAddress>()(prefix.address()) ^ size_t(prefix.length());
  }
};

template <typename T>
void name(const T& one, std::vector<T>& all) {
  if (all.size() < BlockStory::kMostNamed && std::ranges::find(all, one) == all.end())
    all.push_back(one);
}

// Blocks by the prefixes that they are of, whatever lengths there are.
class Witnesses {
 public:
  explicit Witnesses(std::initializer_list<std::span<BlockStory>> all) {
    for (const auto& blocks : all)
      for (BlockStory& story : blocks) expect(story);
  }

  [[nodiscard]] bool over(WallTime now) const { return now - kBehind >= end_; }

  void hear(const JournalEvent& event) {
    if (!event.source) return;
    if (event.kind != JournalKind::Failure && event.kind != JournalKind::Success) return;
    if (event.time < begin_ || event.time >= end_) return;
    const bool v4 = event.source->is_v4();
    for (const auto& [of_v4, length] : lengths_) {
      if (of_v4 != v4) continue;
      const auto found = by_prefix_.find(IpPrefix(*event.source, length));
      if (found == by_prefix_.end()) continue;
      for (BlockStory* story : found->second) add(event, *story);
    }
  }

 private:
  void expect(BlockStory& story) {
    by_prefix_[story.block.source].push_back(&story);
    lengths_.insert({story.block.source.is_v4(), story.block.source.length()});
    begin_ = std::min(begin_, story.block.since - kBefore);
    end_ = std::max(end_, story.block.until);
  }
  static bool concerns(const JournalEvent& event, const BlockStory& story) {
    const store::BlockRecord& block = story.block;
    if (uint8_t(event.service) != block.service || event.time >= block.until) return false;
    if (!block.account.empty() && event.account != block.account &&
        !(event.device && event.device->to_string() == block.account))
      return false;
    return event.kind == JournalKind::Failure ? event.time >= block.since - kBefore
                                              : event.time >= block.since;
  }

  static void add(const JournalEvent& event, BlockStory& story) {
    if (!concerns(event, story)) return;
    ++(event.kind == JournalKind::Failure ? story.failures : story.successes);
    if (event.device) name(*event.device, story.phones);
    if (!event.account.empty()) name(event.account, story.accounts);
  }

  std::unordered_map<IpPrefix, std::vector<BlockStory*>, HashOfPrefix> by_prefix_;
  std::set<std::pair<bool, int>> lengths_;
  WallTime begin_ = WallTime::max();  // of what concerns any of them
  WallTime end_;
};

}  // namespace

void find_witnesses(const JournalPlayer& play, std::initializer_list<std::span<BlockStory>> all) {
  if (std::ranges::all_of(all, [](const auto& blocks) { return blocks.empty(); })) return;
  Witnesses witnesses(all);
  play([&](const JournalEvent& event) {
    witnesses.hear(event);
    return !witnesses.over(event.time);
  });
}

}  // namespace stormdoor::acl
