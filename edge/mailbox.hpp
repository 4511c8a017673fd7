#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/guarded.hpp"

namespace stormdoor::edge {

// News from the workers for the main thread: put in by any thread, taken all at once. Holds
// `capacity` letters; further ones are lost and counted (they are news, not promises).
template <typename Letter>
class Mailbox {
 public:
  // `wake` is called, on the putting thread, whenever the box was empty before.
  Mailbox(size_t capacity, std::function<void()> wake)
      : capacity_(capacity), wake_(std::move(wake)) {}

  void put(Letter letter) {
    const bool was_empty = box_.with([&](Box& box) {
      if (box.letters.size() >= capacity_) {
        ++box.lost;
        return false;
      }
      box.letters.push_back(std::move(letter));
      return box.letters.size() == 1;
    });
    if (was_empty) wake_();
  }
  [[nodiscard]] std::vector<Letter> take() {
    return box_.with([](Box& box) { return std::exchange(box.letters, {}); });
  }
  [[nodiscard]] uint64_t lost() const {
    return box_.with([](const Box& box) { return box.lost; });
  }

 private:
  struct Box {
    std::vector<Letter> letters;
    uint64_t lost = 0;
  };
  size_t capacity_;
  std::function<void()> wake_;
  Guarded<Box> box_;
};

}  // namespace stormdoor::edge
