#include "edge/messages_enforce.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace stormdoor::edge {
namespace {

EnforceElement element(EnforceSet set, std::string_view prefix, uint32_t timeout) {
  return {set, *IpPrefix::parse(prefix), timeout};
}

EnforceFlow flow(std::string_view address, uint16_t port, bool tcp) {
  return {*IpAddress::parse(address), port, tcp, 90};
}

std::vector<EnforceOrder> orders() {
  EnforceSettings settings;
  settings.services[2] = {{5060, 5062}, {5060, 5061}};
  settings.services[0] = {{69}, {80, 443}};
  settings.action = EnforceAction::Reject;
  settings.hook_forward = false;
  settings.use_queue = true;
  settings.queue_number = 65'535;
  settings.metered_per_minute = 60'000;
  settings.metered_burst = 1;
  EnforceBatch batch{7,
                     {{EnforceOp::Add, element(EnforceSet::BlockedSip, "198.51.100.7", 3'600)},
                      {EnforceOp::Remove, element(EnforceSet::Metered, "2001:db8::/64", 0)},
                      {EnforceOp::Add, element(EnforceSet::Contested, "0.0.0.0/0", 1)},
                      {EnforceOp::Add, element(EnforceSet::BlockedApi, "::/0", 1)}}};
  EnforceFlows flows{8,
                     {{EnforceOp::Add, flow("192.0.2.1", 5060, false)},
                      {EnforceOp::Remove, flow("2001:db8::1", 40'000, true)}}};
  EnforceSync begin{9, EnforceSync::Stage::Begin, {}, {}};
  EnforceSync part{9,
                   EnforceSync::Stage::Part,
                   {element(EnforceSet::BlockedPortal, "10.0.0.0/8", kMostEnforceSeconds)},
                   {flow("192.0.2.1", 1, true)}};
  return {settings, batch, flows, begin, part, EnforceSync{9, EnforceSync::Stage::End, {}, {}}};
}

std::vector<EnforceNews> news() {
  EnforceReport report;
  report.generation = 9;
  report.elements = {1, 2, 3, 4, 5, 6, 7};
  report.flows = 8;
  report.missing = 1;
  report.foreign = 2;
  report.missing_ever = 3;
  report.foreign_ever = 4;
  report.adopted = 5;
  report.queue_in_use = true;
  report.queued = 10;
  report.refused_by_verdict = 6;
  report.unanswered = 1;
  return {EnforceApplied{7, 67}, report, EnforceProblem{"no netfilter", 7}, EnforceAlive{}};
}

// Nothing shorter than the whole is taken, nor anything longer.
template <typename Decode>
void expect_only_the_whole(const std::string& bytes, Decode decode) {
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode(bytes + '\0'));
}

TEST(EnforceMessages, OrdersArriveAsTheyWereSent) {
  for (const auto& order : orders()) {
    const auto bytes = encode(order);
    const auto got = decode_enforce_order(bytes);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, order);
    expect_only_the_whole(bytes, decode_enforce_order);
  }
}

TEST(EnforceMessages, NewsArriveAsTheyWereSent) {
  for (const auto& one : news()) {
    const auto bytes = encode(one);
    const auto got = decode_enforce_news(bytes);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, one);
    expect_only_the_whole(bytes, decode_enforce_news);
  }
}

TEST(EnforceMessages, QuestionsAndAnswersArriveAsTheyWereSent) {
  const QueuedPacket packet{77, std::string(kMostQueuedBytes, '\x45')};
  const auto question = encode(packet);
  ASSERT_TRUE(decode_queued_packet(question));
  EXPECT_EQ(*decode_queued_packet(question), packet);
  expect_only_the_whole(question, decode_queued_packet);
  const QueueAnswer answer{77, true};
  ASSERT_TRUE(decode_queue_answer(encode(answer)));
  EXPECT_EQ(*decode_queue_answer(encode(answer)), answer);
  expect_only_the_whole(encode(answer), decode_queue_answer);
}

TEST(EnforceMessages, AQueuedPacketIsCut) {
  const auto got = decode_queued_packet(encode(QueuedPacket{1, std::string(9'000, 'x')}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->bytes.size(), kMostQueuedBytes);
}

TEST(EnforceMessages, OneOnTheWrongChannelIsCorrupt) {
  for (const auto& order : orders()) EXPECT_FALSE(decode_enforce_news(encode(order)));
  for (const auto& one : news()) EXPECT_FALSE(decode_enforce_order(encode(one)));
  EXPECT_FALSE(decode_queued_packet(encode(QueueAnswer{1, true})));
  EXPECT_FALSE(decode_queue_answer(encode(QueuedPacket{1, "x"})));
}

TEST(EnforceMessages, ABatchHasABound) {
  EnforceBatch batch{1,
                     {kMostEnforceOps, {EnforceOp::Add, element(EnforceSet::Metered, "::1", 1)}}};
  auto bytes = encode(EnforceOrder(batch));
  ASSERT_TRUE(decode_enforce_order(bytes));
  // The count of operations, after the kind and the sequence.
  const auto count = uint16_t(kMostEnforceOps + 1);
  std::memcpy(bytes.data() + 9, &count, sizeof count);
  EXPECT_FALSE(decode_enforce_order(bytes + bytes.substr(11, 24)));
}

TEST(EnforceMessages, ValuesBeyondTheirRangeAreCorrupt) {
  const auto refused = [](EnforceElement bad) {
    return !decode_enforce_order(encode(EnforceBatch{1, {{EnforceOp::Add, bad}}}));
  };
  EXPECT_FALSE(refused(element(EnforceSet::BlockedSip, "10.0.0.0/8", kMostEnforceSeconds)));
  EXPECT_TRUE(refused(element(EnforceSet::BlockedSip, "10.0.0.0/8", kMostEnforceSeconds + 1)));
  EXPECT_TRUE(refused(element(EnforceSet(kEnforceSets), "10.0.0.0/8", 1)));
  EnforceSettings settings;
  settings.metered_per_minute = 0;
  EXPECT_FALSE(decode_enforce_order(encode(settings)));
  settings.metered_per_minute = 60'001;
  EXPECT_FALSE(decode_enforce_order(encode(settings)));
  settings.metered_per_minute = 1;
  EXPECT_TRUE(decode_enforce_order(encode(settings)));
}

}  // namespace
}  // namespace stormdoor::edge
