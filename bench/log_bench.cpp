// What does a line of Asterisk's security log cost? (edge/asterisk_log.*, edge/followed_file.*)
// bench/compare_log.sh sets it beside fail2ban.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "edge/asterisk_log.hpp"
#include "edge/followed_file.hpp"

namespace stormdoor::edge {
namespace {

// An attempt as PJSIP logs it: three of four lines belong to failures, from many sources.
std::vector<std::string> sample_lines(size_t count) {
  std::vector<std::string> lines;
  for (size_t i = 0; lines.size() < count; ++i) {
    const auto line = [&](const char* event, const char* account, const std::string& tail) {
      lines.push_back(fmt::format(
          "[2026-03-01 08:15:30] SECURITY[4583] res_security_log.c: SecurityEvent=\"{}\","
          "EventTV=\"2026-03-01T08:15:30.296+0300\",Severity=\"Error\",Service=\"PJSIP\","
          "EventVersion=\"1\",AccountID=\"{}\",SessionID=\"{}-1161802338-1677340342\","
          "LocalAddress=\"IPV4/TLS/192.0.2.1/5061\",RemoteAddress=\"IPV4/TLS/10.{}.{}.{}/5061\"{}",
          event, account, i, i / 50'000 % 250, i / 200 % 250, i % 200, tail));
    };
    line("InvalidAccountID", "2041", "");
    line("ChallengeSent", "<unknown>", ",Challenge=\"\"");
    line("InvalidAccountID", "2041", "");
    line("ChallengeResponseFailed", "<unknown>",
         fmt::format(",Challenge=\"1432446136/6d16ccf29ff59d423c6d548af{:07}\","
                     "Response=\"849dfcf133d8156f77ef11a9194119df\",ExpectedResponse=\"\"",
                     i));
  }
  lines.resize(count);
  return lines;
}

void read_line(benchmark::State& state) {
  const auto lines = sample_lines(100'000);
  AsteriskLog log;
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(log.read(lines[next], WallTime{}));
    next = next + 1 == lines.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_line);

void line_of_another_event(benchmark::State& state) {
  AsteriskLog log;
  const std::string line =
      "[2026-03-01 08:15:30] NOTICE[19388] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from "
      "'<sip:301@pbx.example>' failed for '203.0.113.9:5060' (callid: 213853520-1161802338) - "
      "Failed to authenticate";
  for (auto _ : state) benchmark::DoNotOptimize(log.read(line, WallTime{}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(line_of_another_event);

// The file, the cutting into lines and the kept place included. STORMDOOR_LOG names a file to read
// instead of one of our own (bench/compare_log.sh).
void follow_file(benchmark::State& state) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / fmt::format("stormdoor-log-{}", getpid());
  fs::create_directory(folder);
  const char* named = std::getenv("STORMDOOR_LOG");
  const std::string source = named != nullptr ? named : (folder / "sample.log").string();
  if (named == nullptr) {
    std::ofstream out(source);
    for (const auto& line : sample_lines(100'000)) out << line << '\n';
  }
  size_t lines = 0;
  size_t failures = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::string path = (folder / "followed.log").string();
    fs::remove(path);
    fs::remove(folder / "place");
    std::ofstream(path).close();
    FollowedFile file(path, (folder / "place").string());
    AsteriskLog log;
    bool good = file.read([](std::string_view) {}).has_value();  // begins at the end: of nothing
    std::ofstream(path, std::ios::app | std::ios::binary) << std::ifstream(source).rdbuf();
    state.ResumeTiming();
    for (bool more = true; good && more;) {
      const auto read = file.read([&](std::string_view line) {
        if (const auto login = log.read(line, WallTime{})) benchmark::DoNotOptimize(login->port);
      });
      good = read.has_value();
      more = good && *read;
    }
    if (!good) state.SkipWithError("the file cannot be read");
    lines += file.counters().lines;
    failures = log.counters().failures;
  }
  state.SetItemsProcessed(int64_t(lines));
  state.counters["failures"] = double(failures);
  fs::remove_all(folder);
}
BENCHMARK(follow_file)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stormdoor::edge

BENCHMARK_MAIN();
