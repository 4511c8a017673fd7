#include "acl/blame.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "acl/wording.hpp"

namespace stormdoor::acl {
namespace {

// By BlockEvidence::Rule.
constexpr std::array<std::string_view, 3> kFirstLines = {"1 limit\n", "1 sweep\n", "1 decoy\n"};
constexpr std::string_view kHex = "0123456789abcdef";

bool stands_for_itself(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

std::string in_quotes(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (stands_for_itself(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += say("\\x", kHex.substr(byte >> 4, 1), kHex.substr(byte & 15, 1));
  }
  return text + '"';
}

std::string line_of(const Blamed& blamed, bool with_name) {
  return say(blamed.share.failures, blamed.share.known ? " known " : " unknown ",
             with_name ? in_quotes(blamed.name) : say("#", blamed.share.identity), "\n");
}

// "115 unknown #32767\n" and a little.
constexpr size_t kMostWithoutName = 24;
static_assert(FailureTracker::kMostMistakes * kMostWithoutName + kFirstLines[0].size() <=
              kMostEvidenceBytes);

// Takes `text` from the left, strictly.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<uint32_t> number(uint32_t most) {
    uint32_t value = 0;
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    const auto digits = static_cast<size_t>(end - rest_.data());
    if (problem != std::errc() || value > most || (digits > 1 && rest_[0] == '0')) return {};
    rest_.remove_prefix(digits);
    return value;
  }
  // After the opening quote, up to and with the closing one.
  std::optional<std::string> name() {
    std::string name;
    while (!rest_.empty() && rest_[0] != '"') {
      const auto byte = rest_[0] == '\\' ? escaped() : plain();
      if (!byte || name.size() == kMostIdentityBytes) return {};
      name += *byte;
    }
    if (!skip("\"") || name.empty()) return {};
    return name;
  }

 private:
  std::optional<char> plain() {
    const char c = rest_[0];
    if (!stands_for_itself(c)) return {};
    rest_.remove_prefix(1);
    return c;
  }
  std::optional<char> escaped() {
    if (rest_.size() < 4 || rest_[1] != 'x') return {};
    const size_t high = kHex.find(rest_[2]);
    const size_t low = kHex.find(rest_[3]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    const auto c = static_cast<char>(high << 4 | low);
    if (stands_for_itself(c)) return {};  // it would have been written plainly
    rest_.remove_prefix(4);
    return c;
  }
  std::string_view rest_;
};

std::optional<Blamed> read_line(Reader& reader) {
  Blamed blamed;
  const auto failures = reader.number(FailureTracker::kMostMistakes);
  if (!failures || *failures == 0) return {};
  blamed.share.failures = *failures;
  blamed.share.known = reader.skip(" known ");
  if (!blamed.share.known && !reader.skip(" unknown ")) return {};
  if (reader.skip("#")) {
    const auto tag = reader.number(kMostIdentityTag);
    if (!tag) return {};
    blamed.share.identity = IdentityTag(*tag);
  } else {
    if (!reader.skip("\"")) return {};
    auto name = reader.name();
    if (!name) return {};
    blamed.name = std::move(*name);
    blamed.share.identity = identity_tag(blamed.name);
  }
  if (!reader.skip("\n")) return {};
  return blamed;
}

}  // namespace

Blame blame_for(const std::vector<Blamed>& blamed, uint32_t distinct) {
  Blame blame;
  for (const Blamed& one : blamed)
    if (!one.share.known && one.share.identity != kNobody) ++blame.unknown_identities;
  if (blame.unknown_identities >= distinct) return blame;
  for (const Blamed& one : blamed) {
    if (one.name.empty() || one.name.size() > kMostIdentityBytes) continue;
    blame.whole = false;
    blame.identity = one;
    return blame;
  }
  return blame;
}

std::string format_evidence(const BlockEvidence& evidence) {
  std::string text(kFirstLines[size_t(evidence.rule)]);
  size_t left = std::min<size_t>(evidence.blamed.size(), FailureTracker::kMostMistakes);
  for (const Blamed& one : evidence.blamed) {
    if (left-- == 0) break;
    const bool can_be_named = !one.name.empty() && one.name.size() <= kMostIdentityBytes;
    std::string line = line_of(one, can_be_named);
    if (text.size() + line.size() + left * kMostWithoutName > kMostEvidenceBytes)
      line = line_of(one, false);
    text += line;
  }
  return text;
}

std::optional<BlockEvidence> parse_evidence(std::string_view text) {
  if (text.size() > kMostEvidenceBytes) return {};
  const auto* first = std::find_if(kFirstLines.begin(), kFirstLines.end(),
                                   [&](std::string_view line) { return text.starts_with(line); });
  if (first == kFirstLines.end()) return {};
  BlockEvidence evidence{.rule = BlockEvidence::Rule(first - kFirstLines.begin()), .blamed = {}};
  Reader reader(text.substr(first->size()));
  while (!reader.at_end()) {
    auto one = read_line(reader);
    if (!one || evidence.blamed.size() == FailureTracker::kMostMistakes) return {};
    evidence.blamed.push_back(std::move(*one));
  }
  if (format_evidence(evidence) != text) return {};  // a name that we would have left out
  return evidence;
}

}  // namespace stormdoor::acl
