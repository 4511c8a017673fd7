#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acl/failure.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

// What an administrator tells of what might happen, in words: the lines of [[expect]] in the access
// rules. The words are those of tests/stories; etc/stormdoor.toml explains them.
//
//   [TIME] ADDRESS asks for SERVICE               (or tftp)
//   [TIME] ADDRESS succeeds with SERVICE
//   [TIME] ADDRESS wrong password for SERVICE     wrong token, wrong pin, refused registration,
//                                                 file of unknown phone MAC, file of foreign phone
//                                                 MAC, files of 20 unknown phones
//   [TIME] administrator blocks PREFIX SERVICE    unblocks
//   [TIME] stormdoor restarts
//
// Behind what an address does, in any order: "tried" (the same words are the same mistake; without
// any, each is another one), as ACCOUNT, by MAC, over tftp, over udp unproven, 3 times, within 10m
// (spread evenly; commas may stand between).
namespace stormdoor::acl {

struct StoryEvent {
  static constexpr size_t kMostLineBytes = 300;
  static constexpr uint32_t kMostTimes = 1'000;

  enum class Kind : uint8_t { Ask, Succeed, Fail, Block, Unblock, Restart };
  Kind kind = Kind::Ask;
  std::optional<milliseconds> at;  // since the start; empty: when the one before has ended
  Failure failure;                 // of Ask and Succeed: source, service and proof
  bool same_mistake = false;       // "tried" was said, and is the fingerprint's text
  std::string tried;
  bool many_phones = false;  // each time the file of another unknown phone
  uint32_t times = 1;
  milliseconds within{0};  // between the first and the last time
  IpPrefix prefix;         // of Block and Unblock
  bool operator==(const StoryEvent&) const;
};

// The error is a sentence that quotes what is not understood.
Result<StoryEvent> parse_story_event(std::string_view line);

}  // namespace stormdoor::acl
