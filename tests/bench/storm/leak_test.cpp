// What is still in use after phones have booted, again and again, from the real servers.

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>

#include "bench/storm/storm.hpp"
#include "tests/bench/storm/real_server.hpp"

#ifdef __SANITIZE_ADDRESS__
extern "C" size_t __sanitizer_get_current_allocated_bytes();  // in no header of g++ 12
#endif

namespace stormdoor::storm {
namespace {

struct InUse {
  size_t heap_bytes = 0;
  size_t descriptors = 0;

  static InUse now() {
    InUse all;
#ifdef __SANITIZE_ADDRESS__
    all.heap_bytes = __sanitizer_get_current_allocated_bytes();
#else
    const auto heap = mallinfo2();
    all.heap_bytes = heap.uordblks + heap.hblkhd;
#endif
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
      ++all.descriptors;
    return all;
  }
};

// Server and phones on one thread, so that nothing is between being freed and not.
struct LeakTest : testing::TestWithParam<Transport> {
  static constexpr uint32_t kPhones = 500;
  // Vectors that are kept grow when more comes at once than ever before: ever more rarely, by some
  // kilobytes in all. One lost allocation for each of 2,000 boots would be more than this.
  static constexpr size_t kSlackBytes = size_t{24} * 1024;

  test::Configurations files{800};
  std::unique_ptr<loop::EventLoop> loop = *loop::EventLoop::create();
  test::RealServer server{*loop, files};

  // The phones boot once; afterwards nobody is left.
  InUse boot_all() {
    StormPlan plan;
    plan.target = server.target();
    plan.scripts = test::patient_scripts();
    plan.most_at_once = 50;
    for (uint32_t i = 0; i < kPhones; ++i)
      plan.phones.push_back(test::numbered_phone(i, GetParam()));
    {
      StormLoop shared(*loop);
      Storm storm(shared, std::move(plan));
      bool done = false;
      storm.begin([&] { done = true; });
      EXPECT_TRUE(test::turn_until(*loop, [&] { return done && server.idle(); }));
      const StormReport report = storm.report();
      EXPECT_EQ(report.total().served, kPhones) << report_text(report, {});
    }
    return InUse::now();
  }
};

// STORMDOOR_LONG_TESTS=1: 34,000 boots over each transport, 102,000 in all.
TEST_P(LeakTest, BootsLeaveNeitherMemoryNorDescriptorsBehind) {
  const bool is_long = getenv("STORMDOOR_LONG_TESTS") != nullptr;
  const uint32_t boots = is_long ? 34'000 : test::kSanitized ? 500 : 2'000;
  boot_all();
  const InUse first = boot_all();
  InUse last = first;
  for (uint32_t booted = 0; booted < boots && !HasFailure(); booted += kPhones) {
    last = boot_all();
    EXPECT_EQ(last.descriptors, first.descriptors) << "after " << booted + kPhones << " boots";
  }
  EXPECT_LE(last.heap_bytes, first.heap_bytes + kSlackBytes);
  RecordProperty("first_heap_bytes", std::to_string(first.heap_bytes));
  RecordProperty("last_heap_bytes", std::to_string(last.heap_bytes));
  RecordProperty("descriptors", std::to_string(last.descriptors));
}

INSTANTIATE_TEST_SUITE_P(Over, LeakTest,
                         testing::Values(Transport::Tftp, Transport::Http, Transport::Https),
                         [](const auto& over) { return std::string(to_string(over.param)); });

}  // namespace
}  // namespace stormdoor::storm
