#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace stormdoor {

// A SIP password, token or key in the clear. Wiped when it goes; has no printing, logging or JSON
// form, so that it cannot slip into a message: whoever needs the characters says reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      value_ = std::move(other.value_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  [[nodiscard]] std::string_view reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  // For change detection among our own values; strangers' input is compared by base/crypto.
  bool operator==(const Secret&) const = default;

 private:
  void wipe() noexcept {
    // The whole capacity: a moved-from or shortened string leaves its old characters behind.
    value_.resize(value_.capacity());
    volatile char* p = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) p[i] = 0;
    value_.clear();
  }

  std::string value_;
};

}  // namespace stormdoor
