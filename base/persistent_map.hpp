#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace stormdoor {

// An immutable ordered map: a change returns a new map that shares all but the changed path with
// the old one, so that a snapshot for every reader costs little. Any number of threads may read one
// map, and maps that share parts, at once; parts are freed by whoever lets the last one go.
//
//   auto next = phones.insert_or_assign(mac, std::make_shared<const PhoneRecord>(row));
//   for (const auto& [mac, phone] : next) ...           // in key order
//
// An AVL tree with one node per entry. A change copies at most the entries on one path from the
// root and the few that rotations touch: about 1.44 * log2(size) + 2 of them, 25 among 20,000. Keys
// and values are copied with their nodes: let values be shared_ptr<const T> or small. Pointers and
// iterators stay valid as long as any map that holds their entry. No bound of its own: whoever
// fills it has one.
template <typename Key, typename Value, typename Compare = std::less<>>
class PersistentMap {
  struct Node;
  using Link = std::shared_ptr<const Node>;

 public:
  using Entry = std::pair<const Key, Value>;
  class Iterator;

  PersistentMap() = default;

  // From entries in strictly ascending order, in linear time. Another order is an own bug.
  static PersistentMap from_sorted(std::vector<std::pair<Key, Value>> entries) {
    for (size_t i = 1; i < entries.size(); ++i)
      STORMDOOR_CHECK(Compare{}(entries[i - 1].first, entries[i].first),
                      "the tree trusts the order of what it is built from");
    return PersistentMap(build(entries), entries.size());
  }

  // The value, or nullptr when absent.
  template <typename Lookup>
  [[nodiscard]] const Value* find(const Lookup& key) const {
    for (const Node* node = root_.get(); node != nullptr;) {
      if (Compare{}(key, node->entry.first))
        node = node->left.get();
      else if (Compare{}(node->entry.first, key))
        node = node->right.get();
      else
        return &node->entry.second;
    }
    return nullptr;
  }
  template <typename Lookup>
  [[nodiscard]] bool contains(const Lookup& key) const {
    return find(key) != nullptr;
  }

  [[nodiscard]] PersistentMap insert_or_assign(Key key, Value value) const {
    bool added = false;
    Link root = inserted(root_, Entry(std::move(key), std::move(value)), added);
    return PersistentMap(std::move(root), size_ + (added ? 1 : 0));
  }

  // Without `key`; the same map when it is absent.
  template <typename Lookup>
  [[nodiscard]] PersistentMap erase(const Lookup& key) const {
    if (!contains(key)) return *this;
    return PersistentMap(erased(root_, key), size_ - 1);
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // Calls use(key, value) in key order.
  template <typename Use>
  void for_each(Use&& use) const {
    visit(root_.get(), use);
  }

  [[nodiscard]] Iterator begin() const {
    Iterator first;
    first.descend_left(root_.get());
    return first;
  }
  [[nodiscard]] Iterator end() const { return Iterator(); }
  // The first entry whose key is not less than `key`.
  template <typename Lookup>
  [[nodiscard]] Iterator lower_bound(const Lookup& key) const {
    Iterator found;
    for (const Node* node = root_.get(); node != nullptr;) {
      if (Compare{}(node->entry.first, key)) {
        node = node->right.get();
      } else {
        found.push(node);
        node = node->left.get();
      }
    }
    return found;
  }

  // What one entry costs, and so what a change copies per entry on its path; what keys and values
  // hold on the heap comes on top.
  static constexpr size_t bytes_per_entry() { return sizeof(Node) + 2 * sizeof(void*); }

 private:
  struct Node {
    Entry entry;
    Link left;
    Link right;
    uint8_t height;
  };

  PersistentMap(Link root, size_t size) : root_(std::move(root)), size_(size) {}

  static int height(const Link& link) { return link ? link->height : 0; }

  static Link join(Link left, const Entry& entry, Link right) {
    const int taller = std::max(height(left), height(right));
    return std::make_shared<const Node>(
        Node{entry, std::move(left), std::move(right), static_cast<uint8_t>(taller + 1)});
  }

  // join() for sides that one insertion or erasure has made differ by at most two.
  static Link balanced(Link left, const Entry& entry, Link right) {
    if (height(left) > height(right) + 1) {
      if (height(left->left) >= height(left->right))
        return join(left->left, left->entry, join(left->right, entry, std::move(right)));
      const Link& middle = left->right;
      return join(join(left->left, left->entry, middle->left), middle->entry,
                  join(middle->right, entry, std::move(right)));
    }
    if (height(right) > height(left) + 1) {
      if (height(right->right) >= height(right->left))
        return join(join(std::move(left), entry, right->left), right->entry, right->right);
      const Link& middle = right->left;
      return join(join(std::move(left), entry, middle->left), middle->entry,
                  join(middle->right, right->entry, right->right));
    }
    return join(std::move(left), entry, std::move(right));
  }

  static Link inserted(const Link& at, const Entry& entry, bool& added) {
    if (!at) {
      added = true;
      return join(nullptr, entry, nullptr);
    }
    if (Compare{}(entry.first, at->entry.first))
      return balanced(inserted(at->left, entry, added), at->entry, at->right);
    if (Compare{}(at->entry.first, entry.first))
      return balanced(at->left, at->entry, inserted(at->right, entry, added));
    return join(at->left, entry, at->right);
  }

  // `key` is there.
  template <typename Lookup>
  static Link erased(const Link& at, const Lookup& key) {
    if (Compare{}(key, at->entry.first))
      return balanced(erased(at->left, key), at->entry, at->right);
    if (Compare{}(at->entry.first, key))
      return balanced(at->left, at->entry, erased(at->right, key));
    if (!at->left) return at->right;
    if (!at->right) return at->left;
    const Node* next = at->right.get();
    while (next->left) next = next->left.get();
    return balanced(at->left, next->entry, without_first(at->right));
  }
  static Link without_first(const Link& at) {
    if (!at->left) return at->right;
    return balanced(without_first(at->left), at->entry, at->right);
  }

  static Link build(std::span<std::pair<Key, Value>> entries) {
    if (entries.empty()) return nullptr;
    const size_t middle = entries.size() / 2;
    Link left = build(entries.first(middle));
    Link right = build(entries.subspan(middle + 1));
    const int taller = std::max(height(left), height(right));
    auto& [key, value] = entries[middle];
    return std::make_shared<const Node>(Node{Entry(std::move(key), std::move(value)),
                                             std::move(left), std::move(right),
                                             static_cast<uint8_t>(taller + 1)});
  }

  template <typename Use>
  static void visit(const Node* node, Use& use) {
    if (node == nullptr) return;
    visit(node->left.get(), use);
    use(node->entry.first, node->entry.second);
    visit(node->right.get(), use);
  }

  Link root_;
  size_t size_ = 0;
};

// Walks in key order. Borrows: the map, or another that holds the same entries, must outlive it.
template <typename Key, typename Value, typename Compare>
class PersistentMap<Key, Value, Compare>::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Entry;
  using difference_type = std::ptrdiff_t;
  using pointer = const Entry*;
  using reference = const Entry&;

  reference operator*() const { return path_[depth_ - 1]->entry; }
  pointer operator->() const { return &path_[depth_ - 1]->entry; }
  Iterator& operator++() {
    descend_left(path_[--depth_]->right.get());
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Iterator& other) const {
    const Node* here = depth_ > 0 ? path_[depth_ - 1] : nullptr;
    const Node* there = other.depth_ > 0 ? other.path_[other.depth_ - 1] : nullptr;
    return here == there;
  }

 private:
  friend class PersistentMap;

  void push(const Node* node) {
    STORMDOOR_CHECK(depth_ < path_.size(), "an AVL tree this deep has more than 2^32 entries");
    path_[depth_++] = node;
  }
  void descend_left(const Node* node) {
    for (; node != nullptr; node = node->left.get()) push(node);
  }

  // The nodes whose entries are still to come, the next one last.
  std::array<const Node*, 48> path_{};
  size_t depth_ = 0;
};

}  // namespace stormdoor
