#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::edge {

// What a phone is asked to do.
enum class RestartHow : uint8_t {
  Reload,  // fetch its configuration again, without a reboot where it knows how
  Reboot,
};

// One phone on its way from "it has to fetch" to "it is back".
struct PhoneRestart {
  RestartHow how = RestartHow::Reload;
  bool excused = false;   // it has a lease: it is back when that is closed
  unsigned attempts = 0;  // so far
  WallTime asked;
  std::optional<WallTime> told;        // the last time
  std::optional<WallTime> fetched;     // whatever file, since it was asked to
  std::optional<WallTime> registered;  // with what it has now
  std::optional<WallTime> back;
  std::string way;       // how it was told: "at 10.20.0.7:5060 as 2041"
  std::string trouble;   // why it could not be told, the last time
  bool by_hand = false;  // nothing reaches it, or all tries were for nothing
};

// "told 12s ago, not back"; "told 12s ago, fetched 3s ago, not back"; "back since 10s, after 35s";
// "not told yet: it does not answer"; "restart by hand: it is registered over TCP"
[[nodiscard]] std::string describe(const PhoneRestart& restart, WallTime now);

// What was told to which phone and what came of it, and who has to be told again. Time is a
// parameter; used by one thread. Remembers the `capacity` phones that something happened to last,
// and lives in memory only: after a restart of ours, resume() begins anew.
class PhoneRestarts {
 public:
  PhoneRestarts(size_t capacity, unsigned retries, milliseconds again_after)
      : phones_(capacity), retries_(retries), again_after_(again_after) {}

  // It has to fetch: due at once. One that is on its way already begins anew.
  void begin(const MacAddress& mac, RestartHow how, bool excused, WallTime now);
  // The same of a phone that may have been told before we were started: due after a while.
  void resume(const MacAddress& mac, WallTime now);

  // Those to be told now, each once; whoever asks tells them and notes what came of it. One that is
  // not back after all its tries, or that nothing reaches, is to be restarted by hand, and handed
  // out once by take_by_hand().
  [[nodiscard]] std::vector<MacAddress> take_due(WallTime now);
  [[nodiscard]] std::vector<MacAddress> take_by_hand() { return std::exchange(by_hand_, {}); }

  void note_told(const MacAddress& mac, std::string way, WallTime now);
  // It could not be told this time, or (no way) could not even be tried.
  void note_trouble(const MacAddress& mac, std::string trouble, bool no_way);
  // It must not be told now, and is due again then; that was no try.
  void note_waits(const MacAddress& mac, std::string why, WallTime until);
  void note_fetched(const MacAddress& mac, WallTime now);
  void note_registered(const MacAddress& mac, WallTime now);
  void note_back(const MacAddress& mac, WallTime now);  // its lease was closed

  [[nodiscard]] const PhoneRestart* of(const MacAddress& mac) const { return phones_.peek(mac); }

 private:
  struct Entry : PhoneRestart {
    WallTime due;
  };
  Entry& fresh(const MacAddress& mac, WallTime due);
  // The one that is still on its way, or nullptr.
  Entry* pending(const MacAddress& mac);
  void put_off(const MacAddress& mac, Entry& entry, WallTime until);
  void leave_to_people(const MacAddress& mac, Entry& entry);

  BoundedMap<MacAddress, Entry> phones_;
  unsigned retries_;
  milliseconds again_after_;
  std::set<std::pair<WallTime, MacAddress>> due_;
  std::vector<MacAddress> by_hand_;
};

}  // namespace stormdoor::edge
