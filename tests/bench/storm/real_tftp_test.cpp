// The simulated phones against the real TFTP server, each on a thread of its own.

#include <gtest/gtest.h>
#include <time.h>

#include <thread>

#include "base/loop/socket_address.hpp"
#include "bench/storm/storm.hpp"
#include "tests/bench/storm/fake_servers.hpp"
#include "tests/tftp-http/tftp_fakes.hpp"
#include "tftp-http/tftp_server.hpp"

namespace stormdoor::storm {
namespace {

// Every Cisco phone's configuration, 8 KB, and nothing else.
class Configurations final : public http::FileSource {
 public:
  http::FileAnswer find(const http::FileRequest& request, Now) override {
    http::FileAnswer answer;
    if (!request.path.ends_with(".cnf.xml")) return answer;
    answer.outcome = http::FileAnswer::Outcome::Found;
    answer.content = content_;
    return answer;
  }
  void delivered(const http::FileAnswer& answer, const http::FileRequest&, bool complete,
                 Now) override {
    if (answer.content && complete) ++delivered_;
  }
  uint64_t delivered_ = 0;

 private:
  std::shared_ptr<const http::Content> content_ =
      tftp::content_of("<device>" + std::string(8000, 'x') + "</device>");
};

std::chrono::microseconds cpu_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

TEST(RealTftpServer, TwoThousandPhonesBootAtOnceFromAddressesOfTheirOwn) {
  constexpr uint32_t kPhones = 2000;
  ASSERT_GE(allow_descriptors(kPhones + 2000), kPhones + 1000);
  Configurations source;
  std::unique_ptr<loop::EventLoop> server_loop = *loop::EventLoop::create();
  UniqueFd listener = *loop::bind_socket(SOCK_DGRAM, test::loopback(), false);
  const Endpoint endpoint = *loop::local_endpoint(listener.get());
  std::chrono::microseconds server_cpu{};
  std::thread server([&] {
    Metrics metrics;
    std::vector<UniqueFd> listeners;
    listeners.push_back(std::move(listener));
    const auto tftp = *tftp::TftpServer::create(*server_loop, {}, source, metrics.worker(0),
                                                std::move(listeners));
    server_loop->run();
    server_cpu = cpu_of_this_thread();
  });

  const std::unique_ptr<loop::EventLoop> loop = *loop::EventLoop::create();
  StormLoop shared(*loop);
  StormPlan plan;
  plan.target.tftp = endpoint;
  for (uint32_t i = 0; i < kPhones; ++i) {
    PhoneSpec spec;
    spec.vendor = "cisco";
    spec.model = "CP-7945G";
    spec.transport = Transport::Tftp;
    spec.mac = MacAddress({0, 0x1b, 0x54, 0, uint8_t(i >> 8), uint8_t(i)});
    spec.source = IpAddress::v4(0x7f01'0000 + i + 1);
    plan.phones.push_back(spec);
  }
  const auto cpu_before = cpu_of_this_thread();
  Storm storm(shared, std::move(plan));
  bool done = false;
  storm.begin([&] { done = true; });
  EXPECT_TRUE(test::turn_until(*loop, [&] { return done; }));
  const auto client_cpu = cpu_of_this_thread() - cpu_before;
  server_loop->stop();
  server.join();

  const StormReport report = storm.report();
  const ReportRow all = report.total();
  EXPECT_EQ(all.served, kPhones) << report_text(report, {});
  EXPECT_EQ(source.delivered_, kPhones);
  EXPECT_LE(all.most_retries, 1U) << report_text(report, {});
  RecordProperty("client_us_per_phone", static_cast<int>(client_cpu.count() / kPhones));
  RecordProperty("server_us_per_phone", static_cast<int>(server_cpu.count() / kPhones));
}

}  // namespace
}  // namespace stormdoor::storm
