#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "edge/watch/queue_judge.hpp"
#include "edge/watch/report_text.hpp"
#include "edge/watch/sip_judgement.hpp"
#include "edge/watch/sip_watch.hpp"

// A little language of packets, one per line of the input:
//
//   <who><how><what>   who: 0-7, from one of four clients, or to it; how: d datagram, s SYN, t next
//                      segment, g after a gap, o out of order, f FIN, w one hour passes
//
// in which "|" stands for CR LF. Whatever comes, an outcome must hold what messages allow, and a
// refusal must have its proof (promise 4).
using namespace stormdoor;
using namespace stormdoor::edge;
using namespace stormdoor::edge::watch;

namespace {

void check(const SipOutcome& outcome) {
  if (outcome.result == SipOutcome::Result::Refused && !outcome.nonce_was_sent_there &&
      !outcome.connected)
    abort();
  if (outcome.account.size() > kMostAccountText || outcome.nonce.size() > 128 ||
      outcome.response.size() > 64 || outcome.call_id.size() > 128 || explain(outcome).empty())
    abort();
  // What the server receives must decode (the watch would be ended for it).
  if (!decode_watch_report(encode(WatchReport(outcome)))) abort();
}

void check(const CallSeen& call) {
  if (call.call_id.empty() || call.call_id.size() > 128 || call.from.size() > kMostAccountText ||
      call.called.size() > kMostAccountText || to_text(call).empty())
    abort();
  if (!decode_watch_report(encode(WatchReport(call)))) abort();
}

class Player {
 public:
  Player() { judge_.blame(*IpPrefix::parse("192.0.2.0/24"), "301"); }

  void play(std::string_view line) {
    if (line.size() < 2) return;
    const unsigned who = unsigned(line[0]) % 8;
    std::string text;
    for (const char c : line.substr(2))
      if (c == '|')
        text += "\r\n";
      else
        text += c;
    const IpAddress client = IpAddress::v4(0xc0000200 + who % 4 * 0x41);
    const IpAddress server = IpAddress::v4(0xc6336401);
    const bool to_server = who < 4;
    SipPacket packet;
    packet.source = to_server ? client : server;
    packet.destination = to_server ? server : client;
    packet.source_port = to_server ? uint16_t(5059 + who % 2) : uint16_t{5060};
    packet.destination_port = to_server ? uint16_t{5060} : uint16_t(5059 + who % 2);
    packet.payload = std::as_bytes(std::span(text.data(), text.size()));
    packet.time_us = now_ += 1000;
    if (line[1] != 'd') number(packet, line[1], next_[who]);
    watch_.on_packet(packet);
    judge_.judge(packet);
  }

 private:
  void number(SipPacket& packet, char how, uint32_t& next) {
    if (how == 'w') now_ += SipWatch::kNonceLifeUs;
    packet.tcp = true;
    packet.tcp_flags = how == 's' ? kTcpSyn : how == 'f' ? kTcpFin : kTcpAck;
    packet.seq = how == 'g' ? next + 700 : how == 'o' ? next + 100 : next;
    if (how != 'o') next = packet.seq + uint32_t(packet.payload.size()) + (how == 's' ? 1 : 0);
  }

  int64_t now_ = 1'000'000'000;
  std::array<uint32_t, 8> next_{0xffffff00U, 5, 5, 5, 5, 5, 5, 5};
  SipWatch watch_{{.transactions = 8,
                   .transactions_per_source = 4,
                   .nonces = 8,
                   .nonces_per_source = 4,
                   .connections = 3,
                   .connections_per_source = 2,
                   .calls = 4,
                   .calls_per_source = 2},
                  [](const SipOutcome& outcome) { check(outcome); },
                  [](const CallSeen& call) { check(call); }};
  QueueJudge judge_{{.blamed = 4, .blamed_per_source = 2, .sources = 4}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Player player;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    player.play(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return 0;
}
