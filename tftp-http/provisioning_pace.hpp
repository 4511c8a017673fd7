#pragma once

#include <cstdint>

#include "tftp-http/file_source.hpp"
#include "tftp-http/firmware_links.hpp"
#include "tftp-http/phone_profile.hpp"

namespace stormdoor::http {

// A file of the tree and who asks for it.
struct TreeFile {
  const FileRequest& request;
  const PhoneProfile* vendor = nullptr;  // null: nobody's
  bool is_firmware = false;              // as the vendor's profile says
  uint64_t small_file = 0;
};

// Firmware of more than 64 KiB (a smaller one is sooner gone than it has waited), and any other
// file that is larger than small, goes over the line to its site, if that has one with a budget.
void pace(FileAnswer& answer, const FirmwareLinks& links, const TreeFile& file);

}  // namespace stormdoor::http
