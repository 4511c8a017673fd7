#pragma once

#include <span>
#include <string>

namespace stormdoor::http {

// One file of an archive. Names are relative, with '/' between folders, at most 65,535 bytes.
struct ZipEntry {
  std::string name;
  std::string content;
};

// A ZIP archive (APPNOTE.TXT 6.3.10) that stores its files as they are: for a few small ones that
// somebody else unpacks. The same entries make the same bytes, everywhere and at any time: files
// carry the format's first date, 1980-01-01. No ZIP64: at most 65,535 entries and 4 GiB, which a
// caller that bounds its files never meets (checked). Pure.
[[nodiscard]] std::string store_zip(std::span<const ZipEntry> entries);

}  // namespace stormdoor::http
