#include "acl/replay.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace stormdoor::acl {
namespace {

constexpr milliseconds kBetweenExpiries = std::chrono::hours(1);
// A steady clock counts nanoseconds: steps and sum must fit, whatever a damaged clock wrote.
constexpr milliseconds kLongestStep = std::chrono::days(366);
constexpr milliseconds kLongestReplay = std::chrono::days(50 * 366);
constexpr milliseconds kLongestBlock = std::chrono::days(3650);

auto key_of(const store::BlockRecord& block) {
  return std::tie(block.source, block.service, block.account);
}

// Time as the journal tells it: the steady clock only goes forward, as one does.
class JournalClock {
 public:
  Now advance(WallTime time) {
    if (!started_) now_ = {SteadyTime(std::chrono::hours(1)), time};
    started_ = true;
    const auto step = std::clamp<milliseconds>(time - now_.wall, milliseconds{0}, kLongestStep);
    if (passed_ + step <= kLongestReplay) {
      passed_ += step;
      now_.steady += step;
    }
    now_.wall = time;
    return now_;
  }

 private:
  bool started_ = false;
  milliseconds passed_{0};
  Now now_;
};

// A guard, which keeps its blocks when stormdoor restarts, as it does now and then in a journal.
class Simulation {
 public:
  Simulation(const std::shared_ptr<const RuleSet>& rules, const GuardSizes& sizes)
      : rules_(rules), sizes_(sizes), guard_(make_guard()) {}

  // A new block by a limit, if it leads to one.
  std::optional<store::BlockRecord> take(const JournalEvent& event) {
    const Now now = clock_.advance(event.time);
    if (now.wall - expired_ >= kBetweenExpiries || now.wall < expired_) expire(now);
    switch (event.kind) {
      case JournalKind::Started:
        restart(now);
        return {};
      case JournalKind::Failure:
        return fail(event, now);
      case JournalKind::Success:
        if (event.source)
          guard_->report_success(*event.source, event.service, event.device, now,
                                 event.device_proof);
        return {};
      case JournalKind::Block:
        if (event.by_administrator) block(event, now);
        return {};
      case JournalKind::Unblock:
        if (event.by_administrator) unblock(event, now);
        return {};
      default:
        return {};
    }
  }

 private:
  [[nodiscard]] std::unique_ptr<Guard> make_guard() const {
    auto guard = std::make_unique<Guard>(rules_, sizes_);
    guard->keep_no_enforcement_changes();
    return guard;
  }

  void restart(Now now) {
    const auto blocks = guard_->blocks_to_restore();
    guard_ = make_guard();
    guard_->restore(blocks, now);
  }

  std::optional<store::BlockRecord> fail(const JournalEvent& event, Now now) {
    if (!event.source || event.said.forgiven) return {};
    return guard_->report_failure(failure_of(event), now).block;
  }

  void block(const JournalEvent& event, Now now) {
    if (!event.prefix) return;
    store::BlockRecord block = block_of(event);
    if (block.until != WallTime::max())
      block.until = std::min(block.until, now.wall + kLongestBlock);
    (void)guard_->add_block(block, now);  // no room: as it was then
  }

  void unblock(const JournalEvent& event, Now now) {
    if (!event.prefix) return;
    (void)guard_->remove_block(*event.prefix, event.service, now, event.account);
  }

  void expire(Now now) {
    expired_ = now.wall;
    (void)guard_->take_expired(now);
  }

  std::shared_ptr<const RuleSet> rules_;
  GuardSizes sizes_;
  std::unique_ptr<Guard> guard_;
  JournalClock clock_;
  WallTime expired_;
};

// The blocks by limits that the journal tells of; one that was lifted ended then.
class Told {
 public:
  void take(const JournalEvent& event) {
    if (!event.prefix || event.kind == JournalKind::Failure) return;
    const store::BlockRecord block = block_of(event);
    const auto key = std::make_tuple(block.source, block.service, block.account);
    if (event.kind == JournalKind::Unblock) {
      if (const auto last = last_.find(key); last != last_.end())
        blocks_[last->second].until = std::min(blocks_[last->second].until, event.time);
    } else if (event.kind == JournalKind::Block && !event.by_administrator) {
      ++count_;
      if (blocks_.size() >= kMostReplayedBlocks) return;
      last_.insert_or_assign(key, blocks_.size());
      blocks_.push_back(block);
    }
  }
  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] std::vector<store::BlockRecord> blocks() && { return std::move(blocks_); }

 private:
  uint64_t count_ = 0;
  std::vector<store::BlockRecord> blocks_;
  std::map<std::tuple<IpPrefix, uint8_t, std::string>, size_t> last_;
};

void sort_by_key(std::vector<store::BlockRecord>& blocks) {
  std::ranges::stable_sort(blocks, [](const auto& a, const auto& b) {
    return std::make_pair(key_of(a), a.since) < std::make_pair(key_of(b), b.since);
  });
}

bool ends_before(const store::BlockRecord& a, const store::BlockRecord& b) {
  return key_of(a) < key_of(b) || (key_of(a) == key_of(b) && a.until <= b.since);
}

void note(store::BlockRecord&& block, std::vector<BlockStory>& all) {
  all.emplace_back();
  all.back().block = std::move(block);
}

// Pairs those of one source whose times overlap; what is left over on either side differs.
void compare(std::vector<store::BlockRecord> told, std::vector<store::BlockRecord> simulated,
             ReplayReport& report) {
  sort_by_key(told);
  sort_by_key(simulated);
  auto a = told.begin();
  auto b = simulated.begin();
  while (a != told.end() || b != simulated.end()) {
    if (b == simulated.end() || (a != told.end() && ends_before(*a, *b))) {
      note(std::move(*a++), report.vanished);
    } else if (a == told.end() || ends_before(*b, *a)) {
      note(std::move(*b++), report.appeared);
    } else {
      ++report.same;
      ++a;
      ++b;
    }
  }
}

// The first ones by time are named.
uint64_t keep_first(std::vector<BlockStory>& all) {
  const uint64_t count = all.size();
  const auto last = all.begin() + ptrdiff_t(std::min(all.size(), ReplayReport::kMostNamed));
  std::ranges::partial_sort(all, last, [](const BlockStory& a, const BlockStory& b) {
    return std::make_pair(a.block.since, key_of(a.block)) <
           std::make_pair(b.block.since, key_of(b.block));
  });
  all.erase(last, all.end());
  return count;
}

}  // namespace

ReplayReport replay(const JournalPlayer& play, const std::shared_ptr<const RuleSet>& rules,
                    const GuardSizes& sizes) {
  ReplayReport report;
  Simulation simulation(rules, sizes);
  Told told;
  std::vector<store::BlockRecord> simulated;
  play([&](const JournalEvent& event) {
    if (report.events++ == 0) report.from = event.time;
    report.until = event.time;
    if (event.kind == JournalKind::Failure) ++report.failures;
    if (event.kind == JournalKind::Gap) report.lost += event.count;
    told.take(event);
    auto made = simulation.take(event);
    if (!made) return true;
    ++report.simulated;
    if (simulated.size() < kMostReplayedBlocks) simulated.push_back(std::move(*made));
    return true;
  });
  report.actual = told.count();
  compare(std::move(told).blocks(), std::move(simulated), report);
  report.appeared_count = keep_first(report.appeared);
  report.vanished_count = keep_first(report.vanished);
  find_witnesses(play, {report.appeared, report.vanished});
  return report;
}

}  // namespace stormdoor::acl
