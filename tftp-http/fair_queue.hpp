#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::http {

// A queue in which groups of sources take turns: one of each, its oldest first. So an office of 500
// phones behind one address neither waits for ever nor makes others wait for all of it. Knows no
// bound and no time: newest_of_fullest() says who goes when its owner's bound is reached, so a
// group that floods loses its own. About 100 bytes for each entry and 200 for each group. One
// thread.
template <typename T>
class FairQueue {
 public:
  struct Group;
  struct Entry {
    T value;
    Group* group;
  };
  using Entries = std::list<Entry>;
  using Place = typename Entries::iterator;

  Place push(const IpAddress& group_of_source, T value) {
    const auto [found, is_new] = groups_.try_emplace(group_of_source);
    Group& group = found->second;
    if (is_new) {
      group.key = group_of_source;
      group.turn = turns_.insert(turns_.end(), &group);
    } else {
      by_size_.erase({group.entries.size(), &group});
    }
    group.entries.push_back({std::move(value), &group});
    by_size_.insert({group.entries.size(), &group});
    ++size_;
    return std::prev(group.entries.end());
  }
  void remove(Place place) {
    Group& group = *place->group;
    by_size_.erase({group.entries.size(), &group});
    group.entries.erase(place);
    --size_;
    if (!group.entries.empty()) {
      by_size_.insert({group.entries.size(), &group});
      return;
    }
    turns_.erase(group.turn);
    groups_.erase(IpAddress(group.key));
  }
  // Whose turn it is; that group's next turn comes after all others'.
  std::optional<T> pop() {
    if (turns_.empty()) return {};
    Group& group = *turns_.front();
    turns_.splice(turns_.end(), turns_, turns_.begin());
    std::optional<T> value(std::move(group.entries.front().value));
    remove(group.entries.begin());
    return value;
  }
  // Not of an empty queue.
  [[nodiscard]] const T& newest_of_fullest() const {
    STORMDOOR_CHECK(!by_size_.empty(), "somebody waits");
    return by_size_.rbegin()->second->entries.back().value;
  }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t groups() const { return groups_.size(); }

  struct Group {
    IpAddress key;
    Entries entries;
    typename std::list<Group*>::iterator turn;
  };

 private:
  std::unordered_map<IpAddress, Group> groups_;
  std::list<Group*> turns_;
  std::set<std::pair<size_t, Group*>> by_size_;
  size_t size_ = 0;
};

}  // namespace stormdoor::http
