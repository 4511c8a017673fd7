#include "acl/healthy_book.hpp"

#include <algorithm>

namespace stormdoor::acl {
namespace {

auto place_of(auto& flows, const Flow& flow) {
  return std::lower_bound(
      flows.begin(), flows.end(), flow,
      [](const Registration& one, const Flow& wanted) { return one.flow < wanted; });
}

bool is_there(const Registration& registration, WallTime now) {
  return registration.expires > now;
}

bool is_of(const Registration& registration, std::string_view identity) {
  return registration.account == identity ||
         (registration.device && registration.device->to_string() == identity);
}

}  // namespace

bool HealthyBook::registered(const SourceKey& source, const Registration& registration,
                             WallTime now) {
  Place& place = places_[source.prefix.address()];
  const bool has_flow = registration.flow.port != 0;
  remember(place, registration.account, has_flow ? WallTime() : registration.expires, now);
  if (registration.device) remember(place, registration.device->to_string(), WallTime(), now);
  if (!has_flow) return false;
  auto& flows = place.flows;
  const auto at = place_of(flows, registration.flow);
  if (at != flows.end() && at->flow == registration.flow) {
    const bool was_there = is_there(*at, now);
    *at = registration;
    return !was_there;
  }
  if (flows.size() >= kMostFlows)
    flows.erase(std::min_element(flows.begin(), flows.end(), [](const auto& a, const auto& b) {
      return a.expires < b.expires;
    }));
  flows.insert(place_of(flows, registration.flow), registration);
  return true;
}

bool HealthyBook::unregistered(const SourceKey& source, const Flow& flow) {
  if (places_.peek(source.prefix.address()) == nullptr) return false;
  auto& flows = places_.find(source.prefix.address())->flows;
  const auto at = place_of(flows, flow);
  if (at == flows.end() || at->flow != flow) return false;
  flows.erase(at);
  return true;
}

void HealthyBook::fetched(const SourceKey& source, const MacAddress& device, WallTime now) {
  remember(places_[source.prefix.address()], device.to_string(), now + kThereFor, now);
}

void HealthyBook::remember(Place& place, std::string_view name, WallTime there_until,
                           WallTime now) {
  if (name.empty() || name.size() > 64) return;
  auto& known = place.known;
  const auto at =
      std::find_if(known.begin(), known.end(), [&](const Known& one) { return one.name == name; });
  if (at != known.end()) {
    at->last = std::max(at->last, now);
    at->there_until = std::max(at->there_until, there_until);
    return;
  }
  if (known.size() >= kMostIdentities)
    known.erase(std::min_element(known.begin(), known.end(),
                                 [](const auto& a, const auto& b) { return a.last < b.last; }));
  known.push_back({std::string(name), now, there_until});
}

bool HealthyBook::others_than(std::string_view identity, const SourceKey& source,
                              WallTime now) const {
  return others_since(identity, source, now);
}

bool HealthyBook::others_were(std::string_view identity, const SourceKey& source,
                              WallTime now) const {
  return others_since(identity, source, now - kKnownFor);
}

bool HealthyBook::others_since(std::string_view identity, const SourceKey& source,
                               WallTime then) const {
  const Place* place = places_.peek(source.prefix.address());
  if (place == nullptr) return false;
  return std::any_of(place->flows.begin(), place->flows.end(),
                     [&](const Registration& one) {
                       return is_there(one, then) && !is_of(one, identity);
                     }) ||
         std::any_of(place->known.begin(), place->known.end(), [&](const Known& one) {
           return one.there_until > then && one.name != identity;
         });
}

bool HealthyBook::knows(std::string_view identity, const SourceKey& source, WallTime now) const {
  const Place* place = places_.peek(source.prefix.address());
  return place != nullptr &&
         std::any_of(place->known.begin(), place->known.end(), [&](const Known& one) {
           return one.name == identity && now - one.last < kKnownFor;
         });
}

size_t HealthyBook::count_known(const SourceKey& source, WallTime now) const {
  const Place* place = places_.peek(source.prefix.address());
  if (place == nullptr) return 0;
  return size_t(std::ranges::count_if(
      place->known, [&](const Known& one) { return now - one.last < kKnownFor; }));
}

std::vector<Registration> HealthyBook::flows(const SourceKey& source, WallTime now) const {
  std::vector<Registration> all;
  if (const Place* place = places_.peek(source.prefix.address()))
    std::copy_if(place->flows.begin(), place->flows.end(), std::back_inserter(all),
                 [&](const Registration& one) { return is_there(one, now); });
  return all;
}

std::optional<Registration> HealthyBook::find(const SourceKey& source, const Flow& flow,
                                              WallTime now) const {
  const Place* place = places_.peek(source.prefix.address());
  if (place == nullptr) return {};
  const auto at = place_of(place->flows, flow);
  if (at == place->flows.end() || at->flow != flow || !is_there(*at, now)) return {};
  return *at;
}

std::vector<std::string> HealthyBook::well(const SourceKey& source, WallTime now) const {
  std::vector<std::string> names;
  const Place* place = places_.peek(source.prefix.address());
  if (place == nullptr) return names;
  for (const Registration& one : place->flows)
    if (is_there(one, now)) names.push_back(one.account);
  for (const Known& one : place->known)
    if (one.there_until > now) names.push_back(one.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void HealthyBook::append_all(std::vector<Registration>& all, WallTime now) const {
  places_.for_each([&](const IpAddress&, const Place& place) {
    std::copy_if(place.flows.begin(), place.flows.end(), std::back_inserter(all),
                 [&](const Registration& one) { return is_there(one, now); });
  });
}

}  // namespace stormdoor::acl
