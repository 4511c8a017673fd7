#include "acl/prefix_table.hpp"

#include <algorithm>

namespace stormdoor::acl {
namespace {

uint64_t big_endian(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

// What differs between the families: how an address is a number, and which one ends a prefix.
struct PrefixTable::Family4 {
  using Number = uint32_t;
  static bool covers(const IpPrefix& prefix) { return prefix.is_v4(); }
  static Number number(const IpAddress& address) { return address.v4_value(); }
  static Number last(const IpPrefix& prefix) {
    return uint32_t(number(prefix.address()) | (uint64_t{0xffff'ffff} >> prefix.length()));
  }
  // False after the highest.
  static bool increment(Number& number) { return ++number != 0; }
};

struct PrefixTable::Family6 {
  using Number = Number128;
  static bool covers(const IpPrefix& prefix) { return !prefix.is_v4(); }
  static Number number(const IpAddress& address) {
    return {big_endian(address.bytes().data()), big_endian(address.bytes().data() + 8)};
  }
  static Number last(const IpPrefix& prefix) {
    Number value = number(prefix.address());
    const int length = prefix.length();
    if (length < 64) value.high |= ~uint64_t{0} >> length;
    if (length <= 64)
      value.low = ~uint64_t{0};
    else if (length < 128)
      value.low |= ~uint64_t{0} >> (length - 64);
    return value;
  }
  static bool increment(Number& number) { return ++number.low != 0 || ++number.high != 0; }
};

template <typename Family>
PrefixTable::Ranges<typename Family::Number> PrefixTable::flatten(
    std::span<const IpPrefix> prefixes) {
  using Number = typename Family::Number;
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < prefixes.size(); ++i)
    if (Family::covers(prefixes[i])) order.push_back(i);
  // Outer prefixes before those inside them; of equal ones the last stays uppermost.
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::pair(prefixes[a].address(), prefixes[a].length()) <
           std::pair(prefixes[b].address(), prefixes[b].length());
  });

  Ranges<Number> ranges;
  const auto begin_range = [&](const Number& start, uint32_t answer) {
    if (!ranges.starts.empty() && ranges.starts.back() == start) {
      ranges.answers.back() = answer;
      return;
    }
    ranges.starts.push_back(start);
    ranges.answers.push_back(answer);
  };
  struct Open {
    Number last;
    uint32_t answer;
  };
  std::vector<Open> open;  // the prefixes that contain the present place, outermost first
  const auto close_innermost = [&] {
    Number after = open.back().last;
    open.pop_back();
    if (Family::increment(after)) begin_range(after, open.empty() ? kNone : open.back().answer);
  };

  begin_range(Number{}, kNone);
  for (const uint32_t i : order) {
    const Number first = Family::number(prefixes[i].address());
    while (!open.empty() && open.back().last < first) close_innermost();
    begin_range(first, i);
    open.push_back({Family::last(prefixes[i]), i});
  }
  while (!open.empty()) close_innermost();
  return ranges;
}

PrefixTable::PrefixTable(std::span<const IpPrefix> prefixes)
    : v4_(flatten<Family4>(prefixes)), v6_(flatten<Family6>(prefixes)) {}

template <typename Number>
uint32_t PrefixTable::find_in(const Ranges<Number>& ranges, const Number& number) {
  if (ranges.starts.empty()) return kNone;
  // The last start that is not beyond `number`; starts[0] never is. Halving without branches: what
  // strangers send makes no pattern that a processor could guess.
  const Number* start = ranges.starts.data();
  for (size_t left = ranges.starts.size(); left > 1;) {
    const size_t half = left / 2;
    start = start[half] <= number ? start + half : start;
    left -= half;
  }
  return ranges.answers[size_t(start - ranges.starts.data())];
}

uint32_t PrefixTable::find(const IpAddress& address) const {
  if (address.is_v4()) return find_in(v4_, Family4::number(address));
  return find_in(v6_, Family6::number(address));
}

}  // namespace stormdoor::acl
