#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acl/failure.hpp"
#include "acl/identity.hpp"
#include "acl/source_key.hpp"
#include "base/bounded_map.hpp"
#include "base/clock.hpp"

namespace stormdoor::acl {

// Why a failure was not held against its source.
enum class Excuse : uint8_t {
  None,
  RefusedOtherwise,  // the digest was right: the PBX refused for other reasons
  Stale,             // the phone's own previous secret: it needs to reprovision
  Forgiven,          // by its lease
  Exhausted,         // its lease is spent or past its deadline: its old account is refused there
};

// One mistake of a source, and how often it was made.
struct Event {
  WallTime first;
  WallTime last;
  uint32_t times = 1;
  Service service = Service::Provisioning;
  FailureKind kind = FailureKind::WrongPassword;
  bool scored = false;  // when it was first made
  Excuse excuse = Excuse::None;
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
// Verdicts depend on no more of it than names() and devices(). Used by one thread at a time; Guard
// holds one per shard.
//
// Holds the stories of at most `sources` sources, and the successes of as many; the one heard of
// longest ago goes first. A story holds at most `per_source` mistakes, its own oldest goes first;
// the same mistake again only adds to its count. Rule and counts of a block stand in the block
// itself and are not lost with the story.
class EvidenceBook {
 public:
  static constexpr size_t kMostAccountBytes = kMostIdentityBytes;

  EvidenceBook(size_t sources, size_t per_source);

  void record_failure(const SourceKey& source, const Failure& failure, bool scored, WallTime now,
                      Excuse excuse = Excuse::None);
  // See BoundedMap.
  void will_look_up(const SourceKey& source) const { stories_.will_look_up(source); }
  void will_record(const SourceKey& source) const { stories_.will_touch(source); }
  void record_success(const SourceKey& source, Service service, std::optional<MacAddress> device,
                      WallTime now);

  [[nodiscard]] std::vector<Event> events(const SourceKey& source) const;  // oldest first
  // The names of those who failed at a service, as identity_of() has them, newest first.
  [[nodiscard]] std::vector<std::string> names(const SourceKey& source, Service service) const;
  // The phones, or routers, that failed there, each once.
  [[nodiscard]] std::vector<MacAddress> devices(const SourceKey& source) const;
  // Sources whose stories name this account or phone, newest first, at most `most`. Looks at every
  // story: for administrators' questions only.
  [[nodiscard]] std::vector<IpAddress> sources_naming(std::string_view name, size_t most) const;
  [[nodiscard]] std::optional<Success> success(const SourceKey& source) const;

 private:
  size_t per_source_;
  // The oldest is at `oldest`, the others follow around the end.
  struct Story {
    std::vector<Event> events;
    size_t oldest = 0;
    void put_in_order();
  };

  BoundedMap<SourceKey, Story, HashOfSource> stories_;
  BoundedMap<SourceKey, Success, HashOfSource> successes_;
};

}  // namespace stormdoor::acl
