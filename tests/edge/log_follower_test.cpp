#include "edge/log_follower.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

// What the follower's thread has told, to be waited for.
class Told {
 public:
  LogFollower::Tell tell() {
    return [this](const std::vector<LoggedLogin>& logins, Now) {
      const std::lock_guard lock(mutex_);
      for (const auto& login : logins) accounts_.push_back(login.account);
      changed_.notify_all();
    };
  }
  bool wait_for(const std::vector<std::string>& accounts) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), [&] { return accounts_ == accounts; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> accounts_;
};

std::string failure_of(const std::string& account, const std::string& time = "?") {
  return fmt::format(
      "[2026-03-01 08:15:30] SECURITY[4583] res_security_log.c: "
      "SecurityEvent=\"ChallengeResponseFailed\",EventTV=\"{}\",Severity=\"Error\","
      "Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{}\",SessionID=\"s\","
      "LocalAddress=\"IPV4/TLS/192.0.2.1/5061\",RemoteAddress=\"IPV4/TLS/198.51.100.7/5061\","
      "Challenge=\"n\",Response=\"r\",ExpectedResponse=\"\"\n",
      time, account);
}

void append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

// Leaves the place at the end of the file, as a follower that ran before.
void begin_at_the_end(const LogFollower::Options& options) {
  FollowedFile file(options.file, options.position_file);
  ASSERT_TRUE(file.read([](std::string_view) {}));
}

TEST(LogFollower, TellsLoginsAsTheyAreWrittenThroughRotationAndRestart) {
  const test::TempDir directory;
  const std::string path = directory.write("security.log", failure_of("before"));
  const LogFollower::Options options{path, directory.file("place"), {}};
  begin_at_the_end(options);
  Told told;
  {
    const auto follower = LogFollower::start(options, told.tell());
    ASSERT_TRUE(follower);
    append(path, failure_of("first"));
    EXPECT_TRUE(told.wait_for({"first"}));
    append(path, failure_of("second"));
    std::filesystem::rename(path, path + ".1");
    append(path, failure_of("third"));
    EXPECT_TRUE(told.wait_for({"first", "second", "third"}));
  }
  append(path, failure_of("missed"));
  Told after;
  const auto follower = LogFollower::start(options, after.tell());
  ASSERT_TRUE(follower);
  EXPECT_TRUE(after.wait_for({"missed"}));
}

TEST(LogFollower, DoesNotTellWhatIsOld) {
  const test::TempDir directory;
  const std::string path = directory.write("security.log", "");
  const LogFollower::Options options{path, directory.file("place"), {}};
  begin_at_the_end(options);
  append(path, failure_of("old", "2020-03-01T08:15:30.296+0300") + failure_of("new"));
  Told told;
  const auto follower = LogFollower::start(options, told.tell());
  ASSERT_TRUE(follower);
  EXPECT_TRUE(told.wait_for({"new"}));
}

TEST(LogFollower, WaitsForAFileThatIsNotThere) {
  const test::TempDir directory;
  const std::string path = directory.file("security.log");
  const std::string place = directory.file("place");
  Told told;
  const auto follower = LogFollower::start({path, place, {}}, told.tell());
  ASSERT_TRUE(follower);
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  const auto wait_until = [&](const auto& condition) {
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return condition();
  };
  EXPECT_TRUE(wait_until([&] { return !(*follower)->health().trouble.empty(); }));
  append(path, failure_of("before"));
  EXPECT_TRUE(wait_until([&] { return (*follower)->health().trouble.empty(); }));
  EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(place); }));
  append(path, failure_of("after"));
  EXPECT_TRUE(told.wait_for({"after"}));
}

}  // namespace
}  // namespace stormdoor::edge
