// Captured frames, as stormdoor-watch reads them: the first byte says which kind of link, then come
// frames, each with its length before it, so that one input can hold a dispute.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "edge/messages_watch.hpp"
#include "edge/watch/watcher.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor::edge;
  using namespace stormdoor::edge::watch;
  Bytes rest = std::as_bytes(std::span(data, size));
  if (rest.empty()) return 0;
  const LinkType link{static_cast<uint8_t>(u8(rest, 0) % 5)};
  rest = from(rest, 1);
  Watcher watcher(4, SipWatchSettings{}, [](const WatchReport& report) {
    STORMDOOR_CHECK(decode_watch_report(encode(report)), "what we tell is understood");
    if (const auto* seen = std::get_if<BindingSeen>(&report))
      STORMDOOR_CHECK(!seen->mac.is_multicast() && !seen->address.is_unspecified(),
                      "nobody can be behind a group's address");
  });
  for (int64_t now_us = 0; rest.size() >= 2; ++now_us) {
    const size_t length = std::min<size_t>(u16(rest, 0), rest.size() - 2);
    // On the heap, exactly so many: a sanitizer sees one read too many.
    const std::vector<std::byte> frame(rest.begin() + 2, rest.begin() + 2 + ptrdiff_t(length));
    watcher.on_frame(link, frame, 1, now_us);
    rest = from(rest, 2 + length);
  }
  return 0;
}
