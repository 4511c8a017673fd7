#include "base/crypto/crypto.hpp"

#include <gtest/gtest.h>

#include <set>

namespace stormdoor::crypto {
namespace {

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string hmac_hex(std::string_view key, std::string_view bytes) {
  const auto mac = hmac_sha256(key, bytes);
  return hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

TEST(Hash, AgreesWithThePublishedVectors) {  // RFC 1321 A.5, FIPS 180-4
  EXPECT_EQ(hash_hex(Hash::Md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hash_hex(Hash::Md5, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hash_hex(Hash::Sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_hex(Hash::Sha256, ""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hmac, AgreesWithRfc4231) {
  EXPECT_EQ(hmac_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_hex(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(
      hmac_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hmac_hex(std::string(131, '\xaa'),
                     "This is a test using a larger than block-size key and a larger than "
                     "block-size data. The key needs to be hashed before being used by the HMAC "
                     "algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(Hmac, OfNothingWithAnEmptyKeyIsNotTheKeyOfLastTime) {
  (void)hmac_hex("Jefe", "x");
  EXPECT_EQ(hmac_hex({}, {}), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Base64, AgreesWithRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  const std::string all = from_hex("00ff10ef20dffbff");
  EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(Base64, RefusesEverySpellingButOne) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "=",
                           "====", "Zg==Zg==", "Zm9-", "Zm9_", "A===", "Z=9v"})
    EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(RandomToken, IsUrlSafeAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = random_token();
    EXPECT_EQ(token.size(), 24U);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
              std::string::npos);
    // The shell would read "-x9…" as an option, and who pastes a password would not know why.
    EXPECT_NE(token.front(), '-');
    EXPECT_TRUE(seen.insert(token).second);
  }
  EXPECT_EQ(random_token(0), "");
  EXPECT_EQ(random_bytes(0).size(), 0U);
}

TEST(EqualInConstantTime, IsEquality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", used by NIST.
const Secret kKey(
    from_hex("feffe9928665731c6d6a8f9467308308"
             "feffe9928665731c6d6a8f9467308308"));
const std::string kContext = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const std::string kPlain = from_hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
const std::string kSealed = from_hex(
    "01cafebabefacedbaddecaf888"
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b");

TEST(SecretBox, OpensThePublishedGcmVector) {
  const auto opened = SecretBox(kKey).open(kSealed, kContext);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), kPlain);
}

TEST(SecretBox, OpensWhatItSealed) {
  const SecretBox box(kKey);
  for (const size_t length : {0, 1, 15, 16, 17, 4096}) {
    const Secret secret(std::string(length, 'x'));
    const auto opened = box.open(box.seal(secret, "user:2041"), "user:2041");
    ASSERT_TRUE(opened) << length;
    EXPECT_EQ(opened->reveal(), secret.reveal());
  }
}

TEST(SecretBox, NeverSealsTheSameWayTwice) {
  const SecretBox box(kKey);
  const Secret secret(std::string("s3cr3t"));
  EXPECT_NE(box.seal(secret, "user:1"), box.seal(secret, "user:1"));
  EXPECT_EQ(box.seal(secret, "user:1").find("s3cr3t"), std::string::npos);
}

TEST(SecretBox, RefusesEveryChangedByte) {
  const SecretBox box(kKey);
  const std::string sealed = box.seal(Secret(std::string("s3cr3t")), "user:1");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto opened = box.open(changed, "user:1");
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().code(), ErrorCode::Corrupt);
  }
  for (size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(box.open(sealed.substr(0, length), "user:1")) << length;
  EXPECT_FALSE(box.open(sealed + '\0', "user:1"));
}

TEST(SecretBox, RefusesAnotherRowAndAnotherKey) {
  const SecretBox box(kKey);
  const std::string sealed = box.seal(Secret(std::string("s3cr3t")), "user:1");
  EXPECT_FALSE(box.open(sealed, "user:2"));
  EXPECT_FALSE(box.open(sealed, ""));
  EXPECT_FALSE(SecretBox(Secret(std::string(32, 'k'))).open(sealed, "user:1"));
}

TEST(PinHasher, MatchesTheSamePinOfTheSameUserOnly) {
  const PinHasher hasher(kKey);
  const std::string hash = hasher.hash("204", "1122");
  EXPECT_EQ(hash.size(), 64U);
  EXPECT_TRUE(hasher.matches(hash, "204", "1122"));
  EXPECT_FALSE(hasher.matches(hash, "204", "1123"));
  EXPECT_FALSE(hasher.matches(hash, "205", "1122"));
  EXPECT_FALSE(hasher.matches(hash, "2041", "122"));
  EXPECT_FALSE(hasher.matches(hash, "20", "41122"));
  EXPECT_FALSE(hasher.matches("", "204", ""));
  EXPECT_FALSE(PinHasher(Secret(std::string(32, 'k'))).matches(hash, "204", "1122"));
}

}  // namespace
}  // namespace stormdoor::crypto
