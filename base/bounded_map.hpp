#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"

namespace stormdoor {

// A map of at most `capacity` entries that forgets the one touched longest ago when it is full, and
// counts how often it had to. For things strangers can make grow. Used by one thread at a time.
// Pointers to values stay valid until that entry is erased or evicted.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class BoundedMap {
 public:
  explicit BoundedMap(size_t capacity) : capacity_(capacity) {
    STORMDOOR_CHECK(capacity > 0, "a map without room holds nothing");
  }

  // The value, now the most recently touched; nullptr when absent.
  Value* find(const Key& key) {
    if (index_.empty()) return nullptr;  // a hash may cost more than that
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }
  // The same without touching.
  const Value* peek(const Key& key) const {
    if (index_.empty()) return nullptr;
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }
  // The value, default-made if absent; may evict another.
  Value& operator[](const Key& key) {
    if (Value* value = find(key)) return *value;
    if (index_.size() >= capacity_) evict_oldest();
    entries_.emplace_front(key, Value{});
    index_.emplace(key, entries_.begin());
    return entries_.front().second;
  }
  bool erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return false;
    entries_.erase(found->second);
    index_.erase(found);
    return true;
  }
  // Calls use(key, value) from the most to the least recently touched.
  template <typename Use>
  void for_each(Use&& use) const {
    for (const auto& [key, value] : entries_) use(key, value);
  }
  void clear() {
    index_.clear();
    entries_.clear();
  }

  [[nodiscard]] size_t size() const { return index_.size(); }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] uint64_t evictions() const { return evictions_; }

 private:
  using Entries = std::list<std::pair<const Key, Value>>;

  void evict_oldest() {
    index_.erase(entries_.back().first);
    entries_.pop_back();
    ++evictions_;
  }

  size_t capacity_;
  uint64_t evictions_ = 0;
  Entries entries_;
  std::unordered_map<Key, typename Entries::iterator, Hash> index_;
};

}  // namespace stormdoor
