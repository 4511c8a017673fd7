// One extension at two phones at the same moment, through the store thread as the daemon uses it.

#include <gtest/gtest.h>

#include <barrier>
#include <future>
#include <thread>

#include "edge/store_thread.hpp"
#include "hotdesk/credential_change.hpp"
#include "hotdesk/desk_log.hpp"
#include "hotdesk/desk_session.hpp"
#include "tests/hotdesk/office.hpp"
#include "tests/support/memory_store.hpp"

namespace stormdoor::edge {
namespace {

constexpr int kRounds = 10'000;

class DeskRace : public testing::Test {
 protected:
  DeskRace() {
    auto contents = hotdesk::office_contents();
    other_.mac = hotdesk::numbered_mac(4);
    other_.role = store::PhoneRole::HotDesk;
    other_.location = "hq";
    other_.device_account = "d000fd3000004";
    contents.phones.push_back(other_);
    contents.users[1].pin_hash = test_.pins().hash("2042", "4711");
    StoreThreadOptions options;
    options.complete = [this](store::Change& change, const hotdesk::Registry& before) {
      hotdesk::rotate_secrets(change, before, [this] { return fmt::format("secret-{}", ++made_); });
      hotdesk::append_leases(change, before, WallTime(), {});
      hotdesk::append_desk_log(change, before, WallTime());
    };
    thread_ = std::make_unique<StoreThread>(
        std::make_unique<test::MemoryStore>(), hotdesk::Registry::from(contents),
        [](const auto&) {}, std::move(options));
  }
  // Logs in and waits for the answer.
  bool log_in(const MacAddress& at) {
    std::promise<bool> answered;
    thread_->submit(
        [&](const hotdesk::Registry& registry) -> Result<store::Change> {
          hotdesk::Draft draft(registry);
          const auto login =
              hotdesk::log_in(draft, {at, "2042", Secret("4711")}, WallTime(), test_.tools());
          if (!login.problems.none()) return Error(login.problems.error());
          return std::move(draft).take();
        },
        [&](const Result<uint64_t>& done) { answered.set_value(done.has_value()); });
    return answered.get_future().get();
  }

  hotdesk::TestTools test_;
  store::PhoneRecord other_;
  int made_ = 0;
  std::unique_ptr<StoreThread> thread_;
};

TEST_F(DeskRace, Promise8TenThousandTimesAtTwoPhonesAtOnceIsNeverTwoSessionsAndNeverNone) {
  const std::array<MacAddress, 2> phones = {hotdesk::mac(hotdesk::kHotDeskPhone), other_.mac};
  std::barrier together(2);
  std::array<std::vector<bool>, 2> answers;
  std::array<size_t, 2> wins = {0, 0};
  std::string wrong;
  const auto person = [&](size_t which) {
    for (int round = 0; round < kRounds; ++round) {
      together.arrive_and_wait();
      answers[which].push_back(log_in(phones[which]));
      together.arrive_and_wait();
      if (which != 0) continue;  // both are answered: nothing moves until the next round
      const auto registry = thread_->registry();
      const auto at = registry->session_of("2042");
      const size_t sessions = registry->session_count();
      if (sessions != 1 || !at) wrong = fmt::format("round {}: {} sessions", round, sessions);
      if (at) ++wins[at->mac == phones[0] ? 0 : 1];
    }
  };
  std::thread second(person, 1);
  person(0);
  second.join();
  EXPECT_EQ(wrong, "");
  for (const auto& given : answers) {
    EXPECT_EQ(given.size(), size_t{kRounds});
    EXPECT_EQ(std::ranges::count(given, false), 0);
  }
  EXPECT_EQ(wins[0] + wins[1], size_t{kRounds});
}

}  // namespace
}  // namespace stormdoor::edge
