#include "hotdesk/sip_standing.hpp"

#include <gtest/gtest.h>

#include "hotdesk/credential_change.hpp"
#include "tests/hotdesk/office.hpp"
#include "tests/hotdesk/sip_digests.hpp"

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;
using acl::Standing;

constexpr WallTime kNow{400'000h};

class SipStandingTest : public testing::Test {
 protected:
  void apply(store::Operation operation) {
    registry_ = registry_->with({{std::move(operation)}}, registry_->version() + 1);
  }
  void remember(std::string_view phone, std::string account, std::string secret,
                WallTime since = kNow - 1h, WallTime until = kNow + 24h) {
    apply(store::PutStaleSecret{
        {mac(phone), std::move(account), since, until, Secret(std::move(secret))}});
  }
  SipStanding standing(std::string_view username, std::string_view password) {
    return standing_of(*registry_, PhonesDigest(username, password).digest(), kNow);
  }
  std::shared_ptr<const Registry> registry_ = Registry::from(office_contents());
};

TEST_F(SipStandingTest, ThePresentSecretOfAUserOrADeviceIsCurrent) {
  const auto user = standing("2041", "ada-secret");
  EXPECT_EQ(user.standing, Standing::Current);
  EXPECT_EQ(user.phone, mac(kDeskPhone)) << "only that phone has it";
  const auto device = standing("d000fd3000003", "device-secret");
  EXPECT_EQ(device.standing, Standing::Current);
  EXPECT_EQ(device.phone, mac(kSparePhone));
  EXPECT_EQ(standing("2043", "grace-secret").standing, Standing::Current);
  EXPECT_FALSE(standing("2043", "grace-secret").phone) << "no phone has it";
}

TEST_F(SipStandingTest, WhoIsLoggedInAtADeskHasTheSecretThere) {
  apply(store::PutDeskSession{{mac(kHotDeskPhone), "2043", kNow - 1h}});
  EXPECT_EQ(standing("2043", "grace-secret").phone, mac(kHotDeskPhone));
  apply(store::PutDeskSession{{mac(kHotDeskPhone), "2041", kNow - 1h}});
  EXPECT_FALSE(standing("2041", "ada-secret").phone) << "the desk phone has it, too";
}

TEST_F(SipStandingTest, ADigestThatFitsNothingIsUnknown) {
  EXPECT_EQ(standing("2041", "guess").standing, Standing::Unknown);
  EXPECT_EQ(standing("2041", "").standing, Standing::Unknown);
  EXPECT_EQ(standing("9999", "ada-secret").standing, Standing::Unknown);
  EXPECT_EQ(standing("2043", "ada-secret").standing, Standing::Unknown) << "of another extension";
  EXPECT_EQ(standing("", "ada-secret").standing, Standing::Unknown);
}

TEST_F(SipStandingTest, AnEmptySecretFitsNothing) {
  UserRecord user = *registry_->user("2043");
  user.sip_secret = Secret();
  apply(store::PutUser{user});
  EXPECT_EQ(standing("2043", "").standing, Standing::Unknown);
}

TEST_F(SipStandingTest, APreviousSecretOfOnePhoneAloneIsStale) {
  remember(kSparePhone, "2043", "old");
  const auto found = standing("2043", "old");
  EXPECT_EQ(found.standing, Standing::Stale);
  EXPECT_EQ(found.phone, mac(kSparePhone));
  EXPECT_EQ(standing("2043", "grace-secret").standing, Standing::Current);
  EXPECT_EQ(standing("2043", "older").standing, Standing::Unknown);
}

TEST_F(SipStandingTest, AStaleSecretOutlivesItsAccount) {
  remember(kSparePhone, "d-removed", "old");
  EXPECT_EQ(standing("d-removed", "old").standing, Standing::Stale);
}

TEST_F(SipStandingTest, APreviousSecretThatSeveralPhonesHadIsNobodys) {
  remember(kSparePhone, "2043", "old");
  remember(kHotDeskPhone, "2043", "old", kNow - 2h);
  const auto found = standing("2043", "old");
  EXPECT_EQ(found.standing, Standing::StaleElsewhere);
  EXPECT_FALSE(found.phone);
}

TEST_F(SipStandingTest, APresentSecretThatAnotherPhoneHadToIsNoPhonesAlone) {
  remember(kSparePhone, "2041", "ada-secret");
  const auto found = standing("2041", "ada-secret");
  EXPECT_EQ(found.standing, Standing::Current);
  EXPECT_FALSE(found.phone);
}

TEST_F(SipStandingTest, ASecretUsedForAnotherAccountCountsAsAGuess) {
  remember(kSparePhone, "2043", "old");
  for (const char* password : {"old", "grace-secret"}) {
    const PhonesDigest made("2043", password);
    SipDigest digest = made.digest();
    digest.account = "2041";
    EXPECT_EQ(standing_of(*registry_, digest, kNow).standing, Standing::StaleElsewhere);
    EXPECT_FALSE(standing_of(*registry_, digest, kNow).phone);
    digest.account = "2043@pbx.example";
    EXPECT_NE(standing_of(*registry_, digest, kNow).standing, Standing::StaleElsewhere);
  }
  const PhonesDigest guess("2043", "guess");
  SipDigest digest = guess.digest();
  digest.account = "2041";
  EXPECT_EQ(standing_of(*registry_, digest, kNow).standing, Standing::Unknown);
}

TEST_F(SipStandingTest, TheDomainOfAUserNameIsLeftOut) {
  EXPECT_EQ(standing("2041@pbx.example", "ada-secret").standing, Standing::Current);
}

TEST_F(SipStandingTest, ASecretWhoseTimeIsOverIsForgotten) {
  remember(kSparePhone, "2043", "old", kNow - 1h, kNow + 1ms);
  EXPECT_EQ(standing("2043", "old").standing, Standing::Stale);
  remember(kSparePhone, "2043", "old", kNow - 1h, kNow);
  EXPECT_EQ(standing("2043", "old").standing, Standing::Unknown);
}

TEST_F(SipStandingTest, EveryFormOfDigestIsTested) {
  for (const char* algorithm : {"", "MD5", "MD5-sess", "SHA-256", "SHA-256-sess"})
    for (const char* qop : {"", "auth"}) {
      const crypto::DigestInput input{.algorithm = *crypto::parse_digest_algorithm(algorithm),
                                      .username = "2041",
                                      .realm = "r",
                                      .nonce = "n",
                                      .method = "REGISTER",
                                      .uri = "sip:pbx",
                                      .qop_auth = std::string_view(qop) == "auth",
                                      .nonce_count = "00000001",
                                      .cnonce = "c"};
      const std::string response = crypto::digest_response(input, Secret("ada-secret"));
      const SipDigest digest{.username = "2041",
                             .realm = "r",
                             .nonce = "n",
                             .uri = "sip:pbx",
                             .method = "REGISTER",
                             .response = response,
                             .algorithm = algorithm,
                             .qop = qop,
                             .nc = "00000001",
                             .cnonce = "c"};
      EXPECT_EQ(standing_of(*registry_, digest, kNow).standing, Standing::Current)
          << algorithm << " " << qop;
    }
}

TEST_F(SipStandingTest, WhatIsNotOfferedIsUnknown) {
  const PhonesDigest made("2041", "ada-secret");
  SipDigest digest = made.digest();
  digest.qop = "auth-int";
  EXPECT_EQ(standing_of(*registry_, digest, kNow).standing, Standing::Unknown);
  digest.qop = "auth";
  digest.algorithm = "SHA-512-256";
  EXPECT_EQ(standing_of(*registry_, digest, kNow).standing, Standing::Unknown);
}

TEST_F(SipStandingTest, AtMostEightPreviousSecretsAreTriedTheNewestFirst) {
  for (size_t i = 0; i <= kMostStaleSecrets; ++i)
    remember(kSparePhone, "2043", fmt::format("old-{}", i), kNow - 1h + seconds(i));
  EXPECT_EQ(standing("2043", "old-0").standing, Standing::Unknown);
  EXPECT_EQ(standing("2043", "old-1").standing, Standing::Stale);
}

}  // namespace
}  // namespace stormdoor::hotdesk
