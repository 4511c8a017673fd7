#pragma once

#include <string>
#include <vector>

#include "hotdesk/pbx_accounts.hpp"

// What Asterisk's pjsip.conf includes: an endpoint, an auth and an aor for each account, each
// section based on the administrator's template of that kind. Pure.
namespace stormdoor::edge {

struct PjsipTerms {
  std::string realm = {};  // that digests are made for
  bool passwords = false;  // instead of digests
  // Names of templates; empty: none.
  std::string endpoint_template = {}, device_template = {}, aor_template = {};
};

[[nodiscard]] std::string pjsip_file(const std::vector<hotdesk::PbxAccount>& accounts,
                                     const PjsipTerms& terms);

}  // namespace stormdoor::edge
