#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace stormdoor::portal {

// What calls with an Idempotency-Key were answered, so that one that is sent again (its answer was
// lost) is answered the same and does nothing. By caller, operation and key; for kKept. One thread.
//
// Bounds: kMost calls, the oldest is forgotten; an answer over kMostBodyBytes is not kept, and a
// repetition of such a call is told so.
class IdempotencyBook {
 public:
  static constexpr size_t kMost = 1'000;
  static constexpr size_t kMostBodyBytes = size_t{64} * 1024;
  static constexpr milliseconds kKept = std::chrono::hours(24);

  enum class State : uint8_t {
    New,        // to be done now
    Running,    // the first one has not been answered yet
    Other,      // the key was used for another request
    Answered,   // as it was
    Forgotten,  // answered, but too long to be kept
  };
  struct Answer {
    int status = 0;
    std::string content_type;
    std::string body;
  };
  struct Found {
    State state = State::New;
    Answer answer = {};
  };

  // `key` names caller, operation and key; `request` is a hash of the rest.
  Found begin(const std::string& key, const std::string& request, SteadyTime now);
  void finish(const std::string& key, Answer answer);
  // It was not done: a repetition may try again, and find what was in the way gone.
  void forget(const std::string& key);

 private:
  struct Entry {
    std::string request;
    std::optional<Answer> answer;
    SteadyTime began;
  };
  void forget_oldest();

  std::map<std::string, Entry> entries_;
  std::deque<std::pair<SteadyTime, std::string>> order_;  // the oldest first
};

}  // namespace stormdoor::portal
