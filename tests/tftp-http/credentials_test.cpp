#include "tftp-http/credentials.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/crypto/crypto.hpp"
#include "tftp-http/credentials_digest.hpp"

namespace stormdoor::http {
namespace {

const IpAddress kPhone = *IpAddress::parse("10.20.0.5");
const IpAddress kOther = *IpAddress::parse("10.20.0.6");
const Now kStart{SteadyTime(std::chrono::hours(1)), WallTime(std::chrono::hours(490'000))};
const std::vector<LoginScheme> kAll = {LoginScheme::DigestSha256, LoginScheme::DigestMd5,
                                       LoginScheme::Basic};

std::optional<Secret> password_of(std::string_view user) {
  if (user == "phone") return Secret("pass:word");
  if (user == "empty") return Secret("");
  return {};
}

std::string between(const std::string& text, const std::string& before, char end) {
  const size_t at = text.find(before) + before.size();
  return text.substr(at, text.find(end, at) - at);
}

// A client that logs in by Digest.
struct DigestClient {
  Credentials& credentials;
  crypto::Hash hash = crypto::Hash::Sha256;
  std::string user = "phone", password = "pass:word", uri = "/a.cfg", nonce{};
  bool qop = true;

  void fetch_nonce(Now now, const IpAddress& source = kPhone) {
    nonce = between(credentials.challenges({LoginScheme::DigestMd5}, source, false, now)[0],
                    "nonce=\"", '"');
  }
  [[nodiscard]] std::string h(const std::string& text) const {
    return crypto::hash_hex(hash, text);
  }
  [[nodiscard]] std::string header(uint32_t counter = 1) const {
    const std::string nc = fmt::format("{:08x}", counter);
    const std::string ha1 = h(user + ":stormdoor:" + password), ha2 = h("GET:" + uri);
    const std::string response = qop ? h(ha1 + ":" + nonce + ":" + nc + ":cn:auth:" + ha2)
                                     : h(ha1 + ":" + nonce + ":" + ha2);
    std::string text = fmt::format(
        "Digest username=\"{}\", realm=\"stormdoor\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
        user, nonce, uri, response);
    if (hash == crypto::Hash::Sha256) text += ", algorithm=SHA-256";
    if (qop) text += ", qop=auth, nc=" + nc + ", cnonce=\"cn\"";
    return text;
  }
  LoginResult log_in(Now now, uint32_t counter = 1, const IpAddress& source = kPhone) const {
    return credentials.check({header(counter), "GET", "/a.cfg", source}, kAll, password_of, now);
  }
};

LoginResult basic(Credentials& credentials, const std::string& user_and_password) {
  const std::string header = "Basic " + crypto::base64_encode(user_and_password);
  return credentials.check({header, "GET", "/", kPhone}, kAll, password_of, kStart);
}

TEST(Credentials, WithoutAHeaderThereIsNothingToJudge) {
  Credentials credentials("stormdoor");
  for (const char* header : {"", "Bearer x", "Basic", "Basic !!!", "Digest", "Digest a",
                             "Digest a=\"", "Digest username=\"phone\""})
    EXPECT_EQ(credentials.check({header, "GET", "/", kPhone}, kAll, password_of, kStart).outcome,
              LoginOutcome::None)
        << header;
}

TEST(Credentials, ChecksBasic) {
  Credentials credentials("stormdoor");
  const LoginResult good = basic(credentials, "phone:pass:word");
  EXPECT_EQ(good.outcome, LoginOutcome::Correct);
  EXPECT_EQ(good.user, "phone");
  EXPECT_EQ(basic(credentials, "phone:pass").outcome, LoginOutcome::Wrong);
  EXPECT_EQ(basic(credentials, "nobody:pass:word").outcome, LoginOutcome::Wrong);
  EXPECT_EQ(basic(credentials, "nobody:").outcome, LoginOutcome::Wrong);
  EXPECT_EQ(basic(credentials, "empty:").outcome, LoginOutcome::Wrong)
      << "an empty password opens nothing";
  EXPECT_EQ(basic(credentials, "no colon").outcome, LoginOutcome::None);
}

TEST(Credentials, TheSameWrongPasswordHasTheSameFingerprint) {
  Credentials credentials("stormdoor");
  EXPECT_EQ(basic(credentials, "phone:a").fingerprint, basic(credentials, "phone:a").fingerprint);
  const std::set<uint64_t> different = {
      basic(credentials, "phone:a").fingerprint, basic(credentials, "phone:b").fingerprint,
      basic(credentials, "other:a").fingerprint, basic(credentials, "phonea:").fingerprint};
  EXPECT_EQ(different.size(), 4U);
  Credentials elsewhere("stormdoor");
  EXPECT_NE(basic(credentials, "phone:a").fingerprint, basic(elsewhere, "phone:a").fingerprint)
      << "keyed: it tells nothing to who sees it";
}

TEST(Credentials, TakesOnlyWhatWasOffered) {
  Credentials credentials("stormdoor");
  const std::string header = "Basic " + crypto::base64_encode("phone:wrong");
  EXPECT_EQ(
      credentials.check({header, "GET", "/", kPhone}, {LoginScheme::DigestMd5}, password_of, kStart)
          .outcome,
      LoginOutcome::None);
  DigestClient client{credentials};
  client.fetch_nonce(kStart);
  EXPECT_EQ(credentials
                .check({client.header(), "GET", "/a.cfg", kPhone}, {LoginScheme::DigestMd5},
                       password_of, kStart)
                .outcome,
            LoginOutcome::None);
}

TEST(Credentials, ComputesTheDigestsOfRfc7616) {
  // RFC 7616 section 3.9.1.
  DigestParameters digest;
  digest.username = "Mufasa";
  digest.realm = "http-auth@example.org";
  digest.uri = "/dir/index.html";
  digest.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  digest.counter = 1;
  digest.counter_text = "00000001";
  digest.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  EXPECT_EQ(expected_digest(digest, "GET", Secret("Circle of Life")),
            "8ca523f5e9506fed4657c9700eebdbec");
  digest.algorithm = crypto::Hash::Sha256;
  EXPECT_EQ(expected_digest(digest, "GET", Secret("Circle of Life")),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Credentials, ChecksDigest) {
  for (const crypto::Hash hash : {crypto::Hash::Md5, crypto::Hash::Sha256}) {
    for (const bool qop : {true, false}) {
      Credentials credentials("stormdoor");
      DigestClient client{credentials, hash};
      client.qop = qop;
      client.fetch_nonce(kStart);
      EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Correct);
      client.password = "guess";
      EXPECT_EQ(client.log_in(kStart, 2).outcome, LoginOutcome::Wrong);
      client.user = "nobody";
      EXPECT_EQ(client.log_in(kStart, 3).outcome, LoginOutcome::Wrong);
      client.user = "empty";
      client.password = "";
      EXPECT_EQ(client.log_in(kStart, 4).outcome, LoginOutcome::Wrong);
    }
  }
}

TEST(Credentials, ADigestIsGoodOnce) {
  Credentials credentials("stormdoor");
  DigestClient client{credentials};
  client.fetch_nonce(kStart);
  EXPECT_EQ(client.log_in(kStart, 1).outcome, LoginOutcome::Correct);
  EXPECT_EQ(client.log_in(kStart, 1).outcome, LoginOutcome::Stale) << "replayed";
  EXPECT_EQ(client.log_in(kStart, 3).outcome, LoginOutcome::Correct);
  EXPECT_EQ(client.log_in(kStart, 2).outcome, LoginOutcome::Correct) << "overtaken on the way";
  EXPECT_EQ(client.log_in(kStart, 2).outcome, LoginOutcome::Stale);
  EXPECT_EQ(client.log_in(kStart, 66).outcome, LoginOutcome::Correct);
  EXPECT_EQ(client.log_in(kStart, 4).outcome, LoginOutcome::Correct) << "62 behind: remembered";
  EXPECT_EQ(client.log_in(kStart, 4).outcome, LoginOutcome::Stale);
  EXPECT_EQ(client.log_in(kStart, 0).outcome, LoginOutcome::Stale);
}

TEST(Credentials, ACounterTooFarBehindIsStale) {
  Credentials credentials("stormdoor");
  DigestClient client{credentials};
  client.fetch_nonce(kStart);
  EXPECT_EQ(client.log_in(kStart, 100).outcome, LoginOutcome::Correct);
  EXPECT_EQ(client.log_in(kStart, 37).outcome, LoginOutcome::Correct) << "63 behind";
  EXPECT_EQ(client.log_in(kStart, 36).outcome, LoginOutcome::Stale) << "64 behind";
}

TEST(Credentials, WithoutACounterEachResponseIsGoodOnce) {
  Credentials credentials("stormdoor");
  DigestClient client{credentials, crypto::Hash::Md5};
  client.qop = false;
  client.fetch_nonce(kStart);
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Correct);
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Stale);
  client.uri = "/a.cfg?x";
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Correct);
}

TEST(Credentials, ANonceExpires) {
  Credentials credentials("stormdoor");
  DigestClient client{credentials};
  client.fetch_nonce(kStart);
  EXPECT_EQ(client.log_in(kStart + CredentialNonces::kLifetime, 1).outcome, LoginOutcome::Correct);
  const Now late = kStart + CredentialNonces::kLifetime + milliseconds(1);
  EXPECT_EQ(client.log_in(late, 2).outcome, LoginOutcome::Stale);
  client.password = "guess";
  EXPECT_EQ(client.log_in(late, 3).outcome, LoginOutcome::Stale) << "not tested, so no failure";
}

TEST(Credentials, ANonceIsForOneSource) {
  Credentials credentials("stormdoor");
  DigestClient client{credentials};
  client.fetch_nonce(kStart, kPhone);
  EXPECT_EQ(client.log_in(kStart, 1, kOther).outcome, LoginOutcome::Stale);
}

TEST(Credentials, ANonceOfSomebodyElsesIsStale) {
  Credentials credentials("stormdoor"), elsewhere("stormdoor");
  DigestClient client{elsewhere};
  client.fetch_nonce(kStart);
  const std::string header = client.header();
  EXPECT_EQ(credentials.check({header, "GET", "/a.cfg", kPhone}, kAll, password_of, kStart).outcome,
            LoginOutcome::Stale);
  client.nonce[0] = client.nonce[0] == '0' ? '1' : '0';
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Stale) << "a changed time";
  client.nonce = "x";
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Stale);
}

TEST(Credentials, ADigestForAnotherFileProvesNothing) {
  Credentials credentials("stormdoor");
  DigestClient client{credentials};
  client.fetch_nonce(kStart);
  client.uri = "/b.cfg";
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::None);
  client.uri = "http://pbx/a.cfg";
  EXPECT_EQ(client.log_in(kStart).outcome, LoginOutcome::Correct);
}

TEST(Credentials, ChallengesInTheOrderOffered) {
  const Credentials credentials("stormdoor");
  const auto values = credentials.challenges(kAll, kPhone, true, kStart);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_TRUE(values[0].starts_with(
      "Digest realm=\"stormdoor\", qop=\"auth\", algorithm=SHA-256, nonce=\""));
  EXPECT_TRUE(values[0].ends_with(", stale=true"));
  EXPECT_TRUE(values[1].find("algorithm=MD5") != std::string::npos);
  EXPECT_EQ(values[2], "Basic realm=\"stormdoor\", charset=\"UTF-8\"");
}

TEST(CredentialNonces, ForgettingOneMakesOlderOnesStaleAndNeverReplayable) {
  CredentialNonces nonces(1);  // one per shard
  std::vector<std::string> issued;
  for (int i = 0; i < 200; ++i) issued.push_back(nonces.issue(kPhone, kStart + milliseconds(i)));
  for (const std::string& nonce : issued) EXPECT_TRUE(nonces.use(nonce, 1, ""));
  for (const std::string& nonce : issued) EXPECT_FALSE(nonces.use(nonce, 1, ""));
}

TEST(DigestParameters, RefusesWhatIsBrokenOrNotOffered) {
  const std::string good = "username=\"u\", nonce=\"n\", uri=\"/\", response=\"r\"";
  ASSERT_TRUE(parse_digest(good));
  for (const std::string further :
       {", qop=auth-int, nc=00000001, cnonce=c", ", qop=auth, nc=1, cnonce=c",
        ", qop=auth, nc=0000000g, cnonce=c", ", qop=auth, nc=00000001", ", algorithm=MD5-sess",
        ", userhash=true", ", nonce=x", ", x=\"open", ", x=\"open\\", ",,", " x=1", ", =="})
    EXPECT_FALSE(parse_digest(good + further)) << further;
  EXPECT_FALSE(parse_digest(good + ", x=\"" + std::string(4096, 'x') + "\""));
  std::string many = good;
  for (int i = 4; i < 32; ++i) many += fmt::format(", p{}=1", i);
  EXPECT_TRUE(parse_digest(many));
  EXPECT_FALSE(parse_digest(many + ", one=more"));
}

TEST(DigestParameters, UndoesQuoting) {
  const auto digest =
      parse_digest(R"(username="a\"b\\c", nonce=n , uri="/", response="R", realm="x, y")");
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->username, "a\"b\\c");
  EXPECT_EQ(digest->realm, "x, y");
  EXPECT_EQ(digest->response, "r");
}

}  // namespace
}  // namespace stormdoor::http
