#pragma once

#include <openssl/ssl.h>

#include <string>

#include "bench/storm/tls_client.hpp"

// What only tls_client.cpp and stream.cpp see of OpenSSL.
namespace stormdoor::storm {

struct TlsClient::State {
  SSL_CTX* context = nullptr;
  bool check_names = false;
  bool resumes = false;
  SSL_SESSION* session = nullptr;  // the latest; nullptr: none
  uint64_t resumed = 0;
  std::string verified_leaf;  // DER of the last leaf whose chain was found good

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    SSL_SESSION_free(session);
    SSL_CTX_free(context);
  }
};

// What OpenSSL's error queue says, shortened to its reason; empties the queue.
std::string take_tls_failure();

}  // namespace stormdoor::storm
