#include "tftp-http/firmware_links.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace stormdoor::http {
namespace {

constexpr size_t kMostLinkPrefixes = 1024;

FirmwareLinkTerms read_link(const ConfigTable& table) {
  constexpr uint64_t kMost = uint64_t{16} << 30;
  FirmwareLinkTerms terms;
  table.require("name", "what `stormdoor status` calls this line, such as \"Lyon\"");
  table.require("prefixes", "the addresses of the phones behind it, such as [\"10.7.0.0/16\"]");
  table.require("rate", "what firmware may take of it each second, such as \"2 MiB\"");
  terms.name = table.string("name", "");
  terms.prefixes = table.prefixes("prefixes");
  terms.bytes_per_second =
      table.size("rate", uint64_t{1} << 20, FirmwareLinkTerms::kLeastRate, kMost);
  terms.burst_bytes = table.size("burst", terms.burst_bytes, 4 << 10, uint64_t{1} << 30);
  terms.useful_bytes_per_second =
      table.size("per_phone", terms.useful_bytes_per_second, FirmwareLinkTerms::kLeastRate, kMost);
  return terms;
}

}  // namespace

std::vector<FirmwareLinkTerms> read_firmware_links(const ConfigTable& provisioning) {
  std::vector<FirmwareLinkTerms> links;
  std::set<std::string> names;
  std::set<IpPrefix> prefixes;
  for (const ConfigTable& table : provisioning.tables("link")) {
    links.push_back(read_link(table));
    const FirmwareLinkTerms& link = links.back();
    if (!names.insert(link.name).second)
      table.error_at("name", "is another link's name; each has its own");
    for (const IpPrefix& prefix : link.prefixes)
      if (!prefixes.insert(prefix).second)
        table.error_at("prefixes", prefix.to_string() + " stands twice; one line leads there");
  }
  if (links.size() > kMostFirmwareLinks || prefixes.size() > kMostLinkPrefixes)
    provisioning.error_at("link", "are too many; at most 64 with 1024 prefixes");
  return links;
}

std::shared_ptr<const FirmwareLinks> FirmwareLinks::from(std::span<const FirmwareLinkTerms> terms,
                                                         const FirmwareLinks* before) {
  auto links = std::make_shared<FirmwareLinks>();
  std::vector<IpPrefix> prefixes;
  for (const FirmwareLinkTerms& term : terms) {
    std::shared_ptr<FirmwareLink> link;
    if (before != nullptr) {
      const auto known = std::ranges::find(before->names_, term.name);
      if (known != before->names_.end()) link = before->links_[known - before->names_.begin()];
    }
    if (link)
      link->replace_terms(term);
    else
      link = std::make_shared<FirmwareLink>(term);
    for (const IpPrefix& prefix : term.prefixes) {
      prefixes.push_back(prefix);
      links->owners_.push_back(static_cast<uint32_t>(links->links_.size()));
    }
    links->names_.push_back(term.name);
    links->links_.push_back(std::move(link));
  }
  links->table_ = acl::PrefixTable(prefixes);
  return links;
}

std::shared_ptr<FirmwareLink> FirmwareLinks::find(const IpAddress& source) const {
  if (links_.empty()) return nullptr;
  const uint32_t place = table_.find(source);
  return place == acl::PrefixTable::kNone ? nullptr : links_[owners_[place]];
}

}  // namespace stormdoor::http
