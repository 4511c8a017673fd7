#include "edge/pbx_handover.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::PbxAccount;

// A PBX whose every attempt waits until the test answers it.
class Desk {
 public:
  Result<void> ask(const std::vector<PbxAccount>& accounts, const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex_);
    asked_.push_back(accounts);
    changed_.notify_all();
    while (!answer_ && !stop) changed_.wait_for(lock, milliseconds(20));
    return std::exchange(answer_, std::nullopt).value_or(Error(ErrorCode::Unavailable, "stopped"));
  }
  void answer(Result<void> result) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(result);
    changed_.notify_all();
  }
  std::vector<PbxAccount> wait_for_question(size_t number) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, seconds(20), [&] { return asked_.size() >= number; }));
    return asked_.size() >= number ? asked_[number - 1] : std::vector<PbxAccount>();
  }
  size_t questions() {
    const std::lock_guard lock(mutex_);
    return asked_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<PbxAccount>> asked_;
  std::optional<Result<void>> answer_;
};

class AtTheDesk final : public PbxTarget {
 public:
  explicit AtTheDesk(Desk& desk) : desk_(desk) {}
  Result<void> apply(const std::vector<PbxAccount>& accounts,
                     const std::atomic<bool>& stop) override {
    return desk_.ask(accounts, stop);
  }

 private:
  Desk& desk_;
};

class PbxHandoverTest : public testing::Test {
 protected:
  PbxHandoverTest() {
    handover_.emplace(*loop_, std::make_unique<AtTheDesk>(desk_),
                      [this](const std::string& trouble) { told_.push_back(trouble); });
  }
  static std::shared_ptr<const hotdesk::Registry> registry(uint64_t version) {
    auto contents = hotdesk::office_contents();
    contents.version = version;
    return hotdesk::Registry::from(contents);
  }
  template <typename Done>
  void run_until(const Done& done) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    while (!done() && std::chrono::steady_clock::now() < deadline)
      loop_->run_once(milliseconds(50));
    EXPECT_TRUE(done());
  }

  std::unique_ptr<loop::EventLoop> loop_ = std::move(*loop::EventLoop::create());
  Desk desk_;
  std::vector<std::string> told_;
  std::optional<PbxHandover> handover_;
};

TEST_F(PbxHandoverTest, HandsOverAtOnceAndGathersWhatComesMeanwhile) {
  handover_->publish(registry(1));
  EXPECT_EQ(desk_.wait_for_question(1).size(), 5U);
  for (uint64_t version = 2; version <= 50; ++version) handover_->publish(registry(version));
  std::vector<std::string> done;
  handover_->when_in_effect(1, [&](const Result<void>&) { done.emplace_back("first"); });
  handover_->when_in_effect(50, [&](const Result<void>&) { done.emplace_back("last"); });
  EXPECT_TRUE(handover_->pending());
  desk_.answer({});
  run_until([&] { return done.size() == 1; });
  EXPECT_TRUE(handover_->in_effect(1));
  EXPECT_FALSE(handover_->in_effect(2));
  desk_.wait_for_question(2);
  desk_.answer({});
  run_until([&] { return done.size() == 2; });
  EXPECT_EQ(done, (std::vector<std::string>{"first", "last"}));
  EXPECT_TRUE(handover_->in_effect(50));
  EXPECT_FALSE(handover_->pending());
  EXPECT_EQ(desk_.questions(), 2U);
  bool at_once = false;
  handover_->when_in_effect(50, [&](const Result<void>& result) { at_once = bool(result); });
  EXPECT_TRUE(at_once);
  EXPECT_TRUE(told_.empty());
}

TEST_F(PbxHandoverTest, TriesAgainByItselfAndTellsOnce) {
  std::string answer;
  handover_->publish(registry(1));
  handover_->when_in_effect(1, [&](const Result<void>& result) {
    answer = result ? "in effect" : result.error().message();
  });
  desk_.wait_for_question(1);
  desk_.answer(Error(ErrorCode::Unavailable, "it is down"));
  run_until([&] { return !told_.empty(); });
  EXPECT_EQ(answer, "it is down");
  EXPECT_TRUE(handover_->pending());
  run_until([&] { return desk_.questions() == 2; });  // its timer, a second later
  desk_.answer({});
  run_until([&] { return told_.size() == 2; });
  EXPECT_EQ(told_, (std::vector<std::string>{"it is down", ""}));
  EXPECT_FALSE(handover_->pending());
}

TEST_F(PbxHandoverTest, EndsInTheMiddleOfAnAttempt) {
  handover_->publish(registry(1));
  desk_.wait_for_question(1);
  handover_.reset();
  loop_->run_once(milliseconds(0));
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace stormdoor::edge
