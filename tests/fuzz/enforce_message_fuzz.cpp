#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "edge/messages_enforce.hpp"

// A packet between the server, stormdoor-enforce and stormdoor-watch: what decodes must encode to
// the same bytes, so that nothing in it went unread.
using namespace stormdoor::edge;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto order = decode_enforce_order(bytes); order && encode(*order) != bytes) abort();
  if (const auto news = decode_enforce_news(bytes); news && encode(*news) != bytes) abort();
  if (const auto packet = decode_queued_packet(bytes); packet && encode(*packet) != bytes) abort();
  if (const auto answer = decode_queue_answer(bytes); answer && encode(*answer) != bytes) abort();
  return 0;
}
