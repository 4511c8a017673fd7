// What does the guard cost a request and a failure? (acl/guard.*, acl/failure_tracker.*)
#include <benchmark/benchmark.h>

#include <atomic>
#include <random>
#include <unordered_map>

#include "acl/failure_tracker.hpp"
#include "acl/guard.hpp"

#ifdef STORMDOOR_HAS_ABSL  // libabsl-dev
#include <absl/container/flat_hash_map.h>
#endif

namespace stormdoor::acl {
namespace {

const Now kStart{SteadyTime(std::chrono::hours(1)), WallTime(std::chrono::hours(400'000))};
constexpr size_t kMillion = 1'000'000;

AclRules open_rules() {
  AclRules rules;
  Network everywhere;
  everywhere.name = "everywhere";
  everywhere.prefixes = {*IpPrefix::parse("0.0.0.0/0"), *IpPrefix::parse("::/0")};
  everywhere.services = ServiceSet::all();
  rules.networks = {everywhere};
  return rules;
}

IpAddress address_of(uint32_t number) {
  return IpAddress::v4(number * 2654435761U);
}

Failure failure_of(uint32_t source, uint64_t mistake) {
  return {.service = Service::Sip,
          .kind = FailureKind::SipRefused,
          .source = address_of(source),
          .proof = PathProof::Acknowledged,
          .device = {},
          .account = "301",
          .fingerprint = mistake};
}

// Every source has failed once; one in a hundred is blocked.
std::unique_ptr<Guard> guard_with(size_t sources) {
  GuardSizes sizes;
  sizes.tracked_sources = sources + sources / 8;  // shards are not filled evenly
  auto guard = std::make_unique<Guard>(RuleSet::from(open_rules()), sizes);
  for (uint32_t i = 0; i < sources; ++i) {
    const int mistakes = i % 100 == 0 ? 10 : 1;
    for (int mistake = 1; mistake <= mistakes; ++mistake)
      guard->report_failure(failure_of(i, uint64_t(mistake)), kStart);
  }
  return guard;
}

Guard& full_guard() {
  static const std::unique_ptr<Guard> guard = guard_with(kMillion);
  return *guard;
}

// A healthy phone asks, nobody ever failed: the common case of a boot storm.
void admit_common_case(benchmark::State& state) {
  const Guard guard(RuleSet::from(AclRules{}), {});
  const IpAddress phone = *IpAddress::parse("10.20.30.40");
  for (auto _ : state)
    benchmark::DoNotOptimize(guard.admit(phone, Service::Provisioning, kStart).decision);
}
BENCHMARK(admit_common_case);

// Anybody asks, with a million sources tracked and ten thousand blocks.
void admit_full_table(benchmark::State& state) {
  const Guard& guard = full_guard();
  uint32_t next = 1;
  for (auto _ : state) {
    const Admission admission =
        guard.admit(address_of(uint32_t(next % kMillion)), Service::Sip, kStart);
    next = next * 1664525U + 1013904223U + uint32_t(admission.decision);
  }
}
BENCHMARK(admit_full_table);

// What issue 3 compares with: one dependent look-up in a hash table of that size.
void dependent_look_up_in_a_hash_table(benchmark::State& state) {
  static const auto table = [] {
    std::unordered_map<IpAddress, uint32_t> all;
    for (uint32_t i = 0; i < kMillion; ++i) all.emplace(address_of(i), i);
    return all;
  }();
  uint32_t next = 1;
  for (auto _ : state) {
    const auto found = table.find(address_of(uint32_t(next % kMillion)));
    next = next * 1664525U + 1013904223U + (found->second & 1);
  }
}
BENCHMARK(dependent_look_up_in_a_hash_table);

#ifdef STORMDOOR_HAS_ABSL
// The peer, with the hash that it would have to use for keys that strangers choose: its own.
void dependent_look_up_in_a_flat_hash_map(benchmark::State& state) {
  static const auto table = [] {
    absl::flat_hash_map<std::array<uint8_t, 16>, uint32_t> all;
    all.reserve(kMillion);
    for (uint32_t i = 0; i < kMillion; ++i) all.emplace(address_of(i).bytes(), i);
    return all;
  }();
  uint32_t next = 1;
  for (auto _ : state) {
    const auto found = table.find(address_of(uint32_t(next % kMillion)).bytes());
    next = next * 1664525U + 1013904223U + (found->second & 1);
  }
}
BENCHMARK(dependent_look_up_in_a_flat_hash_map);
#endif

void admit_unproven_tftp(benchmark::State& state) {
  const Guard guard(RuleSet::from(AclRules{}), {});
  const IpAddress phone = *IpAddress::parse("10.20.30.40");
  for (auto _ : state)
    benchmark::DoNotOptimize(
        guard.admit(phone, Service::Provisioning, kStart, PathProof::None).decision);
}
BENCHMARK(admit_unproven_tftp);

// Workers share the guard on purpose: the kernel spreads one address over all of them.
void admit_threads_on_one_address(benchmark::State& state) {
  static const Guard guard(RuleSet::from(AclRules{}), {});
  const IpAddress phone = *IpAddress::parse("10.20.30.40");
  for (auto _ : state)
    benchmark::DoNotOptimize(guard.admit(phone, Service::Provisioning, kStart).decision);
}
BENCHMARK(admit_threads_on_one_address)->ThreadRange(1, 8)->UseRealTime();

void admit_threads_on_many(benchmark::State& state) {
  static const Guard guard(RuleSet::from(open_rules()), {});
  uint32_t next = uint32_t(state.thread_index()) * 1'000'003U;
  for (auto _ : state)
    benchmark::DoNotOptimize(guard.admit(address_of(next++), Service::Sip, kStart).decision);
}
BENCHMARK(admit_threads_on_many)->ThreadRange(1, 8)->UseRealTime();

// A distributed attack: a new mistake each, from a million sources in turn.
void report_failure(benchmark::State& state) {
  Guard& guard = full_guard();
  static std::atomic<uint32_t> rounds{0};
  uint32_t next = uint32_t(state.thread_index()) * 500'000U;
  const uint32_t round = ++rounds;
  for (auto _ : state) {
    ++next;
    // A minute passes every 1000 failures, so that windows pass as well.
    const Now now = kStart + std::chrono::minutes(round * 1000) + seconds(next / 16);
    benchmark::DoNotOptimize(guard.report_failure(failure_of(next % kMillion, next), now).failures);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(report_failure)->ThreadRange(1, 4)->UseRealTime();

// An attack by so many at once: a new mistake each, in turn, eight of each within the window, so
// that every one is counted and none leads to a block.
void report_failure_from(benchmark::State& state) {
  Guard guard(RuleSet::from(open_rules()), {});
  const auto sources = uint32_t(state.range(0));
  const auto between = std::chrono::nanoseconds(std::chrono::minutes(10)) / 8 / sources;
  uint32_t next = 0;
  for (auto _ : state) {
    ++next;
    const Now now = kStart + std::chrono::floor<milliseconds>(next * between);
    benchmark::DoNotOptimize(guard.report_failure(failure_of(next % sources, next), now).failures);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(report_failure_from)->Arg(100)->Arg(10'000)->Arg(100'000);

// The same behind addresses that healthy phones share: blame falls below the address.
void report_failure_where_others_are_well(benchmark::State& state) {
  GuardSizes sizes;
  Guard guard(RuleSet::from(open_rules()), sizes);
  constexpr uint32_t kOffices = 10'000;
  for (uint32_t i = 0; i < kOffices; ++i)
    guard.report_registered({.flow = {address_of(i), 5060, false},
                             .account = "302",
                             .expires = kStart.wall + std::chrono::hours(1'000'000)},
                            false, kStart);
  uint32_t next = 0;
  for (auto _ : state) {
    ++next;
    const Now now = kStart + seconds(next / 16);
    benchmark::DoNotOptimize(guard.report_failure(failure_of(next % kOffices, next), now).failures);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(report_failure_where_others_are_well);

// While administrators convert phones: ten thousand leases are open.
void report_failure_with_leases(benchmark::State& state) {
  Guard guard(RuleSet::from(open_rules()), {});
  for (uint32_t i = 0; i < 10'000; ++i) {
    const store::LeaseRecord lease{
        .mac = MacAddress({0, 0x0f, 0xd3, 0, uint8_t(i >> 8), uint8_t(i)}),
        .accounts = {std::to_string(i)},
        .opened = kStart.wall,
        .deadline = kStart.wall + std::chrono::hours(1),
        .budget = 64,
        .spent = 0,
        .reason = "",
        .addresses = {address_of(i)}};
    if (!guard.open_lease(lease, kStart)) return;
  }
  uint32_t next = 0;
  for (auto _ : state) {
    ++next;
    benchmark::DoNotOptimize(
        guard.report_failure(failure_of(next % kMillion, next), kStart).failures);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(report_failure_with_leases);

// One phone repeats its one mistake.
void report_the_same_mistake(benchmark::State& state) {
  Guard guard(RuleSet::from(open_rules()), {});
  const Failure failure = failure_of(1, 77);
  for (auto _ : state) benchmark::DoNotOptimize(guard.report_failure(failure, kStart).repeated);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(report_the_same_mistake);

// Every failure from a source never seen, the table always full: insert and evict.
void track_and_evict(benchmark::State& state) {
  FailureTracker tracker(size_t(state.range(0)));
  uint32_t next = 0;
  for (auto _ : state) {
    const SourceKey source(IpPrefix(address_of(next++), 32));
    benchmark::DoNotOptimize(
        tracker.report(source, 0, 1, std::chrono::minutes(10), kStart.steady).failures);
  }
  state.counters["bytes_per_source"] =
      double(tracker.memory_bytes()) / double(std::max<size_t>(1, tracker.size()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(track_and_evict)->Arg(1'500)->Arg(100'000)->Arg(1'000'000);

void make_a_block(benchmark::State& state) {
  Guard guard(RuleSet::from([] {
                AclRules rules = open_rules();
                for (Limit& limit : rules.limits) limit.failures = 1;
                return rules;
              }()),
              {});
  uint32_t next = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(guard.report_failure(failure_of(++next, 1), kStart).block);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(make_a_block);

}  // namespace
}  // namespace stormdoor::acl

BENCHMARK_MAIN();
