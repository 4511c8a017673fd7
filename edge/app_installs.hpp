#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::edge {

// What is known of one phone's app. A version is the hash of the archive (PhoneApp::version).
struct AppInstall {
  std::string installed;             // the version that the phone took; empty: none that we know of
  std::optional<IpAddress> address;  // where its configuration last went, since we were started
  unsigned attempts = 0;             // to give it what it has not, so far
  std::string trouble;               // of the last one
  std::optional<WallTime> due;       // when the next one is
  bool sending = false;
  bool given_up = false;  // all tries were for nothing
};

// "installed"; "waits until it fetches its configuration"; "to be sent in 20s"; "being sent";
// "tried 2 times, again in 2m: it does not answer"; "given up after 7 times: ..."; "an older one".
[[nodiscard]] std::string describe(const AppInstall* install, std::string_view wanted,
                                   WallTime now);

// When to try again.
struct AppPace {
  milliseconds after;        // from a phone's fetch to the first time
  unsigned retries;          // after the first time
  milliseconds again_after;  // then twice as long each time, at most a day
};

// Which phones have which version of their app, and who is to be given it next. Time is a
// parameter; used by one thread. Remembers the `capacity` phones that something happened to last;
// one that is forgotten is given its app again when it fetches again, which costs a transfer and
// harms nothing.
class AppInstalls {
 public:
  AppInstalls(size_t capacity, AppPace pace) : phones_(capacity), pace_(pace) {}

  // Its configuration was delivered there, whole, and it should have this version: due after a
  // while if it has another and (`by_itself`) may be given it without being asked to. One that was
  // given up is tried again, since it has restarted.
  void note_fetched(const MacAddress& mac, const IpAddress& address, std::string_view wanted,
                    bool by_itself, WallTime now);
  // Due now, whatever it has. False: where it is is not known, or it is being sent.
  bool push(const MacAddress& mac, WallTime now);
  // Another version is wanted: due after a while, each phone whose place is known and that has
  // another than `wanted` says (empty: it is to have none).
  void want(const std::function<std::string(const MacAddress&)>& wanted, WallTime now);

  // Those due now, oldest first, at most so many; each is being sent until one of the next three.
  [[nodiscard]] std::vector<MacAddress> take_due(WallTime now, size_t most);
  void note_installed(const MacAddress& mac, std::string version);
  // True: that was the last time.
  bool note_trouble(const MacAddress& mac, std::string trouble, WallTime now);
  void note_unwanted(const MacAddress& mac);  // it is to have none any more

  [[nodiscard]] const AppInstall* of(const MacAddress& mac) const { return phones_.peek(mac); }

  // What outlives a restart: a line "MAC version" for each phone that has one. Lines that are not
  // exactly so are left out, as are more than there is room for.
  // Nothing when it is as it was the last time.
  [[nodiscard]] std::optional<std::string> take_text();
  void restore(std::string_view text);

 private:
  void plan(const MacAddress& mac, AppInstall& install, WallTime due);
  AppInstall* sent_to(const MacAddress& mac);

  BoundedMap<MacAddress, AppInstall> phones_;
  AppPace pace_;
  std::set<std::pair<WallTime, MacAddress>> due_;
  bool changed_ = false;  // since take_text()
};

}  // namespace stormdoor::edge
