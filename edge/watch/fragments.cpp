#include "edge/watch/fragments.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace stormdoor::edge::watch {

std::optional<FrameView> Fragments::add(const FrameView& fragment, int64_t now_us) {
  Piece piece = *fragment.piece;
  if (!piece.is_last) piece.sent -= piece.sent % kUnit;
  const size_t end = piece.offset + piece.sent;
  const bool is_cut = piece.bytes.size() < piece.sent && piece.offset + piece.bytes.size() < kKept;
  if (piece.sent == 0 || end > kMostBytes || is_cut) return std::nullopt;

  const uint64_t key = key_of(fragment);
  Packet& packet = packets_.insert(key, fragment.source);
  if (packet.units == 0 || now_us - packet.since_us > kLifeUs) {
    packet = {};
    packet.since_us = now_us;
  }
  switch (fit(packet, piece, end)) {
    case Fit::Known:
      return std::nullopt;
    case Fit::Wrong:
      packets_.erase(key);
      return std::nullopt;
    case Fit::New:
      break;
  }
  if (piece.offset == 0) packet.protocol = piece.protocol;
  if (!packet.is_whole()) return std::nullopt;
  whole_ = std::move(packet.bytes);
  const FrameView whole = whole_frame(fragment, packet.protocol, whole_, *packet.size);
  packets_.erase(key);
  return whole;
}

// Takes the piece if it is new.
Fragments::Fit Fragments::fit(Packet& packet, const Piece& piece, size_t end) {
  const size_t begin = piece.offset / kUnit;
  const size_t to = (end + kUnit - 1) / kUnit;
  size_t known = 0;
  for (size_t unit = begin; unit < to; ++unit) known += packet.there[unit] ? 1U : 0U;
  if (known == to - begin) return Fit::Known;
  if (known > 0) return Fit::Wrong;
  if (packet.size ? piece.is_last || end > *packet.size : piece.is_last && end < packet.reach)
    return Fit::Wrong;
  for (size_t unit = begin; unit < to; ++unit) packet.there[unit] = true;
  packet.units += to - begin;
  packet.reach = std::max(packet.reach, end);
  if (piece.is_last) packet.size = end;
  if (piece.offset < kKept) {
    packet.bytes.resize(std::max(packet.bytes.size(), std::min(end, kKept)));
    std::ranges::copy(first(piece.bytes, std::min(end, kKept) - piece.offset),
                      packet.bytes.begin() + ptrdiff_t(piece.offset));
  }
  return Fit::New;
}

// IPv6 does not tell packets apart by what they carry: only the first piece says that.
uint64_t Fragments::key_of(const FrameView& fragment) const {
  const Piece& piece = *fragment.piece;
  std::string bytes;
  const auto add = [&](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  for (const IpAddress* address : {&fragment.source, &fragment.destination}) add(address->bytes());
  add(piece.id);
  add(fragment.source.is_v4() ? piece.protocol : uint8_t{0});
  return keyed_hash(hash_key_, bytes);
}

}  // namespace stormdoor::edge::watch
