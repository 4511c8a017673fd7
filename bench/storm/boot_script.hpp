#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "bench/storm/http_client.hpp"
#include "bench/storm/tftp_client.hpp"

namespace stormdoor::storm {

// What a configuration's text must look like.
enum class TextFormat : uint8_t { Any, Xml, KeyValue };

// One file that a phone asks for at boot. In `path` and in names that a file contains stand {mac}
// and {MAC} (twelve digits, either case), {model} (lower case) and {MODEL}.
struct BootStep {
  std::string path;
  bool required = false;       // without it, and without what `else_previous` found, no boot
  bool else_previous = false;  // asked only if the step before was not found
  bool unless_named = false;   // asked only if no file so far has named others
  TextFormat format = TextFormat::Any;
  // Text before the names of further files, up to a quote or a line's end, separated by commas:
  // CONFIG_FILES="a.cfg, b.cfg". They are required, and come before the next step.
  std::string names_after;
};

// How one family of phones boots: its order of files, what it calls itself, how patient it is.
// Data, taken from what phones were seen or are documented to do; see built_in_scripts.cpp.
struct BootScript {
  std::string vendor;
  std::string models;                 // "D6*" and the like; "*": all others
  std::vector<Transport> transports;  // what it can do, best first
  std::vector<BootStep> steps;
  std::string user_agent;
  TextFormat format = TextFormat::Any;  // of files that a step's names name
  // The text before the address that later boots are to use, up to a quote, '<', or a line's end.
  // The phone stores it and boots once more through it. Without scheme it keeps the transport.
  std::string url_after;
  bool url_is_file = false;  // that address is its configuration, not the folder of it
  // Vendors that keep it in parts: the texts before host, port and path.
  std::vector<std::string> url_parts_after;
  TftpOptions tftp;
  TftpPatience tftp_patience;
  HttpPatience http_patience;
};

// The scripts that we have, the more special first; and the one for a phone, or nullptr.
[[nodiscard]] const std::vector<BootScript>& built_in_scripts();
[[nodiscard]] const BootScript* find_script(const std::vector<BootScript>& scripts,
                                            std::string_view vendor, std::string_view model);

// A file that the phone fetches after its configuration (firmware).
struct ExpectedFile {
  std::string path;
  uint64_t bytes = 0;  // 0: not known beforehand, whatever comes will do
  std::string sha256;  // lower-case hexadecimal; empty: only the length is compared
};

// One simulated phone.
struct PhoneSpec {
  std::string vendor;
  std::string model;
  MacAddress mac;
  IpAddress source;
  Transport transport = Transport::Https;
  // What its configuration must contain, as such or escaped for XML: its account, its label.
  std::vector<std::string> expected;
  // What it must not contain: somebody else's account.
  std::vector<std::string> forbidden;
  std::vector<ExpectedFile> files;
  std::optional<HttpLogin> login;
  std::string stored_url;  // from an earlier boot; empty: as new from the factory
};

// {mac}, {MAC}, {MAC-} (dashes), {model}, {MODEL} replaced.
[[nodiscard]] std::string fill_in(std::string_view pattern, const PhoneSpec& phone);

}  // namespace stormdoor::storm
