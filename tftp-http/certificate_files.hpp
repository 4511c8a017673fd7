#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tftp-http/tls_context.hpp"

namespace stormdoor::http {

// Reads a PEM file of at most 256 KiB.
Result<std::string> read_pem_file(const std::string& path);
// The same from an open descriptor (the privileged parent's), from its beginning.
Result<std::string> read_pem_descriptor(int descriptor, const std::string& name);

// Notices that files were replaced: by device, inode, size and time of change. Reads nothing of
// them. One thread.
class FileWatch {
 public:
  explicit FileWatch(std::vector<std::string> paths);
  // Whether any of them differs from the last call (or from when this was made).
  [[nodiscard]] bool changed();

 private:
  struct Stamp {
    uint64_t device = 0, inode = 0, size = 0;
    int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] static Stamp stamp_of(const std::string& path);

  std::vector<std::string> paths_;
  std::vector<Stamp> stamps_;
};

}  // namespace stormdoor::http
