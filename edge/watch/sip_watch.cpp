#include "edge/watch/sip_watch.hpp"

#include <algorithm>
#include <utility>

#include "edge/watch/sip_judgement.hpp"

namespace stormdoor::edge::watch {
namespace {

// What tables are keyed by: a keyed hash of fields, each with its end, so that nobody outside can
// choose two that collide.
class KeyBytes {
 public:
  KeyBytes& add(std::string_view text) {
    bytes_.append(text);
    bytes_ += '\0';
    return *this;
  }
  KeyBytes& add(const IpAddress& address) {
    bytes_.append(reinterpret_cast<const char*>(address.bytes().data()), address.bytes().size());
    return *this;
  }
  KeyBytes& number(uint32_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  [[nodiscard]] uint64_t hash(const HashKey& key) const { return keyed_hash(key, bytes_); }

 private:
  std::string bytes_;
};

std::string_view text_of(const SipPacket& packet) {
  return {reinterpret_cast<const char*>(packet.payload.data()), packet.payload.size()};
}

bool is_keep_alive(std::string_view text) {
  return text.find_first_not_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

SipWatch::SipWatch(SipWatchSettings settings, Report report, CallWatch::Report report_call)
    : settings_(std::move(settings)),
      report_(std::move(report)),
      transactions_(settings_.transactions, settings_.transactions_per_source),
      nonces_(settings_.nonces, settings_.nonces_per_source),
      connections_(settings_.connections, settings_.connections_per_source),
      calls_(settings_.calls, settings_.calls_per_source, std::move(report_call)) {}

SipWatchCounters SipWatch::counters() const {
  SipWatchCounters counters = counters_;
  counters.evictions = transactions_.evictions() + nonces_.evictions() + connections_.evictions() +
                       calls_.evictions();
  return counters;
}

bool SipWatch::is_server(const IpAddress& address, uint16_t port) const {
  return std::ranges::find(settings_.ports, port) != settings_.ports.end() &&
         (settings_.servers.empty() ||
          std::ranges::any_of(settings_.servers,
                              [&](const IpPrefix& prefix) { return prefix.contains(address); }));
}

bool SipWatch::is_own(const IpAddress& address) const {
  return std::ranges::find(settings_.own, address) != settings_.own.end();
}

void SipWatch::on_packet(const SipPacket& packet) {
  const bool to_server =
      is_server(packet.destination, packet.destination_port) && !is_own(packet.source);
  const bool to_client =
      is_server(packet.source, packet.source_port) && !is_own(packet.destination);
  if (!to_server && !to_client) return;
  if (packet.tcp)
    on_segment(packet, to_server, to_client);
  else
    on_datagram(packet, to_server, to_client);
}

void SipWatch::on_datagram(const SipPacket& packet, bool to_server, bool to_client) {
  const auto text = text_of(packet);
  if (is_keep_alive(text)) return;
  const auto message = parse_sip(text, SipFraming::Datagram);
  if (!message) {
    ++counters_.malformed;
    return;
  }
  const bool from_client = to_server && (!to_client || message->is_request());
  follow_call(*message, packet, from_client ? packet.source : packet.destination);
  // A request goes to a server, an answer comes from one; where both ends could be, that decides.
  if (message->is_request() && to_server)
    on_message(*message,
               {packet.source, packet.destination, packet.source_port, packet.destination_port,
                false, packet.time_us},
               true);
  else if (!message->is_request() && to_client)
    on_message(*message,
               {packet.destination, packet.source, packet.destination_port, packet.source_port,
                false, packet.time_us},
               false);
}

void SipWatch::on_segment(const SipPacket& packet, bool to_server, bool to_client) {
  const Flow forth{packet.source, packet.destination, packet.source_port, packet.destination_port,
                   true,          packet.time_us};
  const Flow back{packet.destination, packet.source, packet.destination_port,
                  packet.source_port, true,          packet.time_us};
  const bool syn = (packet.tcp_flags & kTcpSyn) != 0;
  // Where both ends have a server's port, the client is who opened the connection.
  if (to_server && to_client)
    to_server = syn ? (packet.tcp_flags & kTcpAck) == 0
                    : connections_.find(connection_key(back)) == nullptr;
  const Flow& flow = to_server ? forth : back;
  const uint64_t key = connection_key(flow);
  Connection* connection = connections_.find(key);
  if (connection == nullptr && (syn || !packet.payload.empty()))
    connection = &connections_.insert(key, flow.client);
  if (connection == nullptr) return;
  SipStream& stream = to_server ? connection->to_server : connection->to_client;
  const uint64_t malformed = stream.malformed();
  stream.on_segment(packet.seq, syn, text_of(packet), [&](const SipMessage& message) {
    follow_call(message, packet, flow.client);
    on_message(message, flow, to_server);
  });
  counters_.malformed += stream.malformed() - malformed;
  if ((packet.tcp_flags & (kTcpFin | kTcpRst)) != 0) connections_.erase(key);
}

void SipWatch::follow_call(const SipMessage& message, const SipPacket& packet,
                           const IpAddress& client) {
  const bool calls = message.is_request() && message.method == "INVITE";
  const auto answers_nonce = [&](const SipDigest& digest) {
    return nonces_.find(nonce_key(packet.source, digest.nonce)) != nullptr;
  };
  calls_.on_message(
      message,
      {.from = {packet.source, packet.source_port},
       .to = {packet.destination, packet.destination_port},
       .tcp = packet.tcp,
       .time_us = packet.time_us,
       .client = client,
       .proven = calls && (packet.tcp || std::ranges::any_of(message.digests, answers_nonce))});
}

void SipWatch::on_message(const SipMessage& message, const Flow& flow, bool to_server) {
  ++counters_.messages;
  if (message.is_request() && to_server)
    on_request(message, flow);
  else if (!message.is_request() && !to_server)
    on_answer(message, flow);
}

void SipWatch::on_request(const SipMessage& message, const Flow& flow) {
  if (message.method == "ACK" || message.method == "CANCEL") return;
  Transaction& transaction = transactions_.insert(transaction_key(message, flow), flow.client);
  if (flow.time_us - transaction.touched_us > kTransactionLifeUs) transaction = {};
  transaction.touched_us = flow.time_us;
  auto digests = chosen_digests(message, [&](const SipDigest& digest) {
    return nonces_.find(nonce_key(flow.client, digest.nonce)) != nullptr;
  });
  Attempt attempt = attempt_from(message, std::move(digests), hash_key_);
  attempt.client_port = flow.client_port;
  transaction.add(std::move(attempt));
}

void SipWatch::on_answer(const SipMessage& message, const Flow& flow) {
  Transaction* transaction = transactions_.find(transaction_key(message, flow));
  if (transaction == nullptr || flow.time_us - transaction->touched_us > kTransactionLifeUs) return;
  transaction->touched_us = flow.time_us;
  if (message.status < 200) return;
  const auto attempt = transaction->answered();
  if (attempt) {
    const NonceProof nonces{[&](std::string_view nonce) -> const SentNonce* {
                              const SentNonce* sent = nonces_.find(nonce_key(flow.client, nonce));
                              const bool fresh =
                                  sent != nullptr && flow.time_us - sent->time_us <= kNonceLifeUs;
                              return fresh ? sent : nullptr;
                            },
                            [&](std::string_view realm) { return realm_hash(realm); }};
    if (auto outcome = judge(*attempt, message, flow.tcp, nonces)) {
      outcome->client = flow.client;
      outcome->client_port = attempt->client_port;
      outcome->server = flow.server;
      outcome->server_port = flow.server_port;
      outcome->tcp = flow.tcp;
      outcome->time_us = flow.time_us;
      if (message.status < 300) refresh_nonce(*attempt, flow);
      report_(*outcome);
    }
  }
  // After the judgement: a server may send the same nonce again with its refusal.
  remember_nonces(message, flow);
}

void SipWatch::remember_nonces(const SipMessage& answer, const Flow& flow) {
  if (answer.status != 401 && answer.status != 407) return;
  for (const SipChallenge& challenge : answer.challenges) {
    if (challenge.nonce.empty()) continue;
    SentNonce& sent = nonces_.insert(nonce_key(flow.client, challenge.nonce), flow.client);
    sent = {realm_hash(challenge.realm), flow.time_us};
  }
}

// A nonce that is used again and again stays known.
void SipWatch::refresh_nonce(const Attempt& attempt, const Flow& flow) {
  for (const SipDigest& digest : attempt.digests)
    if (SentNonce* sent = nonces_.find(nonce_key(flow.client, digest.nonce)))
      sent->time_us = flow.time_us;
}

uint64_t SipWatch::transaction_key(const SipMessage& message, const Flow& flow) const {
  KeyBytes bytes;
  bytes.add(flow.client).add(flow.server).number(flow.server_port).number(message.cseq);
  // An answer over UDP may go to another port than the request came from (RFC 3581).
  bytes.number(flow.tcp ? 1U << 16 | flow.client_port : 0);
  bytes.add(message.method).add(message.call_id).add(message.branch);
  // Without the cookie, a branch is not unique (RFC 3261 section 17.2.3).
  if (!message.branch.starts_with("z9hG4bK")) bytes.add(message.from_tag);
  return bytes.hash(hash_key_);
}

uint64_t SipWatch::connection_key(const Flow& flow) const {
  return KeyBytes()
      .add(flow.client)
      .add(flow.server)
      .number(uint32_t{flow.client_port} << 16 | flow.server_port)
      .hash(hash_key_);
}

// Attempts hold realms and nonces cut to this size.
uint64_t SipWatch::realm_hash(std::string_view realm) const {
  return keyed_hash(hash_key_, realm.substr(0, 128));
}

uint64_t SipWatch::nonce_key(const IpAddress& client, std::string_view nonce) const {
  return KeyBytes().add(client).add(nonce.substr(0, 128)).hash(hash_key_);
}

}  // namespace stormdoor::edge::watch
