#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acl/failure.hpp"
#include "acl/source_key.hpp"
#include "base/bounded_map.hpp"
#include "base/clock.hpp"

namespace stormdoor::acl {

// One mistake of a source, and how often it was made.
struct Event {
  WallTime first;
  WallTime last;
  uint32_t times = 1;
  Service service = Service::Provisioning;
  FailureKind kind = FailureKind::WrongPassword;
  bool scored = false;  // when it was first made
  uint64_t fingerprint = 0;
  std::optional<MacAddress> device;
  std::string account;  // foreign text, cut to kMostAccountBytes
};

struct Success {
  WallTime last;
  uint64_t times = 0;
  Service service = Service::Provisioning;  // of the last one, as is the device
  std::optional<MacAddress> device;
};

// What happened lately, for people: the events behind a verdict, and who was well (why() tells it).
// No verdict depends on the events. Used by one thread at a time; Guard holds one per shard.
//
// Holds the stories of at most `sources` sources, and the successes of as many; the one heard of
// longest ago goes first. A story holds at most `per_source` mistakes, its own oldest goes first;
// the same mistake again only adds to its count. Rule and counts of a block stand in the block
// itself and are not lost with the story.
class EvidenceBook {
 public:
  static constexpr size_t kMostAccountBytes = 48;

  EvidenceBook(size_t sources, size_t per_source);

  void record_failure(const SourceKey& source, const Failure& failure, bool scored, WallTime now);
  void record_success(const SourceKey& source, Service service, std::optional<MacAddress> device,
                      WallTime now);

  [[nodiscard]] std::vector<Event> events(const SourceKey& source) const;  // oldest first
  [[nodiscard]] std::optional<Success> success(const SourceKey& source) const;

 private:
  size_t per_source_;
  BoundedMap<IpAddress, std::vector<Event>> stories_;
  BoundedMap<IpAddress, Success> successes_;
};

}  // namespace stormdoor::acl
