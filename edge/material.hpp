#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/crypto.hpp"
#include "base/error.hpp"
#include "edge/config.hpp"
#include "edge/supervisor.hpp"
#include "tftp-http/tls_context.hpp"

// Keys and certificates: files that the parent may read and the server may not.
namespace stormdoor::edge {

// ---- In the parent ----

// Where everything lies below the state directory: `keys` and `enforce` are root's alone, `data` is
// the server's.
struct StatePaths {
  explicit StatePaths(const StartupConfig& config);
  std::string state;
  std::string keys;        // 0700
  std::string master_key;  // made at first start
  std::string tls;         // our own authority and certificates
  std::string data;        // 0700, owned by the server's account
  std::string database;
  std::string journal;        // a directory that the server makes
  std::string registrations;  // who was registered, for a restart
  std::string calls;          // who was in a call, for a restart
  std::string apps;           // which phones have which app, for a restart
  std::string enforce;        // root's: what the kernel held, for the next boot
};

// Makes the directories with their owners and modes, and the key file. A state directory that
// others may write to is refused: they could exchange what is in it.
Result<void> prepare_state(const StartupConfig& config);

// Opens the files named in the configuration (made first, where they are our own).
Result<std::vector<NamedDescriptor>> open_material(const Config& config);

// The files that open_material() reads, to watch for changes.
[[nodiscard]] std::vector<std::string> material_files(const Config& config);

// ---- In the server ----

struct Material {
  crypto::MasterKeys keys;
  std::vector<http::TlsIdentity> identities;
  std::string authority_pem;  // our own authority's; empty when certificates are configured
  std::string client_authorities_pem;  // empty: clients are not asked
  Secret api_token;                    // empty: there is no API
};

// Reads what the parent opened.
Result<Material> read_material(const std::vector<NamedDescriptor>& descriptors);

struct TlsContexts {
  std::shared_ptr<const http::TlsContext> modern;
  std::shared_ptr<const http::TlsContext> legacy;  // for legacy_listen
};
Result<TlsContexts> make_tls_contexts(const Material& material, const HttpsConfig& config, Now now);

}  // namespace stormdoor::edge
