#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/ip_address.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::test {

// A browser's way to the API of a portal, with curl: keeps the cookie, shows the CSRF token.
class PortalClient {
 public:
  struct Answer {
    int status = 0;  // 0: no answer
    std::string head;
    std::string text;
    nlohmann::json body;  // discarded when it is no JSON
    [[nodiscard]] std::string header(const std::string& name) const;
  };
  explicit PortalClient(const Endpoint& portal) : portal_(portal) {}

  Answer sign_in(const std::string& name, const std::string& password);
  // `path` below /api/v1. `headers`: "Name: value".
  Answer get(const std::string& path, std::vector<std::string> headers = {});
  Answer send(const std::string& method, const std::string& path, const nlohmann::json& body = {},
              std::vector<std::string> headers = {});
  Answer send_text(const std::string& method, const std::string& path, const std::string& body,
                   std::vector<std::string> headers);
  // Instead of a session.
  void use_token(std::string token) { token_ = std::move(token); }
  // Words of a curl that asks for it with our cookie.
  [[nodiscard]] std::vector<std::string> curl(const std::string& path) const;

 private:
  Endpoint portal_;
  std::unique_ptr<TempDir> directory_ = std::make_unique<TempDir>();
  std::string csrf_;
  std::string token_;
};

}  // namespace stormdoor::test
