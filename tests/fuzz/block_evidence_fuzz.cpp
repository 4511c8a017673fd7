// Any bytes as what a block remembers of its failures: refused, or exactly what we would write.
#include <cstddef>
#include <cstdint>

#include "acl/blame.hpp"
#include "base/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor::acl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto evidence = parse_evidence(text);
  if (!evidence) return 0;
  STORMDOOR_CHECK(format_evidence(*evidence) == text, "there is one way to write it");
  STORMDOOR_CHECK(evidence->blamed.size() <= FailureTracker::kMostMistakes, "its bound");
  (void)blame_for(evidence->blamed, 4);
  return 0;
}
