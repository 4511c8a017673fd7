#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

namespace stormdoor::acl {

namespace detail {
inline std::string_view text_of(std::string_view text) {
  return text;
}
inline std::string text_of(std::integral auto number) {
  return std::to_string(number);
}
}  // namespace detail

// The parts one after another: say("blocked for ", 3, " days").
template <typename... Parts>
[[nodiscard]] std::string say(const Parts&... parts) {
  std::string sentence;
  (sentence.append(detail::text_of(parts)), ...);
  return sentence;
}

// "3 failures", "1 failure".
[[nodiscard]] inline std::string counted(std::integral auto count, std::string_view one,
                                         std::string_view many) {
  return say(count, " ", count == 1 ? one : many);
}

// "a", "a and b", "a, b and c"; `none` when there is nothing.
[[nodiscard]] inline std::string listed(std::span<const std::string> words, std::string_view none) {
  if (words.empty()) return std::string(none);
  std::string sentence = words[0];
  for (size_t i = 1; i < words.size(); ++i)
    sentence += say(i + 1 == words.size() ? " and " : ", ", words[i]);
  return sentence;
}

}  // namespace stormdoor::acl
