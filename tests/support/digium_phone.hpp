#pragma once

#include <cstdint>
#include <string>

#include "base/ip_address.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::test {

// The web server of a Digium phone on loopback: digium_phone.py, which says what it does.
class DigiumPhone {
 public:
  explicit DigiumPhone(const std::string& password);

  void take_password(const std::string& password) const;  // as its configuration tells it
  [[nodiscard]] Endpoint address() const { return address_; }
  void misbehave(const std::string& how) const;  // "fails", "hangs_up", ...; "": no more
  [[nodiscard]] std::string app() const;         // the archive that it was given last
  [[nodiscard]] std::string log() const;

 private:
  TempDir directory_;
  ChildProcess process_;
  Endpoint address_;
};

}  // namespace stormdoor::test
