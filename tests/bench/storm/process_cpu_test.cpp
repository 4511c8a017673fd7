#include "bench/storm/process_cpu.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <limits>

namespace stormdoor::storm {
namespace {

using std::chrono::microseconds;

microseconds own() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return microseconds(time.tv_sec * 1'000'000 + time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

TEST(ProcessCpu, IsWhatTheKernelCounts) {
  const microseconds start = own();
  uint64_t value = 1;
  while (own() - start < microseconds(60'000))
    for (int i = 0; i < 100'000; ++i) value = value * 6364136223846793005U + 1;
  const auto measured = cpu_time_below(getpid());
  ASSERT_TRUE(measured) << measured.error().message() << value;
  EXPECT_GE(*measured, microseconds(40'000)) << "two ticks may be missing";
  EXPECT_LE(*measured, own() + microseconds(40'000));
}

TEST(ProcessCpu, NobodyIsAnError) {
  const auto nobody = cpu_time_below(std::numeric_limits<pid_t>::max());
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace stormdoor::storm
