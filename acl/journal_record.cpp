#include "acl/journal_record.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace stormdoor::acl {
namespace {

constexpr std::string_view kMagic = "SDJOURN1";
constexpr uint8_t kMark = 0xA7;
// Times beyond the years 1970 to 9999 are none; so no arithmetic on them can overflow.
constexpr int64_t kLastTime = 253'402'300'799'999;
// Longer than any event and shorter than three bytes of length.
static_assert(kMostEventBytes < 16'384);

// Which fields follow.
enum Field : uint32_t {
  kSourceV4 = 1U << 0U,
  kSourceV6 = 1U << 1U,
  kPort = 1U << 2U,
  kTcp = 1U << 3U,
  kDevice = 1U << 4U,
  kAccount = 1U << 5U,
  kFingerprint = 1U << 6U,
  kClass = 1U << 7U,  // service, kind of failure, proofs
  kSaid = 1U << 8U,
  kPrefixV4 = 1U << 9U,
  kPrefixV6 = 1U << 10U,
  kUntil = 1U << 11U,
  kForEver = 1U << 12U,
  kByAdministrator = 1U << 13U,
  kCount = 1U << 14U,
  kText = 1U << 15U,
};
constexpr uint32_t kAllFields = (1U << 16U) - 1;

// ---- bytes out ----

void put_number(uint64_t value, size_t bytes, std::string& to) {
  for (size_t i = 0; i < bytes; ++i) to.push_back(char(value >> (8 * i)));
}
void put_varint(uint64_t value, std::string& to) {
  for (; value >= 0x80; value >>= 7U) to.push_back(char(value | 0x80U));
  to.push_back(char(value));
}
void put_bytes(std::span<const uint8_t> bytes, std::string& to) {
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
void put_text(std::string_view text, size_t most, std::string& to) {
  text = text.substr(0, most);
  to.push_back(char(text.size()));
  to += text;
}
void put_address(const IpAddress& address, std::string& to) {
  const auto& bytes = address.bytes();
  put_bytes(address.is_v4() ? std::span(bytes).subspan(12) : std::span(bytes), to);
}

int64_t milliseconds_of(WallTime time) {
  return std::clamp<int64_t>(time.time_since_epoch().count(), 0, kLastTime);
}
uint64_t zigzag(int64_t value) {
  return (uint64_t(value) << 1U) ^ uint64_t(value >> 63);
}

bool is_classed(const JournalEvent& event) {
  return event.service != Service::Provisioning || event.failure != FailureKind::WrongPassword ||
         event.proof != PathProof::None || event.device_proof != DeviceProof::Claimed ||
         event.standing != Standing::Unknown;
}

uint32_t fields_of(const JournalEvent& event) {
  uint32_t fields = 0;
  const auto has = [&](bool present, Field field) { fields |= present ? field : 0U; };
  if (event.source) has(true, event.source->is_v4() ? kSourceV4 : kSourceV6);
  has(event.port != 0, kPort);
  has(event.tcp, kTcp);
  has(event.device.has_value(), kDevice);
  has(!event.account.empty(), kAccount);
  has(event.fingerprint != 0, kFingerprint);
  has(is_classed(event), kClass);
  has(event.said != JournalEvent::Said{}, kSaid);
  if (event.prefix) has(true, event.prefix->is_v4() ? kPrefixV4 : kPrefixV6);
  if (event.until == WallTime::max())
    has(true, kForEver);
  else
    has(event.until != WallTime(), kUntil);
  has(event.by_administrator, kByAdministrator);
  has(event.count != 0, kCount);
  has(!event.text.empty(), kText);
  return fields;
}

void put_class(const JournalEvent& event, std::string& to) {
  to.push_back(char(event.service));
  to.push_back(char(event.failure));
  to.push_back(char(unsigned(event.proof) | unsigned(event.device_proof) << 2U |
                    unsigned(event.standing) << 5U));
}

void put_said(const JournalEvent::Said& said, std::string& to) {
  to.push_back(char(unsigned(said.counted) | unsigned(said.repeated) << 1U |
                    unsigned(said.forgiven) << 2U | unsigned(said.sweep) << 3U));
  put_varint(said.failures, to);
  put_varint(said.limit, to);
}

void put_event(const JournalEvent& event, WallTime start, std::string& to) {
  const uint32_t fields = fields_of(event);
  to.push_back(char(event.kind));
  put_varint(zigzag(milliseconds_of(event.time) - milliseconds_of(start)), to);
  put_varint(fields, to);
  if (event.source) put_address(*event.source, to);
  if ((fields & kPort) != 0) put_number(event.port, 2, to);
  if (event.device) put_bytes(event.device->bytes(), to);
  if ((fields & kAccount) != 0) put_text(event.account, JournalEvent::kMostAccountBytes, to);
  if ((fields & kFingerprint) != 0) put_number(event.fingerprint, 8, to);
  if ((fields & kClass) != 0) put_class(event, to);
  if ((fields & kSaid) != 0) put_said(event.said, to);
  if (event.prefix) {
    to.push_back(char(event.prefix->length()));
    put_address(event.prefix->address(), to);
  }
  if ((fields & kUntil) != 0) put_varint(uint64_t(milliseconds_of(event.until)), to);
  if ((fields & kCount) != 0) put_varint(event.count, to);
  if ((fields & kText) != 0) put_text(event.text, JournalEvent::kMostTextBytes, to);
}

// ---- bytes in ----

// Takes fields from the left. After one that is not there every other is zero, and good() is false.
class Bytes {
 public:
  explicit Bytes(std::span<const uint8_t> bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool empty() const { return at_ == end_; }
  void refuse() {
    good_ = false;
    at_ = end_;
  }

  std::span<const uint8_t> take(size_t count) {
    if (size_t(end_ - at_) < count) {
      refuse();
      return {};
    }
    at_ += count;
    return {at_ - count, count};
  }
  template <size_t N>
  uint64_t number() {
    const auto taken = take(N);
    uint64_t value = 0;
    for (size_t i = 0; !taken.empty() && i < N; ++i) value |= uint64_t{taken[i]} << (8 * i);
    return value;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const uint8_t byte = *at_++;
      value |= uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    refuse();
    return 0;
  }
  template <typename Enum>
  Enum one_of(uint64_t value, Enum last) {
    if (value <= uint64_t(last)) return Enum(value);
    refuse();
    return Enum{};
  }
  void text(size_t most, std::string& into) {
    const size_t length = number<1>();
    if (length > most) refuse();
    const auto taken = take(length);
    into.assign(reinterpret_cast<const char*>(taken.data()), taken.size());
  }
  template <size_t N>
  std::array<uint8_t, N> array() {
    std::array<uint8_t, N> bytes{};
    const auto taken = take(N);
    std::copy(taken.begin(), taken.end(), bytes.begin());
    return bytes;
  }
  IpAddress address(bool v4) {
    if (!v4) return IpAddress::v6(array<16>());
    const auto b = array<4>();
    return IpAddress::v4(uint32_t{b[0]} << 24U | uint32_t{b[1]} << 16U | uint32_t{b[2]} << 8U |
                         b[3]);
  }
  WallTime time(int64_t since_1970) {
    if (since_1970 < 0 || since_1970 > kLastTime) refuse();
    return good_ ? WallTime(milliseconds(since_1970)) : WallTime();
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  bool good_ = true;
};

// All that take_event() may leave out; what it always sets is left alone.
void clear(JournalEvent& event) {
  event.service = Service::Provisioning;
  event.source.reset();
  event.port = 0;
  event.device.reset();
  event.account.clear();
  event.failure = FailureKind::WrongPassword;
  event.proof = PathProof::None;
  event.device_proof = DeviceProof::Claimed;
  event.standing = Standing::Unknown;
  event.fingerprint = 0;
  event.said = {};
  event.prefix.reset();
  event.until = WallTime();
  event.count = 0;
  event.text.clear();
}

void take_class(Bytes& bytes, JournalEvent& event) {
  event.service = bytes.one_of(bytes.number<1>(), kAllServices.back());
  event.failure = bytes.one_of(bytes.number<1>(), FailureKind::WireMismatch);
  const uint64_t proofs = bytes.number<1>();
  event.proof = bytes.one_of(proofs & 3U, PathProof::Connected);
  event.device_proof = bytes.one_of(proofs >> 2U & 7U, DeviceProof::Digest);
  event.standing = bytes.one_of(proofs >> 5U, Standing::StaleElsewhere);
}

void take_said(Bytes& bytes, JournalEvent::Said& said) {
  const uint64_t flags = bytes.number<1>();
  said.counted = (flags & 1U) != 0;
  said.repeated = (flags & 2U) != 0;
  said.forgiven = (flags & 4U) != 0;
  said.sweep = (flags & 8U) != 0;
  said.failures = uint32_t(bytes.varint());
  said.limit = uint32_t(bytes.varint());
}

void take_prefix(Bytes& bytes, bool v4, JournalEvent& event) {
  const auto length = int(bytes.number<1>());
  const IpAddress address = bytes.address(v4);
  if (length > (address.is_v4() ? 32 : 128)) return bytes.refuse();
  event.prefix = IpPrefix(address, length);
}

bool take_event(std::span<const uint8_t> from, WallTime start, JournalEvent& event) {
  clear(event);
  Bytes bytes(from);
  event.kind = bytes.one_of(bytes.number<1>(), kLastJournalKind);
  const uint64_t delta = bytes.varint();
  // Unsigned, so that it may wrap; time() refuses what is then out of range.
  event.time =
      bytes.time(int64_t(uint64_t(milliseconds_of(start)) + ((delta >> 1U) ^ (0 - (delta & 1U)))));
  const uint64_t fields = bytes.varint();
  if (fields > kAllFields) return false;
  if ((fields & (kSourceV4 | kSourceV6)) != 0)
    event.source = bytes.address((fields & kSourceV4) != 0);
  if ((fields & kPort) != 0) event.port = uint16_t(bytes.number<2>());
  event.tcp = (fields & kTcp) != 0;
  if ((fields & kDevice) != 0) event.device = MacAddress(bytes.array<6>());
  if ((fields & kAccount) != 0) bytes.text(JournalEvent::kMostAccountBytes, event.account);
  if ((fields & kFingerprint) != 0) event.fingerprint = bytes.number<8>();
  if ((fields & kClass) != 0) take_class(bytes, event);
  if ((fields & kSaid) != 0) take_said(bytes, event.said);
  if ((fields & (kPrefixV4 | kPrefixV6)) != 0) take_prefix(bytes, (fields & kPrefixV4) != 0, event);
  if ((fields & kUntil) != 0) event.until = bytes.time(int64_t(bytes.varint()));
  if ((fields & kForEver) != 0) event.until = WallTime::max();
  event.by_administrator = (fields & kByAdministrator) != 0;
  if ((fields & kCount) != 0) event.count = bytes.varint();
  if ((fields & kText) != 0) bytes.text(JournalEvent::kMostTextBytes, event.text);
  return bytes.good() && bytes.empty();
}

// ---- CRC-32C ----

using CrcTables = std::array<std::array<uint32_t, 256>, 8>;

// Table 0 advances by one byte; table n by one byte with n zeros behind it, so that eight bytes
// cost eight look-ups that do not wait for each other ("slicing by 8").
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0x82f6'3b78U & (0U - (crc & 1U)));
    tables[0][byte] = crc;
  }
  for (size_t n = 1; n < tables.size(); ++n)
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[n - 1][byte];
      tables[n][byte] = before >> 8U ^ tables[0][before & 0xffU];
    }
  return tables;
}
constexpr CrcTables kCrcTables = make_crc_tables();

uint32_t crc_by_tables(uint32_t crc, std::span<const uint8_t> bytes) {
  const auto& t = kCrcTables;
  while (bytes.size() >= 8) {
    const uint32_t low = crc ^ (uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8U |
                                uint32_t{bytes[2]} << 16U | uint32_t{bytes[3]} << 24U);
    crc = t[7][low & 0xffU] ^ t[6][low >> 8U & 0xffU] ^ t[5][low >> 16U & 0xffU] ^
          t[4][low >> 24U] ^ t[3][bytes[4]] ^ t[2][bytes[5]] ^ t[1][bytes[6]] ^ t[0][bytes[7]];
    bytes = bytes.subspan(8);
  }
  for (const uint8_t byte : bytes) crc = crc >> 8U ^ t[0][(crc ^ byte) & 0xffU];
  return crc;
}

#ifdef __x86_64__
// The processor's own, where it has one (SSE 4.2): a third of the tables' time for an event.
__attribute__((target("sse4.2"))) uint32_t crc_by_instruction(uint32_t crc,
                                                              std::span<const uint8_t> bytes) {
  uint64_t wide = crc;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = uint32_t(wide);
  for (const uint8_t byte : bytes) crc = __builtin_ia32_crc32qi(crc, byte);
  return crc;
}
#endif

std::span<const uint8_t> bytes_of(const std::string& text, size_t from) {
  return std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()).subspan(from);
}

}  // namespace

uint32_t crc32c(uint32_t crc, std::span<const uint8_t> bytes) {
#ifdef __x86_64__
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ~crc_by_instruction(~crc, bytes);
#endif
  return ~crc_by_tables(~crc, bytes);
}

uint32_t crc32c_by_tables_for_test(uint32_t crc, std::span<const uint8_t> bytes) {
  return ~crc_by_tables(~crc, bytes);
}

void encode(const SegmentHeader& header, std::string& to) {
  const size_t begin = to.size();
  to += kMagic;
  put_number(header.sequence, 8, to);
  put_number(uint64_t(milliseconds_of(header.start)), 8, to);
  put_number(header.seed, 4, to);
  put_number(crc32c(0, bytes_of(to, begin)), 4, to);
}

std::optional<SegmentHeader> decode_header(std::span<const uint8_t> bytes) {
  if (bytes.size() < SegmentHeader::kBytes) return {};
  Bytes fields(bytes.first(SegmentHeader::kBytes));
  const auto magic = fields.take(kMagic.size());
  if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0) return {};
  SegmentHeader header;
  header.sequence = fields.number<8>();
  header.start = fields.time(int64_t(fields.number<8>()));
  header.seed = uint32_t(fields.number<4>());
  if (fields.number<4>() != crc32c(0, bytes.first(SegmentHeader::kBytes - 4)) || !fields.good())
    return {};
  return header;
}

void encode(const JournalEvent& event, const SegmentHeader& segment, std::string& to) {
  // Its length is known afterwards; most fit one byte of it.
  const size_t begin = to.size();
  to.append(1 + 1 + 4, char(kMark));
  size_t body = to.size();
  put_event(event, segment.start, to);
  const size_t length = to.size() - body;
  if (length >= 0x80) {
    to.insert(begin + 1, 1, '\0');
    ++body;
  }
  std::string head;
  put_varint(length, head);
  put_number(crc32c(segment.seed, bytes_of(to, body)), 4, head);
  to.replace(begin + 1, head.size(), head);
}

size_t RecordWalk::record_at(size_t at, JournalEvent& event) const {
  if (bytes_[at] != kMark) return 0;
  const auto from = bytes_.subspan(at + 1);
  const size_t head = !from.empty() && from[0] >= 0x80 ? 2 : 1;
  if (from.size() < head + 4) return 0;
  const size_t length = head == 1 ? from[0] : (from[0] & 0x7fU) | size_t{from[1]} << 7U;
  if (length == 0 || length > kMostEventBytes || from.size() < head + 4 + length) return 0;
  const auto body = from.subspan(head + 4, length);
  if (Bytes(from.subspan(head, 4)).number<4>() != crc32c(segment_.seed, body)) return 0;
  return take_event(body, segment_.start, event) ? 1 + head + 4 + length : 0;
}

bool RecordWalk::next(JournalEvent& event) {
  const size_t begin = at_;
  const size_t most = std::min(bytes_.size(), begin + kMostSkip);
  for (; at_ < most; ++at_) {
    const size_t length = record_at(at_, event);
    if (length == 0) continue;
    if (at_ != begin) ++damaged_;
    at_ += length;
    good_end_ = at_;
    return true;
  }
  if (begin < bytes_.size()) ++damaged_;
  at_ = bytes_.size();
  return false;
}

}  // namespace stormdoor::acl
