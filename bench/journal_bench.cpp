// What does an event of the journal cost: written, read, replayed? (acl/journal*.*, acl/replay.*)
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "acl/journal.hpp"
#include "acl/journal_reader.hpp"
#include "acl/replay.hpp"

namespace stormdoor::acl {
namespace {

constexpr uint64_t kEvents = 1'000'000;
const WallTime kStart{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};

std::shared_ptr<const RuleSet> open_rules(uint32_t failures) {
  AclRules rules;
  Network everywhere;
  everywhere.name = "everywhere";
  everywhere.prefixes = {*IpPrefix::parse("0.0.0.0/0"), *IpPrefix::parse("::/0")};
  everywhere.services = ServiceSet::all();
  rules.networks = {everywhere};
  for (Limit& limit : rules.limits) limit.failures = failures;
  return RuleSet::from(rules);
}

// A month of guessers, eight at a time: each of 40,000 sources fails 25 times within nine minutes.
JournalEvent event_of(uint64_t number) {
  Verdict verdict;
  verdict.counted = true;
  verdict.failures = uint32_t(number % 10);
  verdict.limit = 10;
  return journal_failure(
      {.service = Service::Sip,
       .kind = FailureKind::SipRefused,
       .source = IpAddress::v4(uint32_t(number / 200 * 8 + number % 8) * 2654435761U),
       .proof = PathProof::Acknowledged,
       .device = {},
       .port = 5060,
       .account = "2041",
       .fingerprint = (number + 1) * 0x9E37'79B9'7F4A'7C15},
      verdict, kStart + milliseconds(number * 2'592));
}

// A directory of its own, gone with it.
class Directory {
 public:
  Directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "stormdoor-bench-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string journal() const { return path_ + "/journal"; }

 private:
  std::string path_;
};

void fill(Journal& journal, benchmark::State& state) {
  for (uint64_t i = 0; i < kEvents; ++i) {
    journal.append(event_of(i));
    if (i % 1'000 == 999 && !journal.flush()) state.SkipWithError("the disk refuses");
  }
}

const std::string& filled_journal(benchmark::State& state) {
  static const Directory directory;
  static const std::string path = directory.journal();
  if (!std::filesystem::exists(path)) fill(**Journal::open(path, JournalConfig()), state);
  return path;
}

void append_and_flush(benchmark::State& state) {
  const Directory directory;
  const auto journal = Journal::open(directory.journal(), JournalConfig());
  uint64_t number = 0;
  for (auto _ : state) {
    (*journal)->append(event_of(number));
    if (++number % 100 == 0) (void)(*journal)->flush();
  }
  state.SetItemsProcessed(int64_t(number));
  state.counters["bytes"] =
      double((*journal)->counters().bytes) / double(std::max<uint64_t>(1, number));
}
BENCHMARK(append_and_flush);

void read_a_million(benchmark::State& state) {
  const std::string& path = filled_journal(state);
  for (auto _ : state) {
    auto reader = JournalReader::open(path);
    JournalEvent event;
    uint64_t count = 0;
    while (reader->next(event)) ++count;
    if (count != kEvents) state.SkipWithError("events are missing");
  }
  state.SetItemsProcessed(int64_t(state.iterations() * kEvents));
}
BENCHMARK(read_a_million)->Unit(benchmark::kMillisecond);

// From the disk to the report, with another limit than the one that was in force.
void replay_a_million(benchmark::State& state) {
  const std::string& path = filled_journal(state);
  const auto rules = open_rules(uint32_t(state.range(0)));
  for (auto _ : state) {
    const auto report = replay(
        [&](const JournalVisitor& visit) {
          auto reader = JournalReader::open(path);
          JournalEvent event;
          while (reader->next(event) && visit(event)) continue;
        },
        rules, GuardSizes());
    if (report.failures != kEvents) state.SkipWithError("events are missing");
    state.counters["blocks"] = double(report.simulated);
  }
  state.SetItemsProcessed(int64_t(state.iterations() * kEvents));
}
BENCHMARK(replay_a_million)->Arg(10)->Arg(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stormdoor::acl

BENCHMARK_MAIN();
