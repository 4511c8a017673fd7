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
  explicit Secret(std::string value) {
    value_.swap(value);
    wipe(value);
  }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept {
    value_.swap(other.value_);
    wipe(other.value_);
  }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe(value_);
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(value_);
      value_.swap(other.value_);
      wipe(other.value_);
    }
    return *this;
  }
  ~Secret() { wipe(value_); }

  [[nodiscard]] std::string_view reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  // For change detection among our own values; strangers' input is compared by base/crypto.
  bool operator==(const Secret&) const = default;

 private:
  // The whole capacity: a moved-from short string or a shortened one leaves its old characters
  // behind. Through volatile, since the compiler drops writes to what is about to be freed.
  static void wipe(std::string& text) noexcept {
    text.resize(text.capacity());
    volatile char* p = text.data();
    for (size_t i = 0; i < text.size(); ++i) p[i] = 0;
    text.clear();
  }

  std::string value_;
};

}  // namespace stormdoor
