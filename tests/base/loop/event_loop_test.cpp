#include "base/loop/event_loop.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/loop/timer.hpp"

namespace stormdoor::loop {
namespace {

std::unique_ptr<EventLoop> make_loop() {
  auto loop = EventLoop::create();
  EXPECT_TRUE(loop.has_value());
  return std::move(*loop);
}

TEST(EventLoop, RunsPostedTasksInOrderBeforeItStops) {
  const auto loop = make_loop();
  std::vector<int> seen;
  loop->post([&] { seen.push_back(1); });
  loop->post([&] { seen.push_back(2); });
  loop->stop();
  loop->run();
  EXPECT_EQ(seen, (std::vector{1, 2}));
}

TEST(EventLoop, TakesTasksFromManyThreadsAndLosesNone) {
  const auto loop = make_loop();
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  int ran = 0;
  std::thread runner([&] { loop->run(); });
  std::vector<std::thread> posters;
  for (int t = 0; t < kThreads; ++t)
    posters.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) loop->post([&ran] { ++ran; });
    });
  for (auto& poster : posters) poster.join();
  loop->stop();
  runner.join();
  EXPECT_EQ(ran, kThreads * kEach);
}

TEST(EventLoop, CanRunAgainAfterItStopped) {
  const auto loop = make_loop();
  loop->stop();
  loop->run();
  bool ran = false;
  loop->post([&] { ran = true; });
  loop->stop();
  loop->run();
  EXPECT_TRUE(ran);
}

TEST(EventLoop, ShowsOneTimeThroughoutATurn) {
  const auto loop = make_loop();
  Now first{};
  Now second{};
  loop->post([&] { first = loop->now(); });
  loop->post([&] {
    while (std::chrono::steady_clock::now() <= first.steady + milliseconds(2)) {
    }
    second = loop->now();
  });
  loop->run_once(milliseconds(0));
  EXPECT_EQ(first.steady, second.steady);
  loop->post([&] { second = loop->now(); });
  loop->run_once(milliseconds(0));
  EXPECT_GT(second.steady, first.steady);
}

TEST(EventLoop, RunOnceReturnsWhenNothingHappens) {
  const auto loop = make_loop();
  const auto before = std::chrono::steady_clock::now();
  loop->run_once(milliseconds(20));
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(19));
}

TEST(Timer, FiresOnceAndNotBeforeItsTime) {
  const auto loop = make_loop();
  int fired = 0;
  Timer timer(*loop, [&] {
    ++fired;
    loop->stop();
  });
  const auto before = std::chrono::steady_clock::now();
  timer.start_once(milliseconds(10));
  EXPECT_TRUE(timer.running());
  loop->run();
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(9));
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.running());
}

TEST(Timer, FiresAgainAndAgainUntilCancelled) {
  const auto loop = make_loop();
  int fired = 0;
  Timer timer(*loop, [&] {
    if (++fired == 3) loop->stop();
  });
  timer.start_every(milliseconds(1));
  loop->run();
  EXPECT_EQ(fired, 3);
  timer.cancel();
  EXPECT_FALSE(timer.running());
}

TEST(Timer, IsCancelledByItsDestruction) {
  const auto loop = make_loop();
  bool fired = false;
  {
    Timer(*loop, [&] { fired = true; }).start_once(milliseconds(1));
  }
  loop->run_once(milliseconds(5));
  EXPECT_FALSE(fired);
}

TEST(Timer, MayBeDestroyedByItsOwnCallback) {
  const auto loop = make_loop();
  std::unique_ptr<Timer> timer;
  const std::string captured(100, 'x');
  std::string seen;
  timer = std::make_unique<Timer>(*loop, [&, captured] {
    timer.reset();
    seen = captured;  // still there
    loop->stop();
  });
  timer->start_every(milliseconds(1));
  loop->run();
  EXPECT_EQ(seen, captured);
}

}  // namespace
}  // namespace stormdoor::loop
