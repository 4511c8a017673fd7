#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "acl/prefix_table.hpp"
#include "base/config_reader.hpp"
#include "base/ip_address.hpp"
#include "tftp-http/firmware_link.hpp"

namespace stormdoor::http {

inline constexpr size_t kMostFirmwareLinks = 64;

// The links of the configuration, by their sites' addresses. Immutable, shared by all workers; the
// links in it live on through a reload.
class FirmwareLinks {
 public:
  // A link that `before` has under the same name is taken over, with what is waiting on it.
  static std::shared_ptr<const FirmwareLinks> from(std::span<const FirmwareLinkTerms> terms,
                                                   const FirmwareLinks* before);

  // The longest prefix counts; null: this source's firmware is not paced.
  [[nodiscard]] std::shared_ptr<FirmwareLink> find(const IpAddress& source) const;
  [[nodiscard]] const std::vector<std::shared_ptr<FirmwareLink>>& all() const { return links_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<FirmwareLink>> links_;
  acl::PrefixTable table_;
  std::vector<uint32_t> owners_;  // of each prefix in the table
};

// Reads [[provisioning.link]]; errors are noted in the reader.
[[nodiscard]] std::vector<FirmwareLinkTerms> read_firmware_links(const ConfigTable& provisioning);

}  // namespace stormdoor::http
