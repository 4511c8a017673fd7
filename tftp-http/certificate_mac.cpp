#include "tftp-http/certificate_mac.hpp"

#include <fmt/format.h>
#include <openssl/objects.h>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

constexpr std::string_view kPlaceholder = "{mac}";

// Whether `text` fits `pattern`, in which '*' stands for anything; ASCII case does not matter. Both
// are lower case already. Greedy with one step back, so at most text times pattern.
bool fits(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

Result<CertificateMacPattern> CertificateMacPattern::parse(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\": {}; expected something like \"CN={{mac}}\"",
                             printable(text, 60), what));
  };
  const size_t equals = text.find('=');
  const size_t mac = text.find(kPlaceholder);
  if (equals == std::string_view::npos || equals == 0) return wrong("names no subject attribute");
  if (mac == std::string_view::npos || mac < equals) return wrong("has no {mac}");
  if (text.find(kPlaceholder, mac + 1) != std::string_view::npos) return wrong("has {mac} twice");
  CertificateMacPattern pattern;
  pattern.attribute_ = text.substr(0, equals);
  if (OBJ_txt2nid(pattern.attribute_.c_str()) == NID_undef)
    return wrong("the attribute is not known");
  pattern.before_ = ascii_lower(text.substr(equals + 1, mac - equals - 1));
  pattern.after_ = ascii_lower(text.substr(mac + kPlaceholder.size()));
  return pattern;
}

std::optional<MacAddress> CertificateMacPattern::match(std::string_view value) const {
  constexpr size_t kMostSubject = 256;
  if (value.size() > kMostSubject) return {};
  const std::string text = ascii_lower(value);
  for (const size_t length : {size_t{17}, size_t{14}, size_t{13}, size_t{12}}) {
    for (size_t at = 0; at + length <= text.size(); ++at) {
      const std::string_view view = text;
      if (!fits(before_, view.substr(0, at)) || !fits(after_, view.substr(at + length))) continue;
      const auto mac = MacAddress::parse_unicast(view.substr(at, length));
      if (mac) return *mac;
    }
  }
  return {};
}

std::string CertificateMacPattern::to_string() const {
  return fmt::format("{}={}{}{}", attribute_, before_, kPlaceholder, after_);
}

}  // namespace stormdoor::http
