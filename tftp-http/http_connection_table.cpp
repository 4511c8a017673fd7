#include "tftp-http/http_connection_table.hpp"

#include <iterator>
#include <utility>

namespace stormdoor::http {

HttpConnectionTable::Place HttpConnectionTable::add(Pointer connection, HttpPhase phase,
                                                    SteadyTime now, milliseconds patience) {
  auto& entries = list(phase);
  entries.push_back({std::move(connection), now, now + patience});
  ++size_;
  return {std::prev(entries.end()), phase};
}

void HttpConnectionTable::enter(Place& place, HttpPhase phase, SteadyTime now,
                                milliseconds patience) {
  auto& entries = list(phase);
  entries.splice(entries.end(), list(place.phase), place.entry);
  place.phase = phase;
  place.entry->since = now;
  place.entry->deadline = now + patience;
}

void HttpConnectionTable::remove(const Place& place) {
  list(place.phase).erase(place.entry);
  --size_;
}

HttpConnectionTable::Pointer HttpConnectionTable::expired(SteadyTime now) const {
  for (const auto& entries : lists_)
    if (!entries.empty() && entries.front().deadline <= now) return entries.front().connection;
  return nullptr;
}

HttpConnectionTable::Pointer HttpConnectionTable::to_evict(SteadyTime now,
                                                           milliseconds least_wait) const {
  const auto& idle = list(HttpPhase::Idle);
  if (!idle.empty()) return idle.front().connection;
  const Entry* longest = nullptr;
  for (const HttpPhase phase : {HttpPhase::Linger, HttpPhase::Handshake, HttpPhase::Header}) {
    const auto& entries = list(phase);
    if (!entries.empty() && (longest == nullptr || entries.front().since < longest->since))
      longest = &entries.front();
  }
  return longest != nullptr && now - longest->since >= least_wait ? longest->connection : nullptr;
}

std::vector<HttpConnectionTable::Pointer> HttpConnectionTable::in_phase(HttpPhase phase) const {
  std::vector<Pointer> connections;
  for (const Entry& entry : list(phase)) connections.push_back(entry.connection);
  return connections;
}

}  // namespace stormdoor::http
