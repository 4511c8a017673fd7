#include "edge/kernel_neighbours.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tests/support/process.hpp"

namespace stormdoor::edge {
namespace {

// In a network namespace of its own thread: nothing outside is touched.
TEST(KernelNeighbours, KnowWhomTheKernelWouldSendTo) {
  if (getuid() != 0) GTEST_SKIP() << "only root may make a network namespace";
  std::thread([] {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "no network namespaces here";
    const auto ip = [](const char* words) {
      return std::system((std::string("ip ") + words).c_str());
    };
    ASSERT_EQ(ip("link add sdn0 type veth peer name sdn1"), 0);
    ASSERT_EQ(ip("addr add 10.77.0.1/24 dev sdn0"), 0);
    ASSERT_EQ(ip("-6 addr add fd77::1/64 dev sdn0 nodad"), 0);
    ASSERT_EQ(ip("link set sdn0 up"), 0);
    ASSERT_EQ(ip("neigh add 10.77.0.7 lladdr 00:0f:d3:05:48:48 dev sdn0 nud reachable"), 0);
    ASSERT_EQ(ip("neigh add fd77::7 lladdr 00:0f:d3:05:48:49 dev sdn0 nud stale"), 0);
    ASSERT_EQ(ip("neigh add 10.77.0.8 dev sdn0 nud failed"), 0);
    const uint32_t interface = if_nametoindex("sdn0");
    auto neighbours = KernelNeighbours::open();
    ASSERT_TRUE(neighbours);
    const auto mac = [&](const char* address, uint32_t on) {
      const auto found = neighbours->find(*IpAddress::parse(address), on);
      return found ? found->to_string() : std::string();
    };
    EXPECT_EQ(mac("10.77.0.7", interface), "00:0F:D3:05:48:48");
    EXPECT_EQ(mac("fd77::7", interface), "00:0F:D3:05:48:49");
    EXPECT_EQ(mac("10.77.0.8", interface), "") << "nobody answered there";
    EXPECT_EQ(mac("10.77.0.9", interface), "");
    EXPECT_EQ(mac("10.77.0.7", interface + 1000), "");
    EXPECT_EQ(mac("10.77.0.7", interface), "00:0F:D3:05:48:48") << "and it goes on answering";
  }).join();
}

}  // namespace
}  // namespace stormdoor::edge
