#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/keyed_hash.hpp"
#include "edge/watch/fair_map.hpp"
#include "edge/watch/frame.hpp"

namespace stormdoor::edge::watch {

// Puts IP packets together again that came in fragments, as a receiver does (RFC 791 section 3.2,
// RFC 8200 section 4.5): whoever may not be seen would send his logins so. In any order; a piece
// that comes again is ignored, and one that overlaps others ends its packet (RFC 5722), as in
// Linux. Pure; used by one thread.
//
// Bounds (promise 12): `packets` of which pieces are missing, `per_source` of one source (FairMap),
// each for kLife, with the first kKept bytes of it: as much as is captured of a packet in one
// piece, and more than the longest head of SIP.
class Fragments {
 public:
  static constexpr int64_t kLifeUs = int64_t{30} * 1'000'000;
  static constexpr size_t kKept = 9'000;

  explicit Fragments(size_t packets = 1'024, size_t per_source = 64)
      : packets_(packets, per_source) {}

  // The whole packet, when `fragment` (which has a piece) was the last that was missing. Good until
  // the next call.
  std::optional<FrameView> add(const FrameView& fragment, int64_t now_us);
  [[nodiscard]] uint64_t evictions() const { return packets_.evictions(); }

 private:
  static constexpr size_t kUnit = 8;  // bytes that an offset counts
  static constexpr size_t kMostBytes = 65'535;

  struct Packet {
    int64_t since_us = 0;
    std::vector<std::byte> bytes;  // the first kKept
    std::bitset<kMostBytes / kUnit + 1> there;
    size_t units = 0;            // how many of those
    size_t reach = 0;            // where the furthest piece ends
    std::optional<size_t> size;  // known with the last piece
    uint8_t protocol = 0;        // known with the first one
    [[nodiscard]] bool is_whole() const { return size && units == (*size + kUnit - 1) / kUnit; }
  };
  enum class Fit : uint8_t { New, Known, Wrong };
  static Fit fit(Packet& packet, const Piece& piece, size_t end);
  [[nodiscard]] uint64_t key_of(const FrameView& fragment) const;

  HashKey hash_key_ = HashKey::random();
  FairMap<uint64_t, Packet> packets_;
  std::vector<std::byte> whole_;  // the one that add() gave
};

}  // namespace stormdoor::edge::watch
