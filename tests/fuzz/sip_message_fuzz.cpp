#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "edge/watch/sip_message.hpp"

// A datagram and the beginning of a stream. Every view must lie within the bytes, and what was read
// as a whole message must be found as one in a stream.
using namespace stormdoor::edge::watch;

namespace {

void check_within(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size())
    abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const SipFraming framing : {SipFraming::Datagram, SipFraming::Stream}) {
    const auto message = parse_sip(bytes, framing);
    if (!message) continue;
    for (const auto part : {message->method, message->call_id, message->branch, message->sent_by,
                            message->from_tag, message->to_tag, message->user_agent})
      check_within(part, bytes);
    for (const SipContact& contact : message->contacts) check_within(contact.uri, bytes);
    if (message->head_bytes > size || message->head_bytes > kMostSipHeadBytes) abort();
    if (message->method.empty() || message->call_id.empty()) abort();
    if (message->irregular) continue;
    size_t from = bytes.find_first_not_of("\r\n");
    if (find_sip_head_end(bytes, from) != message->head_bytes) abort();
  }
  return 0;
}
