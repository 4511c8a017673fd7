#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace stormdoor::http {

// A cache bounded by weight (bytes, say) and by count: when either is exceeded, what was used
// longest ago is forgotten. One thread. Something heavier than the whole cache is not kept.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class ContentCache {
 public:
  ContentCache(uint64_t most_weight, size_t most_entries)
      : most_weight_(most_weight), most_entries_(most_entries) {}

  // Now the most recently used; nullptr when absent.
  Value* find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }
  void put(const Key& key, Value value, uint64_t weight) {
    erase(key);
    if (weight > most_weight_ || most_entries_ == 0) return;
    entries_.push_front({key, std::move(value), weight});
    index_.emplace(key, entries_.begin());
    weight_ += weight;
    while (weight_ > most_weight_ || index_.size() > most_entries_) erase(Key(entries_.back().key));
  }
  void erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    weight_ -= found->second->weight;
    entries_.erase(found->second);
    index_.erase(found);
  }
  void clear() {
    index_.clear();
    entries_.clear();
    weight_ = 0;
  }

  [[nodiscard]] size_t size() const { return index_.size(); }
  [[nodiscard]] uint64_t weight() const { return weight_; }

 private:
  struct Entry {
    Key key;
    Value value;
    uint64_t weight;
  };
  uint64_t most_weight_;
  size_t most_entries_;
  uint64_t weight_ = 0;
  std::list<Entry> entries_;
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> index_;
};

}  // namespace stormdoor::http
