#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::edge::watch {

// Whom an entry is put down to: a source is one IPv4 address or an IPv6 /64, a neighbourhood a /24
// or /48; as the guard has them.
[[nodiscard]] inline IpPrefix source_of(const IpAddress& address) {
  return {address, address.is_v4() ? 32 : 64};
}
[[nodiscard]] inline IpPrefix neighbourhood_of(const IpAddress& address) {
  return {address, address.is_v4() ? 24 : 48};
}

// A map for what strangers can make grow, each entry put down to a source. Used by one thread.
//
// Holds at most `capacity` entries, and `most_per_source` of one source, which then forgets its own
// that was touched longest ago. When the map is full, a neighbourhood forgets that holds the most
// (within a factor of two), and in it the largest of a few sources: a flood costs the network it
// comes from, and one from everywhere costs whoever has much. Constant time; pointers to values
// stay valid until that entry is erased or evicted.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class FairMap {
 public:
  FairMap(size_t capacity, size_t most_per_source)
      : capacity_(capacity), most_per_source_(most_per_source) {
    STORMDOOR_CHECK(capacity > 0 && most_per_source > 0, "a map without room holds nothing");
  }
  FairMap(const FairMap&) = delete;
  FairMap& operator=(const FairMap&) = delete;

  // The value, now the most recently touched of its source; nullptr when absent.
  Value* find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    auto& entries = found->second->source->entries;
    entries.splice(entries.begin(), entries, found->second);
    return &found->second->value;
  }
  [[nodiscard]] bool contains(const Key& key) const { return index_.contains(key); }
  // The value, default-made if absent; may evict others.
  Value& insert(const Key& key, const IpAddress& from) {
    if (Value* value = find(key)) return *value;
    const auto known = sources_.find(source_of(from).address());
    if (known != sources_.end() && known->second->entries.size() >= most_per_source_)
      evict_from(*known->second);
    else if (index_.size() >= capacity_)
      evict_fairly();
    Source& source = source_for(from);
    source.entries.emplace_front(key, &source);
    index_.emplace(key, source.entries.begin());
    resize(*source.neighbourhood, +1);
    return source.entries.front().value;
  }
  bool erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return false;
    remove(found->second);
    return true;
  }
  // Calls use(key, value) for each, in no order.
  template <typename Use>
  void for_each(Use&& use) const {
    for (const auto& [key, entry] : index_) use(key, entry->value);
  }

  [[nodiscard]] size_t size() const { return index_.size(); }
  [[nodiscard]] uint64_t evictions() const { return evictions_; }

 private:
  struct Source;
  struct Neighbourhood;
  struct Entry {
    Entry(const Key& k, Source* s) : key(k), source(s) {}
    Key key;
    Source* source;
    Value value{};
  };
  using Entries = std::list<Entry>;
  using Sources = std::list<Source>;
  using Neighbourhoods = std::list<Neighbourhood>;
  struct Source {
    IpAddress address;
    Neighbourhood* neighbourhood;
    Entries entries;  // the most recently touched first
  };
  struct Neighbourhood {
    IpAddress address;
    size_t entries = 0;
    Sources sources;
  };
  static constexpr int kCompared = 8;

  Source& source_for(const IpAddress& from) {
    const IpAddress address = source_of(from).address();
    if (const auto known = sources_.find(address); known != sources_.end()) return *known->second;
    Neighbourhood& around = neighbourhood_for(from);
    around.sources.push_front(Source{address, &around, {}});
    sources_.emplace(address, around.sources.begin());
    return around.sources.front();
  }

  Neighbourhood& neighbourhood_for(const IpAddress& from) {
    const IpAddress address = neighbourhood_of(from).address();
    if (const auto known = neighbourhoods_.find(address); known != neighbourhoods_.end())
      return *known->second;
    by_size_[0].push_front(Neighbourhood{address, 0, {}});
    neighbourhoods_.emplace(address, by_size_[0].begin());
    return by_size_[0].front();
  }

  // Counts one entry more or less, and moves the neighbourhood among those of its size.
  void resize(Neighbourhood& around, int change) {
    const auto before = size_t(std::bit_width(around.entries));
    around.entries += size_t(change);
    const auto after = size_t(std::bit_width(around.entries));
    if (before == after) return;
    const auto self = neighbourhoods_.find(around.address)->second;
    by_size_[after].splice(by_size_[after].end(), by_size_[before], self);
  }

  void evict_fairly() {
    size_t largest = by_size_.size() - 1;
    while (by_size_[largest].empty()) --largest;
    Neighbourhoods& candidates = by_size_[largest];
    Neighbourhood& around = candidates.front();
    candidates.splice(candidates.end(), candidates, candidates.begin());
    Source* most = &around.sources.front();
    for (int i = 0; i < kCompared; ++i) {
      Source& next = around.sources.front();
      if (next.entries.size() > most->entries.size()) most = &next;
      around.sources.splice(around.sources.end(), around.sources, around.sources.begin());
    }
    evict_from(*most);
  }

  void evict_from(Source& source) {
    remove(std::prev(source.entries.end()));
    ++evictions_;
  }

  void remove(typename Entries::iterator entry) {
    Source& source = *entry->source;
    Neighbourhood& around = *source.neighbourhood;
    index_.erase(entry->key);
    source.entries.erase(entry);
    resize(around, -1);
    if (source.entries.empty()) {
      const auto self = sources_.find(source.address);
      around.sources.erase(std::exchange(self->second, {}));
      sources_.erase(self);
    }
    if (around.entries == 0) {
      const auto self = neighbourhoods_.find(around.address);
      by_size_[0].erase(std::exchange(self->second, {}));
      neighbourhoods_.erase(self);
    }
  }

  size_t capacity_;
  size_t most_per_source_;
  uint64_t evictions_ = 0;
  std::unordered_map<Key, typename Entries::iterator, Hash> index_;
  std::unordered_map<IpAddress, typename Sources::iterator> sources_;
  std::unordered_map<IpAddress, typename Neighbourhoods::iterator> neighbourhoods_;
  std::array<Neighbourhoods, 65> by_size_;  // by the bit width of their number of entries
};

}  // namespace stormdoor::edge::watch
