#include "tftp-http/firmware_link.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "tftp-http/firmware_pass.hpp"

namespace stormdoor::http {
namespace {

using std::chrono::nanoseconds;

// All who are seated have had a turn within about this time.
constexpr uint64_t kRoundsPerSecond = 4;
constexpr uint64_t kLeastBurstsPerSecond = 20;
constexpr milliseconds kMostTrickleAhead{250};

nanoseconds time_of(uint64_t bytes, uint64_t bytes_per_second) {
  return nanoseconds(bytes * 1'000'000'000 / bytes_per_second);
}

uint64_t burst_of(const FirmwareLinkTerms& terms) {
  return std::max(terms.burst_bytes, terms.bytes_per_second / kLeastBurstsPerSecond);
}

int64_t second_of(SteadyTime now) {
  return std::chrono::floor<seconds>(now.time_since_epoch()).count();
}

}  // namespace

size_t FirmwareLinkTerms::seats() const {
  return std::max<size_t>(1, bytes_per_second / useful_bytes_per_second);
}

FirmwareLink::FirmwareLink(FirmwareLinkTerms terms)
    : state_(State{.terms = std::move(terms), .waiting = {}, .by_age = {}}) {}

void FirmwareLink::replace_terms(const FirmwareLinkTerms& terms) {
  state_.with([&](State& state) {
    state.terms = terms;
    fill_seats(state);
  });
}

void FirmwareLink::ask_for_seat(FirmwarePass& pass, SteadyTime patience_ends, SteadyTime now) {
  state_.with([&](State& state) {
    const auto by_patience = state.waiting.emplace(patience_ends, &pass);
    state.by_age.emplace_back(now, &pass);
    pass.places_ = {by_patience, std::prev(state.by_age.end())};
    fill_seats(state);
  });
}

void FirmwareLink::fill_seats(State& state) {
  while (state.seated < state.terms.seats() && !state.waiting.empty()) {
    FirmwarePass& pass = *state.waiting.begin()->second;
    state.by_age.erase(pass.places_.by_age);
    state.waiting.erase(pass.places_.by_patience);
    ++state.seated;
    pass.seated_.store(true, std::memory_order_relaxed);
  }
}

void FirmwareLink::leave(FirmwarePass& pass, uint64_t used, uint64_t given_back, SteadyTime now) {
  state_.with([&](State& state) {
    count(state, used, now);
    state.free_from -= time_of(given_back, state.terms.bytes_per_second);
    if (pass.seated()) {
      --state.seated;
    } else {
      state.by_age.erase(pass.places_.by_age);
      state.waiting.erase(pass.places_.by_patience);
    }
    fill_seats(state);
  });
}

FirmwareLink::Turn FirmwareLink::reserve(uint64_t least, uint64_t overdrawn, uint64_t used,
                                         SteadyTime now) {
  return state_.with([&](State& state) -> Turn {
    count(state, used, now);
    const uint64_t rate = state.terms.bytes_per_second;
    const uint64_t burst = burst_of(state.terms);
    const uint64_t share = rate / kRoundsPerSecond / std::max<size_t>(1, state.seated);
    const uint64_t bytes = std::max(least, std::min(share, burst / 2));
    const SteadyTime paid = std::max(state.free_from, now);
    state.free_from = paid + time_of(bytes + overdrawn, rate);
    // The whole turn lies within the burst.
    return {std::max(now, state.free_from - time_of(burst, rate)), bytes};
  });
}

bool FirmwareLink::take_trickle(uint64_t bytes, uint64_t used, SteadyTime now) {
  return state_.with([&](State& state) {
    count(state, used, now);
    const uint64_t rate = state.terms.bytes_per_second;
    if (state.trickle_from > now + kMostTrickleAhead) return false;
    state.trickle_from = std::max(state.trickle_from, now) + time_of(bytes, rate / 2);
    state.free_from = std::max(state.free_from, now) + time_of(bytes, rate);
    return true;
  });
}

void FirmwareLink::count(State& state, uint64_t bytes, SteadyTime now) {
  state.bytes += bytes;
  if (const int64_t second = second_of(now); second > state.second) {
    state.bytes_before = second == state.second + 1 ? state.bytes_in_second : 0;
    state.bytes_in_second = 0;
    state.second = second;
  }
  state.bytes_in_second += bytes;
}

FirmwareLink::Facts FirmwareLink::facts(SteadyTime now) const {
  return state_.with([&](const State& state) {
    Facts facts{.name = state.terms.name,
                .budget = state.terms.bytes_per_second,
                .rate = 0,
                .bytes = state.bytes,
                .seats = state.terms.seats(),
                .seated = state.seated,
                .waiting = state.waiting.size(),
                .longest_wait = {}};
    const int64_t second = second_of(now);
    if (second == state.second) facts.rate = state.bytes_before;
    if (second == state.second + 1) facts.rate = state.bytes_in_second;
    if (!state.by_age.empty())
      facts.longest_wait = std::chrono::floor<milliseconds>(now - state.by_age.front().first);
    return facts;
  });
}

bool FirmwareLink::is_full() const {
  return state_.with([](const State& state) {
    return state.seated >= state.terms.seats() || !state.waiting.empty();
  });
}

}  // namespace stormdoor::http
