#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/mac_address.hpp"
#include "base/secret.hpp"

namespace stormdoor::http {

// Where a phone's desk pages are: /d/000fd3054848/<key>/<page>. The key is made of the phone's
// token by a hash, so that an address that is printed beside the phone, or seen over a shoulder,
// opens the desk's form and nothing else: no configuration comes by it.
inline constexpr std::string_view kDeskPrefix = "/d/";
inline constexpr size_t kDeskKeyCharacters = 32;

// Empty for a phone without a token: it has no pages.
[[nodiscard]] std::string desk_key(const MacAddress& mac, const Secret& token);
// "<base_url>/d/<mac>/<key>/"; empty when either is.
[[nodiscard]] std::string desk_url(std::string_view base_url, const MacAddress& mac,
                                   const Secret& token);

struct DeskAddress {
  MacAddress mac;
  std::string_view key;
  bool for_people = false;     // .../m/<page>: HTML, whatever the phone's browser understands
  std::string_view page;       // "", "login", "logout"
  std::string_view form;       // .../login/<id>: what was typed into the form of that id
  std::string_view extension;  // .../login/<id>/<extension>: typed on the screen before
};
// Of a decoded path; nothing when it is none of ours. The views are into `path`.
[[nodiscard]] std::optional<DeskAddress> parse_desk_path(std::string_view path);

}  // namespace stormdoor::http
