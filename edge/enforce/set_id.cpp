#include "edge/enforce/set_id.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace stormdoor::edge::enforce {
namespace {

constexpr std::array<std::string_view, kSetKinds> kKindNames = {"blocked_provisioning",
                                                                "blocked_desk_login",
                                                                "blocked_sip",
                                                                "blocked_portal",
                                                                "blocked_api",
                                                                "contested",
                                                                "metered",
                                                                "contested_rate",
                                                                "flows"};

bool skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<uint32_t> take_number(std::string_view& text) {
  uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{}) return {};
  text.remove_prefix(size_t(read.ptr - text.data()));
  return value;
}

// The name without its kind.
std::optional<SetId> parse_rest(SetKind kind, std::string_view rest) {
  SetId id{kind, true, 0, {0, 0}};
  if (!skip(rest, "_v")) return {};
  id.v4 = rest.starts_with('4');
  if (!id.v4 && !rest.starts_with('6')) return {};
  rest.remove_prefix(1);
  if (kind != SetKind::Flows) {
    if (!skip(rest, "_")) return {};
    const auto length = take_number(rest);
    if (!length || *length > (id.v4 ? 32U : 128U)) return {};
    id.length = uint8_t(*length);
  }
  if (id.has_rate()) {
    if (!skip(rest, "_at_")) return {};
    const auto per_minute = take_number(rest);
    if (!per_minute || !skip(rest, "_")) return {};
    const auto burst = take_number(rest);
    if (!burst) return {};
    id.rate = {*per_minute, *burst};
  }
  if (!rest.empty()) return {};
  return id;
}

}  // namespace

std::string SetId::name() const {
  const auto stem = fmt::format("{}_v{}", kKindNames[size_t(kind)], v4 ? 4 : 6);
  if (kind == SetKind::Flows) return stem;
  if (!has_rate()) return fmt::format("{}_{}", stem, length);
  return fmt::format("{}_{}_at_{}_{}", stem, length, rate.per_minute, rate.burst);
}

std::optional<SetId> SetId::parse(std::string_view name) {
  for (size_t kind = 0; kind < kSetKinds; ++kind) {
    std::string_view rest = name;
    if (!skip(rest, kKindNames[kind])) continue;
    const auto id = parse_rest(SetKind(kind), rest);
    if (id && id->name() == name) return id;  // one name each: no leading zeros
  }
  return {};
}

size_t SetId::key_size() const {
  const size_t address = v4 ? 4 : 16;
  return kind == SetKind::Flows ? address + 8 : address;
}

Entry Entry::of(SetKind kind, const IpPrefix& prefix) {
  Entry entry{kind, prefix.is_v4(), uint8_t(prefix.length()), {}};
  const auto& bytes = prefix.address().bytes();
  std::copy(bytes.begin() + (entry.v4 ? 12 : 0), bytes.end(), entry.key.begin());
  return entry;
}

Entry Entry::of(const EnforceFlow& flow) {
  Entry entry{SetKind::Flows, flow.address.is_v4(), 0, {}};
  const auto& bytes = flow.address.bytes();
  std::copy(bytes.begin() + (entry.v4 ? 12 : 0), bytes.end(), entry.key.begin());
  const size_t at = entry.v4 ? 4 : 16;
  entry.key[at] = uint8_t(flow.port >> 8);
  entry.key[at + 1] = uint8_t(flow.port & 0xff);
  entry.key[at + 4] = flow.tcp ? IPPROTO_TCP : IPPROTO_UDP;
  return entry;
}

std::optional<Entry> Entry::from_kernel(const SetId& set, std::string_view key) {
  if (key.size() != set.key_size()) return {};
  Entry entry{set.kind, set.v4, set.length, {}};
  std::memcpy(entry.key.data(), key.data(), key.size());
  if (set.kind == SetKind::Flows) {
    const auto flow = entry.flow();
    if (!flow || of(*flow) != entry) return {};
    return entry;
  }
  std::array<uint8_t, 16> bytes{};
  if (set.v4) bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + (set.v4 ? 12 : 0), key.data(), key.size());
  const auto address = IpAddress::v6(bytes);
  // A mapped address inside an IPv6 set would be another entry; packets cannot carry it.
  if (address.is_v4() != set.v4 || IpPrefix(address, set.length).address() != address) return {};
  return entry;
}

std::string_view Entry::bytes() const {
  const size_t address = v4 ? 4 : 16;
  return {reinterpret_cast<const char*>(key.data()),
          kind == SetKind::Flows ? address + 8 : address};
}

namespace {

IpAddress address_of(const Entry& entry) {
  std::array<uint8_t, 16> bytes{};
  if (entry.v4) bytes[10] = bytes[11] = 0xff;
  std::copy_n(entry.key.begin(), entry.v4 ? 4 : 16, bytes.begin() + (entry.v4 ? 12 : 0));
  return IpAddress::v6(bytes);
}

}  // namespace

std::optional<EnforceElement> Entry::element() const {
  if (kind == SetKind::Flows || kind == SetKind::ContestedRate) return {};
  return EnforceElement{EnforceSet(kind), IpPrefix(address_of(*this), length), 0};
}

std::optional<EnforceFlow> Entry::flow() const {
  if (kind != SetKind::Flows) return {};
  const size_t at = v4 ? 4 : 16;
  const auto protocol = key[at + 4];
  if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) return {};
  const auto address = address_of(*this);
  if (address.is_v4() != v4) return {};
  return EnforceFlow{address, uint16_t(key[at] << 8 | key[at + 1]), protocol == IPPROTO_TCP, 0};
}

size_t EntryHash::operator()(const Entry& entry) const noexcept {
  // Not keyed: what is in the table was decided by the server and is bounded; a stranger who fills
  // one bucket has first made us block that many addresses.
  std::array<uint64_t, 3> words;
  static_assert(sizeof words == sizeof entry.key);
  std::memcpy(words.data(), entry.key.data(), sizeof words);
  uint64_t hash = size_t(entry.kind) << 9 | size_t(entry.v4) << 8 | entry.length;
  for (const auto word : words) {
    hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;
    hash ^= hash >> 32;
  }
  return hash;
}

std::vector<Entry> entries_of(const EnforceElement& element) {
  std::vector<Entry> entries{Entry::of(SetKind(element.set), element.prefix)};
  if (element.set == EnforceSet::Contested)
    entries.push_back(Entry::of(SetKind::ContestedRate, element.prefix));
  return entries;
}

}  // namespace stormdoor::edge::enforce
