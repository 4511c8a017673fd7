#include "edge/enforce/enforcer.hpp"

#include <gmock/gmock.h>

#include "tests/edge/enforce/network.hpp"

namespace stormdoor::edge::enforce {
namespace {

using test::Network;
using testing::ElementsAre;
using testing::IsEmpty;

EnforceSettings office() {
  EnforceSettings settings;
  settings.services[0] = {{69}, {80, 443}};
  settings.services[2] = {{5060}, {5060}};
  return settings;
}

EnforceElement element(EnforceSet set, std::string_view prefix, uint32_t timeout = 3'600) {
  return {set, *IpPrefix::parse(prefix), timeout};
}

EnforceFlow flow(std::string_view address, uint16_t port, bool tcp = false) {
  return {*IpAddress::parse(address), port, tcp, 600};
}

// A real kernel, in a namespace of the test's own.
class EnforcerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = Network::missing()) GTEST_SKIP() << *reason;
    network_.emplace();
    start();
  }
  void start(size_t most_read = kMostRead) {
    enforcer_.reset();
    auto kernel = Kernel::open();
    ASSERT_TRUE(kernel) << kernel.error().message();
    auto started = Enforcer::start(*std::move(kernel), now(), most_read);
    ASSERT_TRUE(started) << started.error().message();
    enforcer_.emplace(*std::move(started));
  }
  static SteadyTime now() { return read_clocks().steady; }
  void load(const EnforceSettings& settings) {
    const auto done = enforcer_->load(settings, false, now());
    ASSERT_TRUE(done) << done.error().message();
  }
  void order(EnforceOrder order) {
    enforcer_->take(std::move(order), now());
    enforcer_->flush(now());
  }
  void add(std::vector<EnforceElement> elements) { batch(EnforceOp::Add, std::move(elements)); }
  void remove(std::vector<EnforceElement> elements) {
    batch(EnforceOp::Remove, std::move(elements));
  }
  void batch(EnforceOp op, std::vector<EnforceElement> elements) {
    EnforceBatch batch{++sequence_, {}};
    for (const auto& one : elements) batch.ops.push_back({op, one});
    order(std::move(batch));
    uint64_t applied = 0;
    for (const auto& news : enforcer_->take_news()) {
      if (const auto* problem = std::get_if<EnforceProblem>(&news)) ADD_FAILURE() << problem->text;
      if (const auto* done = std::get_if<EnforceApplied>(&news)) applied = done->sequence;
    }
    EXPECT_EQ(applied, sequence_);
  }
  void sync(std::vector<EnforceElement> elements, std::vector<EnforceFlow> flows = {}) {
    order(EnforceSync{9, EnforceSync::Stage::Begin, {}, {}});
    order(EnforceSync{9, EnforceSync::Stage::Part, std::move(elements), std::move(flows)});
    order(EnforceSync{9, EnforceSync::Stage::End, {}, {}});
  }
  EnforceReport last_report() {
    std::optional<EnforceReport> report;
    for (const auto& news : enforcer_->take_news()) {
      if (const auto* problem = std::get_if<EnforceProblem>(&news)) ADD_FAILURE() << problem->text;
      if (const auto* one = std::get_if<EnforceReport>(&news)) report = *one;
    }
    EXPECT_TRUE(report.has_value());
    return report.value_or(EnforceReport{});
  }
  // Which of the phones' addresses reach the port, the last one always.
  std::multiset<std::string> heard(uint16_t port, const std::vector<std::string>& addresses,
                                   uint16_t from_port = 40'000) {
    const auto service = Network::service(port);
    for (const auto& address : addresses)
      Network::send(network_->phone(address, from_port),
                    IpAddress::parse(address)->is_v4() ? "192.0.2.1" : "fd00::1", port, address);
    Network::send(network_->phone("192.0.2.12", 1), "192.0.2.1", port, "last");
    return Network::receive_until(service, "last");
  }

  std::optional<Network> network_;
  std::optional<Enforcer> enforcer_;
  uint64_t sequence_ = 0;
};

TEST_F(EnforcerTest, Promise6ASourceBlockedForSipStillGetsItsFiles) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10"), element(EnforceSet::BlockedSip, "fd00::10")});
  const std::vector<std::string> all{"192.0.2.10", "192.0.2.11", "fd00::10", "fd00::11"};
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.11", "fd00::11"));
  EXPECT_EQ(heard(69, all).size(), 4U);
  const auto web = Network::service(80, SOCK_STREAM);
  const auto sip = Network::service(5060, SOCK_STREAM);
  const auto to_web = network_->phone("192.0.2.10", 0, SOCK_STREAM);
  const auto to_sip = network_->phone("192.0.2.10", 0, SOCK_STREAM);
  const auto other = network_->phone("192.0.2.11", 0, SOCK_STREAM);
  Network::connect(to_sip, "192.0.2.1", 5060);
  Network::connect(to_web, "192.0.2.1", 80);
  Network::connect(other, "192.0.2.1", 5060);
  EXPECT_TRUE(Network::wait(web, POLLIN));
  EXPECT_TRUE(Network::wait(sip, POLLIN));
  EXPECT_GE(UniqueFd(accept(sip.get(), nullptr, nullptr)).get(), 0);
  EXPECT_LT(accept(sip.get(), nullptr, nullptr), 0);
  remove({element(EnforceSet::BlockedSip, "192.0.2.10")});
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.10", "192.0.2.11", "fd00::11"));
}

TEST_F(EnforcerTest, Promise5RegisteredFlowsPassWhileTheirAddressIsBlocked) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10"), element(EnforceSet::BlockedSip, "fd00::10")});
  order(EnforceFlows{1,
                     {{EnforceOp::Add, flow("192.0.2.10", 5060)},
                      {EnforceOp::Add, flow("fd00::10", 5060)},
                      {EnforceOp::Add, flow("192.0.2.10", 40'000, true)}}});
  EXPECT_THAT(heard(5060, {"192.0.2.10", "fd00::10"}, 5060), ElementsAre("192.0.2.10", "fd00::10"));
  EXPECT_THAT(heard(5060, {"192.0.2.10", "fd00::10"}, 40'000), IsEmpty());
  order(EnforceFlows{2, {{EnforceOp::Remove, flow("192.0.2.10", 5060)}}});
  EXPECT_THAT(heard(5060, {"192.0.2.10", "fd00::10"}, 5060), ElementsAre("fd00::10"));
}

TEST_F(EnforcerTest, WhatIsRejectedIsToldSo) {
  auto settings = office();
  settings.action = EnforceAction::Reject;
  load(settings);
  add({element(EnforceSet::BlockedSip, "192.0.2.10"), element(EnforceSet::BlockedSip, "fd00::10")});
  const auto sip = Network::service(5060);
  const auto sip_tcp = Network::service(5060, SOCK_STREAM);
  for (const auto& [phone, pbx] :
       {std::pair{"192.0.2.10", "192.0.2.1"}, std::pair{"fd00::10", "fd00::1"}}) {
    const auto udp = network_->phone(phone, 5060);
    ASSERT_EQ(Network::connect(udp, pbx, 5060), 0);
    ASSERT_EQ(::send(udp.get(), "x", 1, 0), 1);
    ASSERT_TRUE(Network::wait(udp, POLLIN)) << phone;
    char byte = 0;
    EXPECT_LT(recv(udp.get(), &byte, 1, 0), 0);
    EXPECT_EQ(errno, ECONNREFUSED);
    const auto tcp = network_->phone(phone, 0, SOCK_STREAM);
    Network::connect(tcp, pbx, 5060);
    ASSERT_TRUE(Network::wait(tcp, POLLOUT)) << phone;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(tcp.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    EXPECT_EQ(error, ECONNREFUSED) << phone;
  }
}

TEST_F(EnforcerTest, APrefixHoldsForItsAddressesAndOverlapsOthers) {
  load(office());
  // Lengths that no set was made for, one within the other.
  add({element(EnforceSet::BlockedSip, "192.0.2.8/30"),
       element(EnforceSet::BlockedSip, "192.0.2.10"),
       element(EnforceSet::BlockedSip, "fd00:1::/64"),
       element(EnforceSet::BlockedSip, "fd00::/125")});
  const std::vector<std::string> all{"192.0.2.10", "192.0.2.11", "192.0.2.12",
                                     "fd00::10",   "fd00::11",   "fd00:1::10"};
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.12", "fd00::10", "fd00::11"));
  remove({element(EnforceSet::BlockedSip, "192.0.2.8/30")});
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.11", "192.0.2.12", "fd00::10", "fd00::11"));
  EXPECT_EQ(enforcer_->report().elements[size_t(EnforceSet::BlockedSip)], 3U);
}

TEST_F(EnforcerTest, MeteredSourcesPassAtTheRateEach) {
  auto settings = office();
  settings.metered_per_minute = 1;
  settings.metered_burst = 5;
  load(settings);
  add({element(EnforceSet::Metered, "192.0.2.10"), element(EnforceSet::Metered, "fd00::/64"),
       element(EnforceSet::Contested, "192.0.2.11")});
  const auto sip = Network::service(5060);
  for (const std::string address : {"192.0.2.10", "192.0.2.11", "192.0.2.12", "fd00::10"})
    for (int i = 0; i < 20; ++i)
      Network::send(network_->phone(address, uint16_t(40'000 + i)),
                    address[0] == 'f' ? "fd00::1" : "192.0.2.1", 5060, address);
  Network::send(network_->phone("192.0.2.12", 1), "192.0.2.1", 5060, "last");
  const auto texts = Network::receive_until(sip, "last");
  EXPECT_EQ(texts.count("192.0.2.12"), 20U);
  for (const char* metered : {"192.0.2.10", "192.0.2.11", "fd00::10"}) {
    EXPECT_GE(texts.count(metered), 5U) << metered;
    EXPECT_LE(texts.count(metered), 6U) << metered;
  }
}

TEST_F(EnforcerTest, OtherTablesStayAsTheyAre) {
  Network::nft_file(
      "table ip other { set s { type ipv4_addr; flags timeout; elements = { 192.0.2.77 } }\n"
      "chain c { type filter hook input priority 0; ip saddr @s counter drop; }\n}\n"
      "table inet stormdoor_too { chain sip { udp dport 5060 accept; }\n}\n");
  const auto before = Network::nft({"list", "table", "ip", "other"}) +
                      Network::nft({"list", "table", "inet", "stormdoor_too"});
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10"), element(EnforceSet::Contested, "192.0.2.9")});
  Network::nft_file("add element inet stormdoor blocked_sip_v4_32 { 192.0.2.99 }");
  enforcer_->check(now());
  sync({});
  const auto after = Network::nft({"list", "table", "ip", "other"}) +
                     Network::nft({"list", "table", "inet", "stormdoor_too"});
  EXPECT_EQ(before, after);
}

TEST_F(EnforcerTest, Promise11WhatOthersChangeIsUndoneAndCounted) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10"),
       element(EnforceSet::BlockedSip, "192.0.2.11")});
  enforcer_->check(now());
  EXPECT_THAT(enforcer_->take_news(), IsEmpty());
  Network::nft_file(
      "delete element inet stormdoor blocked_sip_v4_32 { 192.0.2.10 }\n"
      "add element inet stormdoor blocked_sip_v4_32 { 192.0.2.12 }\n");
  enforcer_->check(now());
  const auto report = last_report();
  EXPECT_EQ(report.missing, 1U);
  EXPECT_EQ(report.foreign, 1U);
  EXPECT_EQ(report.elements[size_t(EnforceSet::BlockedSip)], 2U);
  EXPECT_THAT(heard(5060, {"192.0.2.10", "192.0.2.11", "192.0.2.12"}), ElementsAre("192.0.2.12"));
  enforcer_->check(now());
  EXPECT_THAT(enforcer_->take_news(), IsEmpty());
}

TEST_F(EnforcerTest, Promise11ASyncAppliesTheDifferenceOnly) {
  load(office());
  const auto kept = element(EnforceSet::BlockedSip, "192.0.2.10");
  add({kept, element(EnforceSet::BlockedSip, "192.0.2.11"),
       element(EnforceSet::BlockedApi, "fd00::10")});
  Network::nft_file("add element inet stormdoor blocked_portal_v4_32 { 192.0.2.99 }");
  sync({kept, element(EnforceSet::BlockedSip, "192.0.2.12"),
        element(EnforceSet::BlockedApi, "fd00::10")},
       {flow("192.0.2.12", 5060)});
  const auto report = last_report();
  EXPECT_EQ(report.generation, 9U);
  EXPECT_EQ(report.missing, 2U);  // 192.0.2.12 and the flow
  EXPECT_EQ(report.foreign, 2U);  // 192.0.2.11, and what somebody had added
  EXPECT_EQ(report.flows, 1U);
  EXPECT_EQ(report.elements[size_t(EnforceSet::BlockedPortal)], 0U);
  sync({kept, element(EnforceSet::BlockedSip, "192.0.2.12"),
        element(EnforceSet::BlockedApi, "fd00::10")},
       {flow("192.0.2.12", 5060)});
  const auto again = last_report();
  EXPECT_EQ(again.missing + again.foreign, 0U);
  EXPECT_EQ(again.missing_ever, 2U);
}

TEST_F(EnforcerTest, BatchesDuringASyncAreNewerThanItsParts) {
  load(office());
  const auto lifted = element(EnforceSet::BlockedSip, "192.0.2.10");
  const auto added = element(EnforceSet::BlockedSip, "192.0.2.11");
  add({lifted});
  order(EnforceSync{3, EnforceSync::Stage::Begin, {}, {}});
  remove({lifted});
  add({added});
  order(EnforceSync{3, EnforceSync::Stage::Part, {lifted}, {}});
  order(EnforceSync{3, EnforceSync::Stage::End, {}, {}});
  const auto report = last_report();
  EXPECT_EQ(report.missing + report.foreign, 0U);
  EXPECT_TRUE(enforcer_->contents().contains(Entry::of(SetKind::BlockedSip, added.prefix)));
  EXPECT_FALSE(enforcer_->contents().contains(Entry::of(SetKind::BlockedSip, lifted.prefix)));
}

TEST_F(EnforcerTest, ATableThatSomebodyFlushedIsMadeAgain) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10")});
  Network::nft({"flush", "ruleset"});
  enforcer_->check(now());
  EXPECT_EQ(last_report().missing, 1U);
  EXPECT_THAT(heard(5060, {"192.0.2.10", "192.0.2.11"}), ElementsAre("192.0.2.11"));
  Network::nft({"flush", "ruleset"});
  add({element(EnforceSet::BlockedSip, "192.0.2.11")});
  EXPECT_THAT(heard(5060, {"192.0.2.10", "192.0.2.11"}), IsEmpty());
}

TEST_F(EnforcerTest, RulesThatSomebodyRemovedComeBack) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10")});
  Network::nft({"flush", "chain", "inet", "stormdoor", "sort"});
  enforcer_->check(now());
  EXPECT_THAT(heard(5060, {"192.0.2.10", "192.0.2.11"}), ElementsAre("192.0.2.11"));
}

TEST_F(EnforcerTest, AStartAdoptsWhatIsInForceWithItsTimes) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10", 3'600),
       element(EnforceSet::BlockedSip, "192.0.2.0/28", 0),
       element(EnforceSet::Contested, "fd00::/64", 60)});
  order(EnforceFlows{7, {{EnforceOp::Add, flow("fd00::10", 5060)}}});
  start();
  EXPECT_EQ(enforcer_->report().adopted, 4U);
  const auto expiry =
      enforcer_->contents().expiry(Entry::of(SetKind::BlockedSip, *IpPrefix::parse("192.0.2.10")));
  EXPECT_GT(expiry, now() + seconds{3'500});
  EXPECT_LE(expiry, now() + seconds{3'600});
  load(office());
  sync({element(EnforceSet::BlockedSip, "192.0.2.10", 3'600),
        element(EnforceSet::BlockedSip, "192.0.2.0/28", 0),
        element(EnforceSet::Contested, "fd00::/64", 60)},
       {flow("fd00::10", 5060)});
  const auto report = last_report();
  EXPECT_EQ(report.missing + report.foreign, 0U);
}

TEST_F(EnforcerTest, AStartReadsAsMuchAsItMay) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10"), element(EnforceSet::BlockedApi, "fd00::/64"),
       element(EnforceSet::BlockedApi, "192.0.2.10")});
  start(3);
  EXPECT_TRUE(enforcer_->contents_known());
  EXPECT_EQ(enforcer_->report().adopted, 3U);
  start(2);
  EXPECT_FALSE(enforcer_->contents_known());
  EXPECT_EQ(enforcer_->report().adopted, 2U);
}

TEST_F(EnforcerTest, Promise11WhatWasNotReadAtStartHoldsUntilTheFirstSyncReplacesIt) {
  load(office());
  const auto kept = element(EnforceSet::BlockedSip, "192.0.2.10");
  add({kept, element(EnforceSet::BlockedSip, "192.0.2.11"),
       element(EnforceSet::BlockedSip, "fd00::/120"), element(EnforceSet::Metered, "192.0.2.9")});
  Network::nft_file("add element inet stormdoor blocked_portal_v4_32 { 192.0.2.99 }");
  start(2);
  auto settings = office();
  settings.metered_per_minute = 7;
  load(settings);
  const std::vector<std::string> all{"192.0.2.10", "192.0.2.11", "192.0.2.12", "fd00::10"};
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.12"));
  EXPECT_THAT(Network::nft({"list", "table", "inet", "stormdoor"}),
              testing::HasSubstr("192.0.2.9 limit rate over 60/minute"));
  Network::nft({"flush", "chain", "inet", "stormdoor", "sort"});
  enforcer_->check(now());
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.12"));
  remove({element(EnforceSet::BlockedSip, "192.0.2.11")});
  add({element(EnforceSet::BlockedSip, "192.0.2.8/31"), element(kept.set, "192.0.2.10", 50)});
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.11", "192.0.2.12"));

  sync({kept, element(EnforceSet::BlockedApi, "192.0.2.0/29"),
        element(EnforceSet::Metered, "192.0.2.9")});
  const auto report = last_report();
  EXPECT_TRUE(enforcer_->contents_known());
  EXPECT_EQ(report.elements[size_t(EnforceSet::BlockedSip)], 1U);
  EXPECT_EQ(report.elements[size_t(EnforceSet::BlockedPortal)], 0U);
  EXPECT_THAT(heard(5060, all), ElementsAre("192.0.2.11", "192.0.2.12", "fd00::10"));
  const auto listed = Network::nft({"list", "table", "inet", "stormdoor"});
  EXPECT_THAT(listed, testing::HasSubstr("192.0.2.9 limit rate over 7/minute"));
  EXPECT_THAT(listed, testing::Not(testing::HasSubstr("60/minute")));
  enforcer_->check(now());
  EXPECT_THAT(enforcer_->take_news(), IsEmpty());
  start();
  EXPECT_EQ(enforcer_->report().adopted, 3U);
  EXPECT_GT(enforcer_->contents().expiry(Entry::of(SetKind::BlockedSip, kept.prefix)),
            now() + seconds{3'500});
}

TEST_F(EnforcerTest, AddingAgainSetsTheTimeAnew) {
  load(office());
  for (const uint32_t timeout : {100U, 5'000U, 50U})
    add({element(EnforceSet::BlockedSip, "192.0.2.10", timeout)});
  start();
  const auto expiry =
      enforcer_->contents().expiry(Entry::of(SetKind::BlockedSip, *IpPrefix::parse("192.0.2.10")));
  EXPECT_LE(expiry, now() + seconds{50});
  EXPECT_GT(expiry, now() + seconds{40});
}

TEST_F(EnforcerTest, NewSettingsKeepTheContents) {
  load(office());
  add({element(EnforceSet::BlockedSip, "192.0.2.10"), element(EnforceSet::Metered, "192.0.2.11"),
       element(EnforceSet::Contested, "192.0.2.9")});
  auto settings = office();
  settings.services[2].udp = {5080};
  settings.metered_per_minute = 7;
  load(settings);
  EXPECT_THAT(heard(5080, {"192.0.2.10", "192.0.2.11"}), ElementsAre("192.0.2.11"));
  EXPECT_THAT(heard(5060, {"192.0.2.10"}), ElementsAre("192.0.2.10"));
  const auto listed = Network::nft({"list", "table", "inet", "stormdoor"});
  EXPECT_THAT(listed, testing::HasSubstr("192.0.2.11 limit rate over 7/minute"));
  EXPECT_THAT(listed, testing::Not(testing::HasSubstr("60/minute")));
  enforcer_->check(now());
  EXPECT_THAT(enforcer_->take_news(), IsEmpty());
}

TEST_F(EnforcerTest, HooksCanBeLeftOut) {
  auto settings = office();
  settings.hook_input = false;
  load(settings);
  add({element(EnforceSet::BlockedSip, "192.0.2.10")});
  EXPECT_THAT(heard(5060, {"192.0.2.10"}), ElementsAre("192.0.2.10"));
}

TEST_F(EnforcerTest, OrdersBeforeAnySettingsAreAProblem) {
  order(EnforceBatch{5, {{EnforceOp::Add, element(EnforceSet::BlockedSip, "192.0.2.10")}}});
  const auto news = enforcer_->take_news();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(std::get<EnforceProblem>(news[0]).sequence, 5U);
}

}  // namespace
}  // namespace stormdoor::edge::enforce
