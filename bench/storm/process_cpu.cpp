#include "bench/storm/process_cpu.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

struct Stat {
  pid_t parent = 0;
  int64_t ticks = 0;
};

int64_t integer_of(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// proc(5): the name in parentheses may hold anything, so what counts comes behind the last one.
std::optional<Stat> stat_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  if (!std::getline(file, line)) return {};
  const size_t behind = line.rfind(')');
  if (behind == std::string::npos) return {};
  const auto fields = split(trim(std::string_view(line).substr(behind + 1)), ' ');
  constexpr size_t kParent = 1, kUserTime = 11, kLastTime = 14;  // user, system, children's both
  if (fields.size() <= kLastTime) return {};
  Stat stat{static_cast<pid_t>(integer_of(fields[kParent])), 0};
  for (size_t i = kUserTime; i <= kLastTime; ++i) stat.ticks += integer_of(fields[i]);
  return stat;
}

}  // namespace

Result<std::chrono::microseconds> cpu_time_below(pid_t process) {
  std::map<pid_t, std::vector<pid_t>> children;
  std::map<pid_t, Stat> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto id = static_cast<pid_t>(integer_of(entry.path().filename().string()));
    if (id <= 0) continue;
    const auto stat = stat_of(id);
    if (!stat) continue;
    all[id] = *stat;
    children[stat->parent].push_back(id);
  }
  if (!all.contains(process))
    return Error(ErrorCode::NotFound, fmt::format("there is no process {}", process));
  int64_t ticks = 0;
  std::vector<pid_t> left = {process};
  while (!left.empty()) {
    const pid_t next = left.back();
    left.pop_back();
    ticks += all[next].ticks;
    for (const pid_t child : children[next]) left.push_back(child);
  }
  return std::chrono::microseconds(ticks * 1'000'000 / sysconf(_SC_CLK_TCK));
}

}  // namespace stormdoor::storm
