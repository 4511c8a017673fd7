#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acl/failure.hpp"
#include "acl/service.hpp"
#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "tftp-http/content.hpp"
#include "tftp-http/firmware_link.hpp"

namespace stormdoor::http {

enum class Transport : uint8_t { Tftp, Http, Https };

// One phone asking for one file, as the protocols see it. Views live as long as the call.
struct FileRequest {
  Transport transport = Transport::Tftp;
  IpAddress source;
  acl::PathProof proof = acl::PathProof::None;
  std::string_view path;        // percent-decoded; with or without a leading slash; no query
  std::string_view user_agent;  // empty over TFTP
  std::string_view host;        // what the phone called us (Host header without port), may be empty
  std::optional<MacAddress> certificate_mac;  // proven by a client certificate
  std::string_view authorization;             // the Authorization header, empty if none
  std::string_view method = "GET";            // for digest authentication
  std::string_view target;                    // request target as sent, for digest authentication
};

struct FileAnswer {
  enum class Outcome : uint8_t {
    Found,
    NotFound,      // ordinary: 404, TFTP error 1
    Unauthorized,  // `challenges` says how to log in: 401 (TFTP: error 2)
    Refused,       // 403, TFTP error 2; `message` says why in a sentence
    Busy,          // come back later: 503 with Retry-After, TFTP error 0
  };
  Outcome outcome = Outcome::NotFound;
  std::shared_ptr<const Content> content;  // Found only
  std::string content_type;                // Found only
  std::string message;                     // for people: shown by phones and in the journal
  std::vector<std::string> challenges;     // WWW-Authenticate values, best first
  bool secret =
      false;  // carries secrets: Cache-Control: no-store, never over plain HTTP unless allowed
  // Found only: firmware for a phone behind a link with a byte budget, how long the phone waits,
  // and whether it comes back after a 503. Null: nothing is paced.
  std::shared_ptr<FirmwareLink> link;
  FirmwarePatience patience;
  bool retries_after_503 = false;
  // Whom this served, for the log and metrics, and how it proved to be that phone.
  std::optional<MacAddress> phone;
  acl::DeviceProof phone_proof = acl::DeviceProof::Claimed;
};

// Which bytes this phone gets for this path. One per worker; answers at once, touches no disk but
// the file tree's, never the database.
class FileSource {
 public:
  virtual ~FileSource() = default;
  // Called once when a request arrives, before anything is answered.
  virtual FileAnswer find(const FileRequest& request, Now now) = 0;
  // Once for each Found answer whose transfer began, when it ends: whether the phone has all of it,
  // because that was acknowledged (TFTP) or written (HTTP), or because it had it already (304).
  virtual void delivered(const FileAnswer& answer, const FileRequest& request, bool complete,
                         Now now) = 0;
};

}  // namespace stormdoor::http
