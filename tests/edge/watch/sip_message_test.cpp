#include "edge/watch/sip_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "edge/watch/sip_fields.hpp"
#include "tests/support/sip_text.hpp"

namespace stormdoor::edge::watch {
namespace {

using test::challenge_header;
using test::digest_header;
using test::SipRequestText;

std::string corpus_file(const std::string& name) {
  std::ifstream file(std::filesystem::path(STORMDOOR_SOURCE_DIR) / "tests/fuzz/corpus/sip_message" /
                     (name + ".sip"));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

SipMessage read(std::string_view text) {
  auto message = parse_sip(text, SipFraming::Datagram);
  EXPECT_TRUE(message) << (message ? "" : message.error().message());
  return message ? *std::move(message) : SipMessage{};
}

// After RFC 4475. "valid" must be read and trusted, "irregular" read and not trusted by the strict,
// "invalid" refused.
TEST(SipMessage, ReadsTortureMessagesAsTheirNamesSay) {
  size_t count = 0;
  const auto folder = std::filesystem::path(STORMDOOR_SOURCE_DIR) / "tests/fuzz/corpus/sip_message";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().stem();
    const std::string text = corpus_file(name);
    const auto message = parse_sip(text, SipFraming::Datagram);
    EXPECT_EQ(message.has_value(), !name.starts_with("invalid")) << name;
    EXPECT_EQ(message && message->irregular, name.starts_with("irregular")) << name;
    ++count;
  }
  EXPECT_GE(count, 50U);
}

TEST(SipMessage, ReadsFoldedLinesCompactNamesAndOddCase) {
  const std::string text = corpus_file("valid_tortuous");
  const SipMessage message = read(text);
  EXPECT_EQ(message.method, "INVITE");
  EXPECT_EQ(message.cseq, 9U);
  EXPECT_EQ(message.from_user, "jdoe");
  EXPECT_EQ(message.from_tag, "98");
  EXPECT_EQ(message.to_user, "dave");
  EXPECT_EQ(message.request_user, "dave");
  EXPECT_EQ(message.branch, "390skdjuw");
  EXPECT_EQ(message.sent_by, "192.0.2.2");
  ASSERT_EQ(message.contacts.size(), 1U);
  EXPECT_EQ(message.contacts[0].user, "jdoe");
}

TEST(SipMessage, UnescapesUsers) {
  const std::string text = corpus_file("valid_escaped_users");
  const SipMessage message = read(text);
  EXPECT_EQ(message.to_user, "user");
  EXPECT_EQ(message.from_user, "I have spaces");
  EXPECT_EQ(message.contacts.at(0).user, "caller");
}

TEST(SipMessage, KeepsAnEscapedNulInAUser) {
  const std::string text = corpus_file("valid_escaped_nul");
  EXPECT_EQ(read(text).from_user, std::string("null-\0-null", 11));
}

TEST(SipMessage, ReadsUsersWithSemicolonsAndPasswords) {
  const std::string text = corpus_file("valid_semicolon_in_user");
  EXPECT_EQ(read(text).request_user, "user;par=u@example.net");
  SipRequestText request;
  request.headers = "Contact: <sip:301:pass@192.0.2.7>, tel:+1202;phone-context=x\r\n";
  const std::string with_password = request.text();
  const SipMessage message = read(with_password);
  ASSERT_EQ(message.contacts.size(), 2U);
  EXPECT_EQ(message.contacts[0].user, "301");
  EXPECT_EQ(message.contacts[1].user, "+1202");
}

TEST(SipMessage, OfDoubledHeadersTheFirstCounts) {
  const std::string text = corpus_file("irregular_headers_twice");
  const SipMessage message = read(text);
  EXPECT_EQ(message.from_user, "alice");
  EXPECT_EQ(message.to_user, "bob");
  EXPECT_EQ(message.cseq, 8U);
  EXPECT_EQ(message.call_id, "second");
}

TEST(SipMessage, AListOfOpenQuotesIsSearchedOnce) {
  const std::string text = corpus_file("irregular_open_quotes_everywhere");
  EXPECT_EQ(read(text).contacts.size(), 1901U);
  std::string_view value = "\"a,\\\"b,\\\"c";
  bool mind_quotes = true;
  bool doubtful = false;
  EXPECT_EQ(take_sip_address(value, true, mind_quotes, doubtful).uri, "\"a");
  EXPECT_FALSE(mind_quotes);
  EXPECT_TRUE(doubtful);
}

TEST(SipMessage, ReadsADigest) {
  const std::string text = corpus_file("valid_digest");
  const SipMessage message = read(text);
  ASSERT_EQ(message.digests.size(), 1U);
  const SipDigest& digest = message.digests[0];
  EXPECT_EQ(digest.username, "bo\"b");
  EXPECT_EQ(digest.realm, "a,b");
  EXPECT_EQ(digest.nonce, "n;1");
  EXPECT_EQ(digest.qop, "auth");
  EXPECT_EQ(digest.nc, "00000001");
  EXPECT_EQ(digest.response, "0123456789abcdef0123456789abcdef");
  EXPECT_FALSE(digest.proxy);
  ASSERT_EQ(message.contacts.size(), 2U);
  EXPECT_EQ(message.contacts[0].expires_seconds, 60U);
  EXPECT_EQ(message.contacts[1].expires_seconds, std::nullopt);
  EXPECT_EQ(message.user_agent, "T/1");
}

TEST(SipMessage, ReadsChallenges) {
  const std::string text = corpus_file("valid_challenges");
  const SipMessage message = read(text);
  EXPECT_EQ(message.status, 401);
  EXPECT_EQ(message.method, "REGISTER");
  ASSERT_EQ(message.challenges.size(), 2U);
  EXPECT_TRUE(message.challenges[0].stale);
  EXPECT_EQ(message.challenges[0].algorithm, "SHA-256");
  EXPECT_EQ(message.challenges[0].qop, "auth,auth-int");
  EXPECT_FALSE(message.challenges[1].stale);
}

TEST(SipMessage, ReadsAnUnregisterOfEveryContact) {
  const std::string text = corpus_file("valid_unregister_star");
  const SipMessage message = read(text);
  EXPECT_TRUE(message.every_contact);
  EXPECT_EQ(message.expires_seconds, 0U);
}

TEST(SipMessage, ExpiresAbove32BitsIsTheLargest) {
  SipRequestText request;
  request.headers = "Expires: 99999999999999999999999\r\n";
  std::string text = request.text();
  EXPECT_EQ(read(text).expires_seconds, UINT32_MAX);
  request.headers = "Expires: soon\r\n";
  text = request.text();
  EXPECT_EQ(read(text).expires_seconds, std::nullopt);
}

TEST(SipMessage, CSeqEndsAt31Bits) {
  SipRequestText request;
  request.cseq = 2147483647U;
  std::string text = request.text();
  EXPECT_EQ(read(text).cseq, 2147483647U);
  request.cseq = 2147483648U;
  text = request.text();
  EXPECT_FALSE(parse_sip(text, SipFraming::Datagram));
}

std::string with_head_of(size_t bytes) {
  SipRequestText request;
  request.headers = "X: \r\n";
  const size_t without = request.text().size();
  request.headers = "X: " + std::string(bytes - without, 'x') + "\r\n";
  return request.text();
}

TEST(Promise12_Bounded, AHeadOfEightKibibytesIsReadAndALongerOneIsNot) {
  EXPECT_TRUE(parse_sip(with_head_of(kMostSipHeadBytes), SipFraming::Datagram));
  EXPECT_FALSE(parse_sip(with_head_of(kMostSipHeadBytes + 1), SipFraming::Datagram));
}

TEST(Promise12_Bounded, SoManyHeadersAreReadAndOneMoreIsNot) {
  constexpr size_t kUsual = 6;
  SipRequestText request;
  for (size_t i = kUsual; i < kMostSipHeaders; ++i) request.headers += "X:y\r\n";
  EXPECT_TRUE(parse_sip(request.text(), SipFraming::Datagram));
  request.headers += "X:y\r\n";
  EXPECT_FALSE(parse_sip(request.text(), SipFraming::Datagram));
}

TEST(SipMessage, HundredsOfDigestsAreAllRead) {
  SipRequestText request;
  for (int i = 0; i < 200; ++i) request.headers += "Authorization:Digest nonce=n\r\n";
  const std::string text = request.text();
  EXPECT_EQ(read(text).digests.size(), 200U);
}

TEST(SipMessage, FindsTheEndOfAHeadPieceByPiece) {
  const std::string text = SipRequestText{}.text();
  size_t from = 0;
  for (size_t length = 0; length < text.size(); ++length)
    EXPECT_EQ(find_sip_head_end(std::string_view(text).substr(0, length), from), std::nullopt)
        << length;
  EXPECT_EQ(find_sip_head_end(text, from), text.size());
}

}  // namespace
}  // namespace stormdoor::edge::watch
