#include "tftp-http/provisioning.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/crypto/crypto.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/tftp-http/sample_office.hpp"

namespace stormdoor::http {
namespace {

using namespace std::chrono_literals;
using Outcome = FileAnswer::Outcome;

constexpr std::string_view kSangoma = "000fd3cfd9d3";
constexpr std::string_view kYealink = "0015654aa937";
constexpr std::string_view kCisco = "001122334455";
constexpr std::string_view kUnknownSangoma = "000fd3000001";

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

acl::AclRules office_rules() {
  acl::AclRules rules;
  const auto network = [](std::string name, std::string_view prefix, acl::Identity identity,
                          acl::FirstContact contact) {
    acl::Network made;
    made.name = std::move(name);
    made.prefixes = {*IpPrefix::parse(prefix)};
    made.services.insert(acl::Service::Provisioning);
    made.identity = identity;
    made.first_contact = contact;
    return made;
  };
  rules.networks = {
      network("token", "10.1.0.0/16", acl::Identity::Token, acl::FirstContact::Stub),
      network("open", "10.2.0.0/16", acl::Identity::Token, acl::FirstContact::Full),
      network("none", "10.3.0.0/16", acl::Identity::None, acl::FirstContact::Stub),
      network("certificate", "10.4.0.0/16", acl::Identity::Certificate, acl::FirstContact::Full),
      network("wire", "10.5.0.0/16", acl::Identity::Wire, acl::FirstContact::Stub)};
  return rules;
}

// Asks as the protocols would; keeps what the hooks were told.
class ProvisioningTest : public testing::Test {
 protected:
  void SetUp() override {
    contents_.locations = {sample::lobby()};
    contents_.users = {sample::ann()};
    contents_.phones = {sample::phone(kSangoma, "sangoma", "P325"),
                        sample::phone(kYealink, "yealink", "T46G"),
                        sample::phone(kCisco, "cisco", "CP-7941G")};
    contents_.assignments = {{"2041", 0, sample::mac(kSangoma)}};
    start(sample::config());
  }
  void start(const ProvisioningConfig& config) {
    provisioning_.reset();
    Provisioning::Hooks hooks;
    hooks.on_token_delivered = [this](const MacAddress& mac) { delivered_tokens_.push_back(mac); };
    hooks.on_verdict = [this](const acl::Failure& failure, const acl::Verdict& verdict) {
      failures_.push_back(failure);
      blocked_ = blocked_ || verdict.block.has_value();
    };
    hooks.on_problem = [this](const MacAddress&, const Error& error) {
      problems_.push_back(error.message());
    };
    hooks.mac_on_the_wire = [this](const IpAddress& source, Now) -> std::optional<MacAddress> {
      if (source != ip("10.5.0.5")) return {};
      return on_the_wire_;
    };
    auto made = Provisioning::create(hotdesk::Registry::from(contents_), sample::profiles(config),
                                     guard_, &credentials_, std::move(hooks));
    ASSERT_TRUE(made) << made.error().message();
    provisioning_ = *std::move(made);
  }
  void publish() { provisioning_->replace_registry(hotdesk::Registry::from(contents_)); }
  store::PhoneRecord& record(std::string_view address) {
    for (auto& phone : contents_.phones)
      if (phone.mac == sample::mac(address)) return phone;
    std::abort();
  }

  FileAnswer ask(std::string_view path, std::string_view source = "10.1.0.5",
                 Transport transport = Transport::Https, std::string_view agent = "") {
    request_ = FileRequest{};
    request_.transport = transport;
    request_.source = ip(source);
    request_.proof =
        transport == Transport::Tftp ? acl::PathProof::None : acl::PathProof::Connected;
    request_.path = path;
    request_.user_agent = agent;
    return provisioning_->find(request_, now_);
  }
  FileAnswer fetch(std::string_view path, std::string_view source = "10.1.0.5",
                   Transport transport = Transport::Https) {
    FileAnswer answer = ask(path, source, transport);
    provisioning_->delivered(answer, request_, true, now_);
    return answer;
  }
  static std::string text(const FileAnswer& answer) {
    if (!answer.content) return "";
    const auto bytes = answer.content->in_memory();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static bool has_secret(const FileAnswer& answer) {
    const std::string all = text(answer) + answer.message;
    return all.find("s3cret") != std::string::npos || all.find("tok-") != std::string::npos ||
           all.find("device-secret") != std::string::npos;
  }
  static std::string own(std::string_view mac) {
    return "/p/tok-" + std::string(mac) + "/" + std::string(mac) + ".cfg";
  }

  Now now_{SteadyTime(1000s), WallTime(1'000'000s)};
  store::Contents contents_;
  acl::Guard guard_{acl::RuleSet::from(office_rules()), {.tracked_sources = 1000, .blocks = 100}};
  Credentials credentials_{"stormdoor"};
  std::unique_ptr<Provisioning> provisioning_;
  FileRequest request_;
  std::vector<MacAddress> delivered_tokens_;
  std::vector<acl::Failure> failures_;
  std::vector<std::string> problems_;
  std::optional<MacAddress> on_the_wire_;  // behind 10.5.0.5
  bool blocked_ = false;
};

TEST_F(ProvisioningTest, GivesAPhoneThatShowsItsTokenItsOwnConfiguration) {
  const FileAnswer answer = fetch(own(kSangoma));
  EXPECT_EQ(answer.outcome, Outcome::Found);
  EXPECT_EQ(answer.content_type, "text/xml");
  EXPECT_TRUE(answer.secret);
  EXPECT_EQ(answer.phone, sample::mac(kSangoma));
  EXPECT_NE(text(answer).find("username=\"2041\""), std::string::npos);
  EXPECT_TRUE(failures_.empty());
}

// Workers make them at different times: a date would say that what changed at another did not.
TEST_F(ProvisioningTest, WhatIsRenderedHasNoTimeOfItsOwn) {
  for (const std::string& path : {own(kSangoma), std::string("/000fd3000001.cfg")}) {
    const FileAnswer answer = ask(path);
    ASSERT_EQ(answer.outcome, Outcome::Found) << path;
    EXPECT_EQ(answer.content->modified(), WallTime{}) << path;
  }
}

TEST_F(ProvisioningTest, EverySpellingOfTheMacIsAnswered) {
  for (const std::string_view name :
       {"000FD3CFD9D3.cfg", "000fd3cfd9d3.CFG", "00-0F-D3-CF-D9-D3.cfg", "Digium/000fd3cfd9d3.cfg"})
    EXPECT_TRUE(ask("/p/tok-000fd3cfd9d3/" + std::string(name)).secret) << name;
}

TEST_F(ProvisioningTest, TheTokenStoryOfAFactoryPhone) {
  // Registered, but not approved: a stub, however often it asks, and no failure.
  EXPECT_FALSE(has_secret(fetch("/000fd3cfd9d3.cfg")));
  EXPECT_FALSE(has_secret(fetch("/000fd3cfd9d3.cfg")));
  EXPECT_TRUE(failures_.empty());

  // Approved: the whole configuration, token included. Cut short it may come again.
  record(kSangoma).first_contact_approved = true;
  publish();
  const FileAnswer cut = ask("/000fd3cfd9d3.cfg");
  provisioning_->delivered(cut, request_, false, now_);
  EXPECT_TRUE(delivered_tokens_.empty());
  EXPECT_TRUE(has_secret(fetch("/000fd3cfd9d3.cfg")));
  EXPECT_EQ(delivered_tokens_, std::vector{sample::mac(kSangoma)});

  // Delivered: the way in without a token is closed, the way in with it is open.
  record(kSangoma).token_issued = true;
  publish();
  EXPECT_FALSE(has_secret(fetch("/000fd3cfd9d3.cfg")));
  EXPECT_TRUE(has_secret(fetch(own(kSangoma))));
  EXPECT_EQ(delivered_tokens_.size(), 1u);
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::ForeignFile);
}

TEST_F(ProvisioningTest, ANetworkMayOpenTheFirstContact) {
  EXPECT_TRUE(has_secret(ask("/000fd3cfd9d3.cfg", "10.2.0.5")));
  record(kSangoma).token_issued = true;
  publish();
  EXPECT_FALSE(has_secret(ask("/000fd3cfd9d3.cfg", "10.2.0.5")));
}

TEST_F(ProvisioningTest, AnOpenFirstContactKeepsToTheNetworksOfTheLocation) {
  contents_.locations[0].networks = {*IpPrefix::parse("10.2.7.0/24")};
  publish();
  EXPECT_FALSE(has_secret(ask("/000fd3cfd9d3.cfg", "10.2.6.255")));
  EXPECT_TRUE(has_secret(ask("/000fd3cfd9d3.cfg", "10.2.7.0")));
}

TEST_F(ProvisioningTest, AFirstContactWhoseUserAgentNamesAnotherMacGetsAStub) {
  const auto agent = "Sangoma P325 4_9_2 000FD3CFD9D4";
  EXPECT_FALSE(has_secret(ask("/000fd3cfd9d3.cfg", "10.2.0.5", Transport::Https, agent)));
}

TEST_F(ProvisioningTest, Promise7_ASecretLeavesOnlyToThePhoneItIsFor) {
  record(kSangoma).token_issued = true;
  record(kYealink).token_issued = true;
  publish();
  for (const std::string_view path :
       {"/000fd3cfd9d3.cfg", "/p/tok-0015654aa937/000fd3cfd9d3.cfg", "/p/x/000fd3cfd9d3.cfg",
        "/p/tok-000fd3cfd9d3/0015654aa937.cfg", "/prov/000fd3cfd9d3.cfg",
        "/p/tok-000fd3cfd9d/000fd3cfd9d3.cfg", "/p/tok-000fd3cfd9d3x/000fd3cfd9d3.cfg"})
    for (const std::string_view source : {"10.1.0.9", "10.2.0.9", "10.4.0.9"})
      for (const Transport transport : {Transport::Https, Transport::Http, Transport::Tftp})
        EXPECT_FALSE(has_secret(ask(path, source, transport))) << path << ' ' << source;
}

TEST_F(ProvisioningTest, Promise7_OverTftpSecretsLeaveOnlyWhereNoProofIsAsked) {
  const std::string_view file = "SEP001122334455.cnf.xml";
  for (const std::string_view source : {"10.1.0.5", "10.2.0.5", "10.4.0.5"})
    EXPECT_FALSE(has_secret(ask(file, source, Transport::Tftp))) << source;
  EXPECT_FALSE(
      has_secret(ask("p/tok-001122334455/SEP001122334455.cnf.xml", "10.1.0.5", Transport::Tftp)));
  EXPECT_TRUE(has_secret(ask(file, "10.3.0.5", Transport::Tftp)));
}

TEST_F(ProvisioningTest, Promise7_OverPlainHttpSecretsLeaveOnlyWhereTheConfigurationAllowsIt) {
  const FileAnswer refused = ask(own(kSangoma), "10.1.0.5", Transport::Http);
  EXPECT_EQ(refused.outcome, Outcome::Refused);
  EXPECT_NE(refused.message.find("https"), std::string::npos);
  EXPECT_EQ(ask("/000fd3cfd9d3.cfg", "10.3.0.5", Transport::Http).outcome, Outcome::Refused);
  auto config = sample::config();
  config.allow_secrets_over_http = true;
  start(config);
  EXPECT_TRUE(has_secret(ask(own(kSangoma), "10.1.0.5", Transport::Http)));
}

TEST_F(ProvisioningTest, Promise7_AnUnknownMacIsAnsweredAsARegisteredOneWithoutProof) {
  record(kYealink).token_issued = true;
  publish();
  const auto normal = [](std::string text, std::string_view mac) {
    const std::string shown = sample::mac(mac).to_string();
    for (size_t at; (at = text.find(shown)) != std::string::npos;)
      text.replace(at, shown.size(), "M");
    return text;
  };
  const FileAnswer known = ask("/000fd3cfd9d3.cfg");
  const FileAnswer unknown = ask("/000fd3000001.cfg");
  EXPECT_EQ(known.outcome, unknown.outcome);
  EXPECT_EQ(known.content_type, unknown.content_type);
  EXPECT_EQ(known.secret, unknown.secret);
  EXPECT_EQ(known.phone, unknown.phone);
  EXPECT_EQ(normal(text(known), kSangoma), normal(text(unknown), kUnknownSangoma));
  EXPECT_EQ(text(known).find("Lobby"), std::string::npos);
  // With a wrong token likewise.
  const FileAnswer known_wrong = ask("/p/x/000fd3cfd9d3.cfg");
  const FileAnswer unknown_wrong = ask("/p/x/000fd3000001.cfg");
  EXPECT_EQ(known_wrong.outcome, unknown_wrong.outcome);
  EXPECT_EQ(known_wrong.message, unknown_wrong.message);
}

TEST_F(ProvisioningTest, APhoneThatForgetsWhatAFileDoesNotSayIsRefusedAndKeepsWhatItHas) {
  const FileAnswer known = ask("SEP001122334455.cnf.xml", "10.1.0.5", Transport::Tftp);
  const FileAnswer unknown = ask("SEP001122334456.cnf.xml", "10.1.0.5", Transport::Tftp);
  EXPECT_EQ(known.outcome, Outcome::Refused);
  EXPECT_EQ(unknown.outcome, Outcome::Refused);
  EXPECT_EQ(known.message, unknown.message);
  EXPECT_NE(known.message.find("administrator"), std::string::npos);
}

TEST_F(ProvisioningTest, ACertificateProvesItsPhoneAndNoOther) {
  ask("/000fd3cfd9d3.cfg", "10.4.0.5");
  FileRequest request = request_;
  request.certificate_mac = sample::mac(kSangoma);
  EXPECT_TRUE(has_secret(provisioning_->find(request, now_)));
  request.certificate_mac = sample::mac(kYealink);
  const FileAnswer other = provisioning_->find(request, now_);
  EXPECT_EQ(other.outcome, Outcome::Refused);
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::ForeignFile);
}

TEST_F(ProvisioningTest, ATokenIsNoCertificateWhereCertificatesAreAsked) {
  EXPECT_FALSE(has_secret(ask(own(kSangoma), "10.4.0.5")));
}

TEST_F(ProvisioningTest, Promise3_Ordinary404sAreNoFailures) {
  for (const std::string_view path : {"000000000000.cfg",
                                      "y000000000000.boot",
                                      "000fd3000001-directory.xml",
                                      "0015654aa9ff.boot",
                                      "cfg000b828aaa09",
                                      "cfg000b828aaa09.bin",
                                      "cfg.xml",
                                      "CTLSEP001122330000.tlv",
                                      "ITLSEP001122330000.tlv",
                                      "ITLFile.tlv",
                                      "XMLDefault.cnf.xml",
                                      "RINGLIST.DAT",
                                      "security.tuz",
                                      "0004f2000001-license.cfg",
                                      "0004f2000001-phone.cfg",
                                      "sip.ver",
                                      "snomD785-firmware.xml",
                                      "gui_lang.xml",
                                      "f0X3hw1.100.cfg",
                                      "spa504G.cfg",
                                      "init.cfg",
                                      "favicon.ico"})
    for (const Transport transport : {Transport::Https, Transport::Tftp})
      ask("/" + std::string(path), "10.1.0.5", transport);
  EXPECT_TRUE(failures_.empty()) << failures_.size();
}

TEST_F(ProvisioningTest, Promise3_TheSameForeignFileAgainIsTheSameMistake) {
  for (int i = 0; i < 100; ++i) ask("/000fd3000001.cfg");
  EXPECT_FALSE(blocked_);
  std::set<uint64_t> fingerprints;
  for (const acl::Failure& failure : failures_) fingerprints.insert(failure.fingerprint);
  EXPECT_EQ(fingerprints.size(), 1u);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::UnknownMac);
}

TEST_F(ProvisioningTest, ASweepOfMacsIsBlockedAndHarvestsNothing) {
  bool secret = false;
  for (int i = 0; i < 200 && !blocked_; ++i)
    secret = has_secret(ask(fmt::format("/000fd3cfd{:03x}.cfg", 0x980 + i))) || secret;
  EXPECT_TRUE(blocked_);
  EXPECT_FALSE(secret);
  const FileAnswer refused = ask(own(kSangoma));
  EXPECT_EQ(refused.outcome, Outcome::Refused);
  EXPECT_FALSE(refused.message.empty());
  // The office is another address.
  EXPECT_TRUE(has_secret(ask(own(kSangoma), "10.1.0.6")));
}

TEST_F(ProvisioningTest, Promise4_ASweepOverTftpBlocksNobody) {
  for (int i = 0; i < 200; ++i)
    ask(fmt::format("SEP0011223300{:02x}.cnf.xml", i % 256), "10.1.0.5", Transport::Tftp);
  EXPECT_FALSE(blocked_);
  EXPECT_EQ(failures_.front().proof, acl::PathProof::None);
  EXPECT_TRUE(has_secret(ask(own(kSangoma))));
}

TEST_F(ProvisioningTest, AWrongTokenIsAFailureAndAnotherWrongOneIsAnother) {
  ask("/p/guess-one/000fd3cfd9d3.cfg");
  ask("/p/guess-one/000fd3cfd9d3.cfg");
  const FileAnswer refused = ask("/p/guess-two/000fd3cfd9d3.cfg");
  EXPECT_EQ(refused.outcome, Outcome::Refused);
  EXPECT_NE(refused.message.find("token"), std::string::npos);
  ASSERT_EQ(failures_.size(), 3u);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::WrongToken);
  EXPECT_EQ(failures_[0].fingerprint, failures_[1].fingerprint);
  EXPECT_NE(failures_[0].fingerprint, failures_[2].fingerprint);
}

TEST_F(ProvisioningTest, SourcesOutsideEveryNetworkAreRefusedWithAReason) {
  const FileAnswer answer = ask(own(kSangoma), "192.0.2.1");
  EXPECT_EQ(answer.outcome, Outcome::Refused);
  EXPECT_FALSE(answer.message.empty());
}

TEST_F(ProvisioningTest, RendersAgainOnlyWhenSomethingItDependsOnChanged) {
  ask(own(kSangoma));
  ask(own(kSangoma));
  EXPECT_EQ(provisioning_->metrics().rendered.value(), 1u);
  EXPECT_EQ(provisioning_->metrics().cached.value(), 1u);

  // Another phone changes: the records of this one are the same objects.
  const auto registry = hotdesk::Registry::from(contents_);
  provisioning_->replace_registry(registry);
  ask(own(kSangoma));
  EXPECT_EQ(provisioning_->metrics().rendered.value(), 2u);
  store::PhoneRecord other = record(kYealink);
  other.model = "T48G";
  const auto next = registry->with({{store::PutPhone{other}}}, 2);
  provisioning_->replace_registry(next);
  ask(own(kSangoma));
  EXPECT_EQ(provisioning_->metrics().rendered.value(), 2u);

  store::UserRecord ann = sample::ann("Ann Renamed");
  provisioning_->replace_registry(next->with({{store::PutUser{ann}}}, 3));
  EXPECT_NE(text(ask(own(kSangoma))).find("Ann Renamed"), std::string::npos);
  EXPECT_EQ(provisioning_->metrics().rendered.value(), 3u);
}

TEST_F(ProvisioningTest, ANewSetOfProfilesIsSeenAtOnce) {
  ask(own(kSangoma));
  auto config = sample::config();
  config.variables["sip_server"] = "other.example.com";
  ASSERT_TRUE(provisioning_->replace_profiles(sample::profiles(config)));
  EXPECT_NE(text(ask(own(kSangoma))).find("other.example.com"), std::string::npos);
}

TEST_F(ProvisioningTest, ATemplateThatIsNotThereIsSaidAndComesBackLater) {
  record(kSangoma).templates = {{"assigned", "gone.xml"}};
  publish();
  const FileAnswer answer = ask(own(kSangoma));
  EXPECT_EQ(answer.outcome, Outcome::Busy);
  EXPECT_NE(answer.message.find("gone.xml"), std::string::npos);
}

TEST_F(ProvisioningTest, ALoginWithMacAndTokenProvesThePhone) {
  auto config = sample::config();
  config.http_login = true;
  start(config);
  record(kSangoma).token_issued = true;
  publish();
  const FileAnswer challenge = ask("/000fd3cfd9d3.cfg");
  EXPECT_EQ(challenge.outcome, Outcome::Unauthorized);
  ASSERT_FALSE(challenge.challenges.empty());
  EXPECT_EQ(ask("/000fd3000001.cfg").outcome, Outcome::Unauthorized);
  failures_.clear();

  FileRequest request = request_;
  request.path = "/000fd3cfd9d3.cfg";
  request.target = request.path;
  const std::string right = "Basic " + crypto::base64_encode("000fd3cfd9d3:tok-000fd3cfd9d3");
  request.authorization = right;
  EXPECT_TRUE(has_secret(provisioning_->find(request, now_)));
  EXPECT_TRUE(failures_.empty());

  const std::string wrong = "Basic " + crypto::base64_encode("000fd3cfd9d3:guess");
  request.authorization = wrong;
  const FileAnswer refused = provisioning_->find(request, now_);
  EXPECT_EQ(refused.outcome, Outcome::Unauthorized);
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::WrongPassword);
  EXPECT_NE(failures_[0].fingerprint, 0u);

  // Another phone's right login is no login for this file.
  const std::string other = "Basic " + crypto::base64_encode("0015654aa937:tok-0015654aa937");
  request.authorization = other;
  EXPECT_FALSE(has_secret(provisioning_->find(request, now_)));
}

TEST_F(ProvisioningTest, TheRegistryDecidesTheVendorOncePhonesHaveProvedThemselves) {
  // A phone whose OUI is another vendor's, and no User-Agent: its record says what it is.
  contents_.phones.push_back(sample::phone("000fd3777777", "yealink", "T46G"));
  publish();
  const FileAnswer answer = ask("/p/tok-000fd3777777/000fd3777777.cfg");
  EXPECT_TRUE(text(answer).starts_with("#!version"));
}

TEST_F(ProvisioningTest, FirmwareForASiteGoesOverItsLineAndNothingElseDoes) {
  const test::TempDir folder;
  folder.write("sip.ld", std::string(70'000, 'f'));      // firmware, by Polycom's profile
  folder.write("logo.ld", std::string(60'000, 'f'));     // likewise, but small
  folder.write("manual.pdf", std::string(70'000, 'm'));  // nobody's firmware
  folder.write("video.pdf", std::string(130'000, 'v'));  // nobody's, but large
  auto config = sample::config();
  config.files = folder.path();
  config.small_file = 100'000;
  start(config);
  EXPECT_EQ(ask("sip.ld").link, nullptr);
  FirmwareLinkTerms terms;
  terms.prefixes = {*IpPrefix::parse("10.1.0.0/24")};
  terms.bytes_per_second = 1 << 20;
  const auto links = FirmwareLinks::from(std::vector{terms}, nullptr);
  provisioning_->replace_links(links);

  const FileAnswer firmware = ask("sip.ld", "10.1.0.5", Transport::Tftp);
  EXPECT_EQ(firmware.link, links->all()[0]);
  EXPECT_EQ(firmware.patience.most_pause, milliseconds(2000));
  EXPECT_EQ(firmware.patience.whole, seconds(30));  // as the profile says
  EXPECT_FALSE(firmware.retries_after_503);
  EXPECT_EQ(ask("sip.ld").patience.most_pause, milliseconds(5000));
  EXPECT_EQ(ask("video.pdf").link, links->all()[0]);
  EXPECT_EQ(ask("sip.ld", "10.1.1.5").link, nullptr);
  EXPECT_EQ(ask("logo.ld").link, nullptr);
  EXPECT_EQ(ask("manual.pdf").link, nullptr);
  EXPECT_EQ(ask("/p/tok-000fd3cfd9d3/000fd3cfd9d3.cfg").link, nullptr);
}

TEST_F(ProvisioningTest, FirmwareComesFromTheTreeAtItsNameOrInTheVendorsFolder) {
  namespace fs = std::filesystem;
  const fs::path root = fs::temp_directory_path() / fmt::format("stormdoor-files-{}", ::getpid());
  fs::create_directories(root / "firmware");
  fs::create_directories(root / "polycom");
  std::ofstream(root / "firmware/1_D65.eff") << "eff";
  std::ofstream(root / "polycom/sip.ld") << "ld";
  std::ofstream(root / "000fd3cfd9d3.cfg") << "in the way";
  auto config = sample::config();
  config.files = root;
  start(config);
  EXPECT_EQ(text(ask("/firmware/1_D65.eff")), "eff");
  EXPECT_EQ(text(ask("/p/tok-000fd3cfd9d3/firmware/1_D65.eff")), "eff");
  EXPECT_EQ(text(ask("sip.ld", "10.1.0.5", Transport::Tftp)), "ld");
  EXPECT_EQ(ask("/firmware/2_D65.eff").outcome, Outcome::NotFound);
  EXPECT_EQ(ask("/../etc/passwd").outcome, Outcome::NotFound);
  // A file of that name in the tree never stands in for a phone's own configuration.
  EXPECT_EQ(text(ask("/000fd3cfd9d3.cfg")).find("in the way"), std::string::npos);
  EXPECT_TRUE(failures_.empty());
  fs::remove_all(root);
}

TEST_F(ProvisioningTest, AFileThatCannotBeOpenedNowIsToBeAskedForAgain) {
  const test::TempDir folder;
  folder.write("manual.pdf", "manual");
  auto config = sample::config();
  config.files = folder.path();
  start(config);
  {
    const test::NoDescriptors none;
    const FileAnswer answer = ask("/manual.pdf");
    EXPECT_EQ(answer.outcome, Outcome::Busy);
    EXPECT_EQ(answer.message, "this file cannot be read now");
    EXPECT_EQ(ask("/another.pdf").outcome, Outcome::Busy) << "nobody knows whether it is there";
  }
  EXPECT_EQ(problems_, std::vector<std::string>{"manual.pdf: Too many open files"});
  EXPECT_EQ(text(ask("/manual.pdf")), "manual");
}

TEST_F(ProvisioningTest, EveryVendorBootsInItsOrderOfFiles) {
  struct Step {
    std::string_view file;
    Outcome outcome;
    bool secret;
  };
  struct Boot {
    std::string_view vendor, mac;
    Transport transport;
    std::string_view source;
    std::vector<Step> steps;
  };
  constexpr auto kYes = Outcome::Found, kNo = Outcome::NotFound;
  const std::vector<Boot> boots = {
      {"sangoma", kSangoma, Transport::Https, "10.1.0.5", {{"000fd3cfd9d3.cfg", kYes, true}}},
      {"polycom",
       "0004f2aabbcc",
       Transport::Https,
       "10.1.0.5",
       {{"0004f2aabbcc.cfg", kYes, false},
        {"sip.ver", kNo, false},
        {"0004f2aabbcc-user.cfg", kYes, true},
        {"common.cfg", kYes, false},
        {"0004f2aabbcc-phone.cfg", kNo, false},
        {"0004f2aabbcc-license.cfg", kNo, false},
        {"0004f2aabbcc-directory.xml", kNo, false}}},
      {"yealink",
       kYealink,
       Transport::Https,
       "10.1.0.5",
       {{"0015654aa937.boot", kNo, false},
        {"y000000000000.boot", kNo, false},
        {"y000000000028.cfg", kYes, false},
        {"0015654aa937.cfg", kYes, true}}},
      {"cisco",
       kCisco,
       Transport::Tftp,
       "10.3.0.5",
       {{"CTLSEP001122334455.tlv", kNo, false},
        {"ITLSEP001122334455.tlv", kNo, false},
        {"ITLFile.tlv", kNo, false},
        {"SEP001122334455.cnf.xml", kYes, true},
        {"dialplan.xml", kYes, false},
        {"RINGLIST.DAT", kNo, false}}},
      {"grandstream",
       "000b828aaa01",
       Transport::Https,
       "10.1.0.5",
       {{"cfg000b828aaa01", kNo, false},
        {"cfg000b828aaa01.bin", kNo, false},
        {"cfg000b828aaa01.xml", kYes, true}}},
      {"snom",
       "00041396d9b4",
       Transport::Https,
       "10.1.0.5",
       {{"snomD785.htm", kNo, false},
        {"snomD785-00041396D9B4.htm", kYes, false},
        {"00041396D9B4.xml", kYes, true},
        {"snomD785-firmware.xml", kNo, false}}},
      {"aastra",
       "00085d13ca05",
       Transport::Https,
       "10.1.0.5",
       {{"security.tuz", kNo, false},
        {"aastra.cfg", kYes, false},
        {"6867i.cfg", kNo, false},
        {"00085D13CA05.cfg", kYes, true}}}};
  contents_.phones.clear();
  for (const Boot& boot : boots) {
    contents_.phones.push_back(sample::phone(boot.mac, boot.vendor, ""));
    contents_.phones.back().token_issued = true;
  }
  publish();
  for (const Boot& boot : boots) {
    for (const Step& step : boot.steps) {
      const std::string prefix =
          boot.transport == Transport::Tftp ? "" : "/p/tok-" + std::string(boot.mac) + "/";
      const FileAnswer answer = fetch(prefix + std::string(step.file), boot.source, boot.transport);
      EXPECT_EQ(answer.outcome, step.outcome) << boot.vendor << ' ' << step.file;
      EXPECT_EQ(answer.secret, step.secret) << boot.vendor << ' ' << step.file;
      EXPECT_EQ(has_secret(answer), step.secret) << boot.vendor << ' ' << step.file;
    }
  }
  EXPECT_TRUE(failures_.empty());
}

std::string named(std::string_view mac) {
  return "/" + std::string(mac) + ".cfg";
}

TEST_F(ProvisioningTest, Promise7OnAWireThePhoneBehindTheAddressGetsItsFileAlsoOverTftp) {
  on_the_wire_ = sample::mac(kSangoma);
  const FileAnswer answer = fetch(named(kSangoma), "10.5.0.5", Transport::Tftp);
  EXPECT_EQ(answer.outcome, Outcome::Found);
  EXPECT_TRUE(answer.secret);
  EXPECT_TRUE(failures_.empty());
}

TEST_F(ProvisioningTest, Promise7OnAWireAnotherPhonesFileIsRefusedAndIsEvidence) {
  on_the_wire_ = sample::mac(kSangoma);
  const FileAnswer answer = fetch(named(kYealink), "10.5.0.5");
  EXPECT_EQ(answer.outcome, Outcome::Refused);
  EXPECT_FALSE(has_secret(answer));
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::WireMismatch);
}

TEST_F(ProvisioningTest, Promise7ATokenDoesNotHelpWhoIsAnotherPhoneOnTheWire) {
  on_the_wire_ = sample::mac(kYealink);
  EXPECT_FALSE(has_secret(fetch(own(kSangoma), "10.5.0.5")));
}

TEST_F(ProvisioningTest, Promise7WhatTheWireHasNotShownProvesNothingAndIsNoFailure) {
  record(kSangoma).token_issued = true;
  publish();
  EXPECT_FALSE(has_secret(fetch(named(kSangoma), "10.5.0.5", Transport::Tftp)));
  EXPECT_FALSE(has_secret(fetch(named(kSangoma), "10.5.0.6")));
  EXPECT_TRUE(failures_.empty());
  EXPECT_TRUE(has_secret(fetch(own(kSangoma), "10.5.0.5"))) << "its token is as good";
}

TEST_F(ProvisioningTest, Promise7AStrangerOnTheWireGetsNothingByBeingThere) {
  on_the_wire_ = *MacAddress::parse("00:0F:D3:99:99:99");
  EXPECT_FALSE(has_secret(fetch("/000fd3999999.cfg", "10.5.0.5")));
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::UnknownMac);
}

}  // namespace
}  // namespace stormdoor::http
