// The program itself: what it leaves behind, what it finds, and the packet queue.

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>

#include "edge/messages_enforce.hpp"
#include "edge/messages_packet.hpp"
#include "tests/edge/enforce/network.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using test::Network;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

EnforceSettings office() {
  EnforceSettings settings;
  settings.services[0] = {{69}, {80}};
  settings.services[2] = {{5060}, {5060}};
  return settings;
}

EnforceElement element(EnforceSet set, std::string_view prefix) {
  return {set, *IpPrefix::parse(prefix), 3'600};
}

// stormdoor-enforce with the test as its server and its watcher.
class Program {
 public:
  explicit Program(const std::string& state = {}, bool watched = false)
      : server_(UniqueFd()), watch_(UniqueFd()) {
    auto server = PacketChannel::create_pair();
    auto watch = PacketChannel::create_pair();
    std::vector<std::string> arguments{std::string(STORMDOOR_BIN_DIR) + "/stormdoor-enforce",
                                       "--channel", "100", "--user", "nobody"};
    if (!state.empty()) arguments.insert(arguments.end(), {"--state", state});
    if (watched) arguments.insert(arguments.end(), {"--watch-channel", "101"});
    std::vector<char*> raw;
    for (auto& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(server->second.get(), 100);
      if (watched) dup2(watch->second.get(), 101);
      execv(raw[0], raw.data());
      _exit(127);
    }
    server_ = PacketChannel(std::move(server->first));
    watch_ = PacketChannel(std::move(watch->first));
  }
  ~Program() {
    if (pid_ > 0) kill(SIGKILL);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  int kill(int signal) {
    ::kill(pid_, signal);
    return wait();
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void close_channel() { server_ = PacketChannel(UniqueFd()); }
  void close_watch() { watch_ = PacketChannel(UniqueFd()); }

  void send(const EnforceOrder& order) { send_bytes(encode(order)); }
  void send_bytes(const std::string& bytes) {
    EXPECT_EQ(server_.send(bytes), PacketChannel::Sent::Yes);
  }
  // The next news of that kind; problems fail the test unless they are what is waited for.
  template <typename Kind>
  Kind next() {
    while (auto packet = receive(server_)) {
      const auto news = decode_enforce_news(*packet);
      EXPECT_TRUE(news);
      if (!news) break;
      if (const auto* wanted = std::get_if<Kind>(&*news)) return *wanted;
      if (const auto* problem = std::get_if<EnforceProblem>(&*news)) ADD_FAILURE() << problem->text;
    }
    ADD_FAILURE() << "no answer";
    return {};
  }
  EnforceReport settle(const EnforceSettings& settings) {
    send(settings);
    return next<EnforceReport>();
  }
  void add(std::vector<EnforceElement> elements) {
    EnforceBatch batch{++sequence_, {}};
    for (const auto& one : elements) batch.ops.push_back({EnforceOp::Add, one});
    send(batch);
    EXPECT_EQ(next<EnforceApplied>().sequence, sequence_);
  }
  std::optional<QueuedPacket> asked() {
    const auto packet = receive(watch_);
    if (!packet) return {};
    auto queued = decode_queued_packet(*packet);
    EXPECT_TRUE(queued);
    return *std::move(queued);
  }
  void answer(uint32_t id, bool accept) {
    EXPECT_EQ(watch_.send(encode(QueueAnswer{id, accept})), PacketChannel::Sent::Yes);
  }

 private:
  static std::optional<std::string> receive(PacketChannel& channel) {
    pollfd polled{channel.descriptor(), POLLIN, 0};
    if (poll(&polled, 1, int(Network::kPatience.count())) != 1) return {};
    auto packet = channel.receive();
    return packet ? *std::move(packet) : std::nullopt;
  }

  PacketChannel server_, watch_;
  pid_t pid_ = -1;
  uint64_t sequence_ = 0;
};

class EnforceProgram : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = Network::missing()) GTEST_SKIP() << *reason;
    network_.emplace();
  }
  std::multiset<std::string> heard(uint16_t port, const std::vector<std::string>& addresses) {
    const auto service = Network::service(port);
    for (const auto& address : addresses)
      Network::send(network_->phone(address, 40'000), address[0] == 'f' ? "fd00::1" : "192.0.2.1",
                    port, address);
    Network::send(network_->phone("192.0.2.12", 1), "192.0.2.1", port, "last");
    return Network::receive_until(service, "last");
  }
  std::optional<Network> network_;
};

TEST_F(EnforceProgram, Promise11BlocksOutliveItsDeathAndAreAdopted) {
  {
    Program first;
    first.settle(office());
    first.add({element(EnforceSet::BlockedSip, "192.0.2.10"),
               element(EnforceSet::BlockedSip, "fd00::/64")});
    EXPECT_EQ(first.kill(SIGKILL), 128 + SIGKILL);
  }
  const std::vector<std::string> all{"192.0.2.10", "192.0.2.11", "fd00::10"};
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.11"));
  Program second;
  EXPECT_EQ(second.settle(office()).adopted, 2U);
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.11"));
  second.add({element(EnforceSet::BlockedSip, "192.0.2.11")});
  EXPECT_THAT(heard(5060, all), IsEmpty());
}

TEST_F(EnforceProgram, EndsWithItsServerAndLeavesTheTable) {
  Program program;
  program.settle(office());
  program.add({element(EnforceSet::BlockedSip, "192.0.2.10")});
  program.close_channel();
  EXPECT_EQ(program.wait(), 0);
  EXPECT_THAT(heard(5060, {"192.0.2.10", "192.0.2.11"}), ElementsAre("192.0.2.11"));
}

TEST_F(EnforceProgram, AMalformedOrderIsFatal) {
  Program program;
  program.settle(office());
  program.send_bytes("no order");
  EXPECT_EQ(program.wait(), 1);
}

TEST_F(EnforceProgram, SaysThatItLives) {
  Program program;
  (void)program.next<EnforceAlive>();
}

TEST_F(EnforceProgram, Promise11NoticesWithinASecondWhatOthersChange) {
  Program program;
  program.settle(office());
  program.add({element(EnforceSet::BlockedSip, "192.0.2.10")});
  Network::nft_file("flush set inet stormdoor blocked_sip_v4_32");
  EXPECT_EQ(program.next<EnforceReport>().missing, 1U);
  EXPECT_THAT(heard(5060, {"192.0.2.10"}), IsEmpty());
}

TEST_F(EnforceProgram, ContestedPacketsPassByVerdictOnly) {
  Program program({}, true);
  auto settings = office();
  settings.use_queue = true;
  settings.queue_number = 77;
  ASSERT_TRUE(program.settle(settings).queue_in_use);
  program.add(
      {element(EnforceSet::Contested, "192.0.2.10"), element(EnforceSet::Contested, "fd00::/64")});
  program.send(
      EnforceFlows{1, {{EnforceOp::Add, {*IpAddress::parse("192.0.2.10"), 5060, false, 600}}}});
  const auto sip = Network::service(5060);
  const auto stranger = network_->phone("192.0.2.10", 40'000);
  const auto six = network_->phone("fd00::10", 40'000);
  const auto registered = network_->phone("192.0.2.10", 5060);
  Network::send(stranger, "192.0.2.1", 5060, "refuse me");
  Network::send(stranger, "192.0.2.1", 5060, "accept me");
  Network::send(six, "fd00::1", 5060, "accept six");
  for (int i = 0; i < 3; ++i) {
    const auto asked = program.asked();
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->bytes[0] >> 4, i < 2 ? 4 : 6);
    program.answer(asked->id,
                   asked->bytes.ends_with("accept me") || asked->bytes.ends_with("accept six"));
  }
  EXPECT_EQ(Network::receive(sip), "accept me");
  EXPECT_EQ(Network::receive(sip), "accept six");
  Network::send(registered, "192.0.2.1", 5060, "registered");
  EXPECT_EQ(Network::receive(sip), "registered");
}

TEST_F(EnforceProgram, WithoutAWatcherContestedSourcesAreMetered) {
  Program program({}, true);
  auto settings = office();
  settings.use_queue = true;
  settings.metered_per_minute = 1;
  settings.metered_burst = 3;
  ASSERT_TRUE(program.settle(settings).queue_in_use);
  program.add({element(EnforceSet::Contested, "192.0.2.10")});
  program.close_watch();
  EXPECT_FALSE(program.next<EnforceReport>().queue_in_use);
  const auto passed = heard(5060, std::vector<std::string>(20, "192.0.2.10"));
  EXPECT_GE(passed.size(), 3U);
  EXPECT_LE(passed.size(), 4U);
}

TEST_F(EnforceProgram, AnEndWhileTheQueueIsInUseLeavesARate) {
  Program program({}, true);
  auto settings = office();
  settings.use_queue = true;
  settings.metered_per_minute = 1;
  settings.metered_burst = 3;
  ASSERT_TRUE(program.settle(settings).queue_in_use);
  program.add({element(EnforceSet::Contested, "192.0.2.10")});
  program.close_channel();
  EXPECT_EQ(program.wait(), 0);
  EXPECT_EQ(heard(5060, std::vector<std::string>(20, "192.0.2.10")).size(), 3U);
}

TEST_F(EnforceProgram, WhatWasSavedIsInForceAgainBeforeTheDaemon) {
  const test::TempDir directory;
  const auto state = directory.file("state");
  {
    Program program(state);
    program.settle(office());
    program.add({element(EnforceSet::BlockedSip, "192.0.2.10"),
                 element(EnforceSet::BlockedSip, "192.0.2.8/31")});
    program.close_channel();
    EXPECT_EQ(program.wait(), 0);
  }
  const auto program = std::string(STORMDOOR_BIN_DIR) + "/stormdoor-enforce";
  EXPECT_EQ(test::run_program({program, "--flush"}).status, 0);
  EXPECT_EQ(heard(5060, {"192.0.2.10"}).size(), 1U);
  const auto restored = test::run_program({program, "--restore", "--state", state});
  EXPECT_EQ(restored.status, 0) << restored.err;
  EXPECT_THAT(heard(5060, {"192.0.2.10", "192.0.2.11"}), ElementsAre("192.0.2.11"));
  EXPECT_THAT(Network::nft({"list", "table", "inet", "stormdoor"}), HasSubstr("192.0.2.8"));
}

TEST_F(EnforceProgram, PrintsWhatNftLoads) {
  const auto program = std::string(STORMDOOR_BIN_DIR) + "/stormdoor-enforce";
  const auto printed =
      test::run_program({program, "--print-ruleset", "--port", "sip/udp/5060", "--port",
                         "provisioning/tcp/443", "--reject", "--rate", "10/5"});
  ASSERT_EQ(printed.status, 0) << printed.err;
  Network::nft_file(printed.out);
  Network::nft_file(printed.out);
  EXPECT_THAT(Network::nft({"list", "table", "inet", "stormdoor"}),
              HasSubstr("udp dport 5060 jump sip"));
}

TEST_F(EnforceProgram, FlushingWhatIsNotThereIsDone) {
  const auto program = std::string(STORMDOOR_BIN_DIR) + "/stormdoor-enforce";
  EXPECT_EQ(test::run_program({program, "--flush"}).status, 0);
  EXPECT_THAT(Network::nft({"list", "ruleset"}), IsEmpty());
}

}  // namespace
}  // namespace stormdoor::edge
