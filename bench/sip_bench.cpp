// What does SIP that passes by cost the watch? (edge/watch/sip_watch.*, edge/watch/queue_judge.*)
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "edge/watch/queue_judge.hpp"
#include "edge/watch/sip_watch.hpp"
#include "tests/support/sip_text.hpp"

namespace stormdoor::edge::watch {
namespace {

const Endpoint kPbx{*IpAddress::parse("198.51.100.1"), 5060};

// A phone as it registers: about 500 bytes a message.
test::SipRequestText request_of(uint32_t cseq, std::string_view credentials) {
  test::SipRequestText request;
  request.cseq = cseq;
  request.branch = "z9hG4bKnp151248737-46ea715e192.168.1.2-" + std::to_string(cseq);
  request.call_id = "578222729-4665d775@578222732-4665d772";
  request.headers =
      "Max-Forwards: 70\r\nUser-Agent: Sangoma P325/4.9.1\r\n"
      "Contact: <sip:301@192.0.2.7:5060;line=9c7d2dbd8822013c>;expires=1200\r\n"
      "Allow: INVITE, ACK, CANCEL, BYE, REFER, OPTIONS, NOTIFY, INFO\r\n" +
      std::string(credentials);
  return request;
}

// REGISTER, 401, REGISTER with credentials, 200 or 403.
std::array<std::string, 4> exchange_of(uint32_t number, bool refused) {
  const std::string nonce = "1701af566be182070084c6f740706bb" + std::to_string(number);
  const auto first = request_of(2 * number, {});
  const auto second =
      request_of(2 * number + 1, test::digest_header(nonce, "bd79fecae600a2eb79d37ec73214830b"));
  return {first.text(), first.answer(401, test::challenge_header(nonce)), second.text(),
          refused ? second.answer(403) : second.answer(200, "Expires: 1200\r\n")};
}

void registers(benchmark::State& state, bool refused) {
  constexpr uint32_t kExchanges = 2000;
  std::vector<std::array<std::string, 4>> exchanges;
  for (uint32_t i = 0; i < kExchanges; ++i) exchanges.push_back(exchange_of(i, refused));
  uint64_t outcomes = 0;
  SipWatch watch({}, [&](const SipOutcome& outcome) { outcomes += outcome.status; });
  uint32_t next = 0;
  int64_t now = 0;
  for (auto _ : state) {
    const Endpoint phone{IpAddress::v4(0x0a000000 + next % 50'000 * 7), 5060};
    const auto& exchange = exchanges[next++ % kExchanges];
    for (size_t i = 0; i < exchange.size(); ++i)
      watch.on_packet(i % 2 == 0 ? test::sip_packet(phone, kPbx, exchange[i], now += 100)
                                 : test::sip_packet(kPbx, phone, exchange[i], now += 100));
  }
  benchmark::DoNotOptimize(outcomes);
  state.SetItemsProcessed(state.iterations() * 4);
}
void messages_of_registrations(benchmark::State& state) {
  registers(state, false);
}
BENCHMARK(messages_of_registrations);
void messages_of_refusals(benchmark::State& state) {
  registers(state, true);
}
BENCHMARK(messages_of_refusals);

void parse_a_register_with_credentials(benchmark::State& state) {
  const std::string text = exchange_of(1, false)[2];
  for (auto _ : state) benchmark::DoNotOptimize(parse_sip(text, SipFraming::Datagram).has_value());
  state.SetBytesProcessed(state.iterations() * int64_t(text.size()));
}
BENCHMARK(parse_a_register_with_credentials);

// A scanner's flood, each request from another address: every table is full.
void requests_from_everywhere(benchmark::State& state) {
  SipWatch watch({}, [](const SipOutcome&) {});
  const std::string text = exchange_of(1, false)[0];
  uint32_t next = 0;
  for (auto _ : state)
    watch.on_packet(test::sip_packet({IpAddress::v4(++next * 2654435761U), 5060}, kPbx, text));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(requests_from_everywhere);

void judge_a_queued_request(benchmark::State& state) {
  QueueJudge judge({});
  for (uint32_t i = 0; i < 4096; ++i)
    judge.blame(IpPrefix(IpAddress::v4(0x0a000000 + i / 64), 32), std::to_string(i));
  const std::string text = exchange_of(1, false)[2];
  const Endpoint phone{IpAddress::v4(0x0a000001), 5060};
  for (auto _ : state) benchmark::DoNotOptimize(judge.judge(test::sip_packet(phone, kPbx, text)));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(judge_a_queued_request);

}  // namespace
}  // namespace stormdoor::edge::watch

BENCHMARK_MAIN();
