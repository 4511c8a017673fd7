#include "edge/sip_intake.hpp"

#include <gtest/gtest.h>

#include "base/crypto/digest_auth.hpp"

namespace stormdoor::edge {
namespace {

const Now kNow{SteadyTime(std::chrono::hours(10)), WallTime(seconds{1'800'000'000})};
const MacAddress kPhone = *MacAddress::parse("00:0F:D3:05:48:48");
const MacAddress kOther = *MacAddress::parse("00:0F:D3:05:48:49");
const IpAddress kOffice = *IpAddress::parse("198.51.100.7");

// 2041 has one phone; its secret was "old" until it was changed to "new".
std::shared_ptr<const hotdesk::Registry> office() {
  store::Contents contents;
  store::UserRecord user;
  user.extension = "2041";
  user.sip_secret = Secret("new");
  user.main_phone_type = store::MainPhoneType::DeskPhone;
  store::PhoneRecord phone;
  phone.mac = kPhone;
  phone.role = store::PhoneRole::Desk;
  phone.device_account = "d000fd3054848";
  contents.users = {user};
  contents.phones = {phone};
  contents.assignments = {{"2041", 0, kPhone}};
  contents.stale_secrets = {
      {kPhone, "2041", kNow.wall - seconds{60}, kNow.wall + seconds{3600}, Secret("old")}};
  return hotdesk::Registry::from(contents);
}

SipOutcome outcome_with(const std::string& secret, SipOutcome::Result result) {
  SipOutcome outcome;
  outcome.result = result;
  outcome.client = kOffice;
  outcome.client_port = 5062;
  outcome.status = result == SipOutcome::Result::Refused ? 401 : 200;
  outcome.nonce_was_sent_there = outcome.alone = true;
  outcome.expires_seconds = 300;
  outcome.method = "REGISTER";
  outcome.account = outcome.username = "2041";
  outcome.realm = "pbx";
  outcome.nonce = "n-1";
  outcome.uri = "sip:pbx";
  outcome.response = crypto::digest_response({.username = outcome.username,
                                              .realm = outcome.realm,
                                              .nonce = outcome.nonce,
                                              .method = outcome.method,
                                              .uri = outcome.uri,
                                              .nonce_count = {},
                                              .cnonce = {}},
                                             Secret(secret));
  return outcome;
}

class SipIntake : public testing::Test {
 protected:
  // This MAC stands at the office's address.
  void see(const MacAddress& mac) {
    bindings_.learn({.mac = mac,
                     .address = kOffice,
                     .source = acl::BindingSource::Arp,
                     .vendor_class = {},
                     .relay = {}},
                    kNow);
  }
  SipFinding assessed(const SipOutcome& outcome) {
    return assess(outcome, *office(), bindings_, kNow);
  }
  acl::BindingTable bindings_{64};
};

TEST_F(SipIntake, Promise3AStalePhonesDigestSaysWhoseItIs) {
  const auto finding = assessed(outcome_with("old", SipOutcome::Result::Refused));
  EXPECT_EQ(finding.failure.standing, acl::Standing::Stale);
  EXPECT_EQ(finding.failure.device, kPhone);
  EXPECT_EQ(finding.failure.device_proof, acl::DeviceProof::Digest);
  EXPECT_EQ(finding.failure.proof, acl::PathProof::Acknowledged);
}

TEST_F(SipIntake, Promise3ARightDigestThatWasRefusedIsKnownToBeRight) {
  EXPECT_EQ(assessed(outcome_with("new", SipOutcome::Result::Refused)).failure.standing,
            acl::Standing::Current);
}

TEST_F(SipIntake, AGuessIsNobodys) {
  auto guess = outcome_with("guess", SipOutcome::Result::Refused);
  guess.fingerprint = 7;
  const auto finding = assessed(guess);
  EXPECT_EQ(finding.failure.standing, acl::Standing::Unknown);
  EXPECT_FALSE(finding.failure.device);
  EXPECT_EQ(finding.failure.fingerprint, 7U);
}

TEST_F(SipIntake, BesideAnotherDigestNoneIsKnownToBeTheOneThatWasRefused) {
  for (const char* secret : {"old", "new"}) {
    auto outcome = outcome_with(secret, SipOutcome::Result::Refused);
    outcome.alone = false;
    outcome.account = "2042";  // whom the other one guesses at
    const auto finding = assessed(outcome);
    EXPECT_EQ(finding.failure.standing, acl::Standing::Unknown) << secret;
    EXPECT_FALSE(finding.failure.device) << secret;
    EXPECT_EQ(finding.failure.account, "2042") << secret;
  }
}

TEST_F(SipIntake, Promise1NobodyRegistersForAnotherWithADigestBesideHisOwn) {
  auto outcome = outcome_with("guess", SipOutcome::Result::Registered);
  outcome.alone = false;
  outcome.account = "2042";  // his own, which the other digest is for
  const auto another = assessed(outcome);
  EXPECT_FALSE(another.fresh);
  EXPECT_FALSE(another.registration.device);
  EXPECT_EQ(another.registration.account, "2042");
  outcome.account = "2041";
  EXPECT_FALSE(assessed(outcome).fresh) << "the PBX may have looked at the other digest";
}

TEST_F(SipIntake, ARightDigestThatWentWellIsSoBesideAnother) {
  auto outcome = outcome_with("new", SipOutcome::Result::Registered);
  outcome.alone = false;  // a proxy on the way has credentials of its own
  EXPECT_TRUE(assessed(outcome).fresh);
  EXPECT_EQ(assessed(outcome).registration.device, kPhone);
}

TEST_F(SipIntake, ALoginNameThatIsNotTheAccountsIsTakenAtItsWordWhenItStandsAlone) {
  auto outcome = outcome_with("what only the PBX knows", SipOutcome::Result::Registered);
  outcome.account = "+12025550141";
  const auto finding = assessed(outcome);
  EXPECT_TRUE(finding.fresh);
  EXPECT_EQ(finding.registration.account, "2041");
  EXPECT_EQ(finding.registration.device, kPhone);
}

TEST_F(SipIntake, Promise4WithoutANonceThatWasSentThereNothingIsProved) {
  auto outcome = outcome_with("guess", SipOutcome::Result::Refused);
  outcome.nonce_was_sent_there = false;
  EXPECT_EQ(assessed(outcome).failure.proof, acl::PathProof::None);
  outcome.connected = true;
  EXPECT_EQ(assessed(outcome).failure.proof, acl::PathProof::Connected);
}

TEST_F(SipIntake, WhoIsOnTheWireIsTheDevice) {
  see(kOther);
  const auto finding = assessed(outcome_with("guess", SipOutcome::Result::Refused));
  EXPECT_EQ(finding.failure.device, kOther);
  EXPECT_EQ(finding.failure.device_proof, acl::DeviceProof::Wire);
}

TEST_F(SipIntake, ARouterOnTheWireIsNotThePhoneBehindIt) {
  see(kOther);
  const auto stale = assessed(outcome_with("old", SipOutcome::Result::Refused));
  EXPECT_EQ(stale.failure.device, kPhone);
  EXPECT_EQ(stale.failure.device_proof, acl::DeviceProof::Digest);
  const auto back = assessed(outcome_with("new", SipOutcome::Result::Registered));
  EXPECT_EQ(back.registration.device, kPhone);
  EXPECT_TRUE(back.fresh);
}

TEST_F(SipIntake, APhoneOnTheWireIsThatPhoneWhoseverTheSecret) {
  see(kPhone);
  const auto finding = assessed(outcome_with("old", SipOutcome::Result::Refused));
  EXPECT_EQ(finding.failure.device, kPhone);
  EXPECT_EQ(finding.failure.device_proof, acl::DeviceProof::Wire);
}

TEST_F(SipIntake, Promise1OnlyARegistrationWithWhatThePhoneHasNowEndsItsLease) {
  const auto with_new = assessed(outcome_with("new", SipOutcome::Result::Registered));
  EXPECT_TRUE(with_new.fresh);
  EXPECT_EQ(with_new.registration.device, kPhone);
  EXPECT_EQ(with_new.registration.flow, (acl::Flow{kOffice, 5062, false}));
  EXPECT_EQ(with_new.registration.expires, kNow.wall + seconds{300});
  EXPECT_FALSE(assessed(outcome_with("old", SipOutcome::Result::Registered)).fresh)
      << "the PBX has not heard of the change yet";
}

}  // namespace
}  // namespace stormdoor::edge
