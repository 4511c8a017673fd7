#include "edge/store_thread.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <semaphore>
#include <thread>

#include "tests/support/contents_model.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/open_store.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::Registry;
using store::Change;
using test::MemoryStore;
using testing::ElementsAre;
using testing::HasSubstr;

Change user_change(const std::string& extension, const std::string& name) {
  store::UserRecord user;
  user.extension = extension;
  user.name = name;
  return {{store::PutUser{user}}};
}

// Adds one to the number that is the name of user 1.
Result<Change> count_up(const Registry& registry) {
  const auto user = registry.user("1");
  const int before = user == nullptr ? 0 : std::stoi(user->name);
  return user_change("1", fmt::format("{}", before + 1));
}

// Adds the user, unless it is there.
StoreThread::Planner add_user(const std::string& extension) {
  return [extension](const Registry& registry) -> Result<Change> {
    if (registry.user(extension) != nullptr)
      return Error(ErrorCode::AlreadyExists, "extension exists");
    return user_change(extension, "new");
  };
}

// The answers of the submissions, in the order in which they were given.
class Answers {
 public:
  StoreThread::Done note() {
    return [this](const Result<uint64_t>& answer) {
      given_.with([&](auto& given) { given.push_back(answer); });
    };
  }
  std::vector<Result<uint64_t>> given() const {
    return given_.with([](const auto& given) { return given; });
  }
  // Versions, and names of errors.
  std::vector<std::string> words() const {
    std::vector<std::string> words;
    for (const auto& answer : given())
      words.push_back(answer ? fmt::format("{}", *answer)
                             : std::string(to_string(answer.error().code())));
    return words;
  }

 private:
  Guarded<std::vector<Result<uint64_t>>> given_;
};

class StoreThreadTest : public testing::Test {
 protected:
  StoreThreadTest() {
    memory_->before_commit = [this](std::span<const Change>) {
      if (gated_) {
        entered_.release();
        gate_.acquire();
      }
      ++commits_;
      if (on_commit_) on_commit_(commits_);
    };
  }
  ~StoreThreadTest() override { open_gate(); }

  StoreThread& start(StoreThreadOptions options = {}) {
    thread_ = std::make_unique<StoreThread>(
        std::move(memory_), Registry::from({}),
        [this](const std::shared_ptr<const Registry>& registry) {
          published_.push_back(registry->version());
        },
        options);
    return *thread_;
  }
  // A change that is being committed until open_gate(); what follows forms the next group.
  void hold_a_commit(const StoreThread::Done& done = [](Result<uint64_t>) {}) {
    gated_ = true;
    thread_->submit(user_change("held", "held"), done);
    entered_.acquire();
  }
  void open_gate() {
    if (gated_.exchange(false)) gate_.release();
  }
  void finish() {
    open_gate();
    thread_->stop();
  }

  std::unique_ptr<MemoryStore> memory_ = std::make_unique<MemoryStore>();
  MemoryStore* store_ = memory_.get();  // set up before start(); the store thread's from then on
  std::atomic<bool> gated_ = false;
  std::binary_semaphore entered_{0};
  std::binary_semaphore gate_{0};
  int commits_ = 0;                     // the store thread's
  std::function<void(int)> on_commit_;  // gets the how-manieth it is; set before start()
  std::vector<uint64_t> published_;     // the store thread's until finish()
  Answers answers_;
  std::unique_ptr<StoreThread> thread_;
};

TEST_F(StoreThreadTest, AnswersWithTheVersionAndPublishesBeforeThat) {
  auto& thread = start();
  std::promise<std::pair<uint64_t, bool>> answered;
  thread.submit(add_user("2041"), [&](Result<uint64_t> version) {
    answered.set_value({version.value(), thread.registry()->user("2041") != nullptr});
  });
  EXPECT_EQ(answered.get_future().get(), std::pair(uint64_t{1}, true));
  finish();
  EXPECT_THAT(published_, ElementsAre(1U));
}

TEST_F(StoreThreadTest, AChangeIsCompletedBeforeItIsCommittedAndToldBeforeItIsPublished) {
  std::vector<size_t> told;
  StoreThreadOptions options;
  options.complete = [](Change& change, const Registry& before) {
    EXPECT_EQ(before.version(), 0U);
    change.operations.push_back(user_change("2042", "added").operations.front());
  };
  options.durable = [&](const Change& change) {
    EXPECT_TRUE(published_.empty());
    told.push_back(change.operations.size());
  };
  auto& thread = start(options);
  thread.submit(user_change("2041", "asked for"), answers_.note());
  finish();
  EXPECT_THAT(told, ElementsAre(2U));
  EXPECT_NE(thread.registry()->user("2042"), nullptr);
  EXPECT_THAT(answers_.words(), ElementsAre("1"));
}

TEST_F(StoreThreadTest, AChangeThatTheDiskRefusedIsNotTold) {
  bool told = false;
  StoreThreadOptions options;
  options.durable = [&](const Change&) { told = true; };
  store_->fail_next_commit = Error(ErrorCode::Unavailable, "the disk is full");
  auto& thread = start(options);
  thread.submit(user_change("2041", "asked for"), answers_.note());
  finish();
  EXPECT_FALSE(told);
}

TEST_F(StoreThreadTest, WhatGathersDuringACommitIsOneGroup) {
  auto& thread = start();
  hold_a_commit();
  for (int i = 0; i < 10; ++i) thread.submit(count_up, answers_.note());
  EXPECT_EQ(thread.counters().waiting, 10U);
  finish();
  EXPECT_EQ(thread.counters().groups, 2U);
  EXPECT_EQ(thread.counters().largest_group, 10U);
  EXPECT_EQ(thread.counters().committed, 11U);
  EXPECT_EQ(thread.counters().waiting, 0U);
  EXPECT_THAT(published_, ElementsAre(1U, 11U));
  EXPECT_EQ(thread.registry()->user("1")->name, "10");
  EXPECT_EQ(answers_.words().back(), "11");
}

TEST_F(StoreThreadTest, GroupHoldsNoMoreThanItsLimit) {
  auto& thread = start({.queue_capacity = 100, .largest_group = 4});
  hold_a_commit();
  for (int i = 0; i < 9; ++i) thread.submit(count_up, answers_.note());
  finish();
  EXPECT_EQ(thread.counters().groups, 4U);  // 1, 4, 4, 1
  EXPECT_EQ(thread.counters().largest_group, 4U);
}

TEST_F(StoreThreadTest, SecondOfTwoPlansThatCannotBothBeIsRefusedInTheSameGroup) {
  auto& thread = start();
  hold_a_commit();
  thread.submit(add_user("7"), answers_.note());
  thread.submit(add_user("7"), answers_.note());
  thread.submit(add_user("8"), answers_.note());
  finish();
  EXPECT_THAT(answers_.words(), ElementsAre("2", "already-exists", "3"));
  EXPECT_EQ(thread.counters().refused, 1U);
}

TEST_F(StoreThreadTest, NothingIsSeenBeforeItIsDurable) {
  auto& thread = start();
  hold_a_commit();
  EXPECT_EQ(thread.registry()->user("held"), nullptr);
  finish();
  EXPECT_NE(thread.registry()->user("held"), nullptr);
}

TEST_F(StoreThreadTest, DiskFailureFailsTheGroupAndTheNextPlanSeesTheDurableRegistry) {
  std::promise<Result<uint64_t>> next;
  on_commit_ = [&](int commit) {
    if (commit != 2) return;
    store_->fail_next_commit = Error(ErrorCode::Unavailable, "disk");
    thread_->submit(add_user("7"), [&](Result<uint64_t> answer) { next.set_value(answer); });
  };
  auto& thread = start();
  hold_a_commit();
  thread.submit(add_user("7"), answers_.note());
  thread.submit(add_user("7"), answers_.note());  // its refusal would be about what never happened
  thread.submit(Change{}, answers_.note());
  open_gate();
  EXPECT_EQ(next.get_future().get().value(), 2U);
  finish();
  EXPECT_THAT(answers_.words(), ElementsAre("unavailable", "unavailable", "unavailable"));
  EXPECT_THAT(published_, ElementsAre(1U, 2U));
  EXPECT_EQ(thread.counters().failed, 3U);
  EXPECT_EQ(thread.registry()->version(), 2U);
}

TEST_F(StoreThreadTest, ChangeThatTheStoreRefusesIsNotPublishedAndTheOthersAre) {
  store_->refuse = [](const Change& change) { return change.operations.size() == 2; };
  auto& thread = start();
  hold_a_commit();
  thread.submit(add_user("7"), answers_.note());
  Change odd = user_change("8", "odd");
  odd.operations.push_back(store::EraseUser{"none"});
  thread.submit(odd, answers_.note());
  thread.submit(add_user("8"), answers_.note());  // refused only because of the one before
  thread.submit(add_user("9"), answers_.note());
  finish();
  EXPECT_THAT(answers_.words(), ElementsAre("2", "conflict", "unavailable", "3"));
  EXPECT_THAT(answers_.given()[2].error().message(), HasSubstr("try again"));
  EXPECT_EQ(thread.registry()->user("8"), nullptr);
  EXPECT_NE(thread.registry()->user("9"), nullptr);
  EXPECT_EQ(thread.registry()->version(), 3U);
}

TEST_F(StoreThreadTest, EmptyChangeIsAnsweredWithoutACommit) {
  auto& thread = start();
  thread.submit(Change{}, answers_.note());
  finish();
  EXPECT_THAT(answers_.words(), ElementsAre("0"));
  EXPECT_EQ(thread.counters().groups, 0U);
  EXPECT_TRUE(published_.empty());
}

TEST_F(StoreThreadTest, FullQueueAnswersAtOnceAndTakesMoreLater) {
  auto& thread = start({.queue_capacity = 3, .largest_group = 10});
  hold_a_commit();
  for (int i = 0; i < 3; ++i) thread.submit(count_up, answers_.note());
  EXPECT_TRUE(answers_.words().empty());
  thread.submit(count_up, answers_.note());
  EXPECT_THAT(answers_.words(), ElementsAre("resource-exhausted"));
  thread.backup("x", [](Result<void> done) { EXPECT_FALSE(done); });
  EXPECT_EQ(thread.counters().turned_away, 2U);
  finish();
  EXPECT_THAT(answers_.words(), ElementsAre("resource-exhausted", "2", "3", "4"));
}

TEST_F(StoreThreadTest, StopAnswersWhatWasSubmittedAndTurnsAwayTheRest) {
  auto& thread = start();
  for (int i = 0; i < 100; ++i) thread.submit(count_up, answers_.note());
  thread.stop();
  EXPECT_EQ(answers_.words().size(), 100U);
  EXPECT_EQ(thread.registry()->user("1")->name, "100");
  thread.submit(count_up, answers_.note());
  EXPECT_EQ(answers_.words().back(), "unavailable");
  thread.stop();  // again: nothing happens
}

TEST_F(StoreThreadTest, BackupComesAfterWhatWasSubmittedBeforeIt) {
  auto& thread = start();
  hold_a_commit();
  thread.submit(count_up, answers_.note());
  std::optional<uint64_t> version_at_backup;
  thread.backup("copy", [&](const Result<void>& done) {
    EXPECT_TRUE(done);
    version_at_backup = thread.registry()->version();
  });
  thread.submit(count_up, answers_.note());
  finish();
  EXPECT_EQ(version_at_backup, 2U);
  EXPECT_EQ(thread.counters().groups, 3U);
  EXPECT_EQ(thread.counters().backups, 1U);
}

TEST_F(StoreThreadTest, PlansOfManyThreadsLoseNoUpdate) {
  auto& thread = start();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> submitters;
    for (int t = 0; t < 4; ++t)
      submitters.emplace_back([&] {
        for (int i = 0; i < 250; ++i)
          thread.submit(count_up, [&](const Result<uint64_t>& answer) {
            if (answer) ++answered;
          });
      });
    submitters.emplace_back([&] {
      uint64_t last = 0;
      for (int i = 0; i < 1000; ++i) {
        const uint64_t version = thread.registry()->version();
        EXPECT_GE(version, last);
        last = version;
        (void)thread.counters();
      }
    });
  }
  finish();
  EXPECT_EQ(answered, 1000);
  EXPECT_EQ(thread.registry()->user("1")->name, "1000");
}

TEST(StoreThreadOnSqlite, BackupTakenWhileAWriterWritesIsWholeAndHoldsWhatWasAcknowledged) {
  const test::TempDir dir;
  auto store = test::open_store(dir.file("store.db"));
  ASSERT_TRUE(store) << store.error().message();
  StoreThread thread(*std::move(store), Registry::from({}), {});
  std::atomic<uint64_t> acknowledged = 0;
  std::atomic<bool> enough = false;
  std::jthread writer([&] {
    for (uint64_t n = 1; !enough; ++n) {
      std::promise<uint64_t> answer;
      thread.submit(test::numbered_change(n),
                    [&](const Result<uint64_t>& version) { answer.set_value(version.value()); });
      acknowledged = answer.get_future().get();
    }
  });
  for (int i = 0; i < 5; ++i) {
    const uint64_t before = acknowledged;
    std::promise<Result<void>> answer;
    const std::string path = dir.file(fmt::format("copy{}.db", i));
    thread.backup(path, [&](Result<void> done) { answer.set_value(std::move(done)); });
    const auto done = answer.get_future().get();
    ASSERT_TRUE(done) << done.error().message();
    const auto copy = test::open_store(path);
    ASSERT_TRUE(copy) << copy.error().message();
    const auto contents = (*copy)->load();
    ASSERT_TRUE(contents) << contents.error().message();
    EXPECT_GE(contents->version, before);
    test::ContentsModel model;
    for (uint64_t n = 1; n <= contents->version; ++n) model.apply(test::numbered_change(n));
    EXPECT_EQ(test::difference(*contents, model.contents()), "");
  }
  enough = true;
}

}  // namespace
}  // namespace stormdoor::edge
