// Any bytes as access rules: read, checked, compiled and asked.
#include <cstddef>
#include <cstdint>

#include "acl/guard.hpp"
#include "base/config_reader.hpp"
#include "base/error.hpp"

namespace {

using namespace stormdoor;
using namespace stormdoor::acl;

// Rules that passed their checks hold what the guard relies on.
void check_rules(const AclConfig& config) {
  for (const Service service : kAllServices) {
    const Limit& limit = config.rules.limit(service);
    STORMDOOR_CHECK(limit.failures >= 1 && limit.failures <= Limit::kMostFailures,
                    "the range was checked");
    STORMDOOR_CHECK(limit.repeat_max >= limit.block_for && limit.repeat_factor >= 1,
                    "the contradiction was found");
  }
  STORMDOOR_CHECK(config.sizes.source_prefix_v4 <= 32 && config.sizes.source_prefix_v6 <= 128,
                  "a source is no longer than an address");
}

void ask_guard(const AclConfig& config) {
  GuardSizes sizes = config.sizes;
  sizes.tracked_sources = 64;  // the fuzzer's time, not the machine's memory
  sizes.blocks = 64;
  const auto rules = RuleSet::from(config.rules);
  Guard guard(rules, sizes);
  Now now{SteadyTime(std::chrono::hours(1)), WallTime(std::chrono::hours(1))};
  for (const Network& network : config.rules.networks) {
    for (const IpPrefix& prefix : network.prefixes) {
      const IpAddress inside = prefix.address();
      const RuleSet::Match match = rules->match(inside);
      STORMDOOR_CHECK(match.prefix != nullptr && match.prefix->length() >= prefix.length(),
                      "an address of a prefix matches it or a longer one");
      Failure failure;
      failure.source = inside;
      failure.proof = PathProof::Connected;
      for (failure.fingerprint = 1; failure.fingerprint <= 3; ++failure.fingerprint)
        guard.report_failure(failure, now);
      STORMDOOR_CHECK(!guard.why(inside, now).empty(), "every verdict explains itself");
      now = now + std::chrono::minutes(1);
    }
    if (now.wall > WallTime(std::chrono::hours(3))) break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ConfigReader reader =
      ConfigReader::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  std::vector<std::string> warnings;
  const AclConfig config = read_acl_config(reader.root(), warnings);
  // Even rules with errors must compile: what was wrong stands at its default.
  const bool good = reader.finish().has_value();
  if (good) check_rules(config);
  ask_guard(config);
  return 0;
}
