#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace stormdoor {

// A map of at most `capacity` entries that forgets the one touched longest ago when it is full, and
// counts how often it had to. For things strangers can make grow. Used by one thread at a time.
// Pointers to values stay valid until that entry is erased or evicted.
//
// Entries stand in blocks that never move; an index of entries' numbers beside parts of their
// hashes (open addressing, linear probing) answers most questions with one miss of the cache.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class BoundedMap {
 public:
  explicit BoundedMap(size_t capacity) : capacity_(capacity) {
    STORMDOOR_CHECK(capacity > 0, "a map without room holds nothing");
    STORMDOOR_CHECK(capacity < kNone, "entries are numbered with 32 bits");
  }

  // The value, now the most recently touched; nullptr when absent.
  Value* find(const Key& key) {
    const uint32_t found = number_of(key);
    if (found == kNone) return nullptr;
    if (found != newest_) {
      unlink(found);
      link_newest(found);
    }
    return &entries_[found].item->second;
  }
  // The same without touching.
  const Value* peek(const Key& key) const {
    const uint32_t found = number_of(key);
    return found == kNone ? nullptr : &entries_[found].item->second;
  }
  // The value, default-made if absent; may evict another.
  Value& operator[](const Key& key) {
    if (Value* value = find(key)) return *value;
    if (size_ >= capacity_) {
      remove(oldest_);
      ++evictions_;
    }
    return entries_[insert(key)].item->second;
  }
  bool erase(const Key& key) {
    const uint32_t found = number_of(key);
    if (found == kNone) return false;
    remove(found);
    return true;
  }
  // For keys that no cache holds: the first, then, some work later, the second, let the processor
  // fetch what operator[] will touch.
  void will_look_up(const Key& key) const {
    if (size_ > 0) __builtin_prefetch(&index_[hash_of(key) & mask()]);
  }
  void will_touch(const Key& key) const {
    if (size_ == 0) return;
    const uint32_t number = index_[hash_of(key) & mask()].number;
    if (number != kNone) __builtin_prefetch(&entries_[number], 1);
    if (size_ >= capacity_) __builtin_prefetch(&entries_[oldest_], 1);
  }
  // Calls use(key, value) from the most to the least recently touched.
  template <typename Use>
  void for_each(Use&& use) const {
    for (uint32_t i = newest_; i != kNone; i = entries_[i].older)
      use(entries_[i].item->first, entries_[i].item->second);
  }
  void clear() {
    entries_.clear();
    index_.clear();
    size_ = 0;
    newest_ = oldest_ = free_ = kNone;
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] uint64_t evictions() const { return evictions_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Entry {
    std::optional<std::pair<const Key, Value>> item;
    uint32_t hash = 0;
    uint32_t newer = kNone, older = kNone;  // `older` links what is free, too
  };
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = kNone;
  };

  // Every bit of a hash counts, also of one that is the key itself.
  static uint32_t hash_of(const Key& key) {
    return uint32_t(uint64_t(Hash()(key)) * 0x9e37'79b9'7f4a'7c15 >> 32);
  }
  [[nodiscard]] size_t mask() const { return index_.size() - 1; }
  [[nodiscard]] size_t after(size_t slot) const { return (slot + 1) & mask(); }

  [[nodiscard]] uint32_t number_of(const Key& key) const {
    if (size_ == 0) return kNone;  // a hash may cost more than that
    const uint32_t hash = hash_of(key);
    for (size_t slot = hash & mask(); index_[slot].number != kNone; slot = after(slot))
      if (index_[slot].hash == hash && entries_[index_[slot].number].item->first == key)
        return index_[slot].number;
    return kNone;
  }

  uint32_t insert(const Key& key) {
    if (2 * (size_ + 1) > index_.size()) grow();
    uint32_t number = free_;
    if (number == kNone) {
      number = uint32_t(entries_.size());
      entries_.emplace_back();
    } else {
      free_ = entries_[number].older;
    }
    Entry& entry = entries_[number];
    entry.item.emplace(key, Value{});
    entry.hash = hash_of(key);
    put(number);
    link_newest(number);
    ++size_;
    return number;
  }
  void remove(uint32_t number) {
    unindex(number);
    unlink(number);
    entries_[number].item.reset();
    entries_[number].older = std::exchange(free_, number);
    --size_;
  }

  // ---- the index: at most half full, so that every probe ends ----

  void put(uint32_t number) {
    size_t slot = entries_[number].hash & mask();
    while (index_[slot].number != kNone) slot = after(slot);
    index_[slot] = {entries_[number].hash, number};
  }
  void grow() {
    constexpr size_t kLeast = 16;
    index_.assign(index_.empty() ? kLeast : 2 * index_.size(), Slot{});
    for (uint32_t i = newest_; i != kNone; i = entries_[i].older) put(i);
  }
  // Closes the gap with what could not be found across it (Knuth 6.4, algorithm R).
  void unindex(uint32_t number) {
    size_t gap = entries_[number].hash & mask();
    while (index_[gap].number != number) gap = after(gap);
    for (size_t slot = after(gap); index_[slot].number != kNone; slot = after(slot)) {
      if (((slot - index_[slot].hash) & mask()) < ((slot - gap) & mask())) continue;
      index_[gap] = index_[slot];
      gap = slot;
    }
    index_[gap] = Slot{};
  }

  // ---- the order ----

  void link_newest(uint32_t number) {
    Entry& entry = entries_[number];
    entry.newer = kNone;
    entry.older = newest_;
    (newest_ == kNone ? oldest_ : entries_[newest_].newer) = number;
    newest_ = number;
  }
  void unlink(uint32_t number) {
    const Entry& entry = entries_[number];
    (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
    (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  }

  size_t capacity_;
  size_t size_ = 0;
  uint64_t evictions_ = 0;
  std::deque<Entry> entries_;
  std::vector<Slot> index_;  // as many as a power of two
  uint32_t newest_ = kNone, oldest_ = kNone, free_ = kNone;
};

}  // namespace stormdoor
