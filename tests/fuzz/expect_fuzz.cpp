// Any lines as the story of an expectation: parsed and played.
#include <cstddef>
#include <cstdint>

#include "acl/acl_config.hpp"
#include "acl/expectation.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor;
  using namespace stormdoor::acl;
  Expectation expectation;
  expectation.name = "fuzz";
  uint32_t total = 0;
  for (const std::string_view line :
       split(std::string_view(reinterpret_cast<const char*>(data), size), '\n')) {
    const auto event = parse_story_event(line);
    if (!event) {
      STORMDOOR_CHECK(!event.error().message().empty(), "every refusal says why");
      STORMDOOR_CHECK(is_valid_utf8(event.error().message()), "and can be shown");
      continue;
    }
    STORMDOOR_CHECK(event->times >= 1 && event->times <= StoryEvent::kMostTimes, "bounded");
    total += event->times;
    if (total > Expectation::kMostEvents) break;
    expectation.events.push_back(*event);
  }
  static const AclConfig config;
  (void)contradiction(expectation, config);
  return 0;
}
