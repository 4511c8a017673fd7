#include "edge/disk_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace stormdoor::edge {
namespace {

TEST(DiskThread, DoesOneJobAfterTheOtherAndAllOfThemBeforeItEnds) {
  std::vector<int> done;
  {
    DiskThread disk;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(disk.run([&done, i] { done.push_back(i); }));
  }
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2}));
}

TEST(DiskThread, RefusesOneMoreThanMayWait) {
  std::promise<void> began;
  std::promise<void> go_on;
  DiskThread disk;
  ASSERT_TRUE(disk.run([&] {
    began.set_value();
    go_on.get_future().wait();
  }));
  began.get_future().wait();
  for (size_t i = 0; i < DiskThread::kMostJobs; ++i) EXPECT_TRUE(disk.run([] {}));
  EXPECT_FALSE(disk.run([] {}));
  go_on.set_value();
}

}  // namespace
}  // namespace stormdoor::edge
