#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acl/story.hpp"
#include "base/config_reader.hpp"

namespace stormdoor::acl {

struct AclConfig;

// One [[expect]]: what must come of a story under these rules, or they are not valid. Proved by
// `stormdoord --check`, at start and at every reload, so that a change of a limit cannot quietly
// block the office. At most kMostExpectations, each of kMostEvents events with their repetitions
// counted: a second's work at the very most.
struct Expectation {
  static constexpr size_t kMostExpectations = 200;
  static constexpr uint32_t kMostEvents = 1'000;

  // What the source of the last event gets when it then asks for that event's service.
  enum class Then : uint8_t { Admitted, Refused, Blocked, Throttled };

  std::string name;
  std::vector<StoryEvent> events;
  Then then = Then::Admitted;
  std::string path;      // "expect[2]"
  SourceLocation where;  // of `then`
  bool operator==(const Expectation& other) const {
    return name == other.name && events == other.events && then == other.then;
  }
};

// Reads every [[expect]]. Mistakes are noted at the reader; a story with one is left out.
[[nodiscard]] std::vector<Expectation> read_expectations(const ConfigTable& root);

// Plays the story against a guard with these rules: nothing when it ends as expected, else what
// happened instead, in words.
[[nodiscard]] std::optional<std::string> contradiction(const Expectation& expectation,
                                                       const AclConfig& config);
// Plays all of them. What does not end as expected is an error at its place.
void prove_expectations(const AclConfig& config, ConfigReader& reader);

}  // namespace stormdoor::acl
