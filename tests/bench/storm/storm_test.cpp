#include "bench/storm/storm.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/bench/storm/fake_servers.hpp"

namespace stormdoor::storm {
namespace {

// An office of Cisco phones (TFTP) and Sangoma phones (HTTPS), and a server that has their files.
struct StormTest : testing::Test {
  std::unique_ptr<loop::EventLoop> loop = *loop::EventLoop::create();
  StormLoop storm{*loop};
  test::FakeIdentity identity;
  test::FakeTftp tftp{*loop};
  std::map<std::string, std::string> files;
  std::map<IpAddress, int> wrong;
  test::FakeHttp https{*loop, &identity, [this](const std::string& head, const Endpoint& peer) {
                         return serve(head, peer);
                       }};
  std::unique_ptr<TlsClient> tls = *TlsClient::create({});
  StormPlan plan;

  void SetUp() override {
    plan.target.tftp = tftp.endpoint();
    plan.target.https = https.endpoint();
    plan.target.tls = tls.get();
  }
  std::string serve(const std::string& head, const Endpoint& peer) {
    const std::string path = head.substr(4, head.find(' ', 4) - 4);
    const auto file = files.find(path);
    if (file != files.end()) return test::FakeHttp::found(file->second);
    if (++wrong[peer.address] >= 5) https.blocked.insert(peer.address);
    return https.blocked.contains(peer.address) ? std::string() : test::FakeHttp::missing();
  }
  void add_phones(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      PhoneSpec spec;
      const bool cisco = i % 2 == 0;
      spec.vendor = cisco ? "cisco" : "sangoma";
      spec.model = cisco ? "CP-7841" : "P330";
      spec.transport = cisco ? Transport::Tftp : Transport::Https;
      spec.mac = MacAddress({0, 0x0f, 0xd3, 0, uint8_t(i >> 8), uint8_t(i)});
      spec.source = IpAddress::v4(0x7f010000 + uint32_t(i) + 1);
      spec.expected = {"account-" + std::to_string(i)};
      const std::string config = "<c a=\"account-" + std::to_string(i) + "\"/>";
      if (cisco) {
        tftp.files["SEP" + spec.mac.upper_hex() + ".cnf.xml"] = config;
      } else {
        files["/" + spec.mac.lower_hex() + ".cfg"] = config;
      }
      plan.phones.push_back(spec);
    }
  }
  StormReport run() {
    Storm office(storm, plan);
    bool done = false;
    office.begin([&] { done = true; });
    EXPECT_TRUE(test::turn_until(*loop, [&] { return done; }));
    EXPECT_TRUE(office.ended());
    after = office.phones_after();
    return office.report();
  }
  std::vector<PhoneSpec> after;
};

TEST_F(StormTest, EveryPhoneOfTheOfficeBoots) {
  add_phones(200);
  const StormReport report = run();
  const ReportRow all = report.total();
  EXPECT_EQ(all.phones, 200U);
  EXPECT_EQ(all.served, 200U) << report_text(report, {});
  EXPECT_EQ(all.failed, 0U);
  ASSERT_EQ(report.rows.size(), 2U);
  EXPECT_EQ(report.rows[0].vendor, "cisco");
  EXPECT_EQ(report.rows[0].missing, 400U);
  EXPECT_EQ(all.microseconds.size(), 200U);
  EXPECT_TRUE(report.reasons.empty());
}

TEST_F(StormTest, AtMostSoManyBootAtOnce) {
  add_phones(30);
  plan.most_at_once = 3;
  Storm office(storm, plan);
  bool done = false;
  uint32_t most = 0;
  office.begin([&] { done = true; });
  EXPECT_TRUE(test::turn_until(*loop, [&] {
    most = std::max(most, office.report().running);
    return done;
  }));
  EXPECT_EQ(most, 3U);
  EXPECT_EQ(office.report().total().served, 30U);
}

TEST_F(StormTest, PhonesArriveOverTheTimeThatIsTold) {
  add_phones(10);
  plan.arrival = milliseconds(100);
  const StormReport report = run();
  EXPECT_EQ(report.total().served, 10U);
  EXPECT_GE(report.elapsed, milliseconds(90));
}

TEST_F(StormTest, AfterAPowerCutPhonesScatterAndRollingKeepsTheirOrder) {
  add_phones(40);
  plan.arrival = milliseconds(200);
  plan.curve = ArrivalCurve::PowerCut;
  const StormReport scattered = run();
  EXPECT_EQ(scattered.total().served, 40U);
  ASSERT_EQ(scattered.arrived_ms.size(), 40U);
  EXPECT_TRUE(std::ranges::is_sorted(scattered.arrived_ms));
  EXPECT_GT(scattered.arrived_ms.back(), scattered.arrived_ms.front());
  plan.curve = ArrivalCurve::Rolling;
  const StormReport rolling = run();
  EXPECT_EQ(rolling.total().served, 40U);
  EXPECT_EQ(rolling.served_ms.size(), 40U);
  EXPECT_EQ(rolling.rows[0].patience, 3U);  // the Cisco phones' TFTP
  EXPECT_EQ(rolling.rows[0].by_tries, std::vector<uint32_t>{20});
}

TEST_F(StormTest, FailuresAreCountedByReason) {
  add_phones(4);
  files.clear();
  plan.phones[0].vendor = "unheard-of";
  plan.phones[2].expected = {"somebody"};
  plan.target.http.reset();
  plan.phones[3].transport = Transport::Http;
  const StormReport report = run();
  EXPECT_EQ(report.total().failed, 4U);
  const std::map<std::string, uint32_t> expected = {
      {"no boot script for unheard-of", 1},
      {"configuration without what is the phone's", 1},
      {"configuration missing", 1},
      {"not offered: HTTP", 1}};
  EXPECT_EQ(report.reasons, expected);
}

TEST_F(StormTest, AnAttackerWhoSweepsIsSeenToBeStopped) {
  add_phones(20);
  AttackPlan sweep;
  sweep.source = IpAddress::v4(0x7f420001);
  sweep.first = *MacAddress::parse("000fd3990000");
  sweep.trophies = {"account-"};
  plan.attacks = {sweep};
  const StormReport report = run();
  EXPECT_EQ(report.total().served, 20U);
  ASSERT_EQ(report.attacks.size(), 1U);
  const AttackResult& result = report.attacks[0].result;
  EXPECT_TRUE(result.blocked);
  EXPECT_EQ(result.answers_until_blocked, 4U);
  EXPECT_EQ(result.harvested, 0U);
  EXPECT_EQ(result.how, "connection closed");
}

TEST_F(StormTest, AnAttackerWhoIsNotStoppedIsReportedSo) {
  add_phones(2);
  AttackPlan sweep;
  sweep.kind = AttackKind::SweepTftp;
  sweep.source = IpAddress::v4(0x7f420001);
  sweep.first = plan.phones[0].mac;
  sweep.path = "SEP{MAC}.cnf.xml";
  sweep.most = 50;
  sweep.trophies = {"account-0"};
  plan.attacks = {sweep};
  const AttackResult result = run().attacks[0].result;
  EXPECT_FALSE(result.blocked);
  EXPECT_EQ(result.asked, 50U);
  EXPECT_EQ(result.found, 1U);
  EXPECT_EQ(result.harvested, 1U);
  EXPECT_EQ(result.missing, 49U);
}

TEST_F(StormTest, AnAttackerOverTftpIsStoppedByRefusals) {
  AttackPlan sweep;
  sweep.kind = AttackKind::SweepTftp;
  sweep.source = IpAddress::v4(0x7f420001);
  tftp.refuse_after = 7;
  plan.attacks = {sweep};
  const AttackResult result = run().attacks[0].result;
  EXPECT_TRUE(result.blocked);
  EXPECT_EQ(result.asked, 7U + Attacker::kSure);
  EXPECT_EQ(result.answers_until_blocked, 7U);
}

TEST_F(StormTest, AWrongTokenThatIsRefusedIsNotYetABlock) {
  int tries = 0;
  test::FakeHttp server(*loop, &identity, [&](const std::string&, const Endpoint&) {
    const std::string why = ++tries <= 12 ? "wrong token" : "blocked since now";
    return "HTTP/1.1 403 No\r\nContent-Length: " + std::to_string(why.size()) + "\r\n\r\n" + why;
  });
  plan.target.https = server.endpoint();
  AttackPlan guess;
  guess.kind = AttackKind::GuessTokens;
  guess.source = IpAddress::v4(0x7f420001);
  plan.attacks = {guess};
  const AttackResult result = run().attacks[0].result;
  EXPECT_TRUE(result.blocked);
  EXPECT_EQ(result.answers_until_blocked, 12U);
  EXPECT_EQ(result.refused, 12U + Attacker::kSure);
}

TEST_F(StormTest, GuessersTrySomethingElseEachTime) {
  std::set<std::string> heard;
  test::FakeHttp server(*loop, &identity, [&](const std::string& head, const Endpoint&) {
    const size_t at = head.find("Authorization: ");
    heard.insert(at == std::string::npos ? head.substr(0, head.find('\r')) : head.substr(at));
    return std::string(
        "HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
  });
  plan.target.https = server.endpoint();
  AttackPlan guess;
  guess.source = IpAddress::v4(0x7f420001);
  guess.most = 10;
  guess.kind = AttackKind::GuessTokens;
  guess.path = "t/{token}/{mac}.cfg";
  plan.attacks = {guess};
  EXPECT_EQ(run().attacks[0].result.refused, 10U);
  EXPECT_EQ(heard.size(), 10U);
  heard.clear();
  plan.attacks[0].kind = AttackKind::GuessPasswords;
  plan.attacks[0].path = "{mac}.cfg";
  EXPECT_EQ(run().attacks[0].result.refused, 10U);
  EXPECT_EQ(heard.size(), 11U);  // ten passwords, and the question without one
}

TEST_F(StormTest, PhonesRememberTheAddressTheyWereGiven) {
  add_phones(2);
  const std::string url =
      "https://127.0.0.1:" + std::to_string(https.endpoint().port) + "/t/token/";
  const std::string mac = plan.phones[1].mac.lower_hex();
  files["/" + mac + ".cfg"] = files["/t/token/" + mac + ".cfg"] =
      "<c a=\"account-1\"><setting id=\"config_server_url\" value=\"" + url + "\"/></c>";
  EXPECT_EQ(run().total().served, 2U);
  EXPECT_EQ(after[1].stored_url, url);
  // Now that it knows, it does not need the first file any more.
  files.erase("/" + mac + ".cfg");
  plan.phones = after;
  EXPECT_EQ(run().total().served, 2U);
}

}  // namespace
}  // namespace stormdoor::storm
