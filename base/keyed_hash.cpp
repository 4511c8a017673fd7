#include "base/keyed_hash.hpp"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace stormdoor {
namespace {

struct SipState {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13);
    v1 ^= v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16);
    v3 ^= v2;
    v0 += v3;
    v3 = std::rotl(v3, 21);
    v3 ^= v0;
    v2 += v1;
    v1 = std::rotl(v1, 17);
    v1 ^= v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace

HashKey HashKey::random() {
  HashKey key;
  ssize_t count;
  do  // a signal may interrupt it while the machine is still gathering its first randomness
    count = getrandom(&key, sizeof key, 0);
  while (count < 0 && errno == EINTR);
  STORMDOOR_CHECK(count == ssize_t{sizeof key},
                  "the kernel always has 16 random bytes once it has booted");
  return key;
}

const HashKey& HashKey::of_this_process() {
  static const HashKey key = random();
  return key;
}

uint64_t keyed_hash(const HashKey& key, std::span<const std::byte> bytes) {
  SipState s{key.k0 ^ 0x736f6d6570736575U, key.k1 ^ 0x646f72616e646f6dU,
             key.k0 ^ 0x6c7967656e657261U, key.k1 ^ 0x7465646279746573U};
  const size_t whole = bytes.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    s.absorb(word);
  }
  uint64_t last = uint64_t(bytes.size()) << 56;
  if (whole < bytes.size()) std::memcpy(&last, bytes.data() + whole, bytes.size() - whole);
  s.absorb(last);
  s.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t keyed_hash(const HashKey& key, std::string_view text) {
  return keyed_hash(key, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace stormdoor
