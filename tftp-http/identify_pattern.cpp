#include "tftp-http/identify_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

constexpr size_t kMostParts = 16;
constexpr size_t kMacDigits = 12;
constexpr size_t kMostModel = 32;
constexpr size_t kMostFirmware = 48;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_alnum(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9');
}
bool is_model_char(char c) {
  return is_alnum(c) || c == '_' || c == '.' || c == '+' || c == '-';
}
bool is_firmware_char(char c) {
  return is_alnum(c) || c == '_' || c == '.' || c == '-' || c == '(' || c == ')';
}

std::optional<MacAddress> usable(std::optional<MacAddress> mac) {
  if (mac && (mac->is_zero() || mac->is_multicast())) return {};
  return mac;
}

// "00:0f:d3:05:48:48" or with '-'.
std::optional<MacAddress> separated_mac(std::string_view text) {
  const char separator = text[2];
  if (separator != ':' && separator != '-') return {};
  std::array<char, 12> digits{};
  for (size_t i = 0; i < 6; ++i) {
    if (i > 0 && text[i * 3 - 1] != separator) return {};
    digits[i * 2] = text[i * 3];
    digits[i * 2 + 1] = text[i * 3 + 1];
  }
  return MacAddress::from_hex(std::string_view(digits.data(), digits.size()));
}

}  // namespace

// Backtracks over at most kMostParts parts (the depth) and kMostSteps comparisons (the time).
class Pattern::Matcher {
 public:
  Matcher(const Pattern& pattern, std::string_view text)
      : parts_(pattern.parts_), kind_(pattern.kind_), text_(text) {}

  std::optional<PatternMatch> run() {
    if (!from(0, 0)) return {};
    return found_;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the pattern has parts
  bool from(size_t part, size_t at) {
    if (++steps_ > kMostSteps) return false;
    if (part == parts_.size()) return at == text_.size();
    switch (parts_[part].kind) {
      case PartKind::Literal:
        return literal(part, at);
      case PartKind::Mac:
        return mac(part, at);
      case PartKind::One:
        return at < text_.size() && is_alnum(text_[at]) && from(part + 1, at + 1);
      case PartKind::Model:
        return run_of(part, at, 1, kMostModel, is_model_char, &found_.model);
      case PartKind::Firmware:
        return run_of(part, at, 1, kMostFirmware, is_firmware_char, &found_.firmware);
      case PartKind::Run:
        return run_of(
            part, at, 0, kMostText,
            kind_ == Kind::FileName ? [](char c) { return c != '/'; } : [](char) { return true; },
            nullptr);
    }
    return false;
  }

  bool literal(size_t part, size_t at) {
    const std::string& wanted = parts_[part].literal;
    if (text_.size() - at < wanted.size()) return false;
    for (size_t i = 0; i < wanted.size(); ++i)
      if (lower(text_[at + i]) != wanted[i]) return false;
    return from(part + 1, at + wanted.size());
  }

  bool mac(size_t part, size_t at) {
    for (const size_t length : {size_t{12}, size_t{17}}) {
      if (text_.size() - at < length) continue;
      const std::string_view here = text_.substr(at, length);
      const auto mac = usable(length == 12 ? MacAddress::from_hex(here) : separated_mac(here));
      if (!mac) continue;
      const auto before = std::exchange(found_.mac, mac);
      if (from(part + 1, at + length)) return true;
      found_.mac = before;
    }
    return false;
  }

  bool run_of(size_t part, size_t at, size_t least, size_t most, bool (*allowed)(char),
              std::string_view* capture) {
    for (size_t length = 0; length <= most && at + length <= text_.size(); ++length) {
      if (length > 0 && !allowed(text_[at + length - 1])) return false;
      if (length < least || !from(part + 1, at + length)) continue;
      if (capture) *capture = text_.substr(at, length);
      return true;
    }
    return false;
  }

  const std::vector<Part>& parts_;
  Kind kind_;
  std::string_view text_;
  PatternMatch found_;
  int steps_ = 0;
};

Pattern::Pattern(std::string text, Kind kind, std::vector<Part> parts)
    : text_(std::move(text)), kind_(kind), parts_(std::move(parts)) {
  for (const Part& part : parts_)
    least_ += part.kind == PartKind::Literal ? part.literal.size()
              : part.kind == PartKind::Mac   ? kMacDigits
              : part.kind == PartKind::Run   ? 0
                                             : 1;
}

bool Pattern::may_match(std::string_view text) const {
  if (text.size() < least_) return false;
  const auto is = [](std::string_view here, const std::string& literal) {
    return std::ranges::equal(here, literal, {}, lower);
  };
  const Part& first = parts_.front();
  const Part& last = parts_.back();
  if (first.kind == PartKind::Literal && !is(text.substr(0, first.literal.size()), first.literal))
    return false;
  return last.kind != PartKind::Literal ||
         is(text.substr(text.size() - last.literal.size()), last.literal);
}

Result<Pattern> Pattern::parse(std::string_view text, Kind kind) {
  static constexpr std::array<std::pair<std::string_view, PartKind>, 5> kWords = {
      {{"{mac}", PartKind::Mac},
       {"{model}", PartKind::Model},
       {"{firmware}", PartKind::Firmware},
       {"*", PartKind::Run},
       {"?", PartKind::One}}};
  std::vector<Part> parts;
  for (size_t at = 0; at < text.size();) {
    const auto word = std::ranges::find_if(
        kWords, [&](const auto& known) { return text.substr(at).starts_with(known.first); });
    if (word != kWords.end()) {
      parts.push_back({word->second, {}});
      at += word->first.size();
      continue;
    }
    if (text[at] == '{' || text[at] == '}')
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("\"{}\": only {{mac}}, {{model}} and {{firmware}} stand in braces",
                               printable(text)));
    if (parts.empty() || parts.back().kind != PartKind::Literal) parts.push_back({});
    parts.back().literal += lower(text[at++]);
  }
  if (parts.empty()) return Error(ErrorCode::InvalidArgument, "an empty pattern fits nothing");
  if (parts.size() > kMostParts)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\": more than {} parts", printable(text), kMostParts));
  return Pattern(std::string(text), kind, std::move(parts));
}

std::optional<PatternMatch> Pattern::match(std::string_view text) const {
  if (text.size() > kMostText || !may_match(text)) return {};
  return Matcher(*this, text).run();
}

bool Pattern::names_a_mac() const {
  return std::ranges::any_of(parts_, [](const Part& part) { return part.kind == PartKind::Mac; });
}

}  // namespace stormdoor::http
