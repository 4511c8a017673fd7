#include "tftp-http/tftp_transfer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tftp-http/tftp_fakes.hpp"
#include "tests/tftp-http/tftp_receiver.hpp"

namespace stormdoor::tftp {
namespace {

using State = TftpTransfer::State;
using Blocks = std::vector<int>;
const SteadyTime kStart = SteadyTime() + seconds(100);
SteadyTime at(int ms) {
  return kStart + milliseconds(ms);
}

Request asking(const Options& options, Mode mode = Mode::Octet) {
  return {.write = false, .file = "f", .mode = mode, .options = options};
}

// A transfer and what it sent, looked at step by step.
struct Bench {
  Patience patience;
  std::shared_ptr<FakeContent> content;
  TftpTransfer transfer;
  std::vector<std::byte> room = std::vector<std::byte>(70'000);
  std::vector<std::string> payloads;

  Bench(std::string bytes, const Options& options, Patience patience_ = {}, Mode mode = Mode::Octet,
        bool as_file = false)
      : patience(patience_),
        content(content_of(std::move(bytes), as_file)),
        transfer(content, agree(asking(options, mode), content->size(), true, 1500, 64), patience,
                 kStart) {}

  // The blocks sent now, in order; -1 for an option acknowledgement, -2 for a failed read.
  Blocks sent(SteadyTime now = kStart) {
    Blocks blocks;
    payloads.clear();
    while (transfer.wants_to_send()) {
      const auto size = transfer.write_next(room, now);
      if (!size) {
        blocks.push_back(-2);
        break;
      }
      const auto packet = parse_packet(std::span(room).first(*size));
      if (const auto* data = std::get_if<Data>(&*packet)) {
        blocks.push_back(data->block);
        payloads.push_back(as_string(data->bytes));
      } else {
        blocks.push_back(-1);
      }
    }
    return blocks;
  }
  Blocks after_ack(uint16_t block, SteadyTime now = kStart) {
    transfer.on_ack(block, now);
    transfer.settle(now);
    return sent(now);
  }
  Blocks after_time(SteadyTime now) {
    transfer.on_time(now);
    return sent(now);
  }
};

TEST(TftpAgreement, ClampsTheBlockSizeToThePath) {
  const auto block_size = [](uint32_t asked, bool ipv4, size_t mtu) {
    return agree(asking({.block_size = asked}), 1, ipv4, mtu, 16).accepted.block_size;
  };
  EXPECT_EQ(block_size(1468, true, 1500), 1468U);
  EXPECT_EQ(block_size(1469, true, 1500), 1468U);
  EXPECT_EQ(block_size(1449, false, 1500), 1448U);
  EXPECT_EQ(block_size(65464, true, 1500), 1468U);
  EXPECT_EQ(block_size(8, true, 1500), 8U);
  EXPECT_EQ(block_size(65464, true, 65535), 65464U);
}

TEST(TftpAgreement, ClampsTheWindowAndLeavesTheRestAsAsked) {
  const Terms terms = agree(asking({.transfer_size = 0, .timeout_seconds = 7, .window_size = 65}),
                            4711, true, 1500, 64);
  EXPECT_EQ(terms.accepted.window_size, 64);
  EXPECT_EQ(terms.accepted.transfer_size, 4711U);
  EXPECT_EQ(terms.accepted.timeout_seconds, 7);
  EXPECT_FALSE(terms.accepted.block_size);
  EXPECT_EQ(agree(asking({.window_size = 64}), 1, true, 1500, 64).window, 64);
  EXPECT_EQ(agree(asking({.window_size = 3}), 1, true, 1500, 64).window, 3);
}

TEST(TftpAgreement, LeavesTheSizeOfANetasciiFileOut) {
  const Terms terms =
      agree(asking({.block_size = 600, .transfer_size = 0}, Mode::Netascii), 10, true, 1500, 64);
  EXPECT_FALSE(terms.accepted.transfer_size);
  EXPECT_EQ(terms.accepted.block_size, 600U);
  EXPECT_FALSE(
      agree(asking({.transfer_size = 0}, Mode::Netascii), 10, true, 1500, 64).accepted.any());
}

TEST(TftpTransfer, WithoutOptionsSendsOneBlockPerAcknowledgement) {
  Bench b(patterned(1300), {});
  EXPECT_EQ(b.sent(), Blocks{1});
  EXPECT_EQ(b.payloads[0].size(), 512U);
  EXPECT_FALSE(b.transfer.answered());
  EXPECT_EQ(b.after_ack(1), Blocks{2});
  EXPECT_TRUE(b.transfer.answered());
  EXPECT_EQ(b.after_ack(2), Blocks{3});
  EXPECT_EQ(b.payloads[0].size(), 1300U - 1024U);
  EXPECT_TRUE(b.transfer.last_block_sent());
  EXPECT_EQ(b.transfer.state(), State::Running);
  EXPECT_EQ(b.after_ack(3), Blocks{});
  EXPECT_EQ(b.transfer.state(), State::Complete);
}

TEST(TftpTransfer, EndsAMultipleOfTheBlockSizeWithAnEmptyBlock) {
  Bench b(patterned(512), {});
  EXPECT_EQ(b.sent(), Blocks{1});
  EXPECT_EQ(b.after_ack(1), Blocks{2});
  EXPECT_EQ(b.payloads[0], "");
  b.after_ack(2);
  EXPECT_EQ(b.transfer.state(), State::Complete);
  Bench shorter(patterned(511), {});
  shorter.sent();
  shorter.after_ack(1);
  EXPECT_EQ(shorter.transfer.state(), State::Complete);
}

TEST(TftpTransfer, SendsAnEmptyFileAsOneEmptyBlock) {
  Bench b("", {});
  EXPECT_EQ(b.sent(), Blocks{1});
  b.after_ack(1);
  EXPECT_EQ(b.transfer.state(), State::Complete);
}

TEST(TftpTransfer, OpensItsWindowOnlyAfterTheOptionsAreAcknowledged) {
  Bench b(patterned(5000), {.block_size = 1000, .window_size = 3});
  EXPECT_EQ(b.sent(), Blocks{-1});
  EXPECT_EQ(b.after_ack(1), Blocks{});
  EXPECT_FALSE(b.transfer.answered());
  EXPECT_EQ(b.after_ack(0), (Blocks{1, 2, 3}));
  EXPECT_TRUE(b.transfer.answered());
  EXPECT_EQ(b.after_ack(3), (Blocks{4, 5, 6}));
  b.after_ack(6);
  EXPECT_EQ(b.transfer.state(), State::Complete);
}

TEST(TftpTransfer, RestartsInsideTheWindowWhereTheAcknowledgementSays) {
  Bench b(patterned(9000), {.block_size = 1000, .window_size = 4});
  b.sent();
  EXPECT_EQ(b.after_ack(0), (Blocks{1, 2, 3, 4}));
  EXPECT_EQ(b.after_ack(2, at(10)), (Blocks{3, 4, 5, 6}));
  EXPECT_EQ(b.transfer.retransmissions(), 2U);
  EXPECT_EQ(b.after_ack(6, at(20)), (Blocks{7, 8, 9, 10}));
}

TEST(TftpTransfer, RestartsNothingWhenALaterAcknowledgementCameWithIt) {
  Bench b(patterned(9000), {.block_size = 1000, .window_size = 4});
  b.sent();
  b.after_ack(0);
  EXPECT_TRUE(b.transfer.on_ack(1, at(10)));
  EXPECT_TRUE(b.transfer.on_ack(3, at(10)));
  EXPECT_EQ(b.after_ack(4, at(10)), (Blocks{5, 6, 7, 8}));
  EXPECT_EQ(b.transfer.retransmissions(), 0U);
}

TEST(TftpTransfer, RestartsInsideTheWindowOnlyAfterARoundTrip) {
  Bench b(patterned(9000), {.block_size = 1000, .window_size = 4});
  b.sent();
  EXPECT_EQ(b.after_ack(0, at(20)), (Blocks{1, 2, 3, 4}));
  EXPECT_EQ(b.after_ack(2, at(30)), Blocks{});
  EXPECT_EQ(b.transfer.deadline(), at(40));
  EXPECT_EQ(b.after_time(at(40)), (Blocks{3, 4, 5, 6}));
  EXPECT_EQ(b.transfer.timeouts(), 0U);
}

TEST(TftpTransfer, NeverSendsABlockTwiceForARepeatedAcknowledgement) {
  Bench b(patterned(5000), {});
  b.sent();
  EXPECT_EQ(b.after_ack(1, at(5)), Blocks{2});
  for (int ms = 5; ms < 90; ms += 5) EXPECT_EQ(b.after_ack(1, at(ms)), Blocks{}) << ms;
  EXPECT_EQ(b.after_ack(2, at(95)), Blocks{3});
  EXPECT_EQ(b.after_ack(1, at(96)), Blocks{});
}

TEST(TftpTransfer, TakesALateRepeatedAcknowledgementOfAWindowForALostFirstBlockOnce) {
  Bench b(patterned(9000), {.block_size = 1000, .window_size = 4});
  b.sent();
  EXPECT_EQ(b.after_ack(0, at(10)), (Blocks{1, 2, 3, 4}));
  EXPECT_EQ(b.after_ack(4, at(20)), (Blocks{5, 6, 7, 8}));
  EXPECT_EQ(b.after_ack(4, at(20)), Blocks{});  // a copy by the network
  EXPECT_EQ(b.after_ack(4, at(31)), (Blocks{5, 6, 7, 8}));
  EXPECT_EQ(b.after_ack(4, at(45)), Blocks{});
  EXPECT_EQ(b.after_ack(8, at(46)), (Blocks{9, 10}));
}

TEST(TftpTransfer, IgnoresAcknowledgementsOfWhatWasNeverSent) {
  Bench b(patterned(9000), {.block_size = 1000, .window_size = 4});
  b.sent();
  b.after_ack(0);
  EXPECT_FALSE(b.transfer.on_ack(5, kStart));
  EXPECT_FALSE(b.transfer.on_ack(65535, kStart));
  EXPECT_EQ(b.sent(), Blocks{});
  EXPECT_EQ(b.after_ack(4), (Blocks{5, 6, 7, 8}));
  EXPECT_FALSE(b.transfer.on_ack(3, kStart));
}

TEST(TftpTransfer, TakesNoAcknowledgementOfNothingAsAProof) {
  Bench b(patterned(900), {});
  b.sent();
  EXPECT_FALSE(b.transfer.on_ack(0, kStart));
  EXPECT_FALSE(b.transfer.answered());
}

TEST(TftpTransfer, AcceptsALateAcknowledgementAfterATimeout) {
  Bench b(patterned(9000), {.block_size = 1000, .window_size = 4});
  b.sent();
  b.after_ack(0, at(1));
  EXPECT_EQ(b.after_time(b.transfer.deadline()), (Blocks{1, 2, 3, 4}));
  EXPECT_EQ(b.after_ack(4, at(500)), (Blocks{5, 6, 7, 8}));
}

TEST(TftpTransfer, AdaptsItsTimeoutToTheRoundTrip) {
  Bench b(patterned(60'000), {});
  b.sent(at(0));
  EXPECT_EQ(b.transfer.deadline(), at(1000));
  int now = 0;
  for (uint16_t block = 1; block <= 30; ++block) b.after_ack(block, at(now += 300));
  EXPECT_GE(b.transfer.timeout(), milliseconds(300));
  EXPECT_LE(b.transfer.timeout(), milliseconds(400));
  for (uint16_t block = 31; block <= 80; ++block) b.after_ack(block, at(now += 1));
  EXPECT_EQ(b.transfer.timeout(), milliseconds(100));  // the least
}

TEST(TftpTransfer, DoublesItsTimeoutUntilSomethingArrives) {
  Bench b(patterned(60'000), {});
  b.sent(at(0));
  EXPECT_EQ(b.after_time(at(999)), Blocks{});
  EXPECT_EQ(b.after_time(at(1000)), Blocks{1});
  EXPECT_EQ(b.transfer.deadline(), at(3000));
  EXPECT_EQ(b.after_time(at(3000)), Blocks{1});
  EXPECT_EQ(b.transfer.deadline(), at(7000));
  // Karn: the answer may be to any of the three, so it measures nothing.
  b.after_ack(1, at(7001 - 2));
  EXPECT_EQ(b.transfer.timeout(), milliseconds(4000));
  b.after_ack(2, at(7010));
  EXPECT_EQ(b.transfer.timeout(), milliseconds(100));
}

TEST(TftpTransfer, KeepsToANegotiatedTimeout) {
  Bench b(patterned(60'000), {.timeout_seconds = 3});
  b.sent(at(0));
  EXPECT_EQ(b.transfer.deadline(), at(3000));
  b.after_ack(0, at(1));
  b.after_ack(1, at(2));
  EXPECT_EQ(b.transfer.deadline(), at(3002));
  EXPECT_EQ(b.after_time(at(3002)), Blocks{2});
  EXPECT_EQ(b.transfer.deadline(), at(6002));
}

TEST(TftpTransfer, GivesUpAfterItsTotalLimitAndNotBefore) {
  Bench b(patterned(2000), {});
  b.sent(at(0));
  b.after_ack(1, at(0));
  while (b.transfer.deadline() < at(20'000)) {
    EXPECT_EQ(b.after_time(b.transfer.deadline()), Blocks{2});
    EXPECT_EQ(b.transfer.state(), State::Running);
  }
  EXPECT_EQ(b.transfer.deadline(), at(20'000));
  EXPECT_EQ(b.after_time(at(20'000)), Blocks{});
  EXPECT_EQ(b.transfer.state(), State::TimedOut);
}

TEST(TftpTransfer, WaitsForThreeNegotiatedTimeoutsBeforeItGivesUp) {
  Bench b(patterned(2000), {.timeout_seconds = 30});
  b.sent(at(0));
  b.after_ack(0, at(0));
  b.transfer.on_time(at(89'999));
  EXPECT_EQ(b.transfer.state(), State::Running);
  b.transfer.on_time(at(119'999));
  EXPECT_EQ(b.transfer.state(), State::TimedOut);
}

TEST(TftpTransfer, RepeatsItsFirstBlockAsOftenAsAllowed) {
  Bench b(patterned(2000), {}, {.first_repeats = 2});
  EXPECT_EQ(b.sent(at(0)), Blocks{1});
  EXPECT_EQ(b.after_time(at(1000)), Blocks{1});
  b.transfer.on_repeated_request(at(1500));
  EXPECT_EQ(b.sent(at(1500)), Blocks{1});
  b.transfer.on_repeated_request(at(1600));
  EXPECT_EQ(b.sent(at(1600)), Blocks{});
  EXPECT_EQ(b.after_time(at(9999)), Blocks{});
  EXPECT_EQ(b.transfer.state(), State::Running);
  EXPECT_EQ(b.after_ack(1, at(9999)), Blocks{2});  // still in time
}

TEST(TftpTransfer, ForgetsAnUnansweredPeerAfterTenSeconds) {
  Bench b(patterned(2000), {}, {.first_repeats = 0});
  b.sent(at(0));
  EXPECT_EQ(b.transfer.deadline(), at(10'000));
  b.transfer.on_time(at(10'000));
  EXPECT_EQ(b.transfer.state(), State::TimedOut);
}

TEST(TftpTransfer, AnswersEachRepeatedRequestWithOptionsOnce) {
  Bench b(patterned(2000), {.block_size = 600}, {.first_repeats = 0});
  EXPECT_EQ(b.sent(), Blocks{-1});
  EXPECT_EQ(b.after_time(at(5000)), Blocks{});
  b.transfer.on_repeated_request(at(5000));
  EXPECT_EQ(b.sent(), Blocks{-1});
  EXPECT_EQ(b.sent(), Blocks{});
  EXPECT_EQ(b.after_ack(0), Blocks{1});
  b.transfer.on_repeated_request(at(5001));
  EXPECT_EQ(b.sent(), Blocks{});  // restarts nothing
}

TEST(TftpTransfer, RepeatsEachBlockAsOftenAsAllowed) {
  Bench b(patterned(2000), {}, {.first_repeats = 2, .later_repeats = 2});
  b.sent(at(0));
  b.after_ack(1, at(0));
  int repeats = 0;
  for (int ms = 0; ms < 20'000; ms += 10) repeats += static_cast<int>(b.after_time(at(ms)).size());
  EXPECT_EQ(repeats, 2);
}

TEST(TftpTransfer, SaysWhenItsFileCannotBeRead) {
  Bench b(patterned(2000), {}, {}, Mode::Octet, true);
  b.content->fails_at = 512;
  EXPECT_EQ(b.sent(), Blocks{1});
  EXPECT_EQ(b.after_ack(1), Blocks{-2});
  EXPECT_EQ(b.transfer.state(), State::Unreadable);
  EXPECT_FALSE(b.transfer.wants_to_send());
}

// Drives both sides without loss; returns what arrived.
std::string fetched(Bench& b, Receiver& receiver) {
  std::vector<uint16_t> acks;
  for (int guard = 0; guard < 1'000'000 && b.transfer.state() == State::Running; ++guard) {
    while (b.transfer.wants_to_send()) {
      const auto size = b.transfer.write_next(b.room, kStart);
      if (const auto ack = receiver.on_packet(std::span(b.room).first(*size))) acks.push_back(*ack);
    }
    for (const uint16_t ack : std::exchange(acks, {})) b.transfer.on_ack(ack, kStart);
    b.transfer.settle(kStart);
  }
  EXPECT_EQ(b.transfer.state(), State::Complete);
  EXPECT_TRUE(receiver.done());
  return receiver.file();
}

TEST(TftpTransfer, RollsItsBlockNumberOverToZero) {
  const std::string bytes = patterned(8 * 140'000 + 3);  // twice past 65,535
  for (const uint16_t window : std::vector<uint16_t>{1, 2, 7, 64}) {
    Bench b(bytes, {.block_size = 8, .window_size = window});
    Receiver receiver;
    EXPECT_TRUE(fetched(b, receiver) == bytes) << window;
    EXPECT_EQ(receiver.blocks(), 140'001U);
    EXPECT_EQ(b.transfer.retransmissions(), 0U);
  }
}

TEST(TftpTransfer, DeliversSizesAroundTheBlockSizeFromMemoryAndFromAFile) {
  for (const size_t size : {0, 1, 511, 512, 513, 1023, 1024, 1025, 5120})
    for (const bool as_file : {false, true}) {
      Bench b(patterned(size), {}, {}, Mode::Octet, as_file);
      Receiver receiver;
      EXPECT_TRUE(fetched(b, receiver) == patterned(size)) << size;
    }
}

TEST(TftpTransfer, ConvertsToNetasciiAcrossBlocksAndRestarts) {
  std::string text;
  std::string wanted;
  for (int i = 0; i < 2000; ++i) {
    text += std::string(i % 9, 'x') + "\n";
    wanted += std::string(i % 9, 'x') + "\r\n";
  }
  for (const uint16_t window : std::vector<uint16_t>{1, 5}) {
    Bench b(text, {.block_size = 10, .window_size = window}, {}, Mode::Netascii);
    Receiver receiver;
    EXPECT_EQ(fetched(b, receiver), wanted);
  }
  Bench b(text, {.block_size = 10, .window_size = 4}, {}, Mode::Netascii);
  b.sent();
  b.after_ack(0);
  const auto first = b.payloads;
  b.after_ack(1, at(10));
  EXPECT_EQ(b.payloads[0], first[1]);
  EXPECT_EQ(b.payloads[2], first[3]);
  b.after_time(b.transfer.deadline());
  EXPECT_EQ(b.payloads[0], first[1]);
}

TEST(TftpTransfer, RepeatsTheOptionAcknowledgementWhileItsFirstBlockIsHeldBack) {
  Bench b(patterned(5000), {.block_size = 1000});
  EXPECT_FALSE(b.transfer.repeat_option_ack(kStart));  // nobody has answered yet
  EXPECT_EQ(b.sent(), Blocks({-1}));
  b.transfer.on_ack(0, kStart);
  b.transfer.hold_back();
  ASSERT_TRUE(b.transfer.repeat_option_ack(at(900)));
  EXPECT_TRUE(b.transfer.option_ack_is_next());
  EXPECT_EQ(b.transfer.last_progress(), at(900));
  EXPECT_EQ(b.sent(at(900)), Blocks({-1, 1}));
  EXPECT_FALSE(b.transfer.repeat_option_ack(at(950)));  // data has left
  EXPECT_EQ(b.after_ack(1, at(960)), Blocks({2}));

  Bench without(patterned(5000), {});
  without.sent();
  without.transfer.on_ack(1, kStart);
  EXPECT_FALSE(without.transfer.repeat_option_ack(kStart));
}

TEST(TftpTransfer, AWindowThatWasHeldBackSaysNothingOfTheRoundTripAndWaitsItsWholeTimeOut) {
  Bench b(patterned(20'000), {.block_size = 1000, .window_size = 4});
  b.sent();
  b.transfer.on_ack(0, at(10));
  const milliseconds timeout = b.transfer.timeout();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(b.transfer.write_next(b.room, at(10)));
  b.transfer.hold_back();
  EXPECT_EQ(b.sent(at(700)), Blocks({3, 4}));
  b.transfer.resume(at(700));
  EXPECT_EQ(b.transfer.deadline(), at(700) + timeout);
  EXPECT_EQ(b.after_ack(4, at(705)), Blocks({5, 6, 7, 8}));
  EXPECT_EQ(b.transfer.timeout(), timeout);
  EXPECT_EQ(b.transfer.retransmissions(), 0U);
}

}  // namespace
}  // namespace stormdoor::tftp
