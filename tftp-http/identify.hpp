#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/mac_address.hpp"
#include "tftp-http/phone_profile.hpp"

namespace stormdoor::http {

// A request path taken apart. Views into it.
struct RequestPath {
  std::string_view token;  // of /p/<token>/...; empty: none
  std::string_view file;   // the rest, without "prov/" and leading slashes
};

// The forms are /p/<token>/<file>, /prov/<file> and /<file>. Nothing for a path that no phone asks:
// longer than 256 bytes, control characters, a backslash or a ".." in it.
[[nodiscard]] std::optional<RequestPath> take_apart(std::string_view path);

// One way to understand a request: as a file of this vendor.
struct Candidate {
  const PhoneProfile* profile = nullptr;
  const FilePattern* file = nullptr;
  PatternMatch in_path;
};

// What a request says of itself. All of it is a claim (promise 2).
struct Identified {
  Identified() = default;
  Identified(Identified&&) = default;  // `claimed` points into `candidates`: not to be copied
  Identified& operator=(Identified&&) = default;

  RequestPath path;
  std::string_view tree_name;            // path.file without the vendor's folder
  std::optional<MacAddress> mac;         // in the file name
  PatternMatch in_agent;                 // what the User-Agent says
  const PhoneProfile* agent = nullptr;   // whose User-Agent it is
  const PhoneProfile* folder = nullptr;  // whose folder the path starts with
  std::vector<Candidate> candidates;     // at most one per profile
  const Candidate* claimed = nullptr;    // the likeliest by folder, User-Agent, OUI; may be null

  // The reading as a phone of this vendor; null when its phones ask for no such file.
  [[nodiscard]] const Candidate* as(std::string_view vendor) const;
};

using Profiles = std::vector<std::shared_ptr<const PhoneProfile>>;

// Pure; touches no registry, so that what it says about an unknown phone is what it says about a
// known one. `path` and `user_agent` are strangers' bytes: at most 256 of each are looked at, and
// every pattern's work is bounded (Pattern). Nothing when take_apart() refuses the path.
//
// Several vendors ask for <mac>.cfg. The path's folder decides, else the User-Agent, else the MAC's
// OUI, else whoever is alone; a tie claims nobody.
[[nodiscard]] std::optional<Identified> identify(const Profiles& profiles, std::string_view path,
                                                 std::string_view user_agent);

}  // namespace stormdoor::http
