// Promise 10: what was said done survives kill -9.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <set>
#include <thread>

#include "edge/control_client.hpp"
#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

using edge::ControlClient;
using edge::ControlRequest;

constexpr int kKills = 200;
constexpr int kShells = 4;

// Adds locations as fast as answers come, until the daemon is gone. Returns those it was told are
// done.
std::vector<std::string> add_until_killed(const std::string& socket, int round, int shell,
                                          const std::atomic<bool>& killed,
                                          std::atomic<int>& answered) {
  std::vector<std::string> acknowledged;
  auto client = ControlClient::connect(socket);
  for (int i = 0; client && !killed; ++i) {
    const std::string name = fmt::format("r{}-s{}-n{}", round, shell, i);
    const ControlRequest request{"location.add",
                                 {{"name", name}, {"emergency_number", "+12025550123"}}};
    const auto answer = client->call(request);
    if (!answer) break;
    EXPECT_EQ(answer->outcome, edge::Outcome::Done) << answer->message;
    acknowledged.push_back(name);
    ++answered;
  }
  return acknowledged;
}

std::set<std::string> locations(const std::string& socket) {
  std::set<std::string> names;
  auto client = ControlClient::connect(socket);
  if (!client) return names;
  const auto answer = client->call({"location.list", nlohmann::json::object()});
  if (!answer) return names;
  for (const auto& row : answer->data) names.insert(row["name"].get<std::string>());
  return names;
}

TEST(Promise10, AcknowledgedIsDurableThroughKillAtAnyMoment) {
  auto started = test::RunningDaemon::start(STORMDOOR_BIN_DIR,
                                            std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones");
  ASSERT_TRUE(started) << started.error().message();
  auto& daemon = **started;
  std::set<std::string> acknowledged;
  for (int round = 0; round < kKills; ++round) {
    const pid_t server = daemon.server_pid();
    std::vector<std::vector<std::string>> told(kShells);
    // A connection that the killed server had not accepted is served by the next one.
    std::atomic<bool> killed = false;
    std::atomic<int> answered = 0;
    {
      std::vector<std::jthread> shells;
      for (int shell = 0; shell < kShells; ++shell)
        shells.emplace_back([&, shell] {
          told[size_t(shell)] = add_until_killed(daemon.socket(), round, shell, killed, answered);
        });
      // The moment of the kill: after so many acknowledged changes that it falls anywhere in a
      // commit.
      auto observer = ControlClient::connect(daemon.socket());
      while (observer && answered < round % 7)
        (void)observer->call({"status", nlohmann::json::object()});
      kill(server, SIGKILL);
      killed = true;
    }
    for (const auto& names : told) acknowledged.insert(names.begin(), names.end());
    ASSERT_TRUE(daemon.wait_for_notification("READY=1")) << "round " << round;
    const auto present = locations(daemon.socket());
    for (const auto& name : acknowledged)
      ASSERT_TRUE(present.contains(name)) << name << " in round " << round;
  }
  EXPECT_GT(acknowledged.size(), size_t{kKills});
}

}  // namespace
}  // namespace stormdoor
