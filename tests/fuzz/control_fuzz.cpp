// The control socket's byte stream: frames, requests and answers.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "edge/control_protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor::edge;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FrameReader reader(4096);
  const size_t half = size / 2;
  for (const auto piece : {bytes.substr(0, half), bytes.substr(half)}) {
    reader.feed(piece);
    for (auto next = reader.next(); next && *next; next = reader.next()) {
      if (const auto request = ControlRequest::decode(**next)) {
        const auto again = ControlRequest::decode(request->encode());
        STORMDOOR_CHECK(again && again->command.size() <= 64,
                        "what we accept survives our own encoding");
      }
      (void)ControlResponse::decode(**next);
    }
  }
  if (const auto request = ControlRequest::decode(bytes))
    STORMDOOR_CHECK(ControlRequest::decode(request->encode()),
                    "what we accept survives our own encoding");
  return 0;
}
