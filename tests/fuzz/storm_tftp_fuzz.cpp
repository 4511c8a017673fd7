#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "bench/storm/tftp_fetch.hpp"

// What a server sends to a simulated phone: one byte chooses the options asked for, then come
// packets, each behind a byte of flags and its length. The phone answers within its room, only to
// whom it should, never after its end, and its deadline always lies ahead.
using namespace stormdoor;

namespace {

enum Flag : uint8_t { kStranger = 1, kElsewhere = 2, kSilence = 4, kFull = 8 };

storm::TftpOptions options_of(uint8_t choice) {
  return {.block_size = uint16_t((choice & 1) != 0 ? 1428 : 0),
          .size = (choice & 2) != 0,
          .window = uint16_t((choice & 4) != 0 ? 4 : 0),
          .timeout = uint8_t((choice & 8) != 0 ? 2 : 0)};
}

void check_result(const storm::FetchResult& result) {
  const bool found = result.outcome == storm::FetchResult::Outcome::Found;
  if (found != result.reason.empty()) abort();
  if (result.body.text().size() != std::min<uint64_t>(result.body.bytes(), storm::Body::kMostKept))
    abort();
}

struct Phone {
  const Endpoint server{IpAddress::v4(0x7f000001), 69, 0};
  const Endpoint transfer{server.address, 40'000, 0};
  std::array<std::byte, storm::TftpFetch::kMostReply> room{};
  SteadyTime now{};
  storm::TftpFetch fetch;

  explicit Phone(uint8_t choice)
      : fetch(server, "000fd3054848.cfg", options_of(choice), {}, (choice & 16) != 0) {
    check(fetch.start(now, room));
  }
  void check(const storm::TftpFetch::Reply& reply) const {
    if (reply.bytes > room.size()) abort();
  }
  void receive(uint8_t flags, std::span<const std::byte> packet) {
    Endpoint from = transfer;
    if ((flags & kStranger) != 0) ++from.port;
    if ((flags & kElsewhere) != 0) from.address = IpAddress::v4(0x7f000002);
    now += milliseconds(1);
    const auto reply = fetch.on_packet(from, packet, now, room);
    check(reply);
    if (reply.bytes == 0) return;
    const bool refused = room[1] == std::byte{5};
    if (reply.to != from || (!refused && (flags & kElsewhere) != 0)) abort();
  }
  void wait() {
    now = std::max(now, fetch.deadline());
    check(fetch.on_deadline(now, room));
    if (!fetch.ended() && fetch.deadline() <= now) abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::span<const std::byte> rest(reinterpret_cast<const std::byte*>(data), size);
  if (rest.empty()) return 0;
  Phone phone{uint8_t(rest[0])};
  rest = rest.subspan(1);
  while (rest.size() >= 2 && !phone.fetch.ended()) {
    const auto flags = uint8_t(rest[0]);
    const size_t length = std::min(size_t(rest[1]), rest.size() - 2);
    // A copy of exactly its size, so that the address sanitizer sees one read too many.
    std::vector<std::byte> packet(rest.begin() + 2, rest.begin() + 2 + ptrdiff_t(length));
    rest = rest.subspan(2 + length);
    if ((flags & kFull) != 0) packet.resize((flags & 16) != 0 ? 4 + 1428 : 4 + 512);
    if ((flags & kSilence) != 0) {
      phone.wait();
    } else {
      phone.receive(flags, packet);
    }
  }
  if (phone.fetch.ended()) {
    const std::array<std::byte, 5> late{std::byte{0}, std::byte{3}, std::byte{0}, std::byte{1}};
    if (phone.fetch.on_packet(phone.transfer, late, phone.now, phone.room).bytes != 0) abort();
    check_result(phone.fetch.take_result());
  }
  return 0;
}
