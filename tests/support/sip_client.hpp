#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "tests/support/office_network.hpp"

namespace stormdoor::test {

// One UDP socket of a stranger or a phone, that registers with the office's registrar as a test
// says. A new one has a new port; `address`: one of that place's own, if it has several.
class SipClient {
 public:
  SipClient(const OfficeNetwork& network, const std::string& place,
            const std::string& address = {});

  // A REGISTER without credentials, whose answer nobody waits for.
  void send(const std::string& account) const;
  // The status of the answer to a REGISTER without credentials; nothing when none came in time.
  std::optional<int> ask(const std::string& account);
  // Asks for a challenge and answers it; the status of the answer to that.
  std::optional<int> log_in(const std::string& account, const std::string& password);
  // Of the last challenge.
  [[nodiscard]] const std::string& nonce() const { return nonce_; }

  // As datagrams' texts: a REGISTER without credentials, the challenge that answers it, and a
  // REGISTER with a digest of this nonce.
  static std::string asking(const std::string& account, const std::string& branch);
  static std::string challenging(const std::string& account, const std::string& branch,
                                 const std::string& nonce);
  static std::string answering(const std::string& nonce, const std::string& account,
                               const std::string& password, const std::string& branch);

 private:
  std::optional<int> exchange(const std::string& request);

  UniqueFd socket_;
  std::string nonce_;
};

// The IPv4 packet of a datagram, as anybody can write it: with whatever source.
std::string forged_datagram(const std::string& from, uint16_t from_port, const std::string& to,
                            uint16_t to_port, const std::string& text);

}  // namespace stormdoor::test
