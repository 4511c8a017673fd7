#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::http {

class FirmwarePass;

// How long a phone waits for firmware.
struct FirmwarePatience {
  milliseconds most_pause{500};  // between two pieces
  milliseconds whole{5000};      // before it gives up, as far as we know
};

// [[provisioning.link]]: a line to a site, and how much of it firmware may take.
struct FirmwareLinkTerms {
  static constexpr uint64_t kLeastRate = uint64_t{16} << 10;

  std::string name;
  std::vector<IpPrefix> prefixes;
  uint64_t bytes_per_second = 0;
  uint64_t burst_bytes = uint64_t{256} << 10;
  // What a transfer should get at least: so many are served at once as the line can give this to.
  uint64_t useful_bytes_per_second = uint64_t{64} << 10;

  [[nodiscard]] size_t seats() const;
  bool operator==(const FirmwareLinkTerms&) const = default;
};

// Paces what leaves for one site's phones as firmware, over TFTP and HTTP(S), on all workers
// together. Shared by them on purpose: one short lock, taken once per turn (4 KiB and more of a
// transfer), never per packet. Time is a parameter.
//
// A transfer (FirmwarePass) has a seat or waits for one: terms.seats() have one, whoever loses
// patience first gets the next. Seated transfers reserve turns, one at a time, each as long as the
// link gives in a quarter of a second divided by those seated (half a burst at most): so they go
// round and nobody waits much longer than that for his turn. Over any time the turns are at most
// rate * time + burst, where a burst is at least 50 ms long, because timers are not more exact.
//
// Who waits is given a little now and then, so that no phone runs out of patience (trickle): at
// most half the rate, taken from what the seated get. Where even that is used up, nobody waits less
// than his protocol's own repeats allow.
//
// Bounds: as many passes as there are transfers (TransferBook, HttpConfig::connections), about 200
// bytes each. A seat is kept until its transfer ends, so whoever takes nothing keeps it until his
// protocol's deadline (TFTP: give_up, HTTP: stall) has passed.
class FirmwareLink {
 public:
  explicit FirmwareLink(FirmwareLinkTerms terms);
  FirmwareLink(const FirmwareLink&) = delete;
  FirmwareLink& operator=(const FirmwareLink&) = delete;

  // From now on; who has a seat keeps it.
  void replace_terms(const FirmwareLinkTerms& terms);

  // For FirmwarePass. `used` bytes have left since it last called.
  void ask_for_seat(FirmwarePass& pass, SteadyTime patience_ends, SteadyTime now);
  void leave(FirmwarePass& pass, uint64_t used, uint64_t given_back, SteadyTime now);
  struct Turn {
    SteadyTime at;
    uint64_t bytes = 0;
  };
  // The next turn, of `least` bytes or more; what was sent beyond the last one is paid here.
  Turn reserve(uint64_t least, uint64_t overdrawn, uint64_t used, SteadyTime now);
  [[nodiscard]] bool take_trickle(uint64_t bytes, uint64_t used, SteadyTime now);

  struct Facts {
    std::string name;
    uint64_t budget = 0;  // bytes per second
    uint64_t rate = 0;    // in the last whole second
    uint64_t bytes = 0;   // in all
    size_t seats = 0;
    size_t seated = 0;
    size_t waiting = 0;
    milliseconds longest_wait{0};
  };
  [[nodiscard]] Facts facts(SteadyTime now) const;
  // Whether a newcomer would have to wait.
  [[nodiscard]] bool is_full() const;

 private:
  friend class FirmwarePass;
  using ByPatience = std::multimap<SteadyTime, FirmwarePass*>;
  using ByAge = std::list<std::pair<SteadyTime, FirmwarePass*>>;
  // A waiting pass's places in both orders.
  struct Places {
    ByPatience::iterator by_patience;
    ByAge::iterator by_age;
  };
  struct State {
    FirmwareLinkTerms terms;
    SteadyTime free_from{};     // when all that was given is paid for
    SteadyTime trickle_from{};  // likewise, of the trickle's half
    size_t seated = 0;
    ByPatience waiting;  // first to lose patience first
    ByAge by_age;
    uint64_t bytes = 0;
    int64_t second = 0;  // that bytes_in_second counts
    uint64_t bytes_in_second = 0;
    uint64_t bytes_before = 0;  // in the second before that
  };
  static void fill_seats(State& state);
  static void count(State& state, uint64_t bytes, SteadyTime now);

  Guarded<State> state_;
};

}  // namespace stormdoor::http
