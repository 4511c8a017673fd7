#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "tests/support/process.hpp"

namespace stormdoor::test {

// Looks again and again until `done` says yes; false when it has not by the deadline.
bool wait_until(const std::function<bool()>& done,
                std::chrono::milliseconds patience = std::chrono::seconds(20));

// The first of these programs that is not installed, or that root is missing: why a test that needs
// them has to be skipped.
std::optional<std::string> missing_for_networks(std::initializer_list<const char*> programs);

// Network namespaces like a small internet, named with our process's number, so that test programs
// that run at once do not meet. Removed, with whatever still runs in them, when this goes.
//
//   edge      203.0.113.1    where stormdoord and the PBX are; its interface is "eth0"
//   attacker  203.0.113.66   somebody outside
//   victim    203.0.113.77   somebody else outside
//   nat       203.0.113.20   an office's router: whoever is behind it has this address outside
//   phones    192.168.7.10   behind it
//   inside    192.168.7.66   behind it as well
class OfficeNetwork {
 public:
  OfficeNetwork();
  ~OfficeNetwork();
  OfficeNetwork(const OfficeNetwork&) = delete;
  OfficeNetwork& operator=(const OfficeNetwork&) = delete;

  [[nodiscard]] std::string name(const std::string& place) const { return prefix_ + place; }
  // The words before a command that run it there.
  [[nodiscard]] std::vector<std::string> at(const std::string& place,
                                            std::vector<std::string> command) const;
  // Runs it there to its end.
  [[nodiscard]] Finished run(const std::string& place, const std::vector<std::string>& command,
                             const std::string& input = {}) const;
  // The place's own, before any translation.
  [[nodiscard]] std::string address(const std::string& place) const;
  // Of its "eth0".
  [[nodiscard]] std::string mac(const std::string& place) const;
  [[nodiscard]] int index(const std::string& place) const;
  void set_mac(const std::string& place, const std::string& mac) const;
  // Gives it `count` more addresses, 203.0.113.<first> and on.
  void add_addresses(const std::string& place, int first, int count) const;
  // Runs `use` on a thread that is there, so that all it opens is, too; returns when it has.
  void within(const std::string& place, const std::function<void()>& use) const;
  // A socket of that place. What sends and receives may be anywhere.
  [[nodiscard]] UniqueFd socket(const std::string& place, int family, int type, int protocol) const;

 private:
  void make(const std::string& place) const;
  void join(const std::string& place, const std::string& device, const std::string& where) const;
  void ip(std::vector<std::string> arguments) const;

  std::string prefix_;
};

}  // namespace stormdoor::test
