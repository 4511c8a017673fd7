// stormdoor-enforce as the server sees it, with a real kernel in a network namespace of its own:
// from an order on the channel to the answer that it is in force. Needs root; skipped without.

#include <benchmark/benchmark.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "edge/messages_enforce.hpp"
#include "edge/messages_packet.hpp"

namespace stormdoor::edge {
namespace {

constexpr int kPatience = 60'000;

EnforceElement element(uint32_t number) {
  return {EnforceSet::BlockedSip, IpPrefix(IpAddress::v4(0x0a000000 + number), 32), 36'000};
}

// The program under measurement, which lies beside this one.
class Program {
 public:
  Program() : server_(UniqueFd()) {
    auto pair = PacketChannel::create_pair(4 << 20);
    STORMDOOR_CHECK(pair.has_value(), "a benchmark may make sockets");
    const auto path =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "stormdoor-enforce";
    pid_ = fork();
    if (pid_ == 0) {
      dup2(pair->second.get(), 100);
      execl(path.c_str(), "stormdoor-enforce", "--channel", "100", nullptr);
      _exit(127);
    }
    server_ = PacketChannel(std::move(pair->first));
  }
  ~Program() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool settle() {
    EnforceSettings settings;
    settings.services[2] = {{5060}, {5060}};
    return send(settings) && next<EnforceReport>();
  }
  bool send(const EnforceOrder& order) {
    const auto bytes = encode(order);
    while (true) {
      const auto sent = server_.send(bytes);
      if (sent != PacketChannel::Sent::Full) return sent == PacketChannel::Sent::Yes;
      pollfd polled{server_.descriptor(), POLLOUT, 0};
      if (poll(&polled, 1, kPatience) != 1) return false;
    }
  }
  // The next news of a kind; nothing after a problem or an end.
  template <typename Kind>
  std::optional<Kind> next() {
    while (true) {
      pollfd polled{server_.descriptor(), POLLIN, 0};
      if (poll(&polled, 1, kPatience) != 1) return {};
      const auto packet = server_.receive();
      if (!packet || !*packet) return {};
      const auto news = decode_enforce_news(**packet);
      if (!news || std::holds_alternative<EnforceProblem>(*news)) return {};
      if (const auto* wanted = std::get_if<Kind>(&*news)) return *wanted;
    }
  }
  bool sync(uint32_t elements) {
    bool sent = send(EnforceSync{1, EnforceSync::Stage::Begin, {}, {}});
    for (uint32_t next = 0; next < elements && sent;) {
      EnforceSync part{1, EnforceSync::Stage::Part, {}, {}};
      while (part.elements.size() < kMostEnforceOps && next < elements)
        part.elements.push_back(element(next++));
      sent = send(part);
    }
    if (!sent || !send(EnforceSync{1, EnforceSync::Stage::End, {}, {}})) return false;
    const auto report = next<EnforceReport>();
    return report && report->elements[size_t(EnforceSet::BlockedSip)] == elements;
  }

 private:
  PacketChannel server_;
  pid_t pid_ = -1;
};

// A namespace for each benchmark, so that none finds another's table.
bool prepare(benchmark::State& state) {
  if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0) return true;
  state.SkipWithError("needs root, to make network namespaces");
  return false;
}

// One block in an idle system that has `range` of them.
void one_block(benchmark::State& state) {
  if (!prepare(state)) return;
  Program program;
  if (!program.settle() || !program.sync(uint32_t(state.range(0))))
    return state.SkipWithError("stormdoor-enforce does not work");
  uint32_t number = 0x00800000;
  for (auto _ : state) {
    if (!program.send(EnforceBatch{number, {{EnforceOp::Add, element(number)}}}) ||
        !program.next<EnforceApplied>())
      return state.SkipWithError("not applied");
    ++number;
  }
}
BENCHMARK(one_block)->Arg(0)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMicrosecond);

// A flood of 50,000 blocks, `range` of them in each order.
void flood(benchmark::State& state) {
  if (!prepare(state)) return;
  constexpr uint32_t kBlocks = 50'000;
  const auto each = uint32_t(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    unshare(CLONE_NEWNET);
    Program program;
    if (!program.settle()) return state.SkipWithError("stormdoor-enforce does not work");
    state.ResumeTiming();
    uint64_t sequence = 0;
    uint64_t applied = 0;
    for (uint32_t next = 0; next < kBlocks;) {
      EnforceBatch batch{++sequence, {}};
      while (batch.ops.size() < each && next < kBlocks)
        batch.ops.push_back({EnforceOp::Add, element(next++)});
      if (!program.send(batch)) return state.SkipWithError("not taken");
      // At most this many on their way: their answers must fit the channel too.
      for (; sequence - applied >= 128; ++applied)
        if (!program.next<EnforceApplied>()) return state.SkipWithError("not applied");
    }
    for (; applied < sequence; ++applied)
      if (!program.next<EnforceApplied>()) return state.SkipWithError("not applied");
  }
  state.SetItemsProcessed(state.iterations() * kBlocks);
}
BENCHMARK(flood)->Arg(1)->Arg(10)->Arg(1'000)->UseRealTime()->Unit(benchmark::kMillisecond);

// From starting the program to full enforcement of 100,000 blocks: nothing was in force before.
void start_from_nothing(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    if (!prepare(state)) return;
    state.ResumeTiming();
    Program program;
    if (!program.settle() || !program.sync(100'000)) return state.SkipWithError("not in force");
  }
}
BENCHMARK(start_from_nothing)->UseRealTime()->Unit(benchmark::kMillisecond);

// The same when all of it was in force and is adopted.
void start_and_adopt(benchmark::State& state) {
  if (!prepare(state)) return;
  {
    Program program;
    if (!program.settle() || !program.sync(100'000)) return state.SkipWithError("not in force");
  }
  for (auto _ : state) {
    Program program;
    if (!program.settle() || !program.sync(100'000)) return state.SkipWithError("not in force");
  }
}
BENCHMARK(start_and_adopt)->UseRealTime()->Unit(benchmark::kMillisecond);

// What every kSyncPeriod costs (edge/enforcement.hpp) when nothing has changed.
void compare_again(benchmark::State& state) {
  if (!prepare(state)) return;
  Program program;
  const auto elements = uint32_t(state.range(0));
  if (!program.settle() || !program.sync(elements))
    return state.SkipWithError("stormdoor-enforce does not work");
  for (auto _ : state)
    if (!program.sync(elements)) return state.SkipWithError("not in force");
}
BENCHMARK(compare_again)->Arg(1'000)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stormdoor::edge

BENCHMARK_MAIN();
