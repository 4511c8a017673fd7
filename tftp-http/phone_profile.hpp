#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/mac_address.hpp"
#include "base/store/records.hpp"
#include "tftp-http/credentials.hpp"
#include "tftp-http/desk_screens.hpp"
#include "tftp-http/identify_pattern.hpp"
#include "tftp-http/phone_app.hpp"
#include "tftp-http/template_renderer.hpp"

namespace stormdoor::http {

// How sure we are of something a profile says: confirmed by the vendor or by working code, said by
// a secondary source only, or inferred. What is merely guessed has no mark and no place in a
// profile.
enum class Mark : uint8_t { Confirmed, Secondary, Inferred };
[[nodiscard]] std::string_view to_string(Mark mark);  // "C", "S", "I"

struct Claim {
  Mark mark = Mark::Confirmed;
  std::string source;
};

// What a file that a phone asks for is.
enum class FileRole : uint8_t {
  Config,    // the phone's own configuration, rendered for it; the one kind that carries secrets
  Boot,      // says which files to ask next; rendered without looking at the registry
  Common,    // the same for every phone of the vendor; rendered
  Tree,      // firmware, ringtones: from the file tree
  Ordinary,  // asked at every boot and rarely there: its 404 means nothing (promise 3)
};

struct FilePattern {
  Pattern ask;
  FileRole role = FileRole::Ordinary;
  std::string template_kind;  // Boot and Common: which template
  std::string content_type;
  Claim claim;
};

// Which template makes a phone's own configuration stands in `templates` under the phone's kind
// ("assigned", "hot-desk-idle", "hot-desk-session", "unassigned"); "boot" and "common" belong to
// files of those roles. "stub" is what a phone gets that has not proved to be itself. Phones that
// forget whatever a file does not say have no stub and are refused instead: they keep what they
// have, and with it the account that can call for help.
inline constexpr std::array<std::string_view, 4> kSecretKinds = {"assigned", "hot-desk-idle",
                                                                 "hot-desk-session", "unassigned"};
inline constexpr std::string_view kStubKind = "stub";

// One vendor's habits, read from etc/phones/<vendor>/profile.toml and the templates beside it (how
// to write one: etc/phones/README.md). Immutable, shared by all workers.
struct PhoneProfile {
  std::string vendor;  // the folder's name, PhoneRecord::vendor
  std::string title;
  Format format = Format::Xml;
  std::string content_type;
  std::vector<std::string> folders;           // path prefixes that mean this vendor: "Digium"
  bool tftp = false;                          // it can fetch by TFTP
  bool https = true;                          // it can fetch by HTTPS
  std::vector<LoginScheme> login;             // what it understands, best first
  ScreenFormat screens = ScreenFormat::Html;  // what its browser shows, of desk pages

  struct Oui {
    uint32_t prefix = 0;  // the MAC's first three bytes
    Claim claim;
  };
  std::vector<Oui> ouis;
  struct Agent {
    Pattern pattern;
    Claim claim;
  };
  std::vector<Agent> agents;       // the first that fits counts
  std::vector<FilePattern> files;  // likewise

  using Templates = std::map<std::string, std::shared_ptr<const Template>, std::less<>>;
  Templates templates;       // by kind
  Templates site_templates;  // by file name, what layers may name instead

  store::Variables variables;  // the built-in layer
  struct Model {
    std::string match;  // "P3*"
    store::Variables variables;
    Claim claim;
  };
  std::vector<Model> models;  // built-in too, over `variables`; every one that fits, in order

  std::shared_ptr<const PhoneApp> app;  // that some of its models run; none: null
  Claim app_claim;

  // How long it waits before it gives up, for the storm and for planning.
  struct Patience {
    int tries = 3;
    milliseconds timeout{10'000};
    Claim claim{Mark::Inferred, "assumed"};
  } patience;
  // Whether it comes again when HTTP told it 503 with Retry-After; only what is confirmed may say
  // yes, because a phone that does not is lost.
  bool retries_after_503 = false;
  // The SIP NOTIFY that makes it fetch again, and the one that reboots it; no event: there is none.
  struct Reprovision {
    std::string event;
    std::string reboot_event;
    std::string content_type;  // of the bodies
    std::string body;
    std::string reboot_body;
    // It takes a NOTIFY at port 5060 also from whom it is not registered with.
    bool listens = false;
    Claim claim;
  } reprovision;
  struct Fact {
    std::string what;
    Claim claim;
  };
  std::vector<Fact> facts;  // what the templates stand on

  [[nodiscard]] bool owns(const MacAddress& mac) const;  // by OUI
};

// "D6*" fits "D65", letters in either case; '*' is the only wildcard.
[[nodiscard]] bool model_fits(std::string_view match, std::string_view model);

// Reads one vendor's folder. Every error at once, as "profile.toml:12:3: file[2].ask: ...".
[[nodiscard]] Result<std::shared_ptr<PhoneProfile>> read_profile(const std::string& folder);

}  // namespace stormdoor::http
