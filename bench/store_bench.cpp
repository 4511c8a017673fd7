// base/store/sqlite_store.*: a change alone, a hundred changes with one sync, an office being read.
// Commits wait for the disk, so their numbers say as much about it as about us.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/store/sqlite_store.hpp"

namespace stormdoor::store {
namespace {

// A directory of its own, on the disk that the temporary directory is on.
class ScratchStore {
 public:
  ScratchStore() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "stormdoor-bench-XXXXXX").string();
    STORMDOOR_CHECK(mkdtemp(pattern.data()) != nullptr, "a benchmark may make a directory");
    directory_ = pattern;
    auto opened = SqliteStore::open({.path = directory_ + "/store.db"},
                                    crypto::SecretBox(Secret(std::string(32, 'k'))));
    STORMDOOR_CHECK(opened.has_value(), "a new store opens");
    store_ = *std::move(opened);
  }
  ~ScratchStore() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  ScratchStore(const ScratchStore&) = delete;
  ScratchStore& operator=(const ScratchStore&) = delete;

  [[nodiscard]] SqliteStore& store() { return *store_; }

 private:
  std::string directory_;
  std::unique_ptr<SqliteStore> store_;
};

PhoneRecord phone(uint32_t number) {
  PhoneRecord p;
  p.mac =
      MacAddress({0x00, 0x0f, 0xd3, uint8_t(number >> 16), uint8_t(number >> 8), uint8_t(number)});
  p.vendor = "sangoma";
  p.model = "D65";
  p.role = PhoneRole::Desk;
  p.device_account = fmt::format("d{:06}", number);
  p.device_secret = Secret("a device secret of usual length");
  p.token = Secret("a-token-of-usual-length1");
  p.token_issued = true;
  return p;
}

std::vector<Change> phone_changes(uint32_t first, size_t count) {
  std::vector<Change> changes;
  for (uint32_t i = 0; i < count; ++i) changes.push_back({{PutPhone{phone(first + i)}}});
  return changes;
}

void commit_group_of(benchmark::State& state) {
  ScratchStore scratch;
  const auto size = size_t(state.range(0));
  uint32_t next = 0;
  for (auto _ : state) {
    const auto changes = phone_changes(next, size);
    next = (next + uint32_t(size)) % 20'000;
    benchmark::DoNotOptimize(scratch.store().commit(changes));
  }
  state.SetItemsProcessed(int64_t(state.iterations()) * int64_t(size));
}
BENCHMARK(commit_group_of)->Arg(1)->Arg(100)->UseRealTime()->Unit(benchmark::kMicrosecond);

void load_phones(benchmark::State& state) {
  ScratchStore scratch;
  const auto changes = phone_changes(0, size_t(state.range(0)));
  for (const auto& answer : scratch.store().commit(changes))
    STORMDOOR_CHECK(answer.has_value(), "the disk of a benchmark works");
  for (auto _ : state) {
    auto contents = scratch.store().load();
    STORMDOOR_CHECK(contents.has_value() && contents->phones.size() == changes.size(),
                    "what was committed is there");
    benchmark::DoNotOptimize(contents);
  }
  state.SetItemsProcessed(int64_t(state.iterations()) * state.range(0));
}
BENCHMARK(load_phones)->Arg(20'000)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stormdoor::store

BENCHMARK_MAIN();
