#include "tftp-http/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/tftp-http/tls_fixture.hpp"
#include "tftp-http/tls_tickets.hpp"

namespace stormdoor::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<TlsIdentity>& identities() {
  return test_certificates().identities;
}

std::string failure(const std::vector<TlsIdentity>& with, const TlsSettings& settings = {},
                    const Secret& secret = kTicketSecret, Now now = read_clocks()) {
  const auto context = TlsContext::create(with, settings, secret, now);
  return context ? "" : context.error().message();
}

TEST(TlsContext, TakesOneCertificateOfEachKind) {
  const auto context = TlsContext::create(identities(), {}, kTicketSecret, read_clocks());
  ASSERT_TRUE(context);
  ASSERT_EQ((*context)->certificates().size(), 2U);
  EXPECT_EQ((*context)->certificates()[0].key_kind, "ECDSA");
  EXPECT_EQ((*context)->certificates()[1].key_kind, "RSA");
  EXPECT_THAT((*context)->certificates()[0].names, ElementsAre("127.0.0.1", "localhost"));
  EXPECT_GT((*context)->first_expiry(), read_clocks().wall + std::chrono::days(800));
}

TEST(TlsContext, RefusesTwoOfAKind) {
  EXPECT_THAT(failure({identities()[0], identities()[0]}), HasSubstr("one of each kind"));
}

TEST(TlsContext, RefusesAKeyOfAnotherCertificate) {
  TlsIdentity mixed = identities()[0];
  mixed.key_pem = identities()[1].key_pem;
  EXPECT_THAT(failure({mixed}), HasSubstr("the key does not belong to the certificate"));
}

TEST(TlsContext, RefusesWhatIsNotPem) {
  EXPECT_THAT(failure({{"x.pem", "nonsense", Secret("nonsense")}}),
              HasSubstr("x.pem: no certificate in PEM form"));
  EXPECT_THAT(failure({{"x.pem", identities()[0].certificate_pem, Secret("nonsense")}}),
              HasSubstr("x.pem: no private key"));
  EXPECT_THAT(failure({}), HasSubstr("needs a certificate"));
}

TEST(TlsContext, NeverShowsAKeyInAnError) {
  TlsIdentity swapped{"x.pem", std::string(identities()[0].key_pem.reveal()), Secret("y")};
  EXPECT_EQ(failure({swapped}).find("MII"), std::string::npos);
}

TEST(TlsContext, RefusesAnExpiredCertificate) {
  Now late = read_clocks();
  late.wall += std::chrono::days(819);
  EXPECT_THAT(failure(identities(), {}, kTicketSecret, late), HasSubstr("expired on"));
  late.wall -= std::chrono::days(1);
  EXPECT_EQ(failure(identities(), {}, kTicketSecret, late), "");
}

TEST(TlsContext, RefusesAWeakTicketSecret) {
  TlsSettings settings;
  settings.resumption = TlsResumption::All;
  EXPECT_THAT(failure(identities(), settings, Secret(std::string(31, 'x'))), HasSubstr("32 bytes"));
  for (const TlsResumption without : {TlsResumption::Off, TlsResumption::Tls12}) {
    settings.resumption = without;
    EXPECT_EQ(failure(identities(), settings, Secret()), "");
  }
}

TEST(TlsContext, RefusesVersionsTheWrongWayRound) {
  TlsSettings settings;
  settings.least = TlsVersion::Tls13;
  settings.most = TlsVersion::Tls12;
  EXPECT_THAT(failure(identities(), settings), HasSubstr("least TLS version"));
}

TEST(TlsContext, RefusesClientAuthoritiesThatAreNone) {
  TlsSettings settings;
  settings.client_authorities_pem = "nothing";
  EXPECT_THAT(failure(identities(), settings), HasSubstr("client authorities"));
}

TEST(TicketKeys, AreTheSameAfterARestartAndOthersInTheNextPeriod) {
  const auto keys = TicketKeys::derive("secret", 7);
  EXPECT_EQ(keys.cipher, TicketKeys::derive("secret", 7).cipher);
  EXPECT_NE(keys.cipher, TicketKeys::derive("secret", 8).cipher);
  EXPECT_NE(keys.name, TicketKeys::derive("secret", 8).name);
  EXPECT_NE(keys.cipher, TicketKeys::derive("another", 7).cipher);
  EXPECT_NE(keys.cipher, keys.mac);
  const WallTime start(std::chrono::hours(24));
  EXPECT_EQ(ticket_period(start, seconds(3600)), 24U);
  EXPECT_EQ(ticket_period(start + milliseconds(3'599'999), seconds(3600)), 24U);
  EXPECT_EQ(ticket_period(start + seconds(3600), seconds(3600)), 25U);
}

TEST(TicketKeys, ARingHoldsThoseOfThePeriodAndOfTheOneBeforeIt) {
  const TicketKeyRing ring(Secret("secret"));
  for (const uint64_t period : {7, 8, 7}) {  // clocks are set back, too
    EXPECT_EQ(ring.at(period, 0).cipher, TicketKeys::derive("secret", period).cipher);
    EXPECT_EQ(ring.at(period, 1).mac, TicketKeys::derive("secret", period - 1).mac);
  }
}

}  // namespace
}  // namespace stormdoor::http
