// Power loss, simulated: whatever moment the power goes, what was answered is there afterwards, no
// change is there by half, and the database opens (which runs its integrity check).

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <random>

#include "base/store/schema.hpp"
#include "base/store/sqlite_store.hpp"
#include "tests/support/contents_model.hpp"
#include "tests/support/open_store.hpp"
#include "tests/support/power_loss_vfs.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::store {
namespace {

using test::ContentsModel;
using test::difference;
using test::numbered_change;
using test::open_store;
using test::PowerLossVfs;
using test::TempDir;

// One machine's life: works until the power goes, and says what it had promised by then.
class Machine {
 public:
  Machine(uint64_t seed, std::string synchronous)
      : random_(seed), vfs_(seed), synchronous_(std::move(synchronous)) {}

  // Opens, commits, backs up, closes, over and over, until the power goes during the nth call.
  void work_until_power_cut_during_call(uint64_t nth) {
    vfs_.cut_power_during_call(nth);
    while (!vfs_.is_cut()) {
      const auto store = open_store(path_, vfs_.name(), synchronous_);
      if (!store || !go_on_from(**store)) break;
      for (uint64_t groups = random_() % 60; groups > 0 && !vfs_.is_cut(); --groups)
        commit_group(**store);
    }
    EXPECT_TRUE(vfs_.is_cut()) << "it failed for another reason";
    vfs_.lose_what_was_not_synced();
  }

  // "" when all is well.
  std::string verdict() {
    const auto store = open_store(path_, vfs_.name());
    if (!store) return "does not open: " + store.error().message();
    const auto loaded = (*store)->load();
    if (!loaded) return "does not load: " + loaded.error().message();
    if (loaded->version < acknowledged_)
      return fmt::format("{} changes were acknowledged, {} are there", acknowledged_,
                         loaded->version);
    if (loaded->version > attempted_) return "more changes than were made";
    ContentsModel model;
    for (uint64_t n = 1; n <= loaded->version; ++n) model.apply(numbered_change(n));
    const std::string found = difference(*loaded, model.contents());
    acknowledged_ = attempted_ = loaded->version;  // the story goes on from here
    return found;
  }

  [[nodiscard]] uint64_t acknowledged() const { return acknowledged_; }

 private:
  // What was attempted and not answered before the last cut may be there or not.
  bool go_on_from(Store& store) {
    const auto loaded = store.load();
    if (!loaded) return false;
    EXPECT_GE(loaded->version, acknowledged_) << "lost by an earlier cut";
    EXPECT_LE(loaded->version, attempted_);
    acknowledged_ = attempted_ = loaded->version;
    return true;
  }

  void commit_group(Store& store) {
    std::vector<Change> group;
    for (uint64_t count = 1 + random_() % 5; count > 0; --count)
      group.push_back(numbered_change(++attempted_));
    for (const auto& answer : store.commit(group)) {
      if (answer) ++acknowledged_;
      EXPECT_TRUE(answer || vfs_.is_cut()) << answer.error().message();
    }
  }

  TempDir dir_ = TempDir::in_memory();
  std::string path_ = dir_.file("store.db");
  std::mt19937_64 random_;
  PowerLossVfs vfs_;
  std::string synchronous_;
  uint64_t attempted_ = 0;
  uint64_t acknowledged_ = 0;
};

// Seldom in the first calls (while the file is made), mostly anywhere up to a few checkpoints.
uint64_t random_moment(std::mt19937_64& random) {
  return 1 + random() % (random() % 4 == 0 ? 60 : 4500);
}

struct Tally {
  int good = 0;
  int bad = 0;
  uint64_t acknowledged = 0;
  std::string first_bad;
};

Tally cut_power_for_each_seed(uint64_t seeds, const std::string& synchronous) {
  Tally tally;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    std::mt19937_64 random(seed);
    Machine machine(seed, synchronous);
    machine.work_until_power_cut_during_call(random_moment(random));
    tally.acknowledged += machine.acknowledged();
    const std::string verdict = machine.verdict();
    if (verdict.empty()) {
      ++tally.good;
      continue;
    }
    if (tally.bad++ == 0) tally.first_bad = fmt::format("seed {}: {}", seed, verdict);
  }
  return tally;
}

TEST(PowerLoss, NothingThatWasAcknowledgedIsLostAndNoChangeIsHalfThere) {
  const Tally tally = cut_power_for_each_seed(300, "FULL");
  EXPECT_EQ(tally.bad, 0) << tally.first_bad;
  EXPECT_GT(tally.acknowledged, 10'000U) << "the power went before anything was promised";
}

TEST(PowerLoss, CutsDuringRecoveryLoseNothingEither) {
  for (uint64_t seed = 1000; seed < 1080; ++seed) {
    std::mt19937_64 random(seed);
    Machine machine(seed, "FULL");
    machine.work_until_power_cut_during_call(random_moment(random));
    // Each of these goes in the first steps after the power is back.
    for (int i = 0; i < 4; ++i) machine.work_until_power_cut_during_call(1 + random() % 12);
    ASSERT_EQ(machine.verdict(), "") << "seed " << seed;
  }
}

// Without these two the first test proves nothing: a store that does not sync is caught.
TEST(PowerLoss, StoreThatNeverSyncsIsCaught) {
  const Tally tally = cut_power_for_each_seed(40, "OFF");
  EXPECT_GT(tally.bad, 20);
}

TEST(PowerLoss, StoreThatSyncsOnlyAtCheckpointsIsCaught) {
  const Tally tally = cut_power_for_each_seed(40, "NORMAL");
  EXPECT_GT(tally.bad, 20);
}

}  // namespace
}  // namespace stormdoor::store
