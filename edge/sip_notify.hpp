#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ip_address.hpp"

// A SIP NOTIFY outside any dialog, which is how phones are told to fetch their configuration again
// (RFC 3265, RFC 6665), as texts and as transactions over UDP. Pure: no socket, no clock, no
// randomness.
namespace stormdoor::edge {

// What one NOTIFY says, and to whom.
struct SipNotify {
  std::string user;  // of the Request-URI; escaped as it needs to be
  std::string host;  // of the Request-URI: "10.20.0.7:5060", "[fd00::7]:5060", "pbx.example.com"
  std::string event;
  std::string content_type = {};
  std::string body = {};  // "\n" ends a line here, CR LF on the wire
};

// What makes it one of its kind.
struct NotifyIdentity {
  Endpoint local;      // where answers come to
  std::string branch;  // without the magic cookie
  std::string call_id;
  std::string tag;
};

// "check-sync;reboot=true": a token and parameters, and nothing that could end a header.
[[nodiscard]] bool is_event(std::string_view text);

[[nodiscard]] std::string write_notify(const SipNotify& notify, const NotifyIdentity& identity);

// The answer to a NOTIFY of ours, from bytes of a stranger: nothing unless it is a whole SIP
// response with one Via of one branch and a CSeq of the method NOTIFY. At most kMostAnswerBytes.
struct SipAnswer {
  int status = 0;      // 100 to 699
  std::string branch;  // without the magic cookie
  std::string reason;  // made printable, at most 60 bytes
};
inline constexpr size_t kMostAnswerBytes = size_t{8} * 1024;
[[nodiscard]] std::optional<SipAnswer> read_answer(std::string_view datagram);

// Non-INVITE client transactions over UDP (RFC 3261 section 17.1.2): sends again after half a
// second, one, two, then every four (timer E), gives up after 32 (timer F), ends with the first
// final answer. An answer is known by its branch, which nobody can guess. Used by one thread; holds
// at most `most` transactions, a further one is ResourceExhausted.
class NotifyTransactions {
 public:
  static constexpr milliseconds kT1{500};
  static constexpr milliseconds kT2{4'000};
  static constexpr milliseconds kGiveUp = 64 * kT1;

  explicit NotifyTransactions(size_t most) : most_(most) {}

  // `datagram` goes out for the first time with the next take_due().
  Result<void> start(std::string branch, const Endpoint& to, std::string datagram, SteadyTime now);
  // Other people's datagrams change nothing.
  void on_datagram(std::string_view datagram, SteadyTime now);

  struct Datagram {
    Endpoint to;
    std::string bytes;
  };
  // What is to be sent now.
  [[nodiscard]] std::vector<Datagram> take_due(SteadyTime now);
  // When to ask again; nothing while there are no transactions.
  [[nodiscard]] std::optional<SteadyTime> next() const;

  struct Outcome {
    std::string branch;
    std::optional<SipAnswer> answer;  // a final one; none: nobody answered
  };
  [[nodiscard]] std::vector<Outcome> take_outcomes() { return std::exchange(outcomes_, {}); }
  [[nodiscard]] size_t size() const { return transactions_.size(); }

 private:
  struct Transaction {
    Datagram datagram;
    SteadyTime give_up;
    milliseconds wait{0};     // before it is sent again
    bool proceeding = false;  // a provisional answer came
    SteadyTime due;
  };
  void put_off(const std::string& branch, Transaction& transaction, SteadyTime until);
  void end(const std::string& branch, std::optional<SipAnswer> answer);

  size_t most_;
  std::map<std::string, Transaction, std::less<>> transactions_;  // by branch
  std::set<std::pair<SteadyTime, std::string>> due_;
  std::vector<Outcome> outcomes_;
};

}  // namespace stormdoor::edge
