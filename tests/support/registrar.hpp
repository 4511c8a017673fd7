#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/office_network.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::test {

// Kamailio as the office's registrar, on a configuration of its own: SIP over UDP and TCP at port
// 5060 of the network's edge, digests for the accounts given, 404 for any other, and a line of its
// log for every answer, which is what tests count.
class Registrar {
 public:
  // `secrets`: by account. `calls_to`: a SIP URI that every call is passed on to, through Kamailio
  // to its end (record-routed); without one there are no calls.
  Registrar(const OfficeNetwork& network, const std::map<std::string, std::string>& secrets,
            const std::string& calls_to = {});
  // The same for the accounts of the table `subscriber` in this SQLite file, whoever writes them.
  Registrar(const OfficeNetwork& network, const std::string& database);

  // Answers of a kind, "registered", "refused" (the credentials were wrong), "challenged" (there
  // were none) or "unknown" (no such account), about this account, to this address and to any port
  // of it; empty: any.
  [[nodiscard]] size_t answers(const std::string& kind, const std::string& account = {},
                               const std::string& address = {}) const;
  [[nodiscard]] std::string log() const;

 private:
  void start(const OfficeNetwork& network, const std::string& config);

  TempDir directory_;
  ChildProcess process_;
};

// An empty database for it at `path`, made from the schema that Kamailio brings along; false
// without that.
bool make_subscriber_database(const std::string& path);

// sipp as phones at "phones", which register, each from a port of its own, and do so again every
// half a second as long as this lives. `accounts`: and their secrets.
class Phones {
 public:
  Phones(const OfficeNetwork& network, const std::map<std::string, std::string>& accounts,
         const std::string& place = "phones");

 private:
  TempDir directory_;
  ChildProcess process_;
};

// baresip as one phone at a place: a real SIP stack with its own ideas of when to try again.
class BaresipPhone {
 public:
  BaresipPhone(const OfficeNetwork& network, const std::string& account, const std::string& secret,
               const std::string& place = "phones");

  // What somebody at the phone does; one of them at a place at a time.
  void dial(const std::string& number) const;
  void hang_up() const;
  [[nodiscard]] std::string log() const;

 private:
  void command(const std::string& name, const std::string& parameter) const;

  const OfficeNetwork& network_;
  std::string place_;
  TempDir directory_;
  ChildProcess process_;
};

}  // namespace stormdoor::test
