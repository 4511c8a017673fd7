#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::hotdesk {

// Slows down guessing of PINs, at a phone and at an extension, and blocks nobody (promise 5): after
// a few wrong ones each further attempt has to wait, twice as long each time up to a bound. The
// same wrong PIN again is the same mistake and makes nothing longer (promise 3). An attempt that
// comes too early is not judged at all, so that it tells nothing about the PIN.
//
// Holds at most `capacity` phones and as many extensions, each forgotten after kForget without a
// mistake; when full, the one touched longest ago goes, so that a flood of invented extensions
// pushes out its own: from one phone it is slowed down by the phone's own count. One thread at a
// time.
class LoginThrottle {
 public:
  static constexpr int kFree = 3;  // mistakes without a wait
  static constexpr milliseconds kFirstWait{5'000};
  static constexpr milliseconds kLongestWaitOfPhone{300'000};
  // Shorter: whoever sits at another phone must not be kept out of his own extension for long.
  static constexpr milliseconds kLongestWaitOfExtension{60'000};
  static constexpr milliseconds kForget = std::chrono::hours(1);

  explicit LoginThrottle(size_t capacity = 20'000);

  // How long an attempt has to wait yet; nothing: it may be judged now.
  [[nodiscard]] std::optional<milliseconds> wait(const MacAddress& phone,
                                                 std::string_view extension, SteadyTime now);
  // `fingerprint` is a keyed hash of extension and PIN. Whether it was a new mistake.
  bool failed(const MacAddress& phone, std::string_view extension, uint64_t fingerprint,
              SteadyTime now);
  // The right PIN: what was counted at this phone and for this extension is over.
  void succeeded(const MacAddress& phone, std::string_view extension);

 private:
  struct Count {
    int mistakes = 0;
    uint64_t last = 0;  // fingerprint
    SteadyTime next{};  // not before
    SteadyTime at{};    // of the last mistake
  };
  static std::optional<milliseconds> wait_of(Count& count, SteadyTime now);
  static bool add(Count& count, uint64_t fingerprint, SteadyTime now, milliseconds longest);

  BoundedMap<MacAddress, Count> phones_;
  BoundedMap<uint64_t, Count> extensions_;  // by keyed hash
};

}  // namespace stormdoor::hotdesk
