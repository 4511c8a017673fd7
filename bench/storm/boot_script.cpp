#include "bench/storm/boot_script.hpp"

#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

bool fits(std::string_view pattern, std::string_view model) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equals_ignoring_case(pattern, model);
  return equals_ignoring_case(pattern.substr(0, star), model.substr(0, star));
}

std::string with_dashes(const MacAddress& mac) {
  std::string text = mac.to_string();
  for (char& c : text)
    if (c == ':') c = '-';
  return text;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

const BootScript* find_script(const std::vector<BootScript>& scripts, std::string_view vendor,
                              std::string_view model) {
  for (const BootScript& script : scripts)
    if (script.vendor == vendor && fits(script.models, model)) return &script;
  return nullptr;
}

std::string fill_in(std::string_view pattern, const PhoneSpec& phone) {
  std::string text(pattern);
  replace_all(text, "{mac}", phone.mac.lower_hex());
  replace_all(text, "{MAC}", phone.mac.upper_hex());
  replace_all(text, "{MAC-}", with_dashes(phone.mac));
  replace_all(text, "{model}", ascii_lower(phone.model));
  replace_all(text, "{MODEL}", phone.model);
  return text;
}

}  // namespace stormdoor::storm
