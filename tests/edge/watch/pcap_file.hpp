#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace stormdoor::test {

// Kinds of link as the file format numbers them.
inline constexpr uint32_t kPcapLoopback = 0;
inline constexpr uint32_t kPcapEthernet = 1;
inline constexpr uint32_t kPcapRaw = 101;
inline constexpr uint32_t kPcapCooked = 113;

// A capture with these frames, a millisecond apart.
inline void write_pcap(const std::string& path, const std::vector<std::string>& frames,
                       uint32_t link = kPcapEthernet) {
  std::ofstream file(path, std::ios::binary);
  const auto number = [&](auto value) {
    file.write(reinterpret_cast<const char*>(&value), sizeof value);
  };
  number(uint32_t{0xa1b2c3d4});  // microseconds, this machine's order
  number(uint16_t{2});
  number(uint16_t{4});
  number(uint64_t{0});  // time zone and accuracy
  number(uint32_t{65'535});
  number(link);
  uint32_t microseconds = 0;
  for (const std::string& frame : frames) {
    number(uint32_t{1'700'000'000});
    number(microseconds += 1000);
    number(uint32_t(frame.size()));
    number(uint32_t(frame.size()));
    file << frame;
  }
}

}  // namespace stormdoor::test
