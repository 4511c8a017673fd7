#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>

#include "tftp-http/content.hpp"
#include "tftp-http/tftp_book.hpp"
#include "tftp-http/tftp_packet.hpp"
#include "tftp-http/tftp_timer_wheel.hpp"
#include "tftp-http/tftp_transfer.hpp"

// tftp-http/tftp_*: what one packet costs without its socket.
namespace stormdoor::tftp {
namespace {

constexpr size_t kFile = 2 << 20;

void ParseRequest(benchmark::State& state) {
  std::array<std::byte, kMostRequestBytes> room;
  const size_t size = write_request(
      room, {false, "000fd3054848.cfg", Mode::Octet, {1428U, 0U, uint8_t{3}, uint16_t{16}}});
  for (auto _ : state) benchmark::DoNotOptimize(parse_packet(std::span(room).first(size)));
}
BENCHMARK(ParseRequest);

void ParseAck(benchmark::State& state) {
  std::array<std::byte, 4> room;
  write_ack(room, 4711);
  for (auto _ : state) benchmark::DoNotOptimize(parse_packet(room));
}
BENCHMARK(ParseAck);

void WriteOptionAck(benchmark::State& state) {
  std::array<std::byte, kMostOptionAckBytes> room;
  const Options options{1428U, 40'000'000U, uint8_t{3}, uint16_t{16}};
  for (auto _ : state) benchmark::DoNotOptimize(write_option_ack(room, options));
}
BENCHMARK(WriteOptionAck);

// 2 MB, per window size; items are blocks.
void WholeTransfer(benchmark::State& state) {
  const auto content = http::make_content(std::string(kFile, 'x'), {});
  const auto window = static_cast<uint16_t>(state.range(0));
  const Request request{.file = "f", .options = {.block_size = 1428, .window_size = window}};
  const Patience patience;
  std::array<std::byte, 1500> room;
  const SteadyTime now{};
  int64_t blocks = 0;
  for (auto _ : state) {
    TftpTransfer transfer(content, agree(request, kFile, true, 1500, 64), patience, now);
    benchmark::DoNotOptimize(transfer.write_next(room, now).has_value());
    transfer.on_ack(0, now);
    uint16_t sent = 0;
    while (transfer.state() == TftpTransfer::State::Running) {
      while (transfer.wants_to_send()) {
        benchmark::DoNotOptimize(transfer.write_next(room, now).has_value());
        ++sent;
        ++blocks;
      }
      transfer.on_ack(sent, now);
    }
  }
  state.SetItemsProcessed(blocks);
}
BENCHMARK(WholeTransfer)->Arg(1)->Arg(16)->Arg(64);

// The look-up and the deadline that each arriving acknowledgement needs, among many transfers.
void FindAndSetDeadline(benchmark::State& state) {
  const auto transfers = static_cast<uint32_t>(state.range(0));
  TransferBook book({.transfers = 100'000,
                     .per_source = 100'000,
                     .unproven = 100'000,
                     .unproven_per_source = 100'000,
                     .unproven_per_group = 100'000});
  TimerWheel wheel(milliseconds(10), 1024, {});
  const auto key_of = [](uint32_t i) {
    return TransferKey{{IpAddress::v4(0x0a000000 + i), 5000, 0}, IpAddress::v4(0xc0000201)};
  };
  for (uint32_t i = 0; i < transfers; ++i) book.prove(book.open(key_of(i)));
  uint32_t i = 0;
  for (auto _ : state) {
    const auto id = book.find(key_of(i));
    wheel.set(*id, SteadyTime() + milliseconds(100 + i % 1000));
    i = (i + 7919) % transfers;
  }
}
BENCHMARK(FindAndSetDeadline)->Arg(100)->Arg(40'000);

}  // namespace
}  // namespace stormdoor::tftp

BENCHMARK_MAIN();
