#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/tftp-http/tftp_fakes.hpp"
#include "tests/tftp-http/tftp_receiver.hpp"
#include "tftp-http/tftp_transfer.hpp"

// Both sides over a simulated network that loses, repeats, delays and reorders, in simulated time.
namespace stormdoor::tftp {
namespace {

struct Network {
  double loss = 0;
  double copies = 0;
  int least_delay_ms = 1;
  int most_delay_ms = 1;  // more than the least: packets overtake each other
};

struct Outcome {
  bool complete = false;
  bool same = false;
  uint64_t data_packets = 0;
  uint64_t blocks = 0;
  milliseconds took{};
};

class Simulation {
 public:
  Simulation(const Network& network, const Options& options, std::string bytes, uint32_t seed,
             Mode mode = Mode::Octet)
      : network_(network),
        random_(seed),
        bytes_(std::move(bytes)),
        transfer_(
            content_of(bytes_),
            agree({.file = "f", .mode = mode, .options = options}, bytes_.size(), true, 1500, 64),
            patience_, SteadyTime()) {}

  Outcome run() {
    send_data();
    receiver_deadline_ = now_ + kReceiverTimeout;
    while (transfer_.state() == TftpTransfer::State::Running && now_ < milliseconds(3'600'000)) {
      now_ = std::min({next_event(), receiver_deadline_, time_of(transfer_.deadline())});
      deliver();
      if (now_ >= receiver_deadline_) {
        if (const auto ack = receiver_.on_timeout(); ack && !receiver_.done()) send_ack(*ack);
        receiver_deadline_ = now_ + kReceiverTimeout;
      }
      transfer_.settle(steady());
      transfer_.on_time(steady());
      send_data();
    }
    return {transfer_.state() == TftpTransfer::State::Complete, receiver_.file() == bytes_,
            data_packets_, receiver_.blocks(), now_};
  }

 private:
  static constexpr milliseconds kReceiverTimeout{1000};
  struct Packet {
    bool ack = false;
    uint16_t block = 0;
    std::vector<std::byte> bytes;
  };
  [[nodiscard]] SteadyTime steady() const { return SteadyTime() + now_; }
  static milliseconds time_of(SteadyTime time) {
    return std::chrono::ceil<milliseconds>(time.time_since_epoch());
  }
  [[nodiscard]] milliseconds next_event() const {
    return wire_.empty() ? milliseconds::max() : wire_.begin()->first;
  }
  bool chance(double of) { return std::uniform_real_distribution<>()(random_) < of; }
  void put(const Packet& packet) {
    const int times = 1 + (chance(network_.copies) ? 1 : 0);
    for (int i = 0; i < times; ++i) {
      if (chance(network_.loss)) continue;
      const int delay =
          std::uniform_int_distribution<>(network_.least_delay_ms, network_.most_delay_ms)(random_);
      wire_.emplace(now_ + milliseconds(delay), packet);
    }
  }
  void send_data() {
    std::vector<std::byte> room(2000);
    while (transfer_.wants_to_send()) {
      const size_t size = *transfer_.write_next(room, steady());
      data_packets_ += room[1] == std::byte{3} ? 1 : 0;
      put({false, 0, {room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size)}});
    }
  }
  void send_ack(uint16_t block) { put({true, block, {}}); }
  void deliver() {
    while (!wire_.empty() && wire_.begin()->first <= now_) {
      const Packet packet = std::move(wire_.begin()->second);
      wire_.erase(wire_.begin());
      if (packet.ack) {
        transfer_.on_ack(packet.block, steady());
      } else if (const auto ack = receiver_.on_packet(packet.bytes)) {
        receiver_deadline_ = now_ + kReceiverTimeout;
        send_ack(*ack);
      }
    }
  }

  Network network_;
  std::mt19937 random_;
  std::string bytes_;
  Patience patience_;
  TftpTransfer transfer_;
  Receiver receiver_;
  std::multimap<milliseconds, Packet> wire_;
  milliseconds now_{0};
  milliseconds receiver_deadline_{0};
  uint64_t data_packets_ = 0;
};

std::vector<Options> kinds() {
  return {{},
          {.block_size = 1428},
          {.block_size = 100, .window_size = 2},
          {.block_size = 1428, .transfer_size = 0, .window_size = 16},
          {.block_size = 64, .window_size = 64}};
}

TEST(TftpLossyNetwork, DeliversEveryByteInOrder) {
  uint32_t seed = 1;
  for (const Options& options : kinds())
    for (const double loss : {0.0, 0.01, 0.1, 0.3})
      for (const double copies : {0.0, 0.2})
        for (const int spread : {0, 20}) {
          const Network network{loss, copies, 2, 2 + spread};
          const Outcome outcome = Simulation(network, options, patterned(20'000), ++seed).run();
          // At 30 % nothing may come through for long enough to give up; never is it wrong.
          EXPECT_TRUE(outcome.complete || loss >= 0.3) << "seed " << seed;
          EXPECT_TRUE(outcome.same || !outcome.complete) << "seed " << seed;
        }
}

TEST(TftpLossyNetwork, SendsEveryBlockOnceWhenEveryPacketArrivesTwice) {
  for (const Options& options : kinds()) {
    const Outcome outcome = Simulation({0, 1.0, 5, 5}, options, patterned(50'000), 3).run();
    EXPECT_TRUE(outcome.complete && outcome.same);
    EXPECT_EQ(outcome.data_packets, outcome.blocks);
  }
}

TEST(TftpLossyNetwork, SendsNoMoreWhenCopiesOvertakeEachOther) {
  for (const Options& options : kinds()) {
    const auto run = [&](double copies) {
      const Outcome outcome = Simulation({0, copies, 1, 9}, options, patterned(200'000), 4).run();
      EXPECT_TRUE(outcome.complete && outcome.same);
      return outcome;
    };
    const Outcome twice = run(1.0);
    if (options.window_size.value_or(1) == 1) {
      EXPECT_EQ(twice.data_packets, twice.blocks);
    }
    // A receiver of windows drops what was overtaken, copies or not.
    EXPECT_LE(twice.data_packets, run(0).data_packets * 11 / 10);
  }
}

TEST(TftpLossyNetwork, RecoversFromALossWithinTheRoundTripNotWithinSeconds) {
  // 2 MB at 1 % loss and 2 ms round trip: 15 of about 1,500 blocks get lost.
  const Outcome lock_step =
      Simulation({0.01, 0, 1, 1}, {.block_size = 1428}, patterned(2 << 20), 5).run();
  EXPECT_TRUE(lock_step.complete && lock_step.same);
  EXPECT_LT(lock_step.took, seconds(12));
  const Outcome windows =
      Simulation({0.01, 0, 1, 1}, {.block_size = 1428, .window_size = 16}, patterned(2 << 20), 5)
          .run();
  EXPECT_TRUE(windows.complete && windows.same);
  EXPECT_LT(windows.took, seconds(3));
  EXPECT_LT(windows.data_packets, windows.blocks * 13 / 10);
}

}  // namespace
}  // namespace stormdoor::tftp
