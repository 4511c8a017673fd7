#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "bench/storm/storm.hpp"
#include "edge/demo.hpp"

namespace stormdoor::edge {

// What the demo's second act shows.
struct HotDeskStory {
  size_t converted = 0;
  size_t old_passwords = 0;     // refused logins of converted phones, told by the PBX
  size_t forgiven = 0;          // of those
  size_t phones_blocked = 0;    // addresses or accounts of phones that were refused: 0
  size_t guesses = 0;           // by somebody behind one phone's address, until stopped
  std::string guesser;          // that address
  std::string guesser_stopped;  // why; empty: he was not
  size_t back = 0;              // phones that booted again and got what they should
  size_t phones = 0;
  std::vector<std::string> desks;  // who logs in where, in sentences
  bool moved = false;              // logging in elsewhere logged out at the first phone
  bool numbers_follow = false;     // the emergency number was each desk's

  [[nodiscard]] bool went_well() const;
};

// `stormdoor demo`, second act, on an office whose phones have booted: all desk phones are
// converted to hot desking while each keeps trying its old password, somebody guesses from the
// address of one of them, all boot again, and people log in and move. There is no PBX: what one
// would tell of refused logins is told in its place, over the same API. Runs until the act is over.
Result<HotDeskStory> convert_office(const DemoOffice& office, const SampleOffice& sample,
                                    std::vector<storm::PhoneSpec> phones);
[[nodiscard]] std::string story_text(const HotDeskStory& story);

}  // namespace stormdoor::edge
