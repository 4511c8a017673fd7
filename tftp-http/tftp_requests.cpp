#include <algorithm>
#include <utility>
#include <variant>

#include "base/keyed_hash.hpp"
#include "tftp-http/tftp_server_state.hpp"

// What an arriving packet means to TftpServer.
namespace stormdoor::tftp {
namespace {

// An error's sentence goes out whole, up to the size of the one block that a request may draw
// anyway, as long as its source's budget pays for it; after that in this, or in the request's size.
constexpr size_t kMostErrorBytes = kHeaderBytes + 512;
constexpr size_t kSmallErrorBytes = 64;
// What is longer comes after configurations when many transfers go on at once.
constexpr uint64_t kLarge = uint64_t{64} << 10;
// A peer that has been silent for so long has started anew when it asks again.
constexpr seconds kStale{3};
// Late copies of a finished transfer's packets draw no error for this long: one could hit the same
// peer's next transfer, which takes its first answer from any port.
constexpr seconds kFinishedRemembered{10};

}  // namespace

void TftpServer::State::on_datagram(const Arrival& arrival) {
  const loop::Datagram& datagram = arrival.datagram;
  if (!datagram.to_one_host || datagram.peer.port == 0) return;
  const auto packet =
      datagram.truncated ? std::optional<TftpPacket>() : parse_packet(datagram.payload);
  if (!packet) {
    metrics_.strays.add();
    return;
  }
  if (const auto* request = std::get_if<Request>(&*packet)) {
    if (ports_.is_listener(arrival.socket))
      on_request(arrival, *request);
    else
      metrics_.strays.add();
    return;
  }
  if (const auto* ack = std::get_if<Ack>(&*packet))
    on_ack(arrival, ack->block);
  else if (std::holds_alternative<ErrorMessage>(*packet))
    on_error(arrival);
  else if (!book_.find(arrival.key()))
    on_stray(arrival);  // data or an option acknowledgement: we never asked for any
}

void TftpServer::State::on_request(const Arrival& arrival, const Request& request) {
  if (request.write) {
    metrics_.refused.add();
    answer_error(arrival, ErrorNumber::AccessViolation, "this server takes no uploads");
    return;
  }
  if (request.mode != Mode::Octet && request.mode != Mode::Netascii) {
    metrics_.illegal.add();
    answer_error(arrival, ErrorNumber::IllegalOperation, "mode must be octet or netascii");
    return;
  }
  const uint64_t hash = keyed_hash(HashKey::of_this_process(), arrival.datagram.payload);
  if (on_known_endpoint(arrival, hash)) return;

  http::FileRequest wanted;
  wanted.transport = http::Transport::Tftp;
  wanted.source = arrival.datagram.peer.address;
  wanted.proof = acl::PathProof::None;
  wanted.path = request.file;
  http::FileAnswer answer = source_.find(wanted, arrival.now);
  if (answer.outcome != http::FileAnswer::Outcome::Found || answer.content == nullptr) {
    answer_unfound(arrival, answer);
    return;
  }
  begin(arrival, request, hash, std::move(answer));
}

bool TftpServer::State::on_known_endpoint(const Arrival& arrival, uint64_t request_hash) {
  const auto id = book_.find(arrival.key());
  if (!id) return false;
  Slot& slot = slots_[*id];
  TftpTransfer& transfer = *slot.transfer;
  const bool same = slot.request_hash == request_hash;
  if (same && !transfer.answered()) {
    metrics_.repeated.add();
    // Read in the same turn: the phone gave up waiting before we looked, one answer is enough.
    if (std::exchange(slot.spoken_at, arrival.now.steady) == arrival.now.steady) return true;
    transfer.on_repeated_request(arrival.now.steady);
    pump(*id, arrival.bytes(), arrival.now);
    return true;
  }
  const bool stale = arrival.now.steady - transfer.last_progress() >= kStale;
  const bool nearly_done = !same && transfer.last_block_sent();
  if (transfer.answered() && !stale && !nearly_done) {
    metrics_.repeated.add();  // late or forged: a transfer under way is left alone
    return true;
  }
  replace(*id, arrival);
  return false;
}

// A phone that fetches one file after another from one port has acknowledged the one before first:
// to another port of ours, which is read after the requests.
void TftpServer::State::replace(uint32_t id, const Arrival& arrival) {
  const TransferKey key = arrival.key();
  if (slots_[id].socket != arrival.socket) hear_out(slots_[id].socket, arrival.now);
  if (!book_.find(key)) return;  // it gave up
  const bool complete = slots_[id].transfer->state() == TftpTransfer::State::Complete;
  end(id, complete ? metrics_.complete : metrics_.evicted, arrival.now);
}

bool TftpServer::State::make_room(const Arrival& arrival) {
  while (true) {
    const TransferBook::Room room = book_.room_for(arrival.datagram.peer.address);
    if (room.kind == TransferBook::Room::Kind::Free) return true;
    if (room.kind == TransferBook::Room::Kind::Full) return false;
    end(room.evict, metrics_.evicted, arrival.now);
  }
}

void TftpServer::State::begin(const Arrival& arrival, const Request& request, uint64_t request_hash,
                              http::FileAnswer answer) {
  const IpAddress& source = arrival.datagram.peer.address;
  if (!make_room(arrival)) {
    metrics_.busy.add();
    answer_error(arrival, ErrorNumber::Undefined, "busy, please try again");
    return;
  }
  const bool lock_step = sizes_.single_port || budget_.suspect(source, arrival.now.steady);
  const Terms terms = agree(request, answer.content->size(), source.is_v4(), rules_.path_mtu,
                            lock_step ? uint16_t{1} : rules_.most_window);
  const uint32_t id = book_.open(arrival.key());
  if (id >= slots_.size()) slots_.resize(id + 1);
  Slot& slot = slots_[id];
  slot.transfer.emplace(answer.content, terms, patience_for(terms, arrival), arrival.now.steady);
  slot.socket = ports_.draw(arrival.socket);
  slot.flow = {arrival.datagram.peer, arrival.datagram.asked};
  slot.request_hash = request_hash;
  slot.path = request.file;
  slot.large = answer.content->size() > kLarge;
  slot.spoken_at = arrival.now.steady;
  slot.answer = std::move(answer);
  if (slot.answer.link)
    slot.pass = std::make_unique<http::FirmwarePass>(slot.answer.link, slot.answer.patience);
  metrics_.found.add();
  metrics_.active.add(1);
  pump(id, arrival.bytes(), arrival.now);
}

const Patience& TftpServer::State::patience_for(const Terms& terms, const Arrival& arrival) const {
  if (!terms.accepted.any()) return patience_data_;
  const IpAddress& source = arrival.datagram.peer.address;
  return budget_.recently_proven(source, arrival.now.steady) ? patience_known_ : patience_options_;
}

void TftpServer::State::on_ack(const Arrival& arrival, uint16_t block) {
  const auto id = book_.find(arrival.key());
  if (!id) {
    on_stray(arrival);
    return;
  }
  Slot& slot = slots_[*id];
  if (slot.socket != arrival.socket) {
    // A phone that fetches one file after another from one port: its last acknowledgement of the
    // one before may be read after the request for this one.
    const Finished* before = just_finished(arrival.key(), arrival.now.steady);
    if (before != nullptr && before->socket == arrival.socket) {
      metrics_.strays.add();
      return;
    }
    budget_.note_wrong_port(arrival.datagram.peer.address, arrival.now.steady);
    end(*id, metrics_.wrong_port, arrival.now);
    answer_error(arrival, ErrorNumber::UnknownTransfer, "unknown transfer");
    return;
  }
  const bool first = !slot.transfer->answered();
  if (!slot.transfer->on_ack(block, arrival.now.steady)) return;
  if (first && slot.transfer->answered()) on_first_ack(*id, arrival.now);
  if (slot.held && block == 0) slot.transfer->repeat_option_ack(arrival.now.steady);
  // Once, however often it acknowledges in this turn: it would take others' places.
  if (!std::exchange(slot.touched, true)) (slot.large ? touched_large_ : touched_).push_back(*id);
}

void TftpServer::State::on_first_ack(uint32_t id, Now now) {
  Slot& slot = slots_[id];
  const IpAddress& source = slot.flow.peer.address;
  budget_.give_back(source, std::exchange(slot.owed_bytes, 0));
  // At the well-known port everybody knows where to send an acknowledgement.
  if (sizes_.single_port) return;
  book_.prove(id);
  budget_.note_proven(source, now.steady);
}

void TftpServer::State::on_error(const Arrival& arrival) {
  const auto id = book_.find(arrival.key());
  if (id && slots_[*id].socket == arrival.socket)
    end(*id, metrics_.given_up_by_peer, arrival.now);
  else
    metrics_.strays.add();  // an error is never answered
}

void TftpServer::State::on_stray(const Arrival& arrival) {
  metrics_.strays.add();
  const Finished* before = just_finished(arrival.key(), arrival.now.steady);
  if (before != nullptr && before->quietly) return;
  answer_error(arrival, ErrorNumber::UnknownTransfer, "unknown transfer");
}

void TftpServer::State::answer_unfound(const Arrival& arrival, const http::FileAnswer& answer) {
  using Outcome = http::FileAnswer::Outcome;
  const auto sentence = [&](std::string_view fallback) -> std::string_view {
    return answer.message.empty() ? fallback : std::string_view(answer.message);
  };
  switch (answer.outcome) {
    case Outcome::Unauthorized:
    case Outcome::Refused:
      metrics_.refused.add();
      answer_error(arrival, ErrorNumber::AccessViolation, sentence("not for this phone"));
      return;
    case Outcome::Busy:
      metrics_.busy.add();
      answer_error(arrival, ErrorNumber::Undefined, sentence("busy, please try again"));
      return;
    case Outcome::Found:  // without content: as if it were not there
    case Outcome::NotFound:
      metrics_.not_found.add();
      answer_error(arrival, ErrorNumber::FileNotFound, sentence("no such file"));
      return;
  }
}

void TftpServer::State::answer_error(const Arrival& arrival, ErrorNumber number,
                                     std::string_view text) {
  send_from(arrival.socket);
  if (outbox_->full()) flush();
  for (const size_t most : {kMostErrorBytes, std::max(kSmallErrorBytes, arrival.bytes())}) {
    const size_t size = write_error(outbox_->room().first(most), number, text);
    const uint64_t extra = size > arrival.bytes() ? size - arrival.bytes() : 0;
    if (!budget_.take(arrival.datagram.peer.address, extra, arrival.now.steady)) continue;
    outbox_->add({arrival.datagram.peer, arrival.datagram.asked}, size);
    metrics_.bytes.add(size);
    return;
  }
  metrics_.silenced.add();
}

void TftpServer::State::remember_finished(const TransferKey& key, uint32_t socket, bool quietly,
                                          SteadyTime now) {
  const uint64_t hash = TransferKeyHash{}(key);
  finished_[hash % finished_.size()] = {hash, now + kFinishedRemembered, socket, quietly};
}

const TftpServer::State::Finished* TftpServer::State::just_finished(const TransferKey& key,
                                                                    SteadyTime now) const {
  const uint64_t hash = TransferKeyHash{}(key);
  const Finished& entry = finished_[hash % finished_.size()];
  return entry.hash == hash && now < entry.until ? &entry : nullptr;
}

}  // namespace stormdoor::tftp
