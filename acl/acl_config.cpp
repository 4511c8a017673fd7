#include "acl/acl_config.hpp"

#include "base/error.hpp"

namespace stormdoor::acl {
namespace {

IpPrefix prefix(std::string_view text) {
  const auto parsed = IpPrefix::parse(text);
  STORMDOOR_CHECK(parsed, "the built-in prefixes are well-formed");
  return *parsed;
}

}  // namespace

std::vector<Network> AclRules::default_networks() {
  Network office;
  office.name = "Private addresses";
  for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // RFC 1918
                           "169.254.0.0/16", "fe80::/10",                    // link-local
                           "fc00::/7"})                                      // RFC 4193
    office.prefixes.push_back(prefix(text));
  office.services = {Service::Provisioning, Service::DeskLogin, Service::Sip};

  Network here;
  here.name = "This machine";
  here.prefixes = {prefix("127.0.0.0/8"), prefix("::1/128")};
  here.services = ServiceSet::all();
  return {office, here};
}

std::array<Limit, kAllServices.size()> AclRules::default_limits() {
  std::array<Limit, kAllServices.size()> limits{};
  // A floor of phones that nobody has registered yet may boot behind one address.
  limits[static_cast<size_t>(Service::Provisioning)].failures = 20;
  // People mistype PINs, and they share an address with the phone's whole office.
  limits[static_cast<size_t>(Service::DeskLogin)].block_for = std::chrono::minutes(15);
  limits[static_cast<size_t>(Service::Portal)].failures = 5;
  return limits;
}

}  // namespace stormdoor::acl
