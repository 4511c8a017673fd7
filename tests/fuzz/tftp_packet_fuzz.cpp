#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <variant>

#include "tftp-http/tftp_packet.hpp"

// A packet from the network; what parses as a request or an option acknowledgement must survive
// being written and read again.
using namespace stormdoor::tftp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto packet = parse_packet(bytes);
  if (!packet) return 0;
  std::array<std::byte, kMostRequestBytes> room;
  if (const auto* request = std::get_if<Request>(&*packet)) {
    const size_t written = write_request(room, *request);
    if (written == 0 || request->mode == Mode::Unknown) return 0;
    const auto again = parse_packet(std::span(room).first(written));
    const auto* same = again ? std::get_if<Request>(&*again) : nullptr;
    if (same == nullptr || same->file != request->file || same->mode != request->mode ||
        same->options != request->options || same->write != request->write)
      abort();
  } else if (const auto* ack = std::get_if<OptionAck>(&*packet)) {
    const auto again = parse_packet(std::span(room).first(write_option_ack(room, ack->options)));
    const auto* same = again ? std::get_if<OptionAck>(&*again) : nullptr;
    if (ack->options.any() && (same == nullptr || same->options != ack->options)) abort();
  } else if (const auto* error = std::get_if<ErrorMessage>(&*packet)) {
    write_error(std::span(room).first(40), ErrorNumber::Undefined, error->text);
  }
  return 0;
}
