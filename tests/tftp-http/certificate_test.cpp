#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/tftp-http/tls_fixture.hpp"
#include "tftp-http/certificate_authority.hpp"
#include "tftp-http/certificate_files.hpp"
#include "tftp-http/certificate_mac.hpp"

namespace stormdoor::http {
namespace {

using ::testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

TEST(OwnCertificates, AreMadeOnceAndKept) {
  const test::TempDir folder;
  const auto made = load_or_create_certificates(folder.path(), {"pbx.example.com"}, read_clocks());
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_TRUE(made->authority_is_new);
  EXPECT_TRUE(made->servers_are_new);
  for (const char* key : {"authority.key", "server-ecdsa.key", "server-rsa.key"})
    EXPECT_EQ(mode_of(folder.file(key)), 0600U) << key;
  const auto again = load_or_create_certificates(folder.path(), {"pbx.example.com"}, read_clocks());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_FALSE(again->authority_is_new);
  EXPECT_FALSE(again->servers_are_new);
  EXPECT_EQ(again->authority_pem, made->authority_pem);
  EXPECT_EQ(again->identities[0].certificate_pem, made->identities[0].certificate_pem);
}

TEST(OwnCertificates, AreWhatOtherProgramsTrust) {
  const test::TempDir folder;
  folder.write("ca.pem", test_certificates().authority_pem);
  for (const TlsIdentity& identity : test_certificates().identities) {
    folder.write("leaf.pem", identity.certificate_pem);
    const auto verified = test::run_program({"openssl", "verify", "-x509_strict", "-purpose",
                                             "sslserver", "-verify_ip", "127.0.0.1", "-CAfile",
                                             folder.file("ca.pem"), folder.file("leaf.pem")});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  }
}

// A folder for each test that changes it, copied from one: making keys takes time.
class ChangedCertificates : public ::testing::Test {
 protected:
  test::TempDir folder;
  Now now = read_clocks();
  OwnCertificates first;

  ChangedCertificates() {
    static const test::TempDir original;
    const std::vector<std::string> names = {"a.example.com", "10.0.0.1"};
    EXPECT_TRUE(load_or_create_certificates(original.path(), names, now));
    std::filesystem::copy(original.path(), folder.path());
    first = load(names);
  }

  OwnCertificates load(const std::vector<std::string>& names) {
    auto own = load_or_create_certificates(folder.path(), names, now);
    EXPECT_TRUE(own) << own.error().message();
    return own ? std::move(*own) : OwnCertificates{};
  }
};

TEST_F(ChangedCertificates, FollowTheNamesAndKeepTheAuthority) {
  EXPECT_FALSE(load({"10.0.0.1", "A.example.com"}).servers_are_new) << "the same names";
  const OwnCertificates renamed = load({"b.example.com"});
  EXPECT_TRUE(renamed.servers_are_new);
  EXPECT_EQ(renamed.authority_pem, first.authority_pem);
}

TEST_F(ChangedCertificates, AreRenewedAMonthBeforeTheyExpire) {
  now.wall += std::chrono::days(788);
  EXPECT_FALSE(load({"a.example.com", "10.0.0.1"}).servers_are_new);
  now.wall += std::chrono::days(1);
  EXPECT_TRUE(load({"a.example.com", "10.0.0.1"}).servers_are_new);
}

TEST_F(ChangedCertificates, AreMadeAgainWhenACrashLeftAKeyBesideAnOlderCertificate) {
  std::filesystem::copy_file(folder.file("authority.key"), folder.file("server-rsa.key"),
                             std::filesystem::copy_options::overwrite_existing);
  const OwnCertificates mended = load({"a.example.com", "10.0.0.1"});
  EXPECT_TRUE(mended.servers_are_new);
  EXPECT_EQ(mended.identities[0].certificate_pem, first.identities[0].certificate_pem);
  EXPECT_FALSE(load({"a.example.com", "10.0.0.1"}).servers_are_new);
}

TEST_F(ChangedCertificates, AnAuthorityThatLostItsCertificateKeepsItsKey) {
  const auto key = read_pem_file(folder.file("authority.key"));
  std::filesystem::remove(folder.file("authority.pem"));
  EXPECT_TRUE(load({"a.example.com", "10.0.0.1"}).authority_is_new);
  EXPECT_EQ(*read_pem_file(folder.file("authority.key")), *key);
}

TEST_F(ChangedCertificates, AnAuthorityWithoutItsKeyServesUntilRenewal) {
  std::filesystem::remove(folder.file("authority.key"));
  EXPECT_FALSE(load({"a.example.com", "10.0.0.1"}).servers_are_new);
  const auto renewed = load_or_create_certificates(folder.path(), {"other"}, now);
  ASSERT_FALSE(renewed);
  EXPECT_THAT(renewed.error().message(), HasSubstr("without the authority's key"));
}

TEST_F(ChangedCertificates, AKeyThatOthersMayReadIsRefused) {
  std::filesystem::permissions(folder.file("server-rsa.key"), std::filesystem::perms(0640));
  const auto own = load_or_create_certificates(folder.path(), {"a.example.com", "10.0.0.1"}, now);
  ASSERT_FALSE(own);
  EXPECT_THAT(own.error().message(), HasSubstr("others may read this key"));
}

TEST(OwnCertificates, RefuseNamesThatAreNone) {
  const test::TempDir folder;
  for (const char* name : {"", "a,DNS:b", "a b", "http://pbx"})
    EXPECT_FALSE(issue_server(vendor_authority(), ServerKey::Ecdsa, {name}, read_clocks())) << name;
  EXPECT_FALSE(issue_server(vendor_authority(), ServerKey::Ecdsa, {}, read_clocks()));
  EXPECT_TRUE(
      issue_server(vendor_authority(), ServerKey::Ecdsa, {"fd00::1", "pbx"}, read_clocks()));
}

TEST(PemFiles, AreReadFromPathsAndDescriptors) {
  const test::TempDir folder;
  const std::string path = folder.write("a.pem", "text");
  EXPECT_EQ(*read_pem_file(path), "text");
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(*read_pem_descriptor(fd.get(), "a"), "text");
  EXPECT_EQ(*read_pem_descriptor(fd.get(), "a"), "text") << "always from the beginning";
  EXPECT_EQ(read_pem_file(folder.file("none")).error().code(), ErrorCode::NotFound);
  folder.write("a.pem", std::string(256 * 1024, 'x'));
  EXPECT_TRUE(read_pem_file(path));
  folder.write("a.pem", std::string(256 * 1024 + 1, 'x'));
  EXPECT_FALSE(read_pem_file(path));
}

TEST(FileWatch, NoticesReplacedFilesOnce) {
  const test::TempDir folder;
  const std::string path = folder.write("a.pem", "one");
  FileWatch watch({path, folder.file("later.pem")});
  EXPECT_FALSE(watch.changed());
  folder.write("b.pem", "two");
  std::filesystem::rename(folder.file("b.pem"), path);
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
  folder.write("later.pem", "x");
  EXPECT_TRUE(watch.changed());
  std::filesystem::remove(path);
  EXPECT_TRUE(watch.changed());
}

TEST(CertificateMacPattern, FindsTheMacWhereItStands) {
  const auto match = [](const char* pattern, const char* value) {
    const auto mac = CertificateMacPattern::parse(pattern)->match(value);
    return mac ? mac->lower_hex() : "none";
  };
  EXPECT_EQ(match("CN={mac}", "000FD3054848"), "000fd3054848");
  EXPECT_EQ(match("CN={mac}", "00:0f:d3:05:48:48"), "000fd3054848");
  EXPECT_EQ(match("CN={mac}", "000f.d305.4848"), "000fd3054848");
  EXPECT_EQ(match("CN=SEP{mac}", "sep000FD3054848"), "000fd3054848");
  EXPECT_EQ(match("CN=*-{mac}", "CP-8841-SEP-000FD3054848"), "000fd3054848");
  EXPECT_EQ(match("CN={mac}.*", "000fd3054848.phones.example.com"), "000fd3054848");
}

TEST(CertificateMacPattern, AGenericCertificateProvesNothing) {
  const auto pattern = CertificateMacPattern::parse("CN={mac}").value();
  for (const char* value : {"", "Yealink", "yealink.com", "SEP000FD3054848", "000fd3054848x",
                            "000000000000", "ffffffffffff", "01005e000001", "000fd305484"})
    EXPECT_FALSE(pattern.match(value)) << value;
  EXPECT_FALSE(pattern.match(std::string(257, 'a') + "000fd3054848"));
}

TEST(CertificateMacPattern, RefusesWhatIsNoPattern) {
  for (const char* text :
       {"", "CN", "CN=", "={mac}", "{mac}", "CN=mac", "CN={mac}{mac}", "NoSuchAttribute={mac}"})
    EXPECT_FALSE(CertificateMacPattern::parse(text)) << text;
  EXPECT_EQ(CertificateMacPattern::parse("serialNumber=*:{mac}")->to_string(),
            "serialNumber=*:{mac}");
}

}  // namespace
}  // namespace stormdoor::http
