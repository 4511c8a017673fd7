// A disk that fails: the whole group is answered with the failure, nothing of it is in effect, and
// the store goes on once the disk does.

#include <gtest/gtest.h>
#include <sqlite3.h>

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

class DiskFailure : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_store(path_, vfs_.name());
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = *std::move(opened);
    store_->follow([this](const Change&, uint64_t version) { followed_ = version; });
    commit_well();
  }

  // The next two changes, which must succeed; then everything that ever did is there.
  void commit_well() {
    const std::vector<Change> group = {numbered_change(++n_), numbered_change(++n_)};
    for (const auto& answer : store_->commit(group))
      ASSERT_TRUE(answer) << answer.error().message();
    for (const Change& change : group) model_.apply(change);
    expect_contents();
  }

  void expect_contents() {
    const auto loaded = store_->load();
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_EQ(difference(*loaded, model_.contents()), "");
    EXPECT_EQ(followed_, model_.version());
  }

  void expect_failure(ErrorCode code) {
    const std::vector<Change> group = {numbered_change(++n_), numbered_change(++n_)};
    const auto answers = store_->commit(group);
    ASSERT_EQ(answers.size(), 2U);
    for (const auto& answer : answers) {
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().code(), code) << answer.error().message();
    }
    expect_contents();
  }

  test::TempDir dir_ = test::TempDir::in_memory();
  std::string path_ = dir_.file("store.db");
  PowerLossVfs vfs_{1};
  std::unique_ptr<SqliteStore> store_;
  ContentsModel model_;
  uint64_t n_ = 0;
  uint64_t followed_ = 0;
};

TEST_F(DiskFailure, FullDiskFailsTheGroupAndLeavesTheStoreUsable) {
  vfs_.fail(PowerLossVfs::Call::Write, SQLITE_FULL, 3);
  expect_failure(ErrorCode::ResourceExhausted);
  vfs_.fail(PowerLossVfs::Call::Write, SQLITE_OK, 0);
  commit_well();
}

TEST_F(DiskFailure, WriteErrorFailsTheGroupAndLeavesTheStoreUsable) {
  vfs_.fail(PowerLossVfs::Call::Write, SQLITE_IOERR_WRITE);
  expect_failure(ErrorCode::Unavailable);
  commit_well();
}

TEST_F(DiskFailure, FailedSyncIsNotAnsweredAsSuccess) {
  vfs_.fail(PowerLossVfs::Call::Sync, SQLITE_IOERR_FSYNC);
  expect_failure(ErrorCode::Unavailable);
  commit_well();
}

TEST_F(DiskFailure, DiskThatFailsAgainAndAgainIsTriedAgainEachTime) {
  for (int i = 0; i < 20; ++i) {
    vfs_.fail(i % 2 == 0 ? PowerLossVfs::Call::Sync : PowerLossVfs::Call::Write, SQLITE_IOERR);
    expect_failure(ErrorCode::Unavailable);
    if (i % 3 == 0) commit_well();
  }
  commit_well();
}

TEST_F(DiskFailure, WhatWasCommittedAfterAFailureSurvivesPowerLoss) {
  vfs_.fail(PowerLossVfs::Call::Sync, SQLITE_IOERR_FSYNC);
  expect_failure(ErrorCode::Unavailable);
  commit_well();
  vfs_.cut_power_during_call(1);
  (void)store_->commit(std::vector<Change>{numbered_change(1)});
  store_.reset();
  ASSERT_TRUE(vfs_.is_cut());
  vfs_.lose_what_was_not_synced();
  const auto reopened = open_store(path_);
  ASSERT_TRUE(reopened) << reopened.error().message();
  EXPECT_EQ(difference(*(*reopened)->load(), model_.contents()), "");
}

// A checkpoint moves what is durable in the log already: its failure is nobody's answer.
TEST_F(DiskFailure, FailureDuringACheckpointFailsNoCommit) {
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    // The first sync is the commit's; another one in the same call is a checkpoint's.
    vfs_.fail(PowerLossVfs::Call::Sync, SQLITE_IOERR_FSYNC, 1, 1);
    commit_well();
  }
  EXPECT_GT(vfs_.failed(), 0U) << "no checkpoint was tried";
}

}  // namespace
}  // namespace stormdoor::store
