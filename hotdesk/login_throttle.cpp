#include "hotdesk/login_throttle.hpp"

#include <algorithm>

#include "base/keyed_hash.hpp"

namespace stormdoor::hotdesk {

namespace {

// Strangers choose extensions; nobody outside can make two of them collide.
uint64_t key_of(std::string_view extension) {
  return keyed_hash(HashKey::of_this_process(), extension);
}

}  // namespace

LoginThrottle::LoginThrottle(size_t capacity) : phones_(capacity), extensions_(capacity) {}

std::optional<milliseconds> LoginThrottle::wait_of(Count& count, SteadyTime now) {
  if (count.mistakes > 0 && now - count.at >= kForget) count = {};
  if (now >= count.next) return {};
  return std::chrono::ceil<milliseconds>(count.next - now);
}

bool LoginThrottle::add(Count& count, uint64_t fingerprint, SteadyTime now, milliseconds longest) {
  const bool repeated = count.mistakes > 0 && count.last == fingerprint;
  count.last = fingerprint;
  count.at = now;
  if (!repeated) ++count.mistakes;
  if (count.mistakes <= kFree) return !repeated;
  milliseconds wait = kFirstWait;
  for (int i = kFree + 1; i < count.mistakes && wait < longest; ++i) wait *= 2;
  count.next = now + std::min(wait, longest);
  return !repeated;
}

std::optional<milliseconds> LoginThrottle::wait(const MacAddress& phone, std::string_view extension,
                                                SteadyTime now) {
  std::optional<milliseconds> longest;
  if (Count* count = phones_.find(phone)) longest = wait_of(*count, now);
  if (Count* count = extensions_.find(key_of(extension)))
    longest = std::max(longest, wait_of(*count, now));  // nothing is less than any wait
  return longest;
}

bool LoginThrottle::failed(const MacAddress& phone, std::string_view extension,
                           uint64_t fingerprint, SteadyTime now) {
  const bool at_phone = add(phones_[phone], fingerprint, now, kLongestWaitOfPhone);
  const bool at_extension =
      add(extensions_[key_of(extension)], fingerprint, now, kLongestWaitOfExtension);
  return at_phone || at_extension;
}

void LoginThrottle::succeeded(const MacAddress& phone, std::string_view extension) {
  phones_.erase(phone);
  extensions_.erase(key_of(extension));
}

}  // namespace stormdoor::hotdesk
