// How long does it take to find the network of an address? (acl/prefix_table.*, acl/rule_set.*)
#include <benchmark/benchmark.h>

#include <random>

#include "acl/prefix_table.hpp"
#include "acl/rule_set.hpp"

namespace stormdoor::acl {
namespace {

IpAddress random_v4(std::mt19937& random) {
  return IpAddress::v4(uint32_t(random()));
}
IpAddress random_v6(std::mt19937& random) {
  std::array<uint8_t, 16> bytes{0x20, 0x01};
  for (size_t i = 2; i < bytes.size(); ++i) bytes[i] = uint8_t(random());
  return IpAddress::v6(bytes);
}

// As real rules have them: many /24 and /48, some wider around them, some single addresses.
std::vector<IpPrefix> rules(size_t count, bool v4) {
  std::mt19937 random(1);
  std::vector<IpPrefix> all;
  for (size_t i = 0; i < count; ++i) {
    const int wide = v4 ? 16 : 32;
    const int usual = v4 ? 24 : 48;
    const int most = v4 ? 32 : 128;
    const int length = i % 10 == 0 ? wide : i % 10 == 1 ? most : usual;
    all.emplace_back(v4 ? random_v4(random) : random_v6(random), length);
  }
  return all;
}

// Half of the addresses lie in some prefix.
std::vector<IpAddress> questions(const std::vector<IpPrefix>& prefixes, bool v4) {
  std::mt19937 random(2);
  std::vector<IpAddress> all(size_t{1} << 14);
  for (IpAddress& address : all)
    address = random() % 2 == 0 ? prefixes[random() % prefixes.size()].address()
              : v4              ? random_v4(random)
                                : random_v6(random);
  return all;
}

void find_prefix(benchmark::State& state, bool v4) {
  const auto prefixes = rules(size_t(state.range(0)), v4);
  const auto addresses = questions(prefixes, v4);
  const PrefixTable table(prefixes);
  size_t next = 0;
  uint32_t found = 0;
  for (auto _ : state) {
    // The next question depends on the last answer: a look-up's time, not its throughput.
    found = table.find(addresses[(next++ + (found & 1)) % addresses.size()]);
    benchmark::DoNotOptimize(found);
  }
}
BENCHMARK_CAPTURE(find_prefix, v4, true)->Arg(5)->Arg(100)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK_CAPTURE(find_prefix, v6, false)->Arg(5)->Arg(100)->Arg(1'000)->Arg(10'000)->Arg(100'000);

void build_table(benchmark::State& state) {
  const auto prefixes = rules(size_t(state.range(0)), true);
  for (auto _ : state) benchmark::DoNotOptimize(PrefixTable(prefixes));
}
BENCHMARK(build_table)->Arg(10'000)->Unit(benchmark::kMillisecond);

void match_default_rules(benchmark::State& state) {
  const auto set = RuleSet::from(AclRules{});
  const IpAddress phone = *IpAddress::parse("10.20.30.40");
  for (auto _ : state) benchmark::DoNotOptimize(set->match(phone).network);
}
BENCHMARK(match_default_rules);

}  // namespace
}  // namespace stormdoor::acl

BENCHMARK_MAIN();
