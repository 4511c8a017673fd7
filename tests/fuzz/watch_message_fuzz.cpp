// What the watch and the server say to each other; what is accepted survives our own encoding.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "edge/messages_watch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor::edge;
  const std::string_view packet(reinterpret_cast<const char*>(data), size);
  if (const auto report = decode_watch_report(packet))
    STORMDOOR_CHECK(encode(*report) == packet, "there is one spelling of a report");
  if (const auto order = decode_watch_order(packet))
    STORMDOOR_CHECK(encode(*order) == packet, "there is one spelling of an order");
  return 0;
}
