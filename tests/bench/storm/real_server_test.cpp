// The simulated phones against the real servers, each side on a thread of its own.

#include "tests/bench/storm/real_server.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <thread>

#include "bench/storm/storm.hpp"

namespace stormdoor::storm {
namespace {

std::chrono::microseconds cpu_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

// 2,000 phones (500 under the address sanitizer), an address each. Over HTTPS all of them are
// connected before the server looks at the first; of datagrams the kernel would not keep as many
// for an ordinary user.
void boot_two_thousand(Transport transport) {
  constexpr uint32_t kPhones = test::kSanitized ? 500 : 2000;
  ASSERT_GE(allow_descriptors(2 * kPhones + 1000), 2 * kPhones + 1000);
  test::Configurations files(8000);
  const std::unique_ptr<loop::EventLoop> server_loop = *loop::EventLoop::create();
  const test::RealServer server(*server_loop, files);

  const std::unique_ptr<loop::EventLoop> loop = *loop::EventLoop::create();
  StormLoop shared(*loop);
  StormPlan plan;
  plan.target = server.target();
  plan.scripts = test::patient_scripts();
  for (uint32_t i = 0; i < kPhones; ++i) plan.phones.push_back(test::numbered_phone(i, transport));
  const auto cpu_before = cpu_of_this_thread();
  Storm storm(shared, std::move(plan));
  bool done = false;
  storm.begin([&] { done = true; });
  EXPECT_TRUE(test::turn_until(
      *loop, [&] { return transport == Transport::Tftp || storm.report().running == kPhones; }));
  std::chrono::microseconds server_cpu{};
  std::thread server_thread([&] {
    server_loop->run();
    server_cpu = cpu_of_this_thread();
  });
  EXPECT_TRUE(test::turn_until(*loop, [&] { return done; }));
  const auto client_cpu = cpu_of_this_thread() - cpu_before;
  server_loop->stop();
  server_thread.join();

  const StormReport report = storm.report();
  const ReportRow all = report.total();
  EXPECT_EQ(all.served, kPhones) << report_text(report, {});
  EXPECT_EQ(files.delivered(), kPhones);
  EXPECT_LE(all.most_retries, 1U) << report_text(report, {});
  testing::Test::RecordProperty("client_us_per_phone", int(client_cpu.count() / kPhones));
  testing::Test::RecordProperty("server_us_per_phone", int(server_cpu.count() / kPhones));
}

TEST(RealServer, TwoThousandPhonesBootAtOnceOverTftp) {
  boot_two_thousand(Transport::Tftp);
}

TEST(RealServer, TwoThousandPhonesBootAtOnceOverHttps) {
  boot_two_thousand(Transport::Https);
}

}  // namespace
}  // namespace stormdoor::storm
