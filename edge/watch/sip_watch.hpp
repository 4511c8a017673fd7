#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.hpp"
#include "edge/messages_watch.hpp"
#include "edge/watch/call_watch.hpp"
#include "edge/watch/fair_map.hpp"
#include "edge/watch/sip_message.hpp"
#include "edge/watch/sip_packet.hpp"
#include "edge/watch/sip_stream.hpp"
#include "edge/watch/sip_transaction.hpp"

namespace stormdoor::edge::watch {

struct SipWatchSettings {
  std::vector<uint16_t> ports{5060};  // of servers
  // Whose clients are judged; empty: everybody's that has one of the ports. Where phones use the
  // server's port as well, this keeps the server from being taken for a client of its phones.
  std::vector<IpPrefix> servers{};
  // This machine's: a PBX that runs here is no client of those whom it calls.
  std::vector<IpAddress> own{};
  size_t transactions = 16'384;
  size_t transactions_per_source = 2'048;
  size_t nonces = 131'072;
  size_t nonces_per_source = 4'096;
  size_t connections = 4'096;
  size_t connections_per_source = 256;
  size_t calls = 16'384;
  size_t calls_per_source = 1'024;
};

struct SipWatchCounters {
  uint64_t messages = 0;
  uint64_t malformed = 0;  // what stood on a SIP port and was no SIP
  uint64_t evictions = 0;  // from all tables
};

// Packets in, outcomes of logins out: joins each request with its final answer and says what that
// means (sip_judgement.hpp). Owned by the watch program, used by one thread; the report is called
// from within on_packet().
//
// A request and its answer belong together by client and server address, server port, branch, CSeq
// and Call-ID (RFC 3261 section 17.1.3), over TCP by connection as well. A retransmission, of the
// same credentials, is one attempt; other credentials in what claims to be the same transaction are
// another. Each attempt is answered once. ACK and CANCEL do not matter. Calls: call_watch.hpp.
//
// Bounds (promise 12): the tables of SipWatchSettings, each a FairMap put down to the client's
// address, so that a flood costs its own; a transaction is known for kTransactionLife, a nonce for
// kNonceLife after it was last sent or used. What was forgotten leads to no outcome, or to one
// without proof. A transaction holds at most 4 KiB, a connection two SipStreams.
//
// What it believes is what passes by: somebody who can send packets in the server's name past this
// machine can make up outcomes. Whoever captures must drop frames that come from outside with an
// inside address (and a host its own).
class SipWatch final {
 public:
  static constexpr int64_t kTransactionLifeUs = int64_t{300} * 1'000'000;
  static constexpr int64_t kNonceLifeUs = int64_t{3600} * 1'000'000;

  using Report = std::function<void(const SipOutcome&)>;

  SipWatch(
      SipWatchSettings settings, Report report,
      CallWatch::Report report_call = [](const CallSeen&) {});

  void on_packet(const SipPacket& packet);
  void set_ports(std::vector<uint16_t> ports) { settings_.ports = std::move(ports); }
  [[nodiscard]] SipWatchCounters counters() const;

 private:
  // Between a client and a server, whoever sent the packet.
  struct Flow {
    IpAddress client, server;
    uint16_t client_port, server_port;
    bool tcp;
    int64_t time_us;
  };
  struct Connection {
    SipStream to_server, to_client;
  };

  [[nodiscard]] bool is_own(const IpAddress& address) const;
  [[nodiscard]] bool is_server(const IpAddress& address, uint16_t port) const;
  void on_datagram(const SipPacket& packet, bool to_server, bool to_client);
  void on_segment(const SipPacket& packet, bool to_server, bool to_client);
  void follow_call(const SipMessage& message, const SipPacket& packet, const IpAddress& client);
  void on_message(const SipMessage& message, const Flow& flow, bool to_server);
  void on_request(const SipMessage& message, const Flow& flow);
  void on_answer(const SipMessage& message, const Flow& flow);
  void remember_nonces(const SipMessage& answer, const Flow& flow);
  void refresh_nonce(const Attempt& attempt, const Flow& flow);

  [[nodiscard]] uint64_t transaction_key(const SipMessage& message, const Flow& flow) const;
  [[nodiscard]] uint64_t connection_key(const Flow& flow) const;
  [[nodiscard]] uint64_t realm_hash(std::string_view realm) const;
  [[nodiscard]] uint64_t nonce_key(const IpAddress& client, std::string_view nonce) const;

  SipWatchSettings settings_;
  Report report_;
  HashKey hash_key_ = HashKey::random();
  FairMap<uint64_t, Transaction> transactions_;
  FairMap<uint64_t, SentNonce> nonces_;
  FairMap<uint64_t, Connection> connections_;
  CallWatch calls_;
  SipWatchCounters counters_;
};

}  // namespace stormdoor::edge::watch
