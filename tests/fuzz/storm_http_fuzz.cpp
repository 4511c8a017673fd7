#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "bench/storm/http_login.hpp"
#include "bench/storm/http_response.hpp"

// What an HTTP server answers to a simulated phone must read alike in one piece, in two and byte by
// byte; a challenge in it is answered without harm.
using namespace stormdoor;

namespace {

// What one way of reading came to.
struct Reading {
  bool good = true;
  size_t used = 0;
  storm::HttpResponse response;

  Reading(std::span<const std::byte> bytes, size_t piece) {
    while (good && !bytes.empty() && !response.ended()) {
      const auto now = bytes.first(std::min(piece, bytes.size()));
      const auto taken = response.feed(now);
      good = taken.has_value();
      if (!good) return;
      if (*taken > now.size() || (*taken < now.size() && !response.ended())) abort();
      used += *taken;
      bytes = bytes.subspan(*taken);
    }
    if (good && !response.ended()) good = response.close().has_value();
  }
};

void compare(const Reading& one, Reading& other, const storm::Body& body) {
  if (one.good != other.good) abort();
  if (!one.good) return;
  if (one.used != other.used || one.response.status() != other.response.status() ||
      one.response.keeps_alive() != other.response.keeps_alive())
    abort();
  const auto other_body = other.response.take_body();
  if (body.bytes() != other_body.bytes() || body.text() != other_body.text()) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  Reading whole(bytes, size + 1);
  Reading halves(bytes, size / 2 + 1);
  Reading single(bytes, 1);
  const auto body = whole.response.take_body();
  compare(whole, halves, body);
  compare(whole, single, body);
  if (!whole.good) return 0;
  if (whole.response.status() < 200 || whole.response.status() > 999 || whole.used > size ||
      body.bytes() > size)
    abort();
  const storm::HttpLogin login{"2041", "secret", storm::HttpLogin::Scheme::Best};
  const auto answer =
      storm::answer_challenge(login, whole.response.values("www-authenticate"), "/a.cfg", "c");
  if (answer.find('\n') != std::string::npos) abort();  // else it would be a header of its own
  return 0;
}
