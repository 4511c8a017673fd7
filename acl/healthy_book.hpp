#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acl/source_key.hpp"
#include "base/bounded_map.hpp"
#include "base/clock.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::acl {

// One SIP flow as the network knows it.
struct Flow {
  IpAddress address;
  uint16_t port = 0;
  bool tcp = false;
  auto operator<=>(const Flow&) const = default;
};

// A registration that succeeded, and until when it holds unless it is renewed. With port 0 (who
// told of it does not know) the account is well there, and no flow passes.
struct Registration {
  Flow flow = {};
  std::string account = {};
  std::optional<MacAddress> device = {};
  WallTime expires = {};
  bool operator==(const Registration&) const = default;
};

// Who is well behind an address (promise 5): the flows that registered and have not expired, and
// the identities (accounts, and phones that fetched with proof) that were well here before. Only
// who had the right credentials gets in. Used by one thread at a time; Guard holds one per shard.
//
// Holds at most `sources` sources, the one heard of longest ago goes first; a source has at most
// kMostFlows flows, of which the one that expires soonest goes first, and kMostIdentities
// identities, of which the one that was well longest ago does.
class HealthyBook {
 public:
  static constexpr size_t kMostFlows = 1024;
  static constexpr size_t kMostIdentities = 2 * kMostFlows;  // an account and a phone each
  // A phone that proved itself is taken to be there for so long.
  static constexpr milliseconds kThereFor = std::chrono::hours(24);
  // An identity that was well here is known here for so long.
  static constexpr milliseconds kKnownFor = std::chrono::days(30);

  explicit HealthyBook(size_t sources) : places_(sources) {}

  // True when the flow was not there before.
  bool registered(const SourceKey& source, const Registration& registration, WallTime now);
  // True when it was there.
  bool unregistered(const SourceKey& source, const Flow& flow);
  void fetched(const SourceKey& source, const MacAddress& device, WallTime now);

  // Whether somebody but this identity (an account or a MAC) is well here now.
  [[nodiscard]] bool others_than(std::string_view identity, const SourceKey& source,
                                 WallTime now) const;
  // The same of whoever was well here within kKnownFor.
  [[nodiscard]] bool others_were(std::string_view identity, const SourceKey& source,
                                 WallTime now) const;
  [[nodiscard]] bool knows(std::string_view identity, const SourceKey& source, WallTime now) const;
  // How many identities were well here lately, a power cut ago for instance.
  [[nodiscard]] size_t count_known(const SourceKey& source, WallTime now) const;
  // Unexpired, by flow.
  [[nodiscard]] std::vector<Registration> flows(const SourceKey& source, WallTime now) const;
  [[nodiscard]] std::optional<Registration> find(const SourceKey& source, const Flow& flow,
                                                 WallTime now) const;
  // The identities that are well here now, by name.
  [[nodiscard]] std::vector<std::string> well(const SourceKey& source, WallTime now) const;
  void append_all(std::vector<Registration>& all, WallTime now) const;
  [[nodiscard]] size_t size() const { return places_.size(); }

 private:
  struct Known {
    std::string name;
    WallTime last;
    WallTime there_until;  // without a flow that says so
  };
  struct Place {
    std::vector<Registration> flows;  // by flow
    std::vector<Known> known;
  };
  [[nodiscard]] bool others_since(std::string_view identity, const SourceKey& source,
                                  WallTime then) const;
  static void remember(Place& place, std::string_view name, WallTime there_until, WallTime now);

  BoundedMap<IpAddress, Place> places_;
};

}  // namespace stormdoor::acl
