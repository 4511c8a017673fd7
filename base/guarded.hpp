#pragma once

#include <mutex>
#include <utility>

namespace stormdoor {

// Data that can be reached only while its lock is held:
//   guarded.with([](Table& table) { return table.find(key); });
// The rules of this program: one lock at a time, held for one look-up, no I/O, logging, callback
// into other modules or unbounded loop under it.
template <typename T>
class Guarded {
 public:
  Guarded() = default;  // not explicit, so that arrays of shards can be made
  template <typename... Args>
    requires(sizeof...(Args) > 0)
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <typename Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <typename Use>
  decltype(auto) with(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace stormdoor
