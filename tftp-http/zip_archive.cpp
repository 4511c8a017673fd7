#include "tftp-http/zip_archive.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor::http {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50;
constexpr uint32_t kCentralHeader = 0x02014b50;
constexpr uint32_t kEndOfDirectory = 0x06054b50;
constexpr uint16_t kVersionNeeded = 20;
constexpr uint16_t kMadeByUnix = (3 << 8) | kVersionNeeded;
constexpr uint16_t kNamesAreUtf8 = 1 << 11;
constexpr uint16_t kStored = 0;
constexpr uint16_t kMidnight = 0;
constexpr uint16_t kFirstOfJanuary1980 = (1 << 5) | 1;
constexpr uint32_t kRegularFileReadable = 0100644U << 16;

// CRC-32 as in ISO 3309, by table.
constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xedb88320U : 0U);
    table[i] = value;
  }
  return table;
}();

uint32_t crc32(std::string_view bytes) {
  uint32_t value = 0xffffffff;
  for (const char byte : bytes)
    value = (value >> 8) ^ kCrcTable[(value ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~value;
}

// Little-endian, as all of the format.
template <typename Number>
void put(std::string& out, Number number) {
  for (size_t byte = 0; byte < sizeof(Number); ++byte)
    out += static_cast<char>((uint64_t{number} >> (8 * byte)) & 0xff);
}

// What the local header and the directory say alike.
void put_description(std::string& out, const ZipEntry& entry) {
  put(out, kVersionNeeded);
  put(out, kNamesAreUtf8);
  put(out, kStored);
  put(out, kMidnight);
  put(out, kFirstOfJanuary1980);
  put(out, crc32(entry.content));
  put(out, uint32_t(entry.content.size()));  // as stored
  put(out, uint32_t(entry.content.size()));  // as it was
  put(out, uint16_t(entry.name.size()));
  put(out, uint16_t{0});  // no extra field
}

void put_directory_entry(std::string& out, const ZipEntry& entry, uint32_t offset) {
  put(out, kCentralHeader);
  put(out, kMadeByUnix);
  put_description(out, entry);
  put(out, uint16_t{0});  // no comment
  put(out, uint16_t{0});  // on the first disk
  put(out, uint16_t{0});  // internal attributes: nothing known
  put(out, kRegularFileReadable);
  put(out, offset);
  out += entry.name;
}

}  // namespace

std::string store_zip(std::span<const ZipEntry> entries) {
  STORMDOOR_CHECK(entries.size() <= std::numeric_limits<uint16_t>::max(), "ZIP64 is not written");
  std::string archive, directory;
  for (const ZipEntry& entry : entries) {
    STORMDOOR_CHECK(
        entry.name.size() <= std::numeric_limits<uint16_t>::max() &&
            archive.size() + entry.content.size() <= std::numeric_limits<int32_t>::max(),
        "ZIP64 is not written");
    put_directory_entry(directory, entry, uint32_t(archive.size()));
    put(archive, kLocalHeader);
    put_description(archive, entry);
    archive += entry.name;
    archive += entry.content;
  }
  const auto directory_at = uint32_t(archive.size());
  archive += directory;
  put(archive, kEndOfDirectory);
  put(archive, uint16_t{0});  // this disk
  put(archive, uint16_t{0});  // the directory's disk
  put(archive, uint16_t(entries.size()));
  put(archive, uint16_t(entries.size()));
  put(archive, uint32_t(directory.size()));
  put(archive, directory_at);
  put(archive, uint16_t{0});  // no comment
  return archive;
}

}  // namespace stormdoor::http
